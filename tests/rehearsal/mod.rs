//! `plan --rehearse`: the plan in a copy of what was read, before anyone approves.

mod copy;
mod scope;
mod verdict;

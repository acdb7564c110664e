//! `plan --rehearse`: the plan in a copy of what was read, before anyone approves.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::format_collect,
    unreachable_pub,
    reason = "a test may fail loudly"
)]

mod support;

#[path = "rehearsal/copy.rs"]
mod copy;
#[path = "rehearsal/scope.rs"]
mod scope;
#[path = "rehearsal/verdict.rs"]
mod verdict;

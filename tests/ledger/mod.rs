//! The ledger in each place that can keep it: the whole loop, two writers at once, locks, seals, and what is said.

mod bucket;
mod formats;
mod git;
mod locks;
mod races;
mod seals;
mod url;
mod world;

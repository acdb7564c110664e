//! The ledger in each place that can keep it: the whole loop, two writers at once, locks, seals, and what is said.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test may fail loudly"
)]

mod support;

#[path = "ledger/bucket.rs"]
mod bucket;
#[path = "ledger/formats.rs"]
mod formats;
#[path = "ledger/git.rs"]
mod git;
#[path = "ledger/locks.rs"]
mod locks;
#[path = "ledger/races.rs"]
mod races;
#[path = "ledger/seals.rs"]
mod seals;
#[path = "ledger/url.rs"]
mod url;
#[path = "ledger/world.rs"]
mod world;

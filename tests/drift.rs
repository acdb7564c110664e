//! `drift`: what moved at a target since the last apply while the repository did not.
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

#[path = "drift/golden.rs"]
mod golden;
#[path = "drift/told.rs"]
mod told;
#[path = "drift/world.rs"]
mod world;
#[path = "drift/write.rs"]
mod write;

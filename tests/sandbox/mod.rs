//! The embedded server, through real HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on has failed"
)]

mod bulk;
mod discovery;
mod durable;
mod faults;
mod groups;
mod harness;
mod lists;
mod patch;
mod vendors;
mod seeds;
mod stop;
mod users;

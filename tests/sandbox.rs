//! The embedded server, through real HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on has failed"
)]

#[path = "sandbox/bulk.rs"]
mod bulk;
#[path = "sandbox/discovery.rs"]
mod discovery;
#[path = "sandbox/durable.rs"]
mod durable;
#[path = "sandbox/faults.rs"]
mod faults;
#[path = "sandbox/groups.rs"]
mod groups;
#[path = "sandbox/harness.rs"]
mod harness;
#[path = "sandbox/lists.rs"]
mod lists;
#[path = "sandbox/patch.rs"]
mod patch;
#[path = "sandbox/vendors/mod.rs"]
mod vendors;
#[path = "sandbox/seeds.rs"]
mod seeds;
#[path = "sandbox/stop.rs"]
mod stop;
#[path = "sandbox/users.rs"]
mod users;

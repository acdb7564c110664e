//! Talking to awkward SCIM servers on this machine: the cases of paging, faults and credentials that must hold.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::use_debug,
    unreachable_pub,
    missing_docs,
    reason = "tests"
)]

mod mock;

mod auth;
mod cursors;
mod discovery;
mod faults;
mod laws;
mod lookups;
mod members;
mod paging;
mod redirects;
mod refusals;
mod unverified;
mod writes;

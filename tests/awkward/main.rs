//! The awkward cases, each under its number: what a server, a network or a file does to whoever trusts it. `cases.yaml`
//! names them all.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::use_debug,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::needless_for_each,
    clippy::needless_borrows_for_generic_args,
    unreachable_pub,
    missing_docs,
    dead_code,
    reason = "tests; each uses a part of the machinery that it shares with others"
)]

#[path = "../target/mock.rs"]
mod mock;
mod scripted;
#[path = "../support/mod.rs"]
mod support;

mod attributes;
mod changes;
mod doubts;
mod files;
mod http;
mod identity;
mod listing;
mod patching;
mod shapes;

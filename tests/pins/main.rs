//! Credentials go where they may go, whatever a pull request writes: every attack is played through the program, with a
//! listener of the attacker's that must not be reached at all.
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
#[path = "../awkward/scripted.rs"]
mod scripted;
#[path = "../support/mod.rs"]
mod support;

mod attacks;
mod environment;
mod links;
mod world;

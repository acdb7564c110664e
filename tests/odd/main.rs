//! Servers that do not do as the RFC says, each bent in its own way, and what a run of the program makes of them: a plan
//! shows what is there, an apply that ends with 0 did what was declared, and nobody's access changes unseen.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::use_debug,
    clippy::print_stdout,
    clippy::struct_excessive_bools,
    clippy::needless_pass_by_value,
    clippy::needless_borrows_for_generic_args,
    unreachable_pub,
    missing_docs,
    dead_code,
    reason = "tests; each uses a part of the machinery that it shares with others"
)]

mod bends;
mod company;
mod judge;
#[path = "../target/mock.rs"]
mod mock;
mod server;
#[path = "../support/mod.rs"]
mod support;
mod world;

mod accounts;
mod laws;
mod leaving;
mod limits;
mod random;
mod reading;
mod run;
mod settings;
mod writing;

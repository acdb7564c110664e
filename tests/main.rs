//! All tests of the program and of the library's public face, in one binary: every area is a module, and `support` is what
//! they share. A new file is named by the module above it; a test finds those that are not.
//!
//! - `cargo test --test suite review::` runs one area; `cargo nextest run` works too.
//! - `SNAPSHOTS=overwrite cargo test` writes all golden files, generated pages and schemas that differ.
//! - Tests that need more than a machine has to have are ignored with the reason; `.ci/run` runs them where it can.
#![allow(
    clippy::case_sensitive_file_extension_comparisons,
    clippy::expect_used,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::indexing_slicing,
    clippy::needless_borrows_for_generic_args,
    clippy::needless_for_each,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::print_stdout,
    clippy::semicolon_if_nothing_returned,
    clippy::string_slice,
    clippy::struct_excessive_bools,
    clippy::too_many_lines,
    clippy::unnecessary_wraps,
    clippy::unwrap_used,
    clippy::use_debug,
    unreachable_pub,
    reason = "a test may fail loudly"
)]

mod support;

mod access;
mod awkward;
mod book;
mod cases;
mod convergence;
mod diff;
mod docs;
mod drift;
mod end_to_end;
mod equality;
mod examples;
mod faults;
mod import;
mod init;
#[cfg(unix)]
mod kill;
mod layering;
mod learning;
mod ledger;
mod odd;
mod pins;
mod probe;
mod profiles;
mod rehearsal;
mod requirements;
mod review;
mod sandbox;
mod target;
#[cfg(unix)]
mod terminal;
mod transcript;
#[cfg(target_os = "linux")]
mod typed_count;
mod validate;

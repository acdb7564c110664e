//! The program as a user runs it, against the embedded server over HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::cast_precision_loss,
    clippy::format_collect,
    clippy::needless_borrows_for_generic_args,
    unreachable_pub,
    reason = "a test may fail loudly"
)]

mod support;

#[path = "end_to_end/failures.rs"]
mod failures;
#[path = "end_to_end/lifecycle.rs"]
mod lifecycle;
#[path = "end_to_end/groups.rs"]
mod groups;
#[path = "end_to_end/loop.rs"]
mod the_loop;
#[path = "end_to_end/profiles.rs"]
mod profiles;
#[path = "end_to_end/safety.rs"]
mod safety;
#[path = "end_to_end/reviewed.rs"]
mod reviewed;
#[path = "end_to_end/redacted.rs"]
mod redacted;
#[path = "end_to_end/stale.rs"]
mod stale;

//! `report access` and `explain`: who has what and why, as an auditor and as a puzzled colleague ask.
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

#[path = "access/explain.rs"]
mod explain;
#[path = "access/property.rs"]
mod property;
#[path = "access/report.rs"]
mod report;

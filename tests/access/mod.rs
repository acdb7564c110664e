//! `report access` and `explain`: who has what and why, as an auditor and as a puzzled colleague ask.

mod explain;
mod property;
mod report;

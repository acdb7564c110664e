//! The program as a user runs it, against the embedded server over HTTP.

mod support;

#[path = "end_to_end/failures.rs"]
mod failures;
#[path = "end_to_end/loop.rs"]
mod the_loop;
#[path = "end_to_end/safety.rs"]
mod safety;
#[path = "end_to_end/reviewed.rs"]
mod reviewed;

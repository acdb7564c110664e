//! The program as a user runs it, against the embedded server over HTTP.

mod failures;
mod lifecycle;
mod groups;
mod the_loop;
mod profiles;
mod safety;
mod undo;
mod reviewed;
mod redacted;
mod stale;

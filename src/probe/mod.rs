//! Tests the connection to one target and learns what it can do.
//!
//! A profile says what a vendor's server can do; of a server that nobody described, nothing is known but what it says of
//! itself, which is often missing and sometimes wrong. A probe finds out. Reading only, it holds what discovery says
//! against the profile and looks at what is there. Where writing is allowed it makes marked users and groups, tries
//! each verb and form that a plan would use, and judges by reading what took: no answer is believed. A refusal is a
//! finding and never the end.
//!
//! Invariants: nothing is written to but what this run made; what it made is removed or named, however the run ends; no
//! fact is stated that was not seen, so that what can't be seen stays as the profile has it.

mod learn;
mod learned;
mod look;
mod model;
mod person;

pub use learn::{Lesson, learn};
pub use look::{doubted, look};
pub use model::{Expiry, FORMAT, InForce, Left, Outcome, Probe, Written, unverified};

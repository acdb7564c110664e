//! Turns values into text for people and machines.

pub mod diagnostics;

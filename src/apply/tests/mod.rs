//! The laws of an apply, against a target in memory and with the real planner.

mod adoption;
mod basics;
mod crowds;
mod fake;
mod faults;
mod grace;
mod judging;
mod membership;
mod names;
mod overreach;
mod recovered;
mod stale;
mod undo;
mod world;

//! The laws of an apply, against a target in memory and with the real planner.

mod adoption;
mod basics;
mod crowds;
mod fake;
mod faults;
mod grace;
mod judging;
mod known_ids;
mod losses;
mod membership;
mod names;
mod overreach;
mod recovered;
mod second_look;
mod stale;
mod twist;
mod undo;
mod world;

//! `drift`: what moved at a target since the last apply while the repository did not.

mod golden;
mod told;
mod world;
mod write;

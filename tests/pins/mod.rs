//! Credentials go where they may go, whatever a pull request writes: every attack is played through the program, with a
//! listener of the attacker's that must not be reached at all.

mod attacks;
mod environment;
mod links;
mod world;

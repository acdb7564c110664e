//! The plan through its public interface.

mod cases;
mod digests;
mod doubt;
mod guard;
mod guarded;
mod identity;
mod kept;
mod laws;
mod lifecycle;
mod lockout;
mod members;
mod observing;
mod reasons;
mod redaction;
mod reviewed;
mod simulate;
pub(in crate::plan) mod world;

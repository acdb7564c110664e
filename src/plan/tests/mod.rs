//! The plan through its public interface.

mod cases;
mod doubt;
mod guard;
mod guarded;
mod kept;
mod laws;
mod members;
mod reasons;
mod lifecycle;
mod lockout;
mod simulate;
mod world;

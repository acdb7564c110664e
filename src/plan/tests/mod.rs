//! The plan through its public interface.

mod cases;
mod guard;
mod kept;
mod laws;
mod members;
mod reasons;
mod lifecycle;
mod simulate;
mod world;

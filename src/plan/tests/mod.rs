//! The plan through its public interface.

mod cases;
mod guard;
mod laws;
mod simulate;
mod world;

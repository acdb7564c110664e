//! The plan through its public interface.

mod cases;
mod guard;
mod kept;
mod laws;
mod lifecycle;
mod simulate;
mod world;

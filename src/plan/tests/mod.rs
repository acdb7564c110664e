//! The plan through its public interface.

mod cases;
mod digests;
mod guard;
mod kept;
mod laws;
mod lifecycle;
mod members;
mod redaction;
mod reviewed;
mod simulate;
mod world;

//! The embedded SCIM 2.0 server: RFC-true (7643, 7644, 9865) by default, with a vendor's limits and quirks where a profile
//! is given, and with faults where they are asked for. Resources live in memory or in a file that survives a kill.
//!
//! ```text
//! wire ─▶ front ─▶ route ─┬▶ list ─▶ find, sort, cursor ─┐
//!  cuts    login,         ├▶ read, write ─▶ check, quirks ├▶ view ─▶ reply
//!          faults, log    ├▶ bulk                         │
//!                         └▶ discovery                    └▶ store
//! ```

mod app;
mod bulk;
mod check;
mod cursor;
mod discovery;
pub mod fault;
mod find;
mod front;
mod limits;
mod list;
mod log;
mod members;
mod model;
mod options;
mod params;
mod patch;
mod project;
mod quirks;
mod rate;
mod read;
mod reply;
mod route;
mod running;
mod seed;
mod sort;
mod store;
mod view;
mod wire;
mod write;

pub use fault::{Effect, Fault, FaultSyntax, Faults, Place, RetryAfter};
pub use log::Logged;
pub use options::{Clock, Options, SandboxError, Store};
pub use running::{Running, Sandbox};
pub use seed::{Seed, SeedMember};

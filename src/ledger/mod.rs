//! What we manage at a target: key to id, hashes of what we last asserted, witnesses.

mod model;

pub use model::{Entry, Ledger, TargetLedger, Witness};

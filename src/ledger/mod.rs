//! What we manage at a target: key to id, hashes of what we last asserted, witnesses.

mod hasher;
mod model;

pub use hasher::Hasher;
pub use model::{Entry, Ledger, TargetLedger, Witness};

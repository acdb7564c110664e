//! What we manage at a target: key to id, hashes of what we last asserted, witnesses.

mod entries;
mod error;
mod format;
mod hasher;
mod model;
mod seal;
mod store;

pub use error::LedgerError;
pub use format::{FORMAT, json_schema};
pub use hasher::Hasher;
pub use model::{Entry, Learned, Ledger, Pending, Seen, TargetLedger, Witness};
pub use seal::SealKey;
pub use store::{Holder, Lock, Realm, Store};

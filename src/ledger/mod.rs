//! What scimform manages at each target: key to id, hashes of what was last asserted, witnesses.
//!
//! A target knows accounts, not whose they are. Only the ledger tells somebody who left from a stranger, who moved an
//! attribute, and what an interrupted apply had set out to create. It is a memory, not a source of truth: what is declared
//! is matched again without it, and what a target holds is always read. The invariants:
//!
//! - **No personal data in clear.** Values are keyed hashes that only recognise an equal value of the same path.
//! - **An entry is about one id.** A new id under a key drops what was known of the former one.
//! - **A target is kept apart.** It has a ledger and a lock of its own, so that runs at different targets do not wait for
//!   each other.
//! - **A save is whole or not at all**, and never over a ledger that this run has not read: parts are written beside the old
//!   ones, then the head that names them with their hashes, by compare and swap. One apply at a time holds the lock.
//! - **A loss loosens nothing.** Without an entry, who left looks like a stranger and stays; the plan says so.
//! - **A seal is checked before use.** With a key in the environment an unsealed or altered ledger stops the run.
//!
//! To read it: `model`, `marks` and `entries`, `hasher`, `format` and `seal`, and `former` for what earlier versions left,
//! which are pure; then `store`, which is the edge, with its `Backend` trait and one place per file: `directory`, `git`,
//! `object`. What a finished step leaves in the ledger is
//! decided in `apply/ledger.rs`; what a journal gives back to it, in `apply/recovery`.

mod entries;
mod error;
mod format;
mod former;
mod hasher;
mod marks;
mod model;
mod seal;
mod store;

pub use error::LedgerError;
pub use format::{FORMAT, json_schema};
pub use hasher::Hasher;
pub use marks::{Mark, Marks};
pub use model::{Entry, Pending, Seen, TargetLedger, Witness};
pub use seal::SealKey;
pub use store::{Holder, Lock, Realm, Store};

//! Where a ledger is kept: a few things asked of a place, and the places.

mod directory;
mod holder;

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use holder::Holder;

use self::directory::DirectoryStore;
use super::{Ledger, LedgerError};
use crate::directory::LedgerLocation;

/// Which world a run writes to. The sandbox has a ledger and a lock of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Realm {
    /// The real targets.
    #[default]
    Targets,
    /// The embedded sandbox.
    Sandbox,
}

/// What a place must do to keep a ledger.
trait Backend: Debug + Send + Sync {
    /// Where the ledger is, for messages.
    fn place(&self) -> String;
    /// The ledger; `None` where none was ever saved. Errors: unreadable, damaged, of a later version.
    fn load(&self) -> Result<Option<Ledger>, LedgerError>;
    /// Saves the ledger as a whole or not at all, and only over the one that this value last loaded or saved.
    fn save(&self, ledger: &Ledger) -> Result<(), LedgerError>;
    /// Takes the lock at once or says who holds it.
    fn lock(&self, now: jiff::Timestamp) -> Result<Lock, LedgerError>;
    /// Who says to hold the lock.
    fn holder(&self) -> Result<Option<Holder>, LedgerError>;
    /// Clears what a run that died left behind and says whose it was.
    fn unlock(&self, now: jiff::Timestamp) -> Result<Option<Holder>, LedgerError>;
}

/// A ledger's place. Clones share what they know of it.
#[derive(Clone, Debug)]
pub struct Store {
    backend: Arc<dyn Backend>,
    local: PathBuf,
}

/// A held lock; dropping it lets go.
#[derive(Debug)]
pub struct Lock {
    _held: Box<dyn Debug + Send>,
}

impl Lock {
    fn new(held: impl Debug + Send + 'static) -> Self {
        Self { _held: Box::new(held) }
    }
}

impl Store {
    /// The store that a repository declares; a directory counts from its `root`. Nothing is touched yet.
    pub fn open(location: &LedgerLocation, root: &Path, realm: Realm) -> Result<Self, LedgerError> {
        let within = |dir: &str| match realm {
            Realm::Targets => root.join(dir),
            Realm::Sandbox => root.join(dir).join("sandbox"),
        };
        match location {
            LedgerLocation::Directory(dir) => Ok(Self::directory(within(dir))),
            // What is tried out needs no server.
            _ if realm == Realm::Sandbox => Ok(Self::directory(within(".scimform"))),
            LedgerLocation::GitRef(_) | LedgerLocation::Url(_) => Err(LedgerError::Unsupported),
        }
    }

    /// A ledger in a directory.
    pub fn directory(dir: PathBuf) -> Self {
        Self { backend: Arc::new(DirectoryStore::new(dir.clone())), local: dir }
    }

    /// Where the ledger is, for messages.
    pub fn place(&self) -> String {
        self.backend.place()
    }

    /// The folder on this machine that holds the journals, one file per target and apply.
    pub fn journals(&self) -> PathBuf {
        self.local.join("journal")
    }

    /// The folder on this machine for what else an apply leaves, such as the way back.
    pub fn local(&self) -> &Path {
        &self.local
    }

    /// The ledger; `None` where none was ever saved. Errors: unreadable, damaged, of a later version.
    pub fn load(&self) -> Result<Option<Ledger>, LedgerError> {
        self.backend.load()
    }

    /// The ledger, or an empty one with fresh random salt, which is not saved yet.
    pub fn load_or_new(&self) -> Result<Ledger, LedgerError> {
        let salt = || format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
        Ok(self.load()?.unwrap_or_else(|| Ledger::new(salt())))
    }

    /// Saves the ledger as a whole or not at all. The lock must be held.
    pub fn save(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        self.backend.save(ledger)
    }

    /// Takes the lock at once or says who holds it.
    pub fn lock(&self, now: jiff::Timestamp) -> Result<Lock, LedgerError> {
        self.backend.lock(now)
    }

    /// Who says to hold the lock. With a directory a note can be left from a run that died.
    pub fn holder(&self) -> Result<Option<Holder>, LedgerError> {
        self.backend.holder()
    }

    /// Clears what a run that died left behind and says whose it was.
    pub fn unlock(&self, now: jiff::Timestamp) -> Result<Option<Holder>, LedgerError> {
        self.backend.unlock(now)
    }
}

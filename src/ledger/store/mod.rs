//! Where a ledger is kept: a few things asked of a place, and the places.

mod directory;
mod git;
mod holder;
mod object;
mod private;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub use holder::Holder;

use self::directory::DirectoryStore;
use self::git::GitStore;
use self::object::ObjectPlace;
use super::{Ledger, LedgerError, Pending, SealKey};
use crate::directory::LedgerLocation;

/// The least time between two checkpoints in a place that is not on this machine.
const PAUSE: Duration = Duration::from_secs(5);
/// The folder for what stays on this machine where the ledger itself does not.
const LOCAL: &str = ".scimform";

/// Which world a run writes to. The sandbox has a ledger and a lock of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Realm {
    /// The real targets.
    #[default]
    Targets,
    /// The embedded sandbox.
    Sandbox,
}

/// What a place must do to keep a ledger. It remembers which version of the text it last read or wrote.
trait Backend: Debug + Send + Sync {
    /// Where the ledger is, for messages.
    fn place(&self) -> String;
    /// Whether it is not on this machine: a save takes long, and a lock outlives its run.
    fn remote(&self) -> bool;
    /// The ledger's text; `None` where none was ever saved.
    fn read(&self) -> Result<Option<Vec<u8>>, LedgerError>;
    /// Saves a text as a whole or not at all, and only over the one that this value last read or wrote; where it never
    /// read one, only where there is none. `about` says in a few words what it holds.
    fn write(&self, text: &[u8], about: &str) -> Result<(), LedgerError>;
    /// Takes the lock for a holder at once or says who has it.
    fn lock(&self, holder: Holder) -> Result<Lock, LedgerError>;
    /// Who says to hold the lock.
    fn holder(&self) -> Result<Option<Holder>, LedgerError>;
    /// Frees the lock of this very holder, whose run is no longer there.
    fn unlock(&self, held: &Holder, now: jiff::Timestamp) -> Result<(), LedgerError>;
}

/// A ledger's place. Clones share what they know of it.
#[derive(Clone, Debug)]
pub struct Store {
    backend: Arc<dyn Backend>,
    local: PathBuf,
    /// The root of the repository, where the folder for this machine must not be the root itself.
    root: Option<PathBuf>,
    key: Option<SealKey>,
    saved: Arc<Mutex<Saved>>,
}

/// The last save.
#[derive(Debug, Default)]
struct Saved {
    at: Option<Instant>,
    took: Duration,
    pending: BTreeSet<(String, Pending)>,
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
        let backend: Arc<dyn Backend> = match location {
            LedgerLocation::Directory(dir) => {
                return Ok(Self { root: Some(root.to_owned()), ..Self::directory(within(dir)) });
            }
            // What is tried out needs no server.
            _ if realm == Realm::Sandbox => return Ok(Self::directory(within(LOCAL))),
            LedgerLocation::GitRef { reference, remote } => Arc::new(GitStore::new(root, reference, remote)),
            LedgerLocation::Url(url) => Arc::new(ObjectPlace::open(url)?),
        };
        Ok(Self::of(backend, root.join(LOCAL)))
    }

    /// A ledger in a directory.
    pub fn directory(dir: PathBuf) -> Self {
        Self::of(Arc::new(DirectoryStore::new(dir.clone())), dir)
    }

    fn of(backend: Arc<dyn Backend>, local: PathBuf) -> Self {
        Self { backend, local, root: None, key: None, saved: Arc::default() }
    }

    /// The same store with the key of the environment: what is read must bear its seal, what is saved gets one.
    pub fn sealed_with(self, key: Option<SealKey>) -> Self {
        Self { key, ..self }
    }

    /// Whether there is a key in the environment.
    pub fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// Where the ledger is, for messages.
    pub fn place(&self) -> String {
        self.backend.place()
    }

    /// Whether the ledger is not on this machine, so that a lock outlives a run that died.
    pub fn is_remote(&self) -> bool {
        self.backend.remote()
    }

    /// The folder on this machine that holds the journals, one file per target and apply.
    pub fn journals(&self) -> PathBuf {
        self.local.join("journal")
    }

    /// The folder on this machine for what else an apply leaves, such as the way back.
    pub fn local(&self) -> &Path {
        &self.local
    }

    /// The ledger; `None` where none was ever saved. Errors: unreadable, damaged, of a later version, and with a key: no
    /// seal or a wrong one. Without a key a seal is not looked at.
    pub fn load(&self) -> Result<Option<Ledger>, LedgerError> {
        let Some(mut ledger) = self.load_unsealed()? else { return Ok(None) };
        match self.key.as_ref().and_then(|key| key.wrong(&mut ledger)) {
            Some(why) => Err(LedgerError::Seal { place: self.place(), why }),
            None => Ok(Some(ledger)),
        }
    }

    /// The ledger as it stands there, whatever its seal: only to be shown to a person.
    pub fn load_unsealed(&self) -> Result<Option<Ledger>, LedgerError> {
        let text = self.backend.read()?;
        text.map(|text| Ledger::from_json(&text, &self.place())).transpose()
    }

    /// An empty ledger with fresh random salt, which is not saved yet.
    pub fn new_ledger(&self) -> Ledger {
        Ledger::new(format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple()))
    }

    /// Whether a ledger that was loaded can be saved again. Error: it is sealed, and there is no key.
    pub fn savable(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        match (&ledger.seal, &self.key) {
            (Some(_), None) => Err(LedgerError::NoKey { place: self.place() }),
            _ => Ok(()),
        }
    }

    /// Saves the ledger as a whole or not at all, sealed where there is a key. The lock must be held. Errors: it can't be
    /// written; another run saved one since this value last loaded or saved.
    pub fn save(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        self.savable(ledger)?;
        self.put(ledger)
    }

    /// Saves a ledger without its seal, which a person asked for.
    pub fn save_unsealed(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        Self { key: None, ..self.clone() }.put(&Ledger { seal: None, ..ledger.clone() })
    }

    fn put(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        let begun = Instant::now();
        let failed = |error: serde_json::Error| LedgerError::Corrupt { place: self.place(), why: error.to_string() };
        let text = match &self.key {
            None => ledger.to_json(),
            Some(key) => {
                let mut sealed = ledger.clone();
                key.seal(&mut sealed).and_then(|()| sealed.to_json())
            }
        };
        self.backend.write(&text.map_err(failed)?, &about(ledger))?;
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        *saved = Saved { at: Some(Instant::now()), took: begun.elapsed(), pending: pending(ledger) };
        Ok(())
    }

    /// Saves the ledger in the course of a run, where it is time to. On this machine it always is; elsewhere after five
    /// seconds, and later still where saves take long, since the journal holds what came in between. What is about to be
    /// created is always saved before. At the end of a run `save` is due.
    pub fn checkpoint(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        if self.is_remote() {
            let saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
            let pause = PAUSE.max(saved.took * 10);
            let early = saved.at.is_some_and(|at| at.elapsed() < pause);
            if early && pending(ledger).is_subset(&saved.pending) {
                return Ok(());
            }
        }
        self.save(ledger)
    }

    /// Takes the lock at once or says who holds it.
    pub fn lock(&self, now: jiff::Timestamp) -> Result<Lock, LedgerError> {
        if self.root.as_deref() != Some(&self.local) {
            private::keep(&self.local, self.is_remote())?;
        }
        self.backend.lock(Holder::current(now))
    }

    /// Who says to hold the lock. With a directory a note can be left from a run that died.
    pub fn holder(&self) -> Result<Option<Holder>, LedgerError> {
        self.backend.holder()
    }

    /// Frees the lock of this very holder, whose run is no longer there. In a directory a lock whose run goes on stays,
    /// as an error. Elsewhere nobody can tell, so a person must have looked. Error: someone else holds it by now.
    pub fn unlock(&self, held: &Holder, now: jiff::Timestamp) -> Result<(), LedgerError> {
        self.backend.unlock(held, now)
    }
}

fn pending(ledger: &Ledger) -> BTreeSet<(String, Pending)> {
    let each = |(name, target): (&String, &super::TargetLedger)| {
        let name = name.clone();
        target.pending.clone().into_iter().map(move |pending| (name.clone(), pending))
    };
    ledger.targets.iter().flat_map(each).collect()
}

/// What a ledger holds, for a history.
fn about(ledger: &Ledger) -> String {
    let count = |of: fn(&super::TargetLedger) -> usize| ledger.targets.values().map(of).sum::<usize>();
    format!(
        "{} users and {} groups at {} targets",
        count(|t| t.users.len()),
        count(|t| t.groups.len()),
        ledger.targets.len()
    )
}

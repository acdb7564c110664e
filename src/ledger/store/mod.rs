//! Where ledgers are kept: a few things asked of a place, and the places.

mod directory;
mod git;
mod holder;
mod object;
mod private;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

pub use holder::Holder;

use self::directory::DirectoryStore;
use self::git::GitStore;
use self::object::ObjectPlace;
use super::format::{Head, Part, PartName, encode, head};
use super::former::Former;
use super::seal::MISFIT;
use super::{LedgerError, SealKey, TargetLedger};
use crate::directory::LedgerLocation;

/// The least time between two checkpoints in a place that is not on this machine.
const PAUSE: Duration = Duration::from_secs(5);
/// The folder for what stays on this machine where the ledger itself does not.
const LOCAL: &str = ".scimform";
/// How often a ledger is read again whose parts were replaced in the meantime.
const READS: usize = 5;

/// Which world a run writes to. The sandbox has ledgers and locks of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Realm {
    /// The real targets.
    #[default]
    Targets,
    /// The embedded sandbox.
    Sandbox,
}

/// What a place must do to keep ledgers, one per target. It remembers which version of each it last read or wrote.
trait Backend: Debug + Send + Sync {
    /// Where the ledgers are, for messages.
    fn place(&self) -> String;
    /// Whether they are not on this machine: a save takes long, and a lock outlives its run.
    fn remote(&self) -> bool;
    /// Fetches what was saved elsewhere since, where the place is not looked at each time.
    fn refresh(&self) -> Result<(), LedgerError>;
    /// The targets with a ledger.
    fn targets(&self) -> Result<BTreeSet<String>, LedgerError>;
    /// The head of a target; `None` where none was ever saved.
    fn head(&self, target: &str) -> Result<Option<Vec<u8>>, LedgerError>;
    /// The parts that the head last read names, in this order; `None` where one is gone, as it is after a save.
    fn parts(&self, target: &str, names: &[PartName]) -> Result<Option<Vec<Vec<u8>>>, LedgerError>;
    /// Saves a ledger as a whole or not at all, and only over the one that this value last read or wrote; where it never
    /// read one, only where there is none.
    fn write(&self, target: &str, save: &Save<'_>) -> Result<(), LedgerError>;
    /// The document of earlier versions for all targets.
    fn former(&self) -> Result<Option<Vec<u8>>, LedgerError>;
    /// Removes the document of earlier versions.
    fn remove_former(&self) -> Result<(), LedgerError>;
    /// Takes the locks of targets for a holder at once, all or none, or says who has one.
    fn lock(&self, targets: &[String], holder: Holder) -> Result<Lock, LedgerError>;
    /// Who says to hold locks, by target.
    fn holders(&self) -> Result<BTreeMap<String, Holder>, LedgerError>;
    /// Frees the lock of a target that this very holder has, whose run is no longer there.
    fn unlock(&self, target: &str, held: &Holder, now: jiff::Timestamp) -> Result<(), LedgerError>;
}

/// What changes with a save.
struct Save<'a> {
    head: &'a [u8],
    /// Parts that are not there yet.
    new: Vec<&'a Part>,
    /// All parts from now on.
    all: Vec<PartName>,
    /// Parts that nothing names any more.
    gone: Vec<PartName>,
    /// In a few words, what the ledger holds.
    about: String,
}

/// Where ledgers are kept. Clones share what they know of the place.
#[derive(Clone, Debug)]
pub struct Store {
    backend: Arc<dyn Backend>,
    local: PathBuf,
    /// The root of the repository, where the folder for this machine must not be the root itself.
    root: Option<PathBuf>,
    key: Option<SealKey>,
    known: Arc<Mutex<BTreeMap<String, Known>>>,
    former: Arc<OnceLock<Former>>,
}

/// What was last read or saved of a target.
#[derive(Debug, Default)]
struct Known {
    head: Head,
    /// The last save of this run, and how long it took.
    saved: Option<(Instant, Duration)>,
}

/// Held locks; dropping it lets go.
#[derive(Debug)]
pub struct Lock {
    _held: Box<dyn Debug + Send>,
}

impl Lock {
    fn new(held: impl Debug + Send + 'static) -> Self {
        Self { _held: Box::new(held) }
    }
}

/// Whether what was read is checked against its hashes and its seal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Check {
    Full,
    /// For the eyes of a person.
    None,
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

    /// Ledgers in a directory.
    pub fn directory(dir: PathBuf) -> Self {
        Self::of(Arc::new(DirectoryStore::new(dir.clone())), dir)
    }

    fn of(backend: Arc<dyn Backend>, local: PathBuf) -> Self {
        Self { backend, local, root: None, key: None, known: Arc::default(), former: Arc::default() }
    }

    /// The same store with the key of the environment: what is read must bear its seal, what is saved gets one.
    pub fn sealed_with(self, key: Option<SealKey>) -> Self {
        Self { key, ..self }
    }

    /// Whether there is a key in the environment.
    pub fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// Where the ledgers are, for messages.
    pub fn place(&self) -> String {
        self.backend.place()
    }

    /// Whether the ledgers are not on this machine, so that a lock outlives a run that died.
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

    /// The targets that have a ledger.
    pub fn targets(&self) -> Result<BTreeSet<String>, LedgerError> {
        let mut targets = self.backend.targets()?;
        targets.extend(self.former(Check::None)?.keys().cloned());
        Ok(targets)
    }

    /// The ledgers of these targets, as far as there are any. Errors: unreadable, damaged, of a later version, and with a
    /// key: no seal or a wrong one. Without a key a seal is not looked at.
    pub fn load<'t>(
        &self,
        targets: impl IntoIterator<Item = &'t str>,
    ) -> Result<BTreeMap<String, TargetLedger>, LedgerError> {
        self.read(targets, Check::Full)
    }

    /// The ledgers as they stand there, whatever their seals and hashes: only to be shown to a person.
    pub fn load_unchecked<'t>(
        &self,
        targets: impl IntoIterator<Item = &'t str>,
    ) -> Result<BTreeMap<String, TargetLedger>, LedgerError> {
        self.read(targets, Check::None)
    }

    fn read<'t>(
        &self,
        targets: impl IntoIterator<Item = &'t str>,
        check: Check,
    ) -> Result<BTreeMap<String, TargetLedger>, LedgerError> {
        self.backend.refresh()?;
        let mut found = BTreeMap::new();
        for target in targets {
            let own = self.own(target, check)?;
            let former = || Ok(self.former(check)?.get(target).cloned());
            if let Some(ledger) = own.map_or_else(former, |own| Ok(Some(own)))? {
                found.insert(target.to_owned(), ledger);
            }
        }
        Ok(found)
    }

    /// What a target has of its own. A part that is not there may have been replaced since the head was read.
    fn own(&self, target: &str, check: Check) -> Result<Option<TargetLedger>, LedgerError> {
        for _ in 0..READS {
            let Some(head) = self.head(target, check)? else { return Ok(None) };
            let Some(texts) = self.backend.parts(target, &head.names())? else { continue };
            if check == Check::Full && !head.fits(&texts) {
                return Err(match self.key {
                    Some(_) => LedgerError::Seal { place: self.place_of(target), why: MISFIT },
                    None => self.corrupt(target, "a part of it is not as it was saved".to_owned()),
                });
            }
            return head.decode(&texts).map(Some).map_err(|why| self.corrupt(target, why));
        }
        Err(self.corrupt(target, "a part of it is missing".to_owned()))
    }

    fn head(&self, target: &str, check: Check) -> Result<Option<Head>, LedgerError> {
        let place = self.place_of(target);
        let Some(text) = self.backend.head(target)? else { return Ok(None) };
        let head = head(&text, target, &place)?;
        if let Some(why) = self.key.as_ref().filter(|_| check == Check::Full).and_then(|key| key.wrong(&head)) {
            return Err(LedgerError::Seal { place, why });
        }
        self.known().entry(target.to_owned()).or_default().head = head.clone();
        Ok(Some(head))
    }

    /// How many people and groups are managed at a target, without reading them.
    pub fn counts(&self, target: &str) -> Result<(u64, u64), LedgerError> {
        if let Some(head) = self.head(target, Check::Full)? {
            return Ok((head.users, head.groups));
        }
        let former = self.former(Check::Full)?.get(target);
        Ok(former.map_or((0, 0), |ledger| (ledger.users.len() as u64, ledger.groups.len() as u64)))
    }

    /// The ledgers that an earlier version left, read once.
    fn former(&self, check: Check) -> Result<&BTreeMap<String, TargetLedger>, LedgerError> {
        if self.former.get().is_none() {
            let read = |text: Vec<u8>| Former::read(&text, self.key.as_ref(), &self.place());
            let _ = self.former.set(self.backend.former()?.map(read).transpose()?.unwrap_or_default());
        }
        let former = self.former.get_or_init(Former::default);
        match former.wrong.filter(|_| check == Check::Full) {
            Some(why) => Err(LedgerError::Seal { place: self.place(), why }),
            None => Ok(&former.targets),
        }
    }

    /// Gives each target that only the document of an earlier version knows a ledger of its own, and removes that
    /// document. Two runs that do so at once do the same. Error: it is sealed, and there is no key.
    pub fn take_over_former(&self) -> Result<(), LedgerError> {
        for (target, ledger) in self.former(Check::Full)? {
            if self.head(target, Check::Full)?.is_none() {
                match self.save(target, ledger) {
                    Ok(()) | Err(LedgerError::Conflict { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        self.remove_former()
    }

    /// Removes the document of an earlier version, once all that it knows is saved elsewhere.
    pub fn remove_former(&self) -> Result<(), LedgerError> {
        if self.former(Check::None)?.is_empty() { Ok(()) } else { self.backend.remove_former() }
    }

    /// An empty ledger with fresh random salt, which is not saved yet.
    pub fn new_ledger(&self) -> TargetLedger {
        let salt = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
        TargetLedger { salt, ..TargetLedger::default() }
    }

    /// Whether a ledger that was loaded can be saved again. Error: it is sealed, and there is no key.
    pub fn savable(&self, target: &str, ledger: &TargetLedger) -> Result<(), LedgerError> {
        if ledger.sealed && self.key.is_none() {
            return Err(LedgerError::NoKey { place: self.place_of(target) });
        }
        Ok(())
    }

    /// Saves a ledger as a whole or not at all, sealed where there is a key. Only parts that changed are written. The lock
    /// must be held. Errors: it can't be written; another run saved one since this value last loaded or saved.
    pub fn save(&self, target: &str, ledger: &TargetLedger) -> Result<(), LedgerError> {
        self.savable(target, ledger)?;
        self.put(target, ledger)
    }

    /// Saves a ledger without its seal, which a person asked for.
    pub fn save_unsealed(&self, target: &str, ledger: &TargetLedger) -> Result<(), LedgerError> {
        Self { key: None, ..self.clone() }.put(target, ledger)
    }

    fn put(&self, target: &str, ledger: &TargetLedger) -> Result<(), LedgerError> {
        let begun = Instant::now();
        let failed = |error: serde_json::Error| self.corrupt(target, error.to_string());
        let (mut head, parts) = encode(target, ledger).map_err(failed)?;
        if let Some(key) = &self.key {
            key.seal(&mut head).map_err(failed)?;
        }
        let all = head.names();
        let before = self.known().get(target).map(|known| known.head.names()).unwrap_or_default();
        let new = |part: &&Part| before.binary_search(&part.name).is_err();
        let save = Save {
            head: &head.to_json().map_err(failed)?,
            new: parts.iter().filter(new).collect(),
            gone: before.iter().filter(|name| all.binary_search(name).is_err()).cloned().collect(),
            all,
            about: format!("{} users and {} groups at {target}", head.users, head.groups),
        };
        if self.known().get(target).is_none_or(|known| known.head != head) {
            self.backend.write(target, &save)?;
        }
        self.known().insert(target.to_owned(), Known { head, saved: Some((Instant::now(), begun.elapsed())) });
        Ok(())
    }

    /// Saves a ledger in the course of a run, where it is time to: elsewhere than on this machine not within five seconds
    /// of the last save, and later still where saves take long, since the journal holds what came in between.
    pub fn checkpoint(&self, target: &str, ledger: &TargetLedger) -> Result<(), LedgerError> {
        let saved = self.known().get(target).and_then(|known| known.saved);
        let early = saved.is_some_and(|(at, took)| at.elapsed() < PAUSE.max(took * 10));
        if early && self.is_remote() { Ok(()) } else { self.save(target, ledger) }
    }

    /// Takes the locks of targets at once, all or none, or says who holds one.
    pub fn lock(&self, targets: &[String], now: jiff::Timestamp) -> Result<Lock, LedgerError> {
        if self.root.as_deref() != Some(&self.local) {
            private::keep(&self.local, self.is_remote())?;
        }
        self.backend.lock(targets, Holder::current(now))
    }

    /// Who says to hold locks, by target. With a directory a note can be left from a run that died.
    pub fn holders(&self) -> Result<BTreeMap<String, Holder>, LedgerError> {
        self.backend.holders()
    }

    /// Frees the lock of a target that this very holder has, whose run is no longer there. In a directory a lock whose run
    /// goes on stays, as an error. Elsewhere nobody can tell, so a person must have looked. Error: someone else holds it by
    /// now.
    pub fn unlock(&self, target: &str, held: &Holder, now: jiff::Timestamp) -> Result<(), LedgerError> {
        self.backend.unlock(target, held, now)
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place_of(&self, target: &str) -> String {
        format!("{}, target {target}", self.place())
    }

    fn corrupt(&self, target: &str, why: String) -> LedgerError {
        LedgerError::Corrupt { place: self.place_of(target), why }
    }
}

/// A target's name as that of a file, which no separator and no leading dot leads elsewhere.
fn file_name(target: &str) -> String {
    const SET: &AsciiSet = &CONTROLS
        .add(b'/')
        .add(b'\\')
        .add(b'%')
        .add(b':')
        .add(b'*')
        .add(b'?')
        .add(b'"')
        .add(b'<')
        .add(b'>')
        .add(b'|')
        .add(b'~')
        .add(b'^')
        .add(b'[')
        .add(b'@')
        .add(b'{')
        .add(b' ')
        .add(b'.');
    utf8_percent_encode(target, SET).to_string()
}

/// The target that a file is named after.
fn target_of(name: &str) -> Option<String> {
    percent_decode_str(name).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

//! The object-store backend: a head, its parts and a lock per target. Heads and locks change by conditional writes alone;
//! a part is named after its text, so that nothing is ever written over another one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use futures::TryStreamExt as _;
use object_store::path::Path;
use object_store::{
    Error, ListResult, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload, UpdateVersion,
};
use serde::{Deserialize, Serialize};

use self::client::{Engine, Fault, describe};
use super::{Backend, Holder, Lock, PartName, Save, target_of};
use crate::ledger::LedgerError;

mod client;

/// How often a lock is tried that is freed by someone else at the same time.
const TRIES: usize = 5;
/// Parts that are read and written at once.
const ABREAST: usize = 8;
const HEAD: &str = "head.json";

/// Ledgers in an object store.
#[derive(Debug)]
pub(super) struct ObjectPlace {
    bucket: Arc<Bucket>,
    /// The version of each head that was last read or written.
    known: Mutex<BTreeMap<String, UpdateVersion>>,
}

/// The store with the folder in it that concerns us.
#[derive(Debug)]
struct Bucket {
    url: String,
    engine: Engine,
    store: Arc<dyn ObjectStore>,
    /// The folder of earlier versions' document.
    folder: Path,
    /// The folder that holds a folder per target.
    ledgers: Path,
    /// The folder that holds a lock per target.
    locks: Path,
    /// Whether the store honours conditions, once it was tried.
    honours: OnceLock<bool>,
}

/// What stands in the lock's object. It stays there when it is free: taking and freeing are conditional writes, a
/// conditional deletion is not known everywhere.
#[derive(Debug, Serialize, Deserialize)]
struct Slot {
    holder: Option<Holder>,
}

/// Why a write did not come to be.
enum Unwritten {
    /// Someone else wrote.
    Conflict,
    /// The store can't be reached, or refused.
    Failed(Fault),
}

/// A held lock.
#[derive(Debug)]
struct Held {
    bucket: Arc<Bucket>,
    lock: Path,
    version: UpdateVersion,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Err(Unwritten::Failed(fault)) = self.bucket.free(&self.lock, self.version.clone()) {
            let (lock, why) = (&self.lock, describe(&fault));
            tracing::warn!("the lock `{lock}` could not be freed: {why}; run `scimform ledger unlock`");
        }
    }
}

impl ObjectPlace {
    /// The ledgers below a URL. Nothing is asked yet.
    pub(super) fn open(url: &str) -> Result<Self, LedgerError> {
        let place = || format!("{}/ledger", url.trim_end_matches('/'));
        let failed = |why: String| LedgerError::Unreachable { what: "open the ledger", place: place(), why };
        let (store, folder) = client::open(url).map_err(|error| failed(describe(&Fault::Store(error))))?;
        let engine = Engine::start().map_err(|error| failed(error.to_string()))?;
        let (ledgers, locks) = (folder.clone().join("ledger"), folder.clone().join("lock"));
        let (store, honours) = (store.into(), OnceLock::default());
        let bucket = Bucket { url: place(), engine, store, folder, ledgers, locks, honours };
        Ok(Self { bucket: Arc::new(bucket), known: Mutex::default() })
    }

    fn failed(&self, what: &'static str, fault: &Fault) -> LedgerError {
        LedgerError::Unreachable { what, place: self.place(), why: describe(fault) }
    }

    fn unreadable(&self, fault: &Fault) -> LedgerError {
        self.failed("read the ledger", fault)
    }

    fn is_locked(&self, target: &str, holder: Option<Holder>, now: jiff::Timestamp) -> LedgerError {
        let (target, place) = (target.to_owned(), self.bucket.lock(target).to_string());
        LedgerError::Locked { target, holder: holder.map(Box::new), now, place, remote: true }
    }

    fn take(&self, target: &str, slot: &[u8], now: jiff::Timestamp) -> Result<Held, LedgerError> {
        let (bucket, lock) = (self.bucket.clone(), self.bucket.lock(target));
        let failed = |fault: &Fault| self.failed("lock", fault);
        let version = match bucket.take(&lock, slot).map_err(|fault| failed(&fault))? {
            Ok(version) => version,
            Err(holder) => return Err(self.is_locked(target, holder, now)),
        };
        let honoured = bucket.honours_conditions(&lock, slot);
        let held = Held { bucket, lock, version };
        match honoured {
            Ok(true) => Ok(held),
            Ok(false) => Err(LedgerError::Unconditional { place: self.place() }),
            Err(fault) => Err(failed(&fault)),
        }
    }
}

impl Backend for ObjectPlace {
    fn place(&self) -> String {
        self.bucket.url.clone()
    }

    fn remote(&self) -> bool {
        true
    }

    fn refresh(&self) -> Result<(), LedgerError> {
        Ok(())
    }

    fn targets(&self) -> Result<BTreeSet<String>, LedgerError> {
        let listed = self.bucket.list(&self.bucket.ledgers).map_err(|fault| self.unreadable(&fault))?;
        Ok(listed.common_prefixes.iter().filter_map(|path| target_of(path.filename()?)).collect())
    }

    fn head(&self, target: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let found = self.bucket.get(&self.bucket.of(target, HEAD)).map_err(|fault| self.unreadable(&fault))?;
        let (text, version) = found.unzip();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match version {
            Some(version) => drop(known.insert(target.to_owned(), version)),
            None => drop(known.remove(target)),
        }
        Ok(text)
    }

    fn parts(&self, target: &str, names: &[PartName]) -> Result<Option<Vec<Vec<u8>>>, LedgerError> {
        let paths = names.iter().map(|name| self.bucket.of(target, &name.file())).collect();
        self.bucket.all(paths).map_err(|fault| self.unreadable(&fault))
    }

    /// New parts first, then the head that names them, then the old parts away. A crash at any point leaves the old or the
    /// new ledger whole.
    fn write(&self, target: &str, save: &Save<'_>) -> Result<(), LedgerError> {
        let failed = |fault: &Fault| self.failed("save the ledger", fault);
        let new = save.new.iter().map(|part| (self.bucket.of(target, &part.name.file()), part.text.clone())).collect();
        self.bucket.put_all(new).map_err(|fault| failed(&fault))?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mode = known.get(target).cloned().map_or(PutMode::Create, PutMode::Update);
        match self.bucket.put(&self.bucket.of(target, HEAD), save.head, mode) {
            Ok(version) => drop(known.insert(target.to_owned(), version)),
            Err(Unwritten::Conflict) => return Err(LedgerError::Conflict { place: self.place() }),
            Err(Unwritten::Failed(fault)) => return Err(failed(&fault)),
        }
        self.bucket.remove(save.gone.iter().map(|name| self.bucket.of(target, &name.file())).collect());
        Ok(())
    }

    fn former(&self) -> Result<Option<Vec<u8>>, LedgerError> {
        let found = self.bucket.get(&self.bucket.former()).map_err(|fault| self.unreadable(&fault))?;
        Ok(found.map(|(text, _)| text))
    }

    fn remove_former(&self) -> Result<(), LedgerError> {
        self.bucket.remove(vec![self.bucket.former()]);
        Ok(())
    }

    fn lock(&self, targets: &[String], holder: Holder) -> Result<Lock, LedgerError> {
        let now = holder.since;
        let slot = text(&Slot { holder: Some(holder) }).map_err(|fault| self.failed("lock", &fault))?;
        let held = targets.iter().map(|target| self.take(target, &slot, now));
        held.collect::<Result<Vec<Held>, LedgerError>>().map(Lock::new)
    }

    fn holders(&self) -> Result<BTreeMap<String, Holder>, LedgerError> {
        let failed = |fault: Fault| self.failed("read the lock of", &fault);
        let mut holders = BTreeMap::new();
        let listed = self.bucket.list(&self.bucket.locks).map_err(failed)?;
        for target in listed.objects.iter().filter_map(|one| target_of(one.location.filename()?)) {
            let slot = self.bucket.slot(&self.bucket.lock(&target)).map_err(failed)?;
            holders.extend(slot.and_then(|(slot, _)| slot.holder).map(|holder| (target, holder)));
        }
        Ok(holders)
    }

    fn unlock(&self, target: &str, held: &Holder, now: jiff::Timestamp) -> Result<(), LedgerError> {
        let failed = |fault: Fault| self.failed("unlock", &fault);
        let lock = self.bucket.lock(target);
        match self.bucket.slot(&lock).map_err(failed)? {
            None | Some((Slot { holder: None }, _)) => Ok(()),
            Some((Slot { holder: Some(there) }, _)) if there != *held => Err(self.is_locked(target, Some(there), now)),
            Some((_, version)) => match self.bucket.free(&lock, version) {
                Ok(()) => Ok(()),
                Err(Unwritten::Conflict) => Err(self.is_locked(target, None, now)),
                Err(Unwritten::Failed(fault)) => Err(failed(fault)),
            },
        }
    }
}

impl Bucket {
    /// An object of a target.
    fn of(&self, target: &str, name: &str) -> Path {
        self.ledgers.clone().join(target).join(name)
    }

    fn former(&self) -> Path {
        self.folder.clone().join("ledger.json")
    }

    fn lock(&self, target: &str) -> Path {
        self.locks.clone().join(target)
    }

    /// What is right below a folder.
    fn list(&self, folder: &Path) -> Result<ListResult, Fault> {
        let (store, folder) = (self.store.clone(), folder.clone());
        self.engine.wait(async move { store.list_with_delimiter(Some(&folder)).await })
    }

    /// Objects in this order; `None` where one is not there.
    fn all(&self, paths: Vec<Path>) -> Result<Option<Vec<Vec<u8>>>, Fault> {
        let store = self.store.clone();
        let read = self.engine.wait(async move {
            let read = |path: Path| {
                let store = store.clone();
                async move { Ok(store.get(&path).await?.bytes().await?.to_vec()) }
            };
            futures::stream::iter(paths.into_iter().map(Ok)).map_ok(read).try_buffered(ABREAST).try_collect().await
        });
        match read {
            Ok(texts) => Ok(Some(texts)),
            Err(Fault::Store(Error::NotFound { source, .. })) if !is_of_bucket(&source.to_string()) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Writes objects that are what their names say, whoever writes them.
    fn put_all(&self, objects: Vec<(Path, Vec<u8>)>) -> Result<(), Fault> {
        let store = self.store.clone();
        self.engine.wait(async move {
            let put = |(path, text): (Path, Vec<u8>)| {
                let store = store.clone();
                async move { store.put(&path, PutPayload::from(text)).await.map(drop) }
            };
            let objects = futures::stream::iter(objects.into_iter().map(Ok)).map_ok(put);
            objects.try_buffered(ABREAST).try_collect::<Vec<()>>().await.map(drop)
        })
    }

    /// Removes objects that nothing names any more. One that stays does no harm.
    fn remove(&self, paths: Vec<Path>) {
        for path in paths {
            let store = self.store.clone();
            if let Err(fault) = self.engine.wait(async move { store.delete(&path).await }) {
                tracing::debug!("a part that is no longer needed stays: {}", describe(&fault));
            }
        }
    }

    /// Takes a lock if it is free; else says who has it.
    fn take(&self, lock: &Path, slot: &[u8]) -> Result<Result<UpdateVersion, Option<Holder>>, Fault> {
        for _ in 0..TRIES {
            let mode = match self.slot(lock)? {
                Some((Slot { holder: Some(holder) }, _)) => return Ok(Err(Some(holder))),
                Some((_, version)) => PutMode::Update(version),
                None => PutMode::Create,
            };
            match self.put(lock, slot, mode) {
                Ok(version) => return Ok(Ok(version)),
                Err(Unwritten::Conflict) => {}
                Err(Unwritten::Failed(fault)) => return Err(fault),
            }
        }
        Ok(Err(None))
    }

    /// An object with its version; `None` where there is none.
    fn get(&self, path: &Path) -> Result<Option<(Vec<u8>, UpdateVersion)>, Fault> {
        let (store, path) = (self.store.clone(), path.clone());
        self.engine.wait(async move {
            let found = match store.get(&path).await {
                Err(Error::NotFound { source, path }) if is_of_bucket(&source.to_string()) => {
                    return Err(Error::NotFound { source, path });
                }
                Err(Error::NotFound { .. }) => return Ok(None),
                found => found?,
            };
            let version = UpdateVersion { e_tag: found.meta.e_tag.clone(), version: found.meta.version.clone() };
            Ok(Some((found.bytes().await?.to_vec(), version)))
        })
    }

    /// Writes an object under a condition. The answer of a write may be lost, so that in doubt it counts what is there.
    fn put(&self, path: &Path, text: &[u8], mode: PutMode) -> Result<UpdateVersion, Unwritten> {
        let fault = match self.put_once(path, text, mode) {
            Ok(version) => return Ok(version),
            Err(fault) => fault,
        };
        match self.get(path) {
            Ok(Some((there, version))) if there == text => Ok(version),
            Ok(_) if is_refused(&fault) => Err(Unwritten::Conflict),
            Ok(_) | Err(_) => Err(Unwritten::Failed(fault)),
        }
    }

    fn put_once(&self, path: &Path, text: &[u8], mode: PutMode) -> Result<UpdateVersion, Fault> {
        let (store, path, payload) = (self.store.clone(), path.clone(), PutPayload::from(text.to_vec()));
        self.engine.wait(async move {
            let put = store.put_opts(&path, payload, PutOptions::from(mode)).await?;
            Ok(UpdateVersion { e_tag: put.e_tag, version: put.version })
        })
    }

    fn slot(&self, lock: &Path) -> Result<Option<(Slot, UpdateVersion)>, Fault> {
        let Some((text, version)) = self.get(lock)? else { return Ok(None) };
        let slot = serde_json::from_slice(&text).map_err(damaged)?;
        Ok(Some((slot, version)))
    }

    /// Frees the lock that has this version.
    fn free(&self, lock: &Path, version: UpdateVersion) -> Result<(), Unwritten> {
        let slot = text(&Slot { holder: None }).map_err(Unwritten::Failed)?;
        self.put(lock, &slot, PutMode::Update(version)).map(drop)
    }

    /// Whether the store refuses to write what is there already, and what has another version. Asked once, with the lock
    /// in hand and with the text that stands there, so that nothing changes where it does not refuse.
    fn honours_conditions(&self, lock: &Path, slot: &[u8]) -> Result<bool, Fault> {
        if let Some(known) = self.honours.get() {
            return Ok(*known);
        }
        let stale =
            UpdateVersion { e_tag: Some("\"0123456789abcdef0123456789abcdef\"".into()), version: Some("1".into()) };
        for mode in [PutMode::Create, PutMode::Update(stale)] {
            match self.put_once(lock, slot, mode) {
                Ok(_) => return Ok(*self.honours.get_or_init(|| false)),
                Err(fault) if is_refused(&fault) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(*self.honours.get_or_init(|| true))
    }
}

fn text(slot: &Slot) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec_pretty(slot).map_err(damaged)
}

fn damaged(error: serde_json::Error) -> Fault {
    Fault::Store(Error::Generic { store: "lock", source: Box::new(error) })
}

fn is_refused(fault: &Fault) -> bool {
    use Error::{AlreadyExists, NotModified, Precondition};
    matches!(fault, Fault::Store(AlreadyExists { .. } | Precondition { .. } | NotModified { .. }))
}

/// Whether it is the bucket or container that is missing, which is no "not saved yet".
fn is_of_bucket(said: &str) -> bool {
    ["NoSuchBucket", "ContainerNotFound", "bucket does not exist"].iter().any(|word| said.contains(word))
}

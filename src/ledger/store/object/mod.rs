//! The object-store backend: two objects, the ledger and its lock, that change by conditional writes alone.

use std::sync::{Arc, Mutex, PoisonError};

use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload, UpdateVersion};
use serde::{Deserialize, Serialize};

use self::client::{Engine, Fault, describe};
use super::{Backend, Holder, Lock};
use crate::ledger::LedgerError;

mod client;

/// How often a lock is tried that is freed by someone else at the same time.
const TRIES: usize = 5;

/// A ledger in an object store.
#[derive(Debug)]
pub(super) struct ObjectPlace {
    bucket: Arc<Bucket>,
    /// The version that was last read or written.
    known: Mutex<Option<UpdateVersion>>,
}

/// The store with the two objects that concern us.
#[derive(Debug)]
struct Bucket {
    url: String,
    engine: Engine,
    store: Arc<dyn ObjectStore>,
    ledger: Path,
    lock: Path,
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
    version: UpdateVersion,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Err(Unwritten::Failed(fault)) = self.bucket.free(self.version.clone()) {
            let (lock, why) = (&self.bucket.lock, describe(&fault));
            tracing::warn!("the lock `{lock}` could not be freed: {why}; run `scimform ledger unlock`");
        }
    }
}

impl ObjectPlace {
    /// The ledger below a URL. Nothing is asked yet.
    pub(super) fn open(url: &str) -> Result<Self, LedgerError> {
        let place = || format!("{}/ledger.json", url.trim_end_matches('/'));
        let failed = |why: String| LedgerError::Unreachable { what: "open the ledger", place: place(), why };
        let (store, folder) = client::open(url).map_err(|error| failed(describe(&Fault::Store(error))))?;
        let engine = Engine::start().map_err(|error| failed(error.to_string()))?;
        let (ledger, lock) = (folder.clone().join("ledger.json"), folder.join("ledger.lock.json"));
        let bucket = Bucket { url: place(), engine, store: store.into(), ledger, lock };
        Ok(Self { bucket: Arc::new(bucket), known: Mutex::default() })
    }

    fn failed(&self, what: &'static str, fault: &Fault) -> LedgerError {
        LedgerError::Unreachable { what, place: self.place(), why: describe(fault) }
    }

    fn is_locked(&self, holder: Option<Holder>, now: jiff::Timestamp) -> LedgerError {
        LedgerError::Locked { holder: holder.map(Box::new), now, place: self.bucket.lock.to_string(), remote: true }
    }

    /// Takes the lock if it is free; else says who has it.
    fn take(&self, slot: &[u8]) -> Result<Result<UpdateVersion, Option<Holder>>, Fault> {
        let bucket = &self.bucket;
        for _ in 0..TRIES {
            let mode = match bucket.slot()? {
                Some((Slot { holder: Some(holder) }, _)) => return Ok(Err(Some(holder))),
                Some((_, version)) => PutMode::Update(version),
                None => PutMode::Create,
            };
            match bucket.put(&bucket.lock, slot, mode) {
                Ok(version) => return Ok(Ok(version)),
                Err(Unwritten::Conflict) => {}
                Err(Unwritten::Failed(fault)) => return Err(fault),
            }
        }
        Ok(Err(None))
    }
}

impl Backend for ObjectPlace {
    fn place(&self) -> String {
        self.bucket.url.clone()
    }

    fn remote(&self) -> bool {
        true
    }

    fn read(&self) -> Result<Option<Vec<u8>>, LedgerError> {
        let found = self.bucket.get(&self.bucket.ledger).map_err(|fault| self.failed("read the ledger", &fault))?;
        let (text, version) = found.unzip();
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = version;
        Ok(text)
    }

    fn write(&self, text: &[u8], _: &str) -> Result<(), LedgerError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mode = known.clone().map_or(PutMode::Create, PutMode::Update);
        match self.bucket.put(&self.bucket.ledger, text, mode) {
            Ok(version) => {
                *known = Some(version);
                Ok(())
            }
            Err(Unwritten::Conflict) => Err(LedgerError::Conflict { place: self.place() }),
            Err(Unwritten::Failed(fault)) => Err(self.failed("save the ledger", &fault)),
        }
    }

    fn lock(&self, holder: Holder) -> Result<Lock, LedgerError> {
        let failed = |fault: Fault| self.failed("lock", &fault);
        let now = holder.since;
        let slot = text(&Slot { holder: Some(holder) }).map_err(failed)?;
        let version = match self.take(&slot).map_err(failed)? {
            Ok(version) => version,
            Err(holder) => return Err(self.is_locked(holder, now)),
        };
        let bucket = self.bucket.clone();
        let honoured = bucket.honours_conditions(&slot);
        let held = Held { bucket, version };
        match honoured {
            Ok(true) => Ok(Lock::new(held)),
            Ok(false) => Err(LedgerError::Unconditional { place: self.place() }),
            Err(fault) => Err(failed(fault)),
        }
    }

    fn holder(&self) -> Result<Option<Holder>, LedgerError> {
        let slot = self.bucket.slot().map_err(|fault| self.failed("read the lock of", &fault))?;
        Ok(slot.and_then(|(slot, _)| slot.holder))
    }

    fn unlock(&self, held: &Holder, now: jiff::Timestamp) -> Result<(), LedgerError> {
        let failed = |fault: Fault| self.failed("unlock", &fault);
        match self.bucket.slot().map_err(failed)? {
            None | Some((Slot { holder: None }, _)) => Ok(()),
            Some((Slot { holder: Some(there) }, _)) if there != *held => Err(self.is_locked(Some(there), now)),
            Some((_, version)) => match self.bucket.free(version) {
                Ok(()) => Ok(()),
                Err(Unwritten::Conflict) => Err(self.is_locked(None, now)),
                Err(Unwritten::Failed(fault)) => Err(failed(fault)),
            },
        }
    }
}

impl Bucket {
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

    fn slot(&self) -> Result<Option<(Slot, UpdateVersion)>, Fault> {
        let Some((text, version)) = self.get(&self.lock)? else { return Ok(None) };
        let slot = serde_json::from_slice(&text).map_err(damaged)?;
        Ok(Some((slot, version)))
    }

    /// Frees the lock that has this version.
    fn free(&self, version: UpdateVersion) -> Result<(), Unwritten> {
        let slot = text(&Slot { holder: None }).map_err(Unwritten::Failed)?;
        self.put(&self.lock, &slot, PutMode::Update(version)).map(drop)
    }

    /// Whether the store refuses to write what is there already, and what has another version. Asked with the lock in
    /// hand and with the text that stands there, so that nothing changes where it does not refuse.
    fn honours_conditions(&self, slot: &[u8]) -> Result<bool, Fault> {
        let stale =
            UpdateVersion { e_tag: Some("\"0123456789abcdef0123456789abcdef\"".into()), version: Some("1".into()) };
        for mode in [PutMode::Create, PutMode::Update(stale)] {
            match self.put_once(&self.lock, slot, mode) {
                Ok(_) => return Ok(false),
                Err(fault) if is_refused(&fault) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(true)
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

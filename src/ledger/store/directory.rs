//! The directory backend: one file, replaced as a whole or not at all, and a lock for the time of an apply.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Backend, Holder, Lock};
use crate::ledger::{Ledger, LedgerError};

/// A ledger in a directory.
#[derive(Clone, Debug)]
pub(super) struct DirectoryStore {
    dir: PathBuf,
}

/// A held lock. The operating system lets go of it when the process dies.
#[derive(Debug)]
struct Held {
    file: File,
    holder: PathBuf,
}

impl Drop for Held {
    fn drop(&mut self) {
        // A note left behind does no harm: the next holder overwrites it.
        let _ = fs::remove_file(&self.holder);
        let _ = self.file.unlock();
    }
}

impl DirectoryStore {
    /// The ledger in a directory. Nothing is touched yet.
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    fn path(&self) -> PathBuf {
        self.dir.join("ledger.json")
    }

    fn holder_path(&self) -> PathBuf {
        self.dir.join("ledger.lock.json")
    }

    fn note(&self) -> Option<Holder> {
        serde_json::from_slice(&fs::read(self.holder_path()).ok()?).ok()
    }
}

impl Backend for DirectoryStore {
    fn place(&self) -> String {
        self.path().display().to_string()
    }

    fn load(&self) -> Result<Option<Ledger>, LedgerError> {
        let path = self.path();
        match fs::read(&path) {
            Ok(text) => Ledger::from_json(&text, &path).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(LedgerError::Io { what: "read", path, source }),
        }
    }

    /// A new file beside the old one, flushed, then put in its place, so that a crash at any point leaves the old or
    /// the new ledger whole.
    fn save(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        let path = self.path();
        let write = || -> io::Result<()> {
            fs::create_dir_all(&self.dir)?;
            let mut file = tempfile::Builder::new().prefix(".ledger-").suffix(".tmp").tempfile_in(&self.dir)?;
            file.write_all(&ledger.to_json()?)?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            sync_dir(&self.dir)
        };
        write().map_err(|source| LedgerError::Io { what: "save the ledger", path: path.clone(), source })
    }

    fn lock(&self, now: jiff::Timestamp) -> Result<Lock, LedgerError> {
        let path = self.dir.join("ledger.lock");
        let failed = |source| LedgerError::Io { what: "lock", path: path.clone(), source };
        fs::create_dir_all(&self.dir).map_err(failed)?;
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LedgerError::Locked { holder: self.note(), now, path });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // The note is a file of its own: some systems let nobody read a locked file.
        let held = Held { file, holder: self.holder_path() };
        let note = serde_json::to_vec(&Holder::current(now)).map_err(|error| failed(error.into()))?;
        fs::write(&held.holder, note).map_err(failed)?;
        Ok(Lock::new(held))
    }

    /// A note without a held lock is left from a run that died.
    fn holder(&self) -> Result<Option<Holder>, LedgerError> {
        Ok(self.note())
    }

    /// A lock that is really held stays, as an error: the operating system lets go of it when its process ends.
    fn unlock(&self, now: jiff::Timestamp) -> Result<Option<Holder>, LedgerError> {
        let left = self.note();
        drop(self.lock(now)?);
        Ok(left)
    }
}

/// Makes a rename durable; only needed and only possible where directories can be opened.
fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::LedgerLocation;
    use crate::ledger::{Realm, Store};

    fn open(root: &tempfile::TempDir, dir: &str, realm: Realm) -> Store {
        Store::open(&LedgerLocation::Directory(dir.to_owned()), root.path(), realm).unwrap()
    }

    fn now() -> jiff::Timestamp {
        "2026-12-01T10:05:00Z".parse().unwrap()
    }

    #[test]
    fn saves_whole_and_leaves_nothing_beside() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir, ".scimform", Realm::Targets);
        assert_eq!(store.load().unwrap(), None);
        let mut ledger = store.load_or_new().unwrap();
        assert_eq!(ledger.salt.len(), 64);
        assert_ne!(ledger.salt, store.load_or_new().unwrap().salt);
        store.save(&ledger).unwrap();
        ledger.targets.entry("a".into()).or_default();
        store.save(&ledger).unwrap();
        assert_eq!(store.load().unwrap(), Some(ledger));
        assert_eq!(fs::read_dir(store.local()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_save_keeps_the_old_ledger() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir, "led", Realm::Targets);
        let ledger = store.load_or_new().unwrap();
        store.save(&ledger).unwrap();
        let before = fs::read(store.place()).unwrap();
        // A directory in the way of the final rename makes persisting fail after the new text was written.
        let blocked = DirectoryStore { dir: dir.path().join("blocked") };
        fs::create_dir_all(blocked.path().join("x")).unwrap();
        assert!(matches!(blocked.save(&ledger), Err(LedgerError::Io { .. })));
        assert_eq!(fs::read_dir(&blocked.dir).unwrap().count(), 1, "no temporary file stays");
        assert_eq!(fs::read(store.place()).unwrap(), before);
    }

    #[test]
    fn the_sandbox_keeps_to_itself() {
        let dir = tempfile::tempdir().unwrap();
        let real = open(&dir, ".scimform", Realm::Targets);
        let sandbox = open(&dir, ".scimform", Realm::Sandbox);
        let _held = real.lock(now()).unwrap();
        let _other = sandbox.lock(now()).unwrap();
        sandbox.save(&sandbox.load_or_new().unwrap()).unwrap();
        assert_eq!(real.load().unwrap(), None);
        assert_eq!(sandbox.place(), dir.path().join(".scimform/sandbox/ledger.json").display().to_string());
    }

    #[test]
    fn a_second_run_is_told_who_holds_the_lock_and_for_how_long() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir, ".scimform", Realm::Targets);
        let lock = store.lock("2026-12-01T10:00:00Z".parse().unwrap()).unwrap();
        let error = store.lock(now()).unwrap_err().to_string();
        let holder = store.holder().unwrap().unwrap();
        assert!(error.contains(&holder.owner) && error.contains("5 minutes"), "{error}");
        assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
        assert!(matches!(store.unlock(now()), Err(LedgerError::Locked { .. })));
        drop(lock);
        assert_eq!(store.holder().unwrap(), None);
        drop(store.lock(now()).unwrap());
    }

    #[test]
    fn what_a_dead_run_left_is_cleared() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir, ".scimform", Realm::Targets);
        fs::create_dir_all(store.local()).unwrap();
        let dead = Holder { pid: 1, ..Holder::current(now()) };
        fs::write(store.local().join("ledger.lock.json"), serde_json::to_vec(&dead).unwrap()).unwrap();
        assert_eq!(store.unlock(now()).unwrap(), Some(dead));
        assert_eq!(store.holder().unwrap(), None);
    }
}

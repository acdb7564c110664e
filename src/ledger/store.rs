//! The directory backend: one file, replaced as a whole or not at all, and a lock for the time of an apply.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Ledger, LedgerError};

/// Which world a run writes to. The sandbox has a ledger and a lock of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Realm {
    /// The real targets.
    #[default]
    Targets,
    /// The embedded sandbox.
    Sandbox,
}

/// A ledger in a directory.
#[derive(Clone, Debug)]
pub struct DirectoryStore {
    dir: PathBuf,
}

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Login name, or the CI job where one is known.
    pub owner: String,
    /// Process id.
    pub pid: u32,
    /// Machine name.
    pub host: String,
    /// Since when.
    pub since: jiff::Timestamp,
}

/// A held lock; dropping it lets go. The operating system lets go too when the process dies.
#[derive(Debug)]
pub struct Lock {
    file: File,
    holder: PathBuf,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A note left behind does no harm: the next holder overwrites it.
        let _ = fs::remove_file(&self.holder);
        let _ = self.file.unlock();
    }
}

impl DirectoryStore {
    /// The ledger in `dir`, which counts from the repository's `root` unless absolute. Nothing is touched yet.
    pub fn open(root: &Path, dir: &str, realm: Realm) -> Self {
        let dir = root.join(dir);
        Self { dir: if realm == Realm::Sandbox { dir.join("sandbox") } else { dir } }
    }

    /// The directory that holds the ledger, the lock and the journals.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the ledger is, for messages.
    pub fn path(&self) -> PathBuf {
        self.dir.join("ledger.json")
    }

    /// The ledger; `None` where none was ever saved. Errors: unreadable, damaged, of a later version.
    pub fn load(&self) -> Result<Option<Ledger>, LedgerError> {
        let path = self.path();
        match fs::read(&path) {
            Ok(text) => Ledger::from_json(&text, &path).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(LedgerError::Io { what: "read", path, source }),
        }
    }

    /// The ledger, or an empty one with fresh random salt, which is not saved yet.
    pub fn load_or_new(&self) -> Result<Ledger, LedgerError> {
        let salt = || format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
        Ok(self.load()?.unwrap_or_else(|| Ledger::new(salt())))
    }

    /// Saves the ledger: a new file beside the old one, flushed, then put in its place, so that a crash at any
    /// point leaves the old or the new ledger whole.
    pub fn save(&self, ledger: &Ledger) -> Result<(), LedgerError> {
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

    /// Takes the lock at once or says who holds it.
    pub fn lock(&self, now: jiff::Timestamp) -> Result<Lock, LedgerError> {
        let path = self.dir.join("ledger.lock");
        let failed = |source| LedgerError::Io { what: "lock", path: path.clone(), source };
        fs::create_dir_all(&self.dir).map_err(failed)?;
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LedgerError::Locked { holder: self.holder(), now, path });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // The note is a file of its own: some systems let nobody read a locked file.
        let lock = Lock { file, holder: self.holder_path() };
        let note = serde_json::to_vec(&Holder::current(now)).map_err(|error| failed(error.into()))?;
        fs::write(&lock.holder, note).map_err(failed)?;
        Ok(lock)
    }

    /// Who says to hold the lock. A note without a held lock is left from a run that died.
    pub fn holder(&self) -> Option<Holder> {
        serde_json::from_slice(&fs::read(self.holder_path()).ok()?).ok()
    }

    /// Clears what a run that died left behind and says whose it was. A lock that is really held stays, as an error:
    /// the operating system lets go of it when its process ends.
    pub fn unlock(&self, now: jiff::Timestamp) -> Result<Option<Holder>, LedgerError> {
        let left = self.holder();
        let lock = self.lock(now)?;
        drop(lock);
        Ok(left)
    }

    fn holder_path(&self) -> PathBuf {
        self.dir.join("ledger.lock.json")
    }
}

impl Holder {
    /// This process.
    fn current(now: jiff::Timestamp) -> Self {
        let first = |names: &[&str]| {
            names.iter().filter_map(|name| std::env::var(name).ok()).find(|text| !text.trim().is_empty())
        };
        let hostname = || fs::read_to_string("/etc/hostname").ok().map(|name| name.trim().to_owned());
        Self {
            owner: first(&["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "USERNAME", "LOGNAME"])
                .unwrap_or_else(|| "someone".into()),
            pid: std::process::id(),
            host: first(&["HOSTNAME", "COMPUTERNAME"]).or_else(hostname).unwrap_or_else(|| "this machine".into()),
            since: now,
        }
    }
}

/// Makes a rename durable; only needed and only possible where directories can be opened.
fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> jiff::Timestamp {
        "2026-12-01T10:05:00Z".parse().unwrap()
    }

    #[test]
    fn saves_whole_and_leaves_nothing_beside() {
        let dir = tempfile::tempdir().unwrap();
        let store = DirectoryStore::open(dir.path(), ".scimform", Realm::Targets);
        assert_eq!(store.load().unwrap(), None);
        let mut ledger = store.load_or_new().unwrap();
        assert_eq!(ledger.salt.len(), 64);
        assert_ne!(ledger.salt, store.load_or_new().unwrap().salt);
        store.save(&ledger).unwrap();
        ledger.targets.entry("a".into()).or_default();
        store.save(&ledger).unwrap();
        assert_eq!(store.load().unwrap(), Some(ledger));
        assert_eq!(fs::read_dir(store.dir()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_save_keeps_the_old_ledger() {
        let dir = tempfile::tempdir().unwrap();
        let store = DirectoryStore::open(dir.path(), "led", Realm::Targets);
        let ledger = store.load_or_new().unwrap();
        store.save(&ledger).unwrap();
        let before = fs::read(store.path()).unwrap();
        // A directory in the way of the final rename makes persisting fail after the new text was written.
        let blocked = DirectoryStore { dir: dir.path().join("blocked") };
        fs::create_dir_all(blocked.path().join("x")).unwrap();
        assert!(matches!(blocked.save(&ledger), Err(LedgerError::Io { .. })));
        assert_eq!(fs::read_dir(blocked.dir()).unwrap().count(), 1, "no temporary file stays");
        assert_eq!(fs::read(store.path()).unwrap(), before);
    }

    #[test]
    fn the_sandbox_keeps_to_itself() {
        let dir = tempfile::tempdir().unwrap();
        let real = DirectoryStore::open(dir.path(), ".scimform", Realm::Targets);
        let sandbox = DirectoryStore::open(dir.path(), ".scimform", Realm::Sandbox);
        let _held = real.lock(now()).unwrap();
        let _other = sandbox.lock(now()).unwrap();
        sandbox.save(&sandbox.load_or_new().unwrap()).unwrap();
        assert_eq!(real.load().unwrap(), None);
        assert_eq!(sandbox.path(), dir.path().join(".scimform/sandbox/ledger.json"));
    }

    #[test]
    fn a_second_run_is_told_who_holds_the_lock_and_for_how_long() {
        let dir = tempfile::tempdir().unwrap();
        let store = DirectoryStore::open(dir.path(), ".scimform", Realm::Targets);
        let lock = store.lock("2026-12-01T10:00:00Z".parse().unwrap()).unwrap();
        let error = store.lock(now()).unwrap_err().to_string();
        let holder = store.holder().unwrap();
        assert!(error.contains(&holder.owner) && error.contains("5 minutes"), "{error}");
        assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
        assert!(matches!(store.unlock(now()), Err(LedgerError::Locked { .. })));
        drop(lock);
        assert_eq!(store.holder(), None);
        drop(store.lock(now()).unwrap());
    }

    #[test]
    fn what_a_dead_run_left_is_cleared() {
        let dir = tempfile::tempdir().unwrap();
        let store = DirectoryStore::open(dir.path(), ".scimform", Realm::Targets);
        fs::create_dir_all(store.dir()).unwrap();
        let dead = Holder { pid: 1, ..Holder::current(now()) };
        fs::write(store.holder_path(), serde_json::to_vec(&dead).unwrap()).unwrap();
        assert_eq!(store.unlock(now()).unwrap(), Some(dead));
        assert_eq!(store.holder(), None);
    }
}

//! The directory backend: one file, replaced as a whole or not at all, and a lock for the time of an apply.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{Backend, Holder, Lock};
use crate::ledger::LedgerError;

/// A ledger in a directory.
#[derive(Debug)]
pub(super) struct DirectoryStore {
    dir: PathBuf,
    /// Hash of the text that was last read or written.
    known: Mutex<Option<blake3::Hash>>,
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
        Self { dir, known: Mutex::default() }
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

    fn text(&self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.path()) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn is_locked(&self, now: jiff::Timestamp) -> LedgerError {
        let place = self.dir.join("ledger.lock").display().to_string();
        LedgerError::Locked { holder: self.note().map(Box::new), now, place, remote: false }
    }
}

fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

impl Backend for DirectoryStore {
    fn place(&self) -> String {
        self.path().display().to_string()
    }

    fn remote(&self) -> bool {
        false
    }

    fn read(&self) -> Result<Option<Vec<u8>>, LedgerError> {
        let text = self.text().map_err(|source| LedgerError::Io { what: "read", path: self.path(), source })?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = text.as_deref().map(blake3::hash);
        Ok(text)
    }

    /// A new file beside the old one, flushed, then put in its place, so that a crash at any point leaves the old or
    /// the new ledger whole. Comparing and putting in place are one step for whoever saves here.
    fn write(&self, text: &[u8], _: &str) -> Result<(), LedgerError> {
        let path = self.path();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let write = || -> io::Result<bool> {
            fs::create_dir_all(&self.dir)?;
            // Freed when it is closed, and never taken away: who waits for it has it open.
            let turn = open_lock(&self.dir.join("ledger.saving"))?;
            turn.lock()?;
            if self.text()?.as_deref().map(blake3::hash) != *known {
                return Ok(false);
            }
            let mut file = tempfile::Builder::new().prefix(".ledger-").suffix(".tmp").tempfile_in(&self.dir)?;
            file.write_all(text)?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            sync_dir(&self.dir)?;
            Ok(true)
        };
        match write() {
            Ok(true) => {
                *known = Some(blake3::hash(text));
                Ok(())
            }
            Ok(false) => Err(LedgerError::Conflict { place: self.place() }),
            Err(source) => Err(LedgerError::Io { what: "save the ledger", path: path.clone(), source }),
        }
    }

    fn lock(&self, holder: Holder) -> Result<Lock, LedgerError> {
        let path = self.dir.join("ledger.lock");
        let failed = |source| LedgerError::Io { what: "lock", path: path.clone(), source };
        fs::create_dir_all(&self.dir).map_err(failed)?;
        let file = open_lock(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(self.is_locked(holder.since)),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // The note is a file of its own: some systems let nobody read a locked file.
        let held = Held { file, holder: self.holder_path() };
        let note = serde_json::to_vec(&holder).map_err(|error| failed(error.into()))?;
        fs::write(&held.holder, note).map_err(failed)?;
        Ok(Lock::new(held))
    }

    /// A note without a held lock is left from a run that died.
    fn holder(&self) -> Result<Option<Holder>, LedgerError> {
        Ok(self.note())
    }

    /// A lock that is really held stays, as an error: the operating system lets go of it when its process ends.
    fn unlock(&self, _: &Holder, now: jiff::Timestamp) -> Result<(), LedgerError> {
        self.lock(Holder::current(now)).map(drop)
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
    use crate::ledger::{Realm, SealKey, Store};

    fn open(root: &tempfile::TempDir, dir: &str, realm: Realm) -> Store {
        Store::open(&LedgerLocation::Directory(dir.to_owned()), root.path(), realm).unwrap()
    }

    fn load_or_new(store: &Store) -> crate::ledger::Ledger {
        store.load().unwrap().unwrap_or_else(|| store.new_ledger())
    }

    fn now() -> jiff::Timestamp {
        "2026-12-01T10:05:00Z".parse().unwrap()
    }

    #[test]
    fn saves_whole_and_leaves_nothing_beside() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir, ".scimform", Realm::Targets);
        assert_eq!(store.load().unwrap(), None);
        let mut ledger = load_or_new(&store);
        assert_eq!(ledger.salt.len(), 64);
        assert_ne!(ledger.salt, load_or_new(&store).salt);
        store.save(&ledger).unwrap();
        ledger.targets.entry("a".into()).or_default();
        store.save(&ledger).unwrap();
        assert_eq!(store.load().unwrap(), Some(ledger));
        let mut names: Vec<_> = fs::read_dir(store.local()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["ledger.json", "ledger.saving"]);
    }

    #[test]
    fn a_failed_save_keeps_the_old_ledger() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir, "led", Realm::Targets);
        let ledger = load_or_new(&store);
        store.save(&ledger).unwrap();
        let before = fs::read(store.place()).unwrap();
        // A directory in the way of the final rename makes persisting fail after the new text was written.
        let blocked = dir.path().join("blocked");
        fs::create_dir_all(blocked.join("ledger.json/x")).unwrap();
        assert!(matches!(Store::directory(blocked.clone()).save(&ledger), Err(LedgerError::Io { .. })));
        let hidden = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with('.');
        let left = fs::read_dir(&blocked).unwrap().filter(|entry| hidden(entry.as_ref().unwrap())).count();
        assert_eq!(left, 0, "no temporary file stays");
        assert_eq!(fs::read(store.place()).unwrap(), before);
    }

    #[test]
    fn the_sandbox_keeps_to_itself() {
        let dir = tempfile::tempdir().unwrap();
        let real = open(&dir, ".scimform", Realm::Targets);
        let sandbox = open(&dir, ".scimform", Realm::Sandbox);
        let _held = real.lock(now()).unwrap();
        let _other = sandbox.lock(now()).unwrap();
        sandbox.save(&load_or_new(&sandbox)).unwrap();
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
        assert!(matches!(store.unlock(&holder, now()), Err(LedgerError::Locked { .. })));
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
        assert_eq!(store.holder().unwrap(), Some(dead.clone()));
        store.unlock(&dead, now()).unwrap();
        assert_eq!(store.holder().unwrap(), None);
    }

    #[test]
    fn a_save_over_someone_elses_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (open(&dir, "led", Realm::Targets), open(&dir, "led", Realm::Targets));
        let mut ledger = load_or_new(&one);
        one.save(&ledger).unwrap();
        assert!(
            matches!(other.save(&ledger), Err(LedgerError::Conflict { .. })),
            "it never read the one that is there"
        );
        let theirs = load_or_new(&other);
        ledger.targets.entry("a".into()).or_default();
        one.save(&ledger).unwrap();
        assert!(matches!(other.save(&theirs), Err(LedgerError::Conflict { .. })));
        assert_eq!(one.load().unwrap(), Some(ledger));
    }

    #[test]
    fn a_run_without_the_key_reads_a_sealed_ledger_and_does_not_save_over_it() {
        let dir = tempfile::tempdir().unwrap();
        let key = |text: &str| SealKey::new(text).unwrap();
        let plain = open(&dir, "led", Realm::Targets);
        let sealed = plain.clone().sealed_with(key("a key that is long enough to be one"));
        let ledger = load_or_new(&sealed);
        plain.save(&ledger).unwrap();
        assert!(matches!(sealed.load(), Err(LedgerError::Seal { .. })), "a ledger without a seal");
        sealed.save(&ledger).unwrap();
        assert!(sealed.load().unwrap().unwrap().seal.is_some());
        let read = plain.load().unwrap().unwrap();
        assert!(matches!(plain.save(&read), Err(LedgerError::NoKey { .. })));
        let other = plain.clone().sealed_with(key("another key that is long enough to be one"));
        assert!(matches!(other.load(), Err(LedgerError::Seal { .. })));
        plain.save_unsealed(&read).unwrap();
        assert_eq!(plain.load().unwrap().unwrap().seal, None);
    }

    #[test]
    fn what_is_of_this_machine_is_kept_out_of_git() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir, ".scimform", Realm::Targets);
        drop(store.lock(now()).unwrap());
        let path = store.local().join(".gitignore");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("/journal/\n") && !text.contains("ledger.json"), "{text}");
        fs::write(&path, "mine").unwrap();
        drop(store.lock(now()).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        drop(open(&dir, ".", Realm::Targets).lock(now()).unwrap());
        assert!(!dir.path().join(".gitignore").exists());
    }
}

//! The directory backend: a folder per target with a head and its parts, and a lock for the time of an apply.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{Backend, Holder, Lock, PartName, Save, file_name, target_of};
use crate::ledger::LedgerError;

/// The head of a target.
const HEAD: &str = "head.json";
/// The note of who holds a target's lock.
const NOTE: &str = "lock.json";

/// Ledgers in a directory.
#[derive(Debug)]
pub(super) struct DirectoryStore {
    dir: PathBuf,
    /// Hash of each target's head as it was last read or written.
    known: Mutex<BTreeMap<String, blake3::Hash>>,
}

/// A held lock. The operating system lets go of it when the process dies.
#[derive(Debug)]
struct Held {
    file: File,
    note: PathBuf,
}

impl Drop for Held {
    fn drop(&mut self) {
        // A note left behind does no harm: the next holder overwrites it.
        let _ = fs::remove_file(&self.note);
        let _ = self.file.unlock();
    }
}

impl DirectoryStore {
    /// The ledgers in a directory. Nothing is touched yet.
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir, known: Mutex::default() }
    }

    fn folder(&self) -> PathBuf {
        self.dir.join("ledger")
    }

    fn of(&self, target: &str) -> PathBuf {
        self.folder().join(file_name(target))
    }

    fn former_path(&self) -> PathBuf {
        self.dir.join("ledger.json")
    }

    fn note(&self, target: &str) -> Option<Holder> {
        serde_json::from_slice(&fs::read(self.of(target).join(NOTE)).ok()?).ok()
    }

    /// The names of the folders that targets have.
    fn folders(&self) -> Result<Vec<String>, LedgerError> {
        let path = self.folder();
        let list = || match fs::read_dir(&path) {
            Ok(entries) => entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        };
        let names = list().map_err(|source| LedgerError::Io { what: "read", path: path.clone(), source })?;
        Ok(names.iter().filter_map(|name| target_of(name.to_str()?)).collect())
    }

    fn take(&self, target: &str, holder: &Holder) -> Result<Held, LedgerError> {
        let folder = self.of(target);
        let path = folder.join("lock");
        let failed = |source| LedgerError::Io { what: "lock", path: path.clone(), source };
        fs::create_dir_all(&folder).map_err(failed)?;
        let file = open_lock(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let (holder, now) = (self.note(target).map(Box::new), holder.since);
                let (target, place) = (target.to_owned(), path.display().to_string());
                return Err(LedgerError::Locked { target, holder, now, place, remote: false });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // The note is a file of its own: some systems let nobody read a locked file.
        let held = Held { file, note: folder.join(NOTE) };
        let note = serde_json::to_vec(holder).map_err(|error| failed(error.into()))?;
        fs::write(&held.note, note).map_err(failed)?;
        Ok(held)
    }

    /// New parts beside the old ones, flushed; then the head in place of the former one; then the old parts away. A crash
    /// at any point leaves the old or the new ledger whole. Comparing and putting in place are one step for whoever saves
    /// here. False where another head is there by now.
    fn save(&self, target: &str, save: &Save<'_>, known: Option<blake3::Hash>) -> io::Result<bool> {
        let folder = self.of(target);
        fs::create_dir_all(&folder)?;
        // Freed when it is closed, and never taken away: who waits for it has it open.
        let turn = open_lock(&folder.join("saving"))?;
        turn.lock()?;
        let head = folder.join(HEAD);
        if read(&head)?.as_deref().map(blake3::hash) != known {
            return Ok(false);
        }
        for part in &save.new {
            put(&folder, &folder.join(part.name.file()), &part.text)?;
        }
        if !save.new.is_empty() {
            sync_dir(&folder)?;
        }
        put(&folder, &head, save.head)?;
        sync_dir(&folder)?;
        if known.is_none() {
            sync_dir(&self.folder())?;
        }
        tidy(&folder, &save.all);
        Ok(true)
    }
}

/// Takes away parts that the head does not name, and what a run that was cut off was writing. Nothing depends on it.
fn tidy(folder: &Path, all: &[PartName]) {
    let kept: BTreeSet<String> = all.iter().map(PartName::file).collect();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".tmp") || (name.ends_with(".jsonl") && !kept.contains(&*name)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn put(folder: &Path, path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(".ledger-").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(text)?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_named(path: PathBuf) -> Result<Option<Vec<u8>>, LedgerError> {
    read(&path).map_err(|source| LedgerError::Io { what: "read", path, source })
}

fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

impl Backend for DirectoryStore {
    fn place(&self) -> String {
        self.folder().display().to_string()
    }

    fn remote(&self) -> bool {
        false
    }

    fn refresh(&self) -> Result<(), LedgerError> {
        Ok(())
    }

    fn targets(&self) -> Result<BTreeSet<String>, LedgerError> {
        Ok(self.folders()?.into_iter().filter(|target| self.of(target).join(HEAD).exists()).collect())
    }

    fn head(&self, target: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let text = read_named(self.of(target).join(HEAD))?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match &text {
            Some(text) => drop(known.insert(target.to_owned(), blake3::hash(text))),
            None => drop(known.remove(target)),
        }
        Ok(text)
    }

    fn parts(&self, target: &str, names: &[PartName]) -> Result<Option<Vec<Vec<u8>>>, LedgerError> {
        let folder = self.of(target);
        names.iter().map(|name| read_named(folder.join(name.file()))).collect()
    }

    fn write(&self, target: &str, save: &Save<'_>) -> Result<(), LedgerError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match self.save(target, save, known.get(target).copied()) {
            Ok(true) => {
                known.insert(target.to_owned(), blake3::hash(save.head));
                Ok(())
            }
            Ok(false) => Err(LedgerError::Conflict { place: self.of(target).display().to_string() }),
            Err(source) => Err(LedgerError::Io { what: "save the ledger", path: self.of(target), source }),
        }
    }

    fn former(&self) -> Result<Option<Vec<u8>>, LedgerError> {
        read_named(self.former_path())
    }

    fn remove_former(&self) -> Result<(), LedgerError> {
        let path = self.former_path();
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(LedgerError::Io { what: "remove", path, source })
            }
            _ => Ok(()),
        }
    }

    fn lock(&self, targets: &[String], holder: Holder) -> Result<Lock, LedgerError> {
        let held = targets.iter().map(|target| self.take(target, &holder));
        held.collect::<Result<Vec<Held>, LedgerError>>().map(Lock::new)
    }

    /// A note without a held lock is left from a run that died.
    fn holders(&self) -> Result<BTreeMap<String, Holder>, LedgerError> {
        Ok(self.folders()?.into_iter().filter_map(|target| Some((target.clone(), self.note(&target)?))).collect())
    }

    /// A lock that is really held stays, as an error: the operating system lets go of it when its process ends.
    fn unlock(&self, target: &str, _: &Holder, now: jiff::Timestamp) -> Result<(), LedgerError> {
        self.take(target, &Holder::current(now)).map(drop)
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
    use crate::ledger::{Realm, SealKey, Store, TargetLedger};
    use crate::scim::ResourceKind;

    fn open(root: &tempfile::TempDir, dir: &str, realm: Realm) -> Store {
        Store::open(&LedgerLocation::Directory(dir.to_owned()), root.path(), realm).unwrap()
    }

    fn load(store: &Store) -> Option<TargetLedger> {
        store.load(["app"]).unwrap().remove("app")
    }

    fn load_or_new(store: &Store) -> TargetLedger {
        load(store).unwrap_or_else(|| store.new_ledger())
    }

    fn now() -> jiff::Timestamp {
        "2026-12-01T10:05:00Z".parse().unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn app() -> Vec<String> {
        vec!["app".to_owned()]
    }

    #[test]
    fn saves_whole_and_leaves_nothing_beside() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir, ".scimform", Realm::Targets);
        assert_eq!(load(&store), None);
        let mut ledger = load_or_new(&store);
        assert_eq!(ledger.salt.len(), 64);
        assert_ne!(ledger.salt, load_or_new(&store).salt);
        for id in ["1", "2", "3"] {
            ledger.record(ResourceKind::User, "ada", id);
            store.save("app", &ledger).unwrap();
        }
        assert_eq!(load(&store), Some(ledger));
        let names = names(&dir.path().join(".scimform/ledger/app"));
        assert_eq!(names.len(), 3, "{names:?}");
    }

    #[test]
    fn a_name_may_hold_anything_and_leads_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir, ".scimform", Realm::Targets);
        let odd = ["../../up", "..", "a/b", "Ünï cødé", "50%"];
        for target in odd {
            store.save(target, &store.new_ledger()).unwrap();
        }
        assert_eq!(store.targets().unwrap(), odd.map(str::to_owned).into());
        assert_eq!(names(&dir.path().join(".scimform/ledger")).len(), odd.len());
        assert_eq!((names(dir.path()).len(), names(&dir.path().join(".scimform")).len()), (1, 1));
    }

    #[test]
    fn a_save_that_is_cut_off_keeps_the_old_ledger() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir, "led", Realm::Targets);
        let mut ledger = load_or_new(&store);
        ledger.record(ResourceKind::User, "ada", "1");
        store.save("app", &ledger).unwrap();
        let folder = dir.path().join("led/ledger/app");
        let before = fs::read(folder.join(HEAD)).unwrap();
        let mut next = ledger.clone();
        next.record(ResourceKind::User, "ada", "2");
        store.save("app", &next).unwrap();
        // The new parts are there, and the head still names the old one, which is gone: nothing of it is believed.
        let after = fs::read(folder.join(HEAD)).unwrap();
        fs::write(folder.join(HEAD), before).unwrap();
        let error = store.load(["app"]).unwrap_err().to_string();
        assert!(error.contains("a part of it is missing") && error.contains("target app"), "{error}");
        fs::write(folder.join(HEAD), after).unwrap();
        assert_eq!(load(&store), Some(next));
        // A part that was only half written.
        let part = names(&folder).into_iter().find(|name| name.starts_with("users")).unwrap();
        let text = fs::read(folder.join(&part)).unwrap();
        fs::write(folder.join(&part), &text[..text.len() - 2]).unwrap();
        let error = store.load(["app"]).unwrap_err().to_string();
        assert!(error.contains("not as it was saved"), "{error}");
    }

    #[test]
    fn locks_are_per_target_and_taken_all_or_none() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir, ".scimform", Realm::Targets);
        let sandbox = open(&dir, ".scimform", Realm::Sandbox);
        let lock = store.lock(&app(), "2026-12-01T10:00:00Z".parse().unwrap()).unwrap();
        let _sandbox = sandbox.lock(&app(), now()).unwrap();
        let _other = store.lock(&["billing".to_owned()], now()).unwrap();
        let error = store.lock(&["aaa".to_owned(), "app".to_owned()], now()).unwrap_err().to_string();
        let holder = store.holders().unwrap().remove("app").unwrap();
        assert!(error.contains(&holder.owner) && error.contains("5 minutes") && error.contains("`app`"), "{error}");
        assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
        drop(store.lock(&["aaa".to_owned()], now()).unwrap());
        assert!(matches!(store.unlock("app", &holder, now()), Err(LedgerError::Locked { .. })));
        drop(lock);
        assert_eq!(store.holders().unwrap().len(), 1);
    }

    #[test]
    fn what_a_dead_run_left_is_cleared() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir, ".scimform", Realm::Targets);
        let folder = dir.path().join(".scimform/ledger/app");
        fs::create_dir_all(&folder).unwrap();
        let dead = Holder { pid: 1, ..Holder::current(now()) };
        fs::write(folder.join(NOTE), serde_json::to_vec(&dead).unwrap()).unwrap();
        assert_eq!(store.holders().unwrap().get("app"), Some(&dead));
        store.unlock("app", &dead, now()).unwrap();
        assert!(store.holders().unwrap().is_empty());
    }

    #[test]
    fn a_save_over_someone_elses_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (open(&dir, "led", Realm::Targets), open(&dir, "led", Realm::Targets));
        let mut ledger = load_or_new(&one);
        one.save("app", &ledger).unwrap();
        let conflict = |result| matches!(result, Err(LedgerError::Conflict { .. }));
        assert!(conflict(other.save("app", &ledger)), "it never read the one that is there");
        let mut theirs = load_or_new(&other);
        ledger.record(ResourceKind::User, "ada", "1");
        one.save("app", &ledger).unwrap();
        theirs.record(ResourceKind::User, "bob", "2");
        assert!(conflict(other.save("app", &theirs)));
        other.save("another", &theirs).unwrap();
        assert_eq!(load(&one), Some(ledger));
    }

    #[test]
    fn a_run_without_the_key_reads_a_sealed_ledger_and_does_not_save_over_it() {
        let dir = tempfile::tempdir().unwrap();
        let key = |text: &str| SealKey::new(text).unwrap();
        let plain = open(&dir, "led", Realm::Targets);
        let sealed = plain.clone().sealed_with(key("a key that is long enough to be one"));
        let ledger = load_or_new(&sealed);
        plain.save("app", &ledger).unwrap();
        assert!(matches!(sealed.load(["app"]), Err(LedgerError::Seal { .. })), "a ledger without a seal");
        sealed.save("app", &ledger).unwrap();
        assert!(load(&sealed).unwrap().sealed);
        let read = load(&plain).unwrap();
        assert!(matches!(plain.save("app", &read), Err(LedgerError::NoKey { .. })));
        let other = plain.clone().sealed_with(key("another key that is long enough to be one"));
        assert!(matches!(other.load(["app"]), Err(LedgerError::Seal { .. })));
        plain.save_unsealed("app", &read).unwrap();
        assert!(!load(&plain).unwrap().sealed);
    }

    #[test]
    fn what_is_of_this_machine_is_kept_out_of_git() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir, ".scimform", Realm::Targets);
        drop(store.lock(&app(), now()).unwrap());
        let path = store.local().join(".gitignore");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("/journal/\n") && !text.contains("head.json"), "{text}");
        fs::write(&path, "mine").unwrap();
        drop(store.lock(&app(), now()).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        drop(open(&dir, ".", Realm::Targets).lock(&app(), now()).unwrap());
        assert!(!dir.path().join(".gitignore").exists());
    }
}

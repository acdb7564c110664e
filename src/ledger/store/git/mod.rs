//! The git backend: a ref whose commits hold a folder per target, moved by compare-and-swap push, and a ref per target as
//! its lock. Work tree, index, `HEAD` and branches are never touched.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use self::command::{Failed, Git};
use super::{Backend, Holder, Lock, PartName, Save, file_name, target_of};
use crate::ledger::LedgerError;

mod command;
mod objects;

/// The head in a target's folder.
const HEAD: &str = "head.json";
/// The file of earlier versions in the ref's tree.
const FORMER: &str = "ledger.json";
/// The file in the lock's tree.
const LOCK_FILE: &str = "lock.json";
/// How often a push or a fetch is tried where the remote can't be reached.
const TRIES: u32 = 3;
/// How often a save is made again because other targets were saved at the same time.
const MOVES: u32 = 60;

/// Ledgers in a ref.
#[derive(Debug)]
pub(super) struct GitStore {
    repo: Repo,
    known: Mutex<Known>,
}

/// What was last read or written.
#[derive(Debug, Default)]
struct Known {
    /// Whether the ref was asked for since it may have moved.
    is_fresh: bool,
    /// Its commit; none where there is no such ref.
    tip: Option<String>,
    /// The tree of each target that was read or written.
    trees: BTreeMap<String, String>,
}

/// A clone and the refs in it that concern us.
#[derive(Debug)]
struct Repo {
    git: Git,
    remote: String,
    reference: String,
    /// Beginning of the names of locks.
    locks: String,
    /// Set once the remote was found among those of the clone.
    known: OnceLock<()>,
}

/// A ref of the remote that is to point at another commit; none means that there is no such ref.
struct Move<'a> {
    reference: &'a str,
    from: Option<&'a str>,
    to: Option<&'a str>,
}

/// Why refs did not move.
enum Unmoved {
    /// Someone else moved one.
    Conflict,
    /// The remote can't be reached, or refused.
    Failed(Failed),
}

/// Held locks.
#[derive(Debug)]
struct Held {
    repo: Repo,
    references: Vec<String>,
    commit: String,
}

impl Drop for Held {
    fn drop(&mut self) {
        // One by one, where one of them was freed by someone else.
        let free = |references: &[String]| {
            let moves: Vec<Move<'_>> = references.iter().map(|lock| Move::freeing(lock, &self.commit)).collect();
            self.repo.push(&moves)
        };
        let freed = match free(&self.references) {
            Err(Unmoved::Conflict) => self.references.chunks(1).map(free).collect(),
            freed => vec![freed],
        };
        for failed in freed {
            if let Err(Unmoved::Failed(Failed(why))) = failed {
                tracing::warn!("a lock could not be freed: {why}; run `scimform ledger unlock`");
            }
        }
    }
}

impl<'a> Move<'a> {
    fn freeing(reference: &'a str, commit: &'a str) -> Self {
        Self { reference, from: Some(commit), to: None }
    }
}

impl GitStore {
    /// The ledgers in a ref of the repository that a folder belongs to. Nothing is touched yet.
    pub(super) fn new(folder: &Path, reference: &str, remote: &str) -> Self {
        Self { repo: Repo::new(folder, reference, remote), known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The commit, asked for where it was not yet.
    fn tip(&self, known: &mut Known) -> Result<Option<String>, LedgerError> {
        if !known.is_fresh {
            let failed = |failed| self.repo.failed("read the ledger", failed);
            let fetched = self.repo.fetch(&self.repo.reference).map_err(failed)?;
            fetched.iter().try_for_each(|commit| self.repo.check_use(commit)).map_err(failed)?;
            (known.tip, known.is_fresh) = (fetched, true);
        }
        Ok(known.tip.clone())
    }

    fn lock_of(&self, target: &str) -> String {
        format!("{}/{}", self.repo.locks, file_name(target))
    }

    /// Puts changed folders and files on the newest commit. `fits` says whether what it holds is what they were made from.
    fn commit(
        &self,
        known: &mut Known,
        about: &str,
        fits: impl Fn(Option<&str>) -> Result<bool, Failed>,
        changes: &[objects::Change<'_>],
    ) -> Result<(), LedgerError> {
        let failed = |failed| self.repo.failed("save the ledger", failed);
        let mut tip = self.tip(known)?;
        for attempt in 0..MOVES {
            if !fits(tip.as_deref()).map_err(failed)? {
                break;
            }
            let tree = self.repo.tree(tip.as_deref(), changes).map_err(failed)?;
            let commit = self.repo.commit(&tree, tip.as_deref(), &format!("scimform: {about}")).map_err(failed)?;
            let step = Move { reference: &self.repo.reference, from: tip.as_deref(), to: Some(&commit) };
            match self.repo.push(&[step]) {
                Ok(()) => {
                    known.tip = Some(commit);
                    return Ok(());
                }
                Err(Unmoved::Conflict) => {
                    thread::sleep(Duration::from_millis(u64::from(attempt % 5 * 40 + std::process::id() % 40)));
                    known.is_fresh = false;
                    tip = self.tip(known)?;
                }
                Err(Unmoved::Failed(why)) => return Err(failed(why)),
            }
        }
        Err(LedgerError::Conflict { place: self.place() })
    }
}

impl Backend for GitStore {
    fn place(&self) -> String {
        self.repo.place()
    }

    fn remote(&self) -> bool {
        true
    }

    fn refresh(&self) -> Result<(), LedgerError> {
        let mut known = self.known();
        known.is_fresh = false;
        self.tip(&mut known).map(drop)
    }

    fn targets(&self) -> Result<BTreeSet<String>, LedgerError> {
        let Some(tip) = self.tip(&mut self.known())? else { return Ok(BTreeSet::new()) };
        let list = self.repo.list(&tip).map_err(|failed| self.repo.failed("read the ledger", failed))?;
        Ok(list.into_iter().filter(|one| one.kind == "tree").filter_map(|one| target_of(&one.name)).collect())
    }

    fn head(&self, target: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let mut known = self.known();
        known.trees.remove(target);
        let Some(tip) = self.tip(&mut known)? else { return Ok(None) };
        let failed = |failed| self.repo.failed("read the ledger", failed);
        let Some(tree) = self.repo.folder(&tip, target).map_err(failed)? else { return Ok(None) };
        let text = self.repo.git.bytes(&["cat-file", "blob", &format!("{tree}:{HEAD}")], &[]).map_err(failed)?;
        known.trees.insert(target.to_owned(), tree);
        Ok(Some(text))
    }

    fn parts(&self, target: &str, names: &[PartName]) -> Result<Option<Vec<Vec<u8>>>, LedgerError> {
        let Some(tree) = self.known().trees.get(target).cloned() else { return Ok(None) };
        let named: Vec<String> = names.iter().map(|name| format!("{tree}:{}", part_file(name))).collect();
        self.repo.blobs(&named).map_err(|failed| self.repo.failed("read the ledger", failed))
    }

    fn write(&self, target: &str, save: &Save<'_>) -> Result<(), LedgerError> {
        let failed = |failed| self.repo.failed("save the ledger", failed);
        let mut known = self.known();
        let before = known.trees.get(target).cloned();
        let tree = self.repo.target_tree(before.as_deref(), save).map_err(failed)?;
        let fits = |tip: Option<&str>| {
            let there = tip.map(|tip| self.repo.folder(tip, target)).transpose()?.flatten();
            Ok(there == before)
        };
        let name = file_name(target);
        let changes = [objects::Change { name: &name, tree: Some(&tree) }];
        self.commit(&mut known, &save.about, fits, &changes)?;
        known.trees.insert(target.to_owned(), tree);
        Ok(())
    }

    fn former(&self) -> Result<Option<Vec<u8>>, LedgerError> {
        let Some(tip) = self.tip(&mut self.known())? else { return Ok(None) };
        let failed = |failed| self.repo.failed("read the ledger", failed);
        let list = self.repo.list(&tip).map_err(failed)?;
        let Some(one) = list.into_iter().find(|one| one.name == FORMER) else { return Ok(None) };
        self.repo.git.bytes(&["cat-file", "blob", &one.id], &[]).map(Some).map_err(failed)
    }

    fn remove_former(&self) -> Result<(), LedgerError> {
        let mut known = self.known();
        let about = "a ledger per target instead of one for all";
        self.commit(&mut known, about, |_| Ok(true), &[objects::Change { name: FORMER, tree: None }])
    }

    fn lock(&self, targets: &[String], holder: Holder) -> Result<Lock, LedgerError> {
        let repo = &self.repo;
        let (failed, now) = (|failed| repo.failed("lock", failed), holder.since);
        let note = serde_json::to_vec_pretty(&holder).map_err(|error| failed(Failed(error.to_string())))?;
        let tree = repo.file_tree(LOCK_FILE, &note).map_err(failed)?;
        let commit = repo.commit(&tree, None, "scimform: lock").map_err(failed)?;
        let references: Vec<String> = targets.iter().map(|target| self.lock_of(target)).collect();
        let moves: Vec<Move<'_>> =
            references.iter().map(|reference| Move { reference, from: None, to: Some(&commit) }).collect();
        match repo.push(&moves) {
            Ok(()) => Ok(Lock::new(Held { repo: repo.again(), references, commit })),
            Err(Unmoved::Conflict) => {
                let mut there = self.holders().unwrap_or_default();
                let target = targets.iter().find(|target| there.contains_key(*target)).or(targets.first());
                let target = target.cloned().unwrap_or_default();
                let (holder, place) = (there.remove(&target).map(Box::new), self.lock_of(&target));
                Err(LedgerError::Locked { target, holder, now, place, remote: true })
            }
            Err(Unmoved::Failed(why)) => Err(failed(why)),
        }
    }

    fn holders(&self) -> Result<BTreeMap<String, Holder>, LedgerError> {
        let failed = |failed| self.repo.failed("read the lock of", failed);
        let mut holders = BTreeMap::new();
        for name in self.repo.locked().map_err(failed)? {
            let reference = format!("{}/{name}", self.repo.locks);
            let found = self.repo.holder(&reference).map_err(failed)?;
            if let (Some(target), Some((_, holder))) = (target_of(&name), found) {
                holders.insert(target, holder);
            }
        }
        Ok(holders)
    }

    fn unlock(&self, target: &str, held: &Holder, now: jiff::Timestamp) -> Result<(), LedgerError> {
        let (repo, lock) = (&self.repo, self.lock_of(target));
        let failed = |failed| repo.failed("unlock", failed);
        let other = |holder: Option<Holder>| LedgerError::Locked {
            target: target.to_owned(),
            holder: holder.map(Box::new),
            now,
            place: lock.clone(),
            remote: true,
        };
        match repo.holder(&lock).map_err(failed)? {
            None => Ok(()),
            Some((_, there)) if there != *held => Err(other(Some(there))),
            Some((commit, _)) => match repo.push(&[Move::freeing(&lock, &commit)]) {
                Ok(()) => Ok(()),
                Err(Unmoved::Conflict) => Err(other(None)),
                Err(Unmoved::Failed(why)) => Err(failed(why)),
            },
        }
    }
}

/// The file of a part. A commit is whole or not at all, so a part keeps its name.
fn part_file(name: &PartName) -> String {
    format!("{}.jsonl", name.slot)
}

impl Repo {
    fn new(folder: &Path, reference: &str, remote: &str) -> Self {
        let (remote, reference) = (remote.to_owned(), reference.to_owned());
        Self { git: Git::new(folder), remote, locks: format!("{reference}-locks"), reference, known: OnceLock::new() }
    }

    fn again(&self) -> Self {
        Self::new(self.git.folder(), &self.reference, &self.remote)
    }

    fn place(&self) -> String {
        match self.remote.as_str() {
            "." => format!("{} of this clone", self.reference),
            remote => format!("{} of the remote {remote}", self.reference),
        }
    }

    /// The error with a way out where what is wrong can be told.
    fn failed(&self, what: &'static str, Failed(why): Failed) -> LedgerError {
        let why = match () {
            () if !self.git.holds(&["rev-parse", "--git-dir"]).unwrap_or(true) => {
                format!(
                    "{why}. Keep the ledger in git only where the files are in a git repository, or write `ledger: {{ dir: .scimform }}`"
                )
            }
            () if self.remote != "." && !self.git.holds(&["remote", "get-url", &self.remote]).unwrap_or(true) => {
                format!(
                    "this clone has no remote `{}`. Add it, name another one in `ledger.git.remote`, or write `remote: .` to \
                 keep the ledger in this clone alone",
                    self.remote
                )
            }
            () => why,
        };
        LedgerError::Unreachable { what, place: self.place(), why }
    }

    /// Git takes a name that is no remote for a path: a folder of the repository, whose hooks it would run.
    fn is_remote(&self) -> Result<(), Failed> {
        if self.remote != "." && self.known.get().is_none() {
            self.git.run(&["remote", "get-url", &self.remote], &[])?;
            let _ = self.known.set(());
        }
        Ok(())
    }

    /// The commit that a ref of the remote points at.
    fn tip(&self, reference: &str) -> Result<Option<String>, Failed> {
        self.is_remote()?;
        let listed = self.git.run(&["ls-remote", "--quiet", &self.remote, reference], &[])?;
        let mut lines = listed.lines().filter_map(|line| line.split_once('\t'));
        // The name is taken as the end of one.
        Ok(lines.find(|(_, name)| *name == reference).map(|(commit, _)| commit.to_owned()))
    }

    /// A ref's commit, which is in this clone from now on; `None` where there is no such ref.
    fn fetch(&self, reference: &str) -> Result<Option<String>, Failed> {
        let mut last = Failed("it moves faster than it can be read".to_owned());
        for attempt in 0..TRIES {
            pause(attempt);
            match self.fetch_once(reference) {
                Ok(None) => return Ok(None),
                Ok(Some((commit, true))) => {
                    self.keep(reference, &commit);
                    return Ok(Some(commit));
                }
                Ok(Some((_, false))) => {}
                Err(failed) => last = failed,
            }
        }
        Err(last)
    }

    /// A ref's commit, and whether it could be had before the ref moved on.
    fn fetch_once(&self, reference: &str) -> Result<Option<(String, bool)>, Failed> {
        let Some(commit) = self.tip(reference)? else { return Ok(None) };
        let object = format!("{commit}^{{tree}}");
        let has = || self.git.holds(&["cat-file", "-e", &object]);
        if has()? {
            return Ok(Some((commit, true)));
        }
        let mut fetch = vec!["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap="];
        // A clone that has no history needs none of the ledger either.
        if self.git.run(&["rev-parse", "--is-shallow-repository"], &[])? == "true" {
            fetch.push("--depth=1");
        }
        fetch.extend([self.remote.as_str(), reference]);
        self.git.run(&fetch, &[])?;
        Ok(Some((commit, has()?)))
    }

    /// Keeps what is had of a remote's ledger in this clone, so that the next fetch brings only what is new. Nothing
    /// depends on it.
    fn keep(&self, reference: &str, commit: &str) {
        if self.remote != "." && reference == self.reference {
            let name = reference.strip_prefix("refs/").unwrap_or(reference);
            let _ = self.git.holds(&["update-ref", &format!("refs/scimform-fetched/{}/{name}", self.remote), commit]);
        }
    }

    /// The names under which locks are held.
    fn locked(&self) -> Result<Vec<String>, Failed> {
        self.is_remote()?;
        let begin = format!("{}/", self.locks);
        let listed = self.git.run(&["ls-remote", "--quiet", &self.remote, &format!("{begin}*")], &[])?;
        let names = listed.lines().filter_map(|line| line.split_once('\t')?.1.strip_prefix(&begin));
        Ok(names.map(str::to_owned).collect())
    }

    fn holder(&self, lock: &str) -> Result<Option<(String, Holder)>, Failed> {
        let Some(commit) = self.fetch(lock)? else { return Ok(None) };
        let text = self.git.bytes(&["cat-file", "blob", &format!("{commit}:{LOCK_FILE}")], &[])?;
        let holder = serde_json::from_slice(&text).map_err(|error| Failed(format!("the lock is damaged: {error}")))?;
        Ok(Some((commit, holder)))
    }

    fn commit(&self, tree: &str, parent: Option<&str>, message: &str) -> Result<String, Failed> {
        let mut arguments = vec!["commit-tree", tree];
        arguments.extend(parent.iter().flat_map(|parent| ["-p", parent]));
        self.git.run(&arguments, message.as_bytes())
    }

    /// Moves refs of the remote, all or none.
    fn push(&self, moves: &[Move<'_>]) -> Result<(), Unmoved> {
        let lease = |one: &Move<'_>| format!("--force-with-lease={}:{}", one.reference, one.from.unwrap_or_default());
        let leases: Vec<String> = moves.iter().map(lease).collect();
        let refspecs: Vec<String> =
            moves.iter().map(|one| format!("{}:{}", one.to.unwrap_or_default(), one.reference)).collect();
        let mut push = vec!["push", "--quiet", "--no-verify", "--no-follow-tags"];
        push.extend((moves.len() > 1).then_some("--atomic"));
        push.extend(leases.iter().map(String::as_str));
        push.push(&self.remote);
        push.extend(refspecs.iter().map(String::as_str));
        self.is_remote().map_err(Unmoved::Failed)?;
        let mut last = Failed(String::new());
        for attempt in 0..TRIES {
            pause(attempt);
            let Err(failed) = self.git.run(&push, &[]) else { return Ok(()) };
            last = failed;
            // The answer may have been lost, so what counts is what is there now.
            let tips: Result<Vec<Option<String>>, Failed> = moves.iter().map(|one| self.tip(one.reference)).collect();
            let Ok(tips) = tips else { continue };
            let all = |wanted: for<'m> fn(&Move<'m>) -> Option<&'m str>| {
                tips.iter().zip(moves).all(|(tip, one)| tip.as_deref() == wanted(one))
            };
            if all(|one| one.to) {
                return Ok(());
            }
            if !all(|one| one.from) {
                return Err(Unmoved::Conflict);
            }
        }
        Err(Unmoved::Failed(last))
    }
}

/// A second and two between tries.
fn pause(attempt: u32) {
    thread::sleep(Duration::from_millis(u64::from(attempt) * 1000));
}

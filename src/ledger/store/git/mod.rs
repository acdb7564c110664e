//! The git backend: a ref whose commits hold the ledger, moved by compare-and-swap push, and a second ref as the lock.
//! Work tree, index, `HEAD` and branches are never touched.

use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use self::command::{Failed, Git};
use super::{Backend, Holder, Lock};
use crate::ledger::LedgerError;

mod command;

/// The file in the ref's tree.
const FILE: &str = "ledger.json";
/// The file in the lock's tree.
const LOCK_FILE: &str = "lock.json";
/// How often a push or a fetch is tried where the remote can't be reached.
const TRIES: u32 = 3;

/// A ledger in a ref.
#[derive(Debug)]
pub(super) struct GitStore {
    repo: Repo,
    /// The commit that was last read or written.
    known: Mutex<Option<String>>,
}

/// A clone and the refs in it that concern us.
#[derive(Debug)]
struct Repo {
    git: Git,
    remote: String,
    reference: String,
    lock: String,
    /// Set once the remote was found among those of the clone.
    known: OnceLock<()>,
}

/// Why a ref did not move.
enum Unmoved {
    /// Someone else moved it.
    Conflict,
    /// The remote can't be reached, or refused.
    Failed(Failed),
}

/// A held lock.
#[derive(Debug)]
struct Held {
    repo: Repo,
    commit: String,
}

impl Drop for Held {
    fn drop(&mut self) {
        match self.repo.push(&self.repo.lock, Some(&self.commit), None) {
            Ok(()) | Err(Unmoved::Conflict) => {}
            Err(Unmoved::Failed(Failed(why))) => {
                let lock = &self.repo.lock;
                tracing::warn!("the lock `{lock}` could not be freed: {why}; run `scimform ledger unlock`");
            }
        }
    }
}

impl GitStore {
    /// The ledger in a ref of the repository that a folder belongs to. Nothing is touched yet.
    pub(super) fn new(folder: &Path, reference: &str, remote: &str) -> Self {
        Self { repo: Repo::new(folder, reference, remote), known: Mutex::default() }
    }
}

impl Backend for GitStore {
    fn place(&self) -> String {
        self.repo.place()
    }

    fn remote(&self) -> bool {
        true
    }

    fn read(&self) -> Result<Option<Vec<u8>>, LedgerError> {
        let found = self
            .repo
            .fetch(&self.repo.reference, FILE)
            .map_err(|failed| self.repo.failed("read the ledger", failed))?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (commit, text) = found.unzip();
        *known = commit;
        Ok(text)
    }

    fn write(&self, text: &[u8], about: &str) -> Result<(), LedgerError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |failed| self.repo.failed("save the ledger", failed);
        let commit = self.repo.commit(FILE, text, known.as_deref(), &format!("scimform: {about}")).map_err(failed)?;
        match self.repo.push(&self.repo.reference, known.as_deref(), Some(&commit)) {
            Ok(()) => {
                *known = Some(commit);
                Ok(())
            }
            Err(Unmoved::Conflict) => Err(LedgerError::Conflict { place: self.place() }),
            Err(Unmoved::Failed(why)) => Err(failed(why)),
        }
    }

    fn lock(&self, holder: Holder) -> Result<Lock, LedgerError> {
        let repo = &self.repo;
        let failed = |failed| repo.failed("lock", failed);
        let note = serde_json::to_vec_pretty(&holder).map_err(|error| failed(Failed(error.to_string())))?;
        let commit = repo.commit(LOCK_FILE, &note, None, "scimform: lock").map_err(failed)?;
        match repo.push(&repo.lock, None, Some(&commit)) {
            Ok(()) => Ok(Lock::new(Held { repo: repo.again(), commit })),
            Err(Unmoved::Conflict) => {
                let there = repo.holder().ok().flatten().map(|(_, holder)| Box::new(holder));
                Err(LedgerError::Locked { holder: there, now: holder.since, place: repo.lock.clone(), remote: true })
            }
            Err(Unmoved::Failed(why)) => Err(failed(why)),
        }
    }

    fn holder(&self) -> Result<Option<Holder>, LedgerError> {
        let found = self.repo.holder().map_err(|failed| self.repo.failed("read the lock of", failed))?;
        Ok(found.map(|(_, holder)| holder))
    }

    fn unlock(&self, held: &Holder, now: jiff::Timestamp) -> Result<(), LedgerError> {
        let repo = &self.repo;
        let failed = |failed| repo.failed("unlock", failed);
        let other = |holder: Option<Holder>| LedgerError::Locked {
            holder: holder.map(Box::new),
            now,
            place: repo.lock.clone(),
            remote: true,
        };
        match repo.holder().map_err(failed)? {
            None => Ok(()),
            Some((_, there)) if there != *held => Err(other(Some(there))),
            Some((commit, _)) => match repo.push(&repo.lock, Some(&commit), None) {
                Ok(()) => Ok(()),
                Err(Unmoved::Conflict) => Err(other(None)),
                Err(Unmoved::Failed(why)) => Err(failed(why)),
            },
        }
    }
}

impl Repo {
    fn new(folder: &Path, reference: &str, remote: &str) -> Self {
        let (remote, reference) = (remote.to_owned(), reference.to_owned());
        Self { git: Git::new(folder), remote, lock: format!("{reference}-lock"), reference, known: OnceLock::new() }
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

    /// A ref's commit and the file in it; `None` where there is no such ref.
    fn fetch(&self, reference: &str, file: &str) -> Result<Option<(String, Vec<u8>)>, Failed> {
        let mut last = Failed("it moves faster than it can be read".to_owned());
        for attempt in 0..TRIES {
            pause(attempt);
            match self.fetch_once(reference) {
                Ok(None) => return Ok(None),
                Ok(Some((commit, true))) => {
                    self.keep(reference, &commit);
                    let text = self.git.bytes(&["cat-file", "blob", &format!("{commit}:{file}")], &[]);
                    let other = |_| Failed(format!("`{reference}` holds no {file}: it is used for something else"));
                    return text.map(|text| Some((commit, text))).map_err(other);
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

    fn holder(&self) -> Result<Option<(String, Holder)>, Failed> {
        let Some((commit, text)) = self.fetch(&self.lock, LOCK_FILE)? else { return Ok(None) };
        let holder = serde_json::from_slice(&text).map_err(|error| Failed(format!("the lock is damaged: {error}")))?;
        Ok(Some((commit, holder)))
    }

    /// A commit of one file.
    fn commit(&self, file: &str, text: &[u8], parent: Option<&str>, message: &str) -> Result<String, Failed> {
        let blob = self.git.run(&["hash-object", "-w", "--stdin"], text)?;
        let tree = self.git.run(&["mktree"], format!("100644 blob {blob}\t{file}\n").as_bytes())?;
        let mut arguments = vec!["commit-tree", &tree];
        arguments.extend(parent.iter().flat_map(|parent| ["-p", parent]));
        self.git.run(&arguments, message.as_bytes())
    }

    /// Moves a ref of the remote from one commit to another, where none means that there is no such ref.
    fn push(&self, reference: &str, from: Option<&str>, to: Option<&str>) -> Result<(), Unmoved> {
        let lease = format!("--force-with-lease={reference}:{}", from.unwrap_or_default());
        let refspec = format!("{}:{reference}", to.unwrap_or_default());
        let push = ["push", "--quiet", "--no-verify", "--no-follow-tags", &lease, &self.remote, &refspec];
        self.is_remote().map_err(Unmoved::Failed)?;
        let mut last = Failed(String::new());
        for attempt in 0..TRIES {
            pause(attempt);
            let Err(failed) = self.git.run(&push, &[]) else { return Ok(()) };
            last = failed;
            // The answer may have been lost, so what counts is what is there now.
            match self.tip(reference) {
                Ok(tip) if tip.as_deref() == to => return Ok(()),
                Ok(tip) if tip.as_deref() != from => return Err(Unmoved::Conflict),
                Ok(_) | Err(_) => {}
            }
        }
        Err(Unmoved::Failed(last))
    }
}

/// A second and two between tries.
fn pause(attempt: u32) {
    thread::sleep(Duration::from_millis(u64::from(attempt) * 1000));
}

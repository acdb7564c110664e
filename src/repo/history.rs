//! The files of a repository as a commit has them, read out of git without touching the work tree.
//!
//! They are laid out in a private temporary folder and read as any other repository is, so that the same files count.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use thiserror::Error;

use super::load::{IGNORE_FILE, MAX_FILE, load};
use crate::config::ROOT_FILE;
use crate::diag::Diagnostics;
use crate::source::SourceMap;

/// Why the files of a commit can't be read.
#[derive(Debug, Error)]
pub enum HistoryError {
    /// The folder is in no work tree of git.
    #[error("{0} is not in a git repository")]
    NoRepository(String),
    /// There is no such commit.
    #[error("there is no commit `{0}` in this clone")]
    NoCommit(String),
    /// Two commits without a common one.
    #[error("`{0}` and the files here have no commit in common in this clone")]
    NoCommonCommit(String),
    /// Git or the file system failed.
    #[error("cannot read the files of `{0}`: {1}")]
    Unreadable(String, String),
}

impl HistoryError {
    /// The way out.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoRepository(_) => "A diff needs the history of the files: run it in a clone.",
            Self::NoCommit(_) | Self::NoCommonCommit(_) => {
                "Fetch it first: a shallow clone has the newest commit alone. `git fetch --unshallow`, or \
                 `fetch-depth: 0` in a workflow; or name another one with `--base`."
            }
            Self::Unreadable(..) => "See that git is installed and that the clone is whole (`git fsck`).",
        }
    }
}

/// Files as a commit has them.
#[derive(Debug)]
pub struct Snapshot {
    /// The commit, as git names it.
    pub commit: String,
    /// Whether there was a `scimform.yaml` in this folder.
    pub exists: bool,
    /// The files, by the same paths as those of the work tree.
    pub sources: SourceMap,
    /// What is wrong with them as files.
    pub found: Diagnostics,
}

/// The files below `root` as a commit has them.
pub fn snapshot(root: &Path, revision: &str) -> Result<Snapshot, HistoryError> {
    let git = Git::at(root)?;
    let commit = git.commit(revision)?;
    let unreadable = |why: String| HistoryError::Unreadable(revision.to_owned(), why);
    let files = git.list(&commit).map_err(unreadable)?;
    let folder = git.lay_out(&files).map_err(unreadable)?;
    let below = folder.path().join(&git.prefix);
    if !below.join(ROOT_FILE).is_file() {
        return Ok(Snapshot { commit, exists: false, sources: SourceMap::default(), found: Diagnostics::default() });
    }
    let (sources, found) = load(&below);
    Ok(Snapshot { commit, exists: true, sources, found })
}

/// The last commit that the files here and a revision have in common.
pub fn common_commit(root: &Path, revision: &str) -> Result<String, HistoryError> {
    let git = Git::at(root)?;
    let theirs = git.commit(revision)?;
    git.told(&["merge-base", "--end-of-options", &theirs, "HEAD"])
        .ok_or_else(|| HistoryError::NoCommonCommit(revision.to_owned()))
}

/// The branch that the remote `origin` works on, as this clone knows it: `origin/main`.
pub fn default_branch(root: &Path) -> Option<String> {
    let git = Git::at(root).ok()?;
    let head = git.told(&["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"]);
    let known = ["origin/main", "origin/master"].map(str::to_owned);
    head.into_iter().chain(known).find(|name| git.commit(name).is_ok())
}

struct Git {
    /// Top of the work tree.
    top: PathBuf,
    /// The repository's folder below it.
    prefix: PathBuf,
}

/// A file in a commit.
struct Blob {
    path: PathBuf,
    hash: String,
    link: bool,
}

impl Git {
    fn at(root: &Path) -> Result<Self, HistoryError> {
        let here = Self { top: root.to_owned(), prefix: PathBuf::new() };
        let outside = || HistoryError::NoRepository(root.display().to_string());
        let prefix = here.raw(&["rev-parse", "--show-prefix"]).ok_or_else(outside)?;
        let prefix = PathBuf::from(prefix.trim_end_matches(['\n', '\r', '/']));
        let real = root.canonicalize().map_err(|_| outside())?;
        let top = real.ancestors().nth(prefix.components().count()).ok_or_else(outside)?.to_owned();
        Ok(Self { top, prefix })
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.top);
        // Committed files that make up a repository are none, and what is not in this clone is not fetched.
        command.args(["-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false"]);
        command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0");
        command.stderr(Stdio::null());
        command
    }

    fn raw(&self, arguments: &[&str]) -> Option<String> {
        let output = self.command().args(arguments).stdin(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8(output.stdout).ok()).flatten()
    }

    fn told(&self, arguments: &[&str]) -> Option<String> {
        self.raw(arguments).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn commit(&self, revision: &str) -> Result<String, HistoryError> {
        let name = format!("{revision}^{{commit}}");
        let told = self.told(&["rev-parse", "--verify", "--quiet", "--end-of-options", &name]);
        let is_hash = |hash: &String| hash.len() >= 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        told.filter(is_hash).ok_or_else(|| HistoryError::NoCommit(revision.to_owned()))
    }

    /// Files that matter: YAML below the folder, and what says which of it is left out.
    fn list(&self, commit: &str) -> Result<Vec<Blob>, String> {
        let output =
            self.command().args(["ls-tree", "-r", "-z", "-l", "--full-tree", commit]).stdin(Stdio::null()).output();
        let output = output.map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err("`git ls-tree` failed".to_owned());
        }
        let entries = output.stdout.split(|byte| *byte == 0);
        let blobs = entries.filter_map(|entry| std::str::from_utf8(entry).ok()).filter_map(|entry| self.blob(entry));
        Ok(blobs.collect())
    }

    /// `MODE blob HASH SIZE<tab>PATH`; nothing that leads out of the folder, whatever wrote the tree.
    fn blob(&self, entry: &str) -> Option<Blob> {
        let (facts, path) = entry.split_once('\t')?;
        let mut facts = facts.split_whitespace();
        let (mode, kind, hash, size) = (facts.next()?, facts.next()?, facts.next()?, facts.next()?);
        let path = PathBuf::from(path);
        let plain =
            path.components().all(|part| matches!(part, Component::Normal(name) if !name.eq_ignore_ascii_case(".git")));
        let name = path.file_name()?.to_str()?;
        let ignores = name == ".gitignore" || name == IGNORE_FILE;
        let yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        let matters = ignores || (yaml && path.starts_with(&self.prefix)) || mode == "120000";
        // One byte more than is read: the reader says that it is too large.
        let small = size.parse::<u64>().is_ok_and(|size| size <= MAX_FILE + 1);
        (kind == "blob" && plain && matters && small).then(|| Blob {
            hash: hash.to_owned(),
            link: mode == "120000",
            path,
        })
    }

    /// Writes files into a folder that nobody else can read and that goes away with it.
    fn lay_out(&self, files: &[Blob]) -> Result<TempDir, String> {
        let said = |error: std::io::Error| error.to_string();
        let folder = TempDir::with_prefix("scimform-").map_err(said)?;
        // Files that git ignores are left out below a work tree alone.
        std::fs::create_dir(folder.path().join(".git")).map_err(said)?;
        std::fs::create_dir_all(folder.path().join(&self.prefix)).map_err(said)?;
        let texts = self.contents(files)?;
        // Folders first, links last: nothing is ever written through a link, whatever the tree holds.
        for file in files {
            if let Some(parent) = folder.path().join(&file.path).parent() {
                std::fs::create_dir_all(parent).map_err(said)?;
            }
        }
        for file in files.iter().filter(|file| !file.link).chain(files.iter().filter(|file| file.link)) {
            let Some(text) = texts.get(&file.hash) else { continue };
            let path = folder.path().join(&file.path);
            let written = if file.link { link(text, &path) } else { std::fs::write(&path, text) };
            written.map_err(said)?;
        }
        Ok(folder)
    }

    /// Contents by hash, by one process.
    fn contents(&self, files: &[Blob]) -> Result<BTreeMap<String, Vec<u8>>, String> {
        let said = |error: std::io::Error| error.to_string();
        let mut child = self
            .command()
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(said)?;
        let (Some(mut ask), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("git has no pipes".to_owned());
        };
        let mut wanted: Vec<&str> = files.iter().map(|file| file.hash.as_str()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let asked = wanted.join("\n") + "\n";
        // Both pipes are small: questions go in while answers come out.
        let asking = std::thread::spawn(move || ask.write_all(asked.as_bytes()));
        let mut answers = BufReader::new(answers);
        let mut texts = BTreeMap::new();
        for hash in &wanted {
            let mut head = String::new();
            answers.read_line(&mut head).map_err(said)?;
            let size = head.trim().strip_prefix(&format!("{hash} blob ")).and_then(|size| size.parse::<usize>().ok());
            let size = size.ok_or_else(|| format!("the clone lacks {hash}: it is a partial one"))?;
            let mut text = vec![0; size];
            answers.read_exact(&mut text).map_err(said)?;
            answers.read_exact(&mut [0; 1]).map_err(said)?;
            texts.insert((*hash).to_owned(), text);
        }
        let _ = asking.join();
        child.wait().map_err(said)?;
        Ok(texts)
    }
}

/// Links are followed as in the work tree: only within the repository.
#[cfg(unix)]
fn link(target: &[u8], path: &Path) -> std::io::Result<()> {
    use std::os::unix::ffi::OsStrExt as _;
    std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(target), path)
}

/// Where links need a right of their own they are files that hold the path, as git writes them there.
#[cfg(not(unix))]
fn link(target: &[u8], path: &Path) -> std::io::Result<()> {
    std::fs::write(path, target)
}

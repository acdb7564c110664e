//! The files of a repository as a commit has them, read out of git without touching the work tree.
//!
//! They are laid out in a private temporary folder and read as any other repository is, so that the same files count.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
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
    /// A shallow clone, in which nothing says what to compare with.
    #[error("no default branch of `origin` is known in this shallow clone, so there is nothing to compare with")]
    NoBase,
    /// A file is a pointer to a store that is not in the clone.
    #[error("{1} of `{0}` is kept by Git LFS, and the clone has a pointer alone")]
    Pointer(String, String),
    /// Git or the file system failed.
    #[error("cannot read the files of `{0}`: {1}")]
    Unreadable(String, String),
}

impl HistoryError {
    /// The way out.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoRepository(_) => "A diff needs the history of the files: run it in a clone.",
            Self::NoCommit(_) | Self::NoCommonCommit(_) | Self::NoBase => {
                "Fetch it first: a shallow clone has the newest commit alone. `git fetch --unshallow`, or \
                 `fetch-depth: 0` in a workflow; or name another one with `--base`."
            }
            Self::Pointer(..) => "Keep files that people are declared in out of Git LFS.",
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
    let texts = git.contents(&files).map_err(unreadable)?;
    if let Some(pointer) = files.iter().find(|file| file.is_pointer(&texts)) {
        return Err(HistoryError::Pointer(revision.to_owned(), pointer.path.display().to_string()));
    }
    let folder = git.lay_out(&files, &texts).map_err(unreadable)?;
    let below = folder.path().join(&git.prefix);
    if !below.join(ROOT_FILE).is_file() {
        return Ok(Snapshot { commit, exists: false, sources: SourceMap::default(), found: Diagnostics::default() });
    }
    let (sources, found) = load(&below);
    Ok(Snapshot { commit, exists: true, sources, found })
}

/// The last commit that `head` (`HEAD` for the files here) and a revision have in common.
pub fn common_commit(root: &Path, revision: &str, head: &str) -> Result<String, HistoryError> {
    let git = Git::at(root)?;
    let (theirs, ours) = (git.commit(revision)?, git.commit(head)?);
    git.told(&["merge-base", "--end-of-options", &theirs, &ours])
        .ok_or_else(|| HistoryError::NoCommonCommit(revision.to_owned()))
}

/// The branch that the remote `origin` works on, as this clone knows it: `origin/main`. A shallow clone that knows none is
/// an error: its last commit would be compared with itself.
pub fn default_branch(root: &Path) -> Result<Option<String>, HistoryError> {
    let git = Git::at(root)?;
    let head = git.told(&["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"]);
    let known = ["origin/main", "origin/master"].map(str::to_owned);
    let found = head.into_iter().chain(known).find(|name| git.commit(name).is_ok());
    let shallow = || git.told(&["rev-parse", "--is-shallow-repository"]).as_deref() == Some("true");
    if found.is_none() && shallow() { Err(HistoryError::NoBase) } else { Ok(found) }
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
    /// Whether it is larger than any file that is read.
    large: bool,
}

impl Blob {
    fn is_pointer(&self, texts: &BTreeMap<String, Vec<u8>>) -> bool {
        texts.get(&self.hash).is_some_and(|text| text.starts_with(b"version https://git-lfs.github.com/spec/"))
    }

    /// Where a link within the tree leads; no further than its top.
    fn leads_to(&self, texts: &BTreeMap<String, Vec<u8>>) -> Option<PathBuf> {
        let target = texts.get(&self.hash).filter(|_| self.link)?;
        let mut place = self.path.parent()?.to_owned();
        for part in os_path(target).components() {
            match part {
                Component::Normal(name) => place.push(name),
                Component::CurDir => {}
                Component::ParentDir if place.pop() => {}
                Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
            }
        }
        Some(place)
    }
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
        // The repository is the one around the folder, in a hook of another one too.
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
            command.env_remove(name);
        }
        // Committed files that make up a repository are none, and what is not in this clone is not fetched.
        command.args(["-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false"]);
        command
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_OPTIONAL_LOCKS", "0");
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
        let all: Vec<Blob> = entries.filter_map(blob).collect();
        let mut wanted: BTreeSet<PathBuf> =
            all.iter().filter(|file| self.matters(file)).map(|file| file.path.clone()).collect();
        // A link may lead to a file of any name, or to a link that does.
        let links: Vec<&Blob> = all.iter().filter(|file| file.link).collect();
        if !links.is_empty() {
            let texts = self.contents(links.iter().copied())?;
            let led: BTreeSet<PathBuf> = links.iter().filter_map(|link| link.leads_to(&texts)).collect();
            wanted.extend(all.iter().filter(|file| led.contains(&file.path)).map(|file| file.path.clone()));
        }
        Ok(all.into_iter().filter(|file| wanted.contains(&file.path)).collect())
    }

    /// Whether it is YAML below the folder, a link, or says what is left out.
    fn matters(&self, file: &Blob) -> bool {
        let name = file.path.file_name();
        let ignores = name.is_some_and(|name| name == ".gitignore" || name == IGNORE_FILE);
        let yaml = file.path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        ignores || file.link || (yaml && file.path.starts_with(&self.prefix))
    }

    /// Writes files into a folder that nobody else can read and that goes away with it.
    fn lay_out(&self, files: &[Blob], texts: &BTreeMap<String, Vec<u8>>) -> Result<TempDir, String> {
        let said = |error: std::io::Error| error.to_string();
        let folder = private_folder().map_err(said)?;
        // Files that git ignores are left out below a work tree alone.
        std::fs::create_dir(folder.path().join(".git")).map_err(said)?;
        std::fs::create_dir_all(folder.path().join(&self.prefix)).map_err(said)?;
        // Folders first, links last: nothing is ever written through a link, whatever the tree holds.
        for file in files {
            if let Some(parent) = folder.path().join(&file.path).parent() {
                std::fs::create_dir_all(parent).map_err(said)?;
            }
        }
        for file in files.iter().filter(|file| !file.link).chain(files.iter().filter(|file| file.link)) {
            let path = folder.path().join(&file.path);
            if file.large {
                // The reader says that it is too large.
                std::fs::File::create(&path).and_then(|file| file.set_len(MAX_FILE + 1)).map_err(said)?;
            } else if let Some(text) = texts.get(&file.hash) {
                let written = if file.link { link(text, &path) } else { std::fs::write(&path, text) };
                written.map_err(said)?;
            }
        }
        Ok(folder)
    }

    /// Contents by hash, by one process.
    fn contents<'b>(&self, files: impl IntoIterator<Item = &'b Blob>) -> Result<BTreeMap<String, Vec<u8>>, String> {
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
        let small = files.into_iter().filter(|file| !file.large);
        let mut wanted: Vec<&str> = small.map(|file| file.hash.as_str()).collect();
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

/// `MODE blob HASH SIZE<tab>PATH`; nothing that leads out of the folder, whatever wrote the tree, and no submodules.
fn blob(entry: &[u8]) -> Option<Blob> {
    let tab = entry.iter().position(|byte| *byte == b'\t')?;
    let (facts, path) = entry.split_at_checked(tab)?;
    let mut facts = std::str::from_utf8(facts).ok()?.split_whitespace();
    let (mode, kind, hash, size) = (facts.next()?, facts.next()?, facts.next()?, facts.next()?);
    let path = os_path(path.get(1..)?);
    let plain =
        path.components().all(|part| matches!(part, Component::Normal(name) if !name.eq_ignore_ascii_case(".git")));
    let large = size.parse::<u64>().is_ok_and(|size| size > MAX_FILE);
    (kind == "blob" && plain).then(|| Blob { hash: hash.to_owned(), link: mode == "120000", large, path })
}

fn private_folder() -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("scimform-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir()
}

#[cfg(unix)]
fn os_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    PathBuf::from(OsString::from_vec(bytes.to_vec()))
}

#[cfg(not(unix))]
fn os_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsString::from(String::from_utf8_lossy(bytes).into_owned()))
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

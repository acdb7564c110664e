//! Walks a repository and reads its files.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder};
use rayon::prelude::*;

use crate::config::ROOT_FILE;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::SourceMap;

/// Largest file that is read, in bytes: some 200,000 people. What is read of a file takes several times its room in memory.
pub const MAX_FILE: u64 = 128 * 1024 * 1024;
/// Files that are listed here, in the syntax of `.gitignore`, are no part of the repository.
pub const IGNORE_FILE: &str = ".scimformignore";

/// The nearest folder, from `start` upwards, that holds a `scimform.yaml`.
pub fn find_root(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join(ROOT_FILE).is_file()).map(Path::to_owned)
}

/// Reads every `*.yaml` and `*.yml` below a root, in the order of their paths. Hidden and git-ignored files and those
/// of `.scimformignore` are left out, in a git repository or not. A file that can't be read is an error: what it
/// declares is unknown.
pub fn load(root: &Path) -> (SourceMap, Diagnostics) {
    let mut found = Diagnostics::default();
    let mut paths = walk(root, &mut found);
    paths.sort();
    let texts: Vec<Result<String, Box<Diagnostic>>> = paths.par_iter().map(|(name, path)| read(name, path)).collect();
    let mut sources = SourceMap::default();
    for ((name, _), text) in paths.iter().zip(texts) {
        match text {
            Ok(text) => {
                sources.add(name.as_str(), text);
            }
            Err(diagnostic) => found.push(*diagnostic),
        }
    }
    if found.has_errors() {
        sources.mark_incomplete();
    }
    if !root.join(ROOT_FILE).is_file() {
        let message = format!("there is no `{ROOT_FILE}` in {}", root.display());
        let hint = if root.join("scimform.yml").is_file() {
            format!("Rename `scimform.yml` to `{ROOT_FILE}`.")
        } else {
            "Run `scimform init` to make one, or name the folder of the repository with `-C`.".to_owned()
        };
        found.push(Diagnostic::global(Code::NoFiles, message).hint(hint));
    }
    (sources, found)
}

/// Paths of all files, as people read them and as the system does.
fn walk(root: &Path, found: &mut Diagnostics) -> Vec<(String, PathBuf)> {
    let real_root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let in_git = real_root.ancestors().any(|folder| folder.join(".git").exists());
    let mut builder = WalkBuilder::new(root);
    builder
        .require_git(false)
        .ignore(false)
        // What one machine alone ignores would make plans differ between machines.
        .git_global(false)
        .git_exclude(false)
        .parents(in_git)
        .add_custom_ignore_filename(IGNORE_FILE)
        .follow_links(true);
    let outside = Arc::new(Mutex::new(Vec::new()));
    let refused = Arc::clone(&outside);
    builder.filter_entry(move |entry| {
        let matters = is_folder(entry) || is_yaml(entry.path());
        if matters && leads_out(entry, &real_root) {
            refused.lock().unwrap_or_else(PoisonError::into_inner).push(entry.path().to_owned());
            return false;
        }
        matters
    });
    let mut paths = Vec::new();
    for entry in builder.build() {
        match entry {
            Ok(entry) if is_folder(&entry) => {}
            Ok(entry) => paths.push((name(entry.path(), root), entry.into_path())),
            Err(error) => found.extend(walk_error(&error, root)),
        }
    }
    let outside = outside.lock().unwrap_or_else(PoisonError::into_inner);
    found.extend(outside.iter().map(|path| {
        unreadable(&name(path, root), "is a link that leads out of the repository")
            .hint(format!("List it in `{IGNORE_FILE}` if it does not matter."))
    }));
    paths
}

fn is_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_dir())
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == OsStr::new("yaml") || extension == OsStr::new("yml"))
}

/// Whether it is a link to what is no part of the repository. What is hidden is none either: `.git` holds the clone's login,
/// and an error shows the line that it is about.
fn leads_out(entry: &DirEntry, real_root: &Path) -> bool {
    let hidden = |real: &Path| real.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."));
    entry.depth() > 0
        && entry.path_is_symlink()
        && entry.path().canonicalize().is_ok_and(|real| real.strip_prefix(real_root).map_or(true, hidden))
}

/// The path from the root, with `/` on every system.
fn name(path: &Path, root: &Path) -> String {
    let parts = path.strip_prefix(root).unwrap_or(path).components();
    parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn walk_error(error: &ignore::Error, root: &Path) -> Option<Diagnostic> {
    let mut path = None;
    let mut cause = error;
    loop {
        match cause {
            ignore::Error::WithPath { path: outer, err } => (path, cause) = (Some(outer), err),
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => cause = err,
            // A loop leads to files that are read anyway.
            ignore::Error::Loop { .. } => return None,
            _ => break,
        }
    }
    let Some(path) = path else { return Some(Diagnostic::global(Code::UnreadableFile, error.to_string())) };
    // A link to nothing hides declarations only if it is named like one.
    let is_gone = cause.io_error().is_some_and(|io| io.kind() == std::io::ErrorKind::NotFound);
    (!is_gone || is_yaml(path)).then(|| unreadable(&name(path, root), &reason(cause)))
}

fn reason(error: &ignore::Error) -> String {
    match error.io_error() {
        Some(io) => format!("can't be read: {}", io.kind()),
        None => format!("can't be read: {error}"),
    }
}

fn unreadable(name: &str, message: &str) -> Diagnostic {
    Diagnostic::global(Code::UnreadableFile, message).in_file(name)
}

fn read(name: &str, path: &Path) -> Result<String, Box<Diagnostic>> {
    let failed = |error: std::io::Error| Box::new(unreadable(name, &format!("can't be read: {}", error.kind())));
    let file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    if size > MAX_FILE {
        let message = format!("is larger than {} MiB", MAX_FILE / 1024 / 1024);
        return Err(Box::new(unreadable(name, &message).hint("Split it into several files: all of them count.")));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    file.take(MAX_FILE).read_to_end(&mut bytes).map_err(failed)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let message = format!("is not UTF-8 text (byte {})", error.utf8_error().valid_up_to() + 1);
        Box::new(unreadable(name, &message).hint("Save it as UTF-8."))
    })?;
    if text.contains('\0') {
        return Err(Box::new(unreadable(name, "is not text: it holds zero bytes")));
    }
    Ok(text)
}

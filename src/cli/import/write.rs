//! Writes files of a repository: each at once, none over what changed meanwhile, and all taken back where the repository
//! would not be right with them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::cli::error::CommandError;
use crate::diag::Severity;
use crate::source::SourceMap;
use crate::{directory, repo};

/// What was done to a file, so that it can be undone.
struct Done {
    path: PathBuf,
    /// Its text before; none where it was not there.
    before: Option<String>,
}

/// Writes texts by path from the root. `sources` are the files as they were read.
pub(in crate::cli) fn write(
    root: &Path,
    sources: &SourceMap,
    texts: &BTreeMap<String, String>,
) -> Result<(), CommandError> {
    let mut done = Vec::new();
    let outcome = all(root, sources, texts, &mut done).and_then(|()| check(root, texts));
    let Err(error) = outcome else { return Ok(()) };
    for one in done.into_iter().rev() {
        let undone = match &one.before {
            Some(text) => place(&one.path, text, true),
            None => std::fs::remove_file(&one.path),
        };
        if let Err(problem) = undone {
            let path = one.path.display();
            return Err(CommandError::new(format!("{}; and {path} could not be put back: {problem}", error.message))
                .hint("Put it back with git."));
        }
    }
    Err(error)
}

fn all(
    root: &Path,
    sources: &SourceMap,
    texts: &BTreeMap<String, String>,
    done: &mut Vec<Done>,
) -> Result<(), CommandError> {
    for (name, text) in texts {
        let path = root.join(name);
        let failed =
            |error: &std::io::Error| CommandError::new(format!("nothing was written: {}: {error}", path.display()));
        let before =
            sources.files().find(|(_, file)| file.path().as_ref() == name).map(|(_, file)| file.text().to_owned());
        if let Some(before) = &before {
            let now = std::fs::read_to_string(&path).map_err(|error| failed(&error))?;
            // A mark at the start is no part of the text that was read.
            if now.trim_start_matches('\u{feff}') != before.trim_start_matches('\u{feff}') {
                return Err(CommandError::new(format!("nothing was written: {name} has changed since it was read"))
                    .hint("Run it again."));
            }
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| failed(&error))?;
        }
        place(&path, text, before.is_some()).map_err(|error| failed(&error))?;
        done.push(Done { path, before });
    }
    Ok(())
}

/// Puts a text in a file's place in one move. Where it is not to be there yet, nothing is written over.
fn place(path: &Path, text: &str, existed: bool) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The umask takes off what it takes off of any new file.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.prefix(".scimform-").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    if existed {
        let real = path.canonicalize()?;
        std::fs::set_permissions(file.path(), std::fs::metadata(&real)?.permissions())?;
        file.persist(real).map(drop).map_err(|error| error.error)
    } else {
        file.persist_noclobber(path).map(drop).map_err(|error| error.error)
    }
}

/// Whether the repository holds what was written, and is right.
fn check(root: &Path, texts: &BTreeMap<String, String>) -> Result<(), CommandError> {
    let (sources, mut found) = repo::load(root);
    let known: std::collections::BTreeSet<&str> = sources.files().map(|(_, file)| file.path().as_ref()).collect();
    if let Some(missing) = texts.keys().find(|path| !known.contains(path.as_str())) {
        return Err(CommandError::new(format!(
            "nothing was written: {missing} would be no part of the repository, for git ignores it"
        ))
        .hint("Choose another folder with `--out`, or take it out of `.gitignore`."));
    }
    found.append(directory::compile(&sources).1);
    let error = found.into_sorted().into_iter().find(|found| found.severity == Severity::Error);
    match error {
        Some(error) => {
            Err(CommandError::new(format!("nothing was written: the files would be wrong: {}", error.message))
                .naming_people())
        }
        None => Ok(()),
    }
}

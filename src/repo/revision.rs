//! Which commit the files are at.

use std::path::Path;
use std::process::{Command, Stdio};

/// The commit that is checked out, as git names it; `None` outside of a repository, before the first commit, and
/// where git is not installed. Changes that are not committed are not told.
pub fn revision(root: &Path) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        // Committed files that make up a repository are none.
        .args(["-c", "safe.bareRepository=explicit"])
        .args(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let hash = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    let is_hash = hash.len() >= 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    (output.status.success() && is_hash).then_some(hash)
}

/// The folder of `root` within the work tree that it is in, without slashes at the ends; empty where it is the whole.
/// `None` outside of a repository.
pub fn folder(root: &Path) -> Option<String> {
    let folder = asked(root, &["rev-parse", "--show-prefix"])?;
    Some(folder.trim_end_matches(['\r', '\n']).trim_matches('/').to_owned())
}

/// The address of the remote that clones come from, as git keeps it: it may hold a name and a token.
pub fn remote(root: &Path) -> Option<String> {
    let remote = asked(root, &["config", "--get", "remote.origin.url"])?;
    let remote = remote.trim();
    (!remote.is_empty()).then(|| remote.to_owned())
}

fn asked(root: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["-c", "safe.bareRepository=explicit"])
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok())?
}

/// Whether a file is under version control, as far as git can tell.
pub fn is_committed(path: &Path) -> bool {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return false };
    Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "safe.bareRepository=explicit", "ls-files", "--error-unmatch", "--"])
        .arg(name)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

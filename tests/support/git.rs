//! git, with nothing of this machine's settings.

use std::path::Path;
use std::process::{Command, Stdio};

/// Runs git in a folder; its standard output.
#[track_caller]
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"]);
    // A clone of one commit asks for it by its name, as runners do.
    command.args(["-c", "uploadpack.allowAnySHA1InWant=true"]);
    command.args(arguments).stdin(Stdio::null());
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "t").env(format!("GIT_{who}_EMAIL"), "t@acme.example");
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Commits everything; the commit.
#[track_caller]
pub fn commit(folder: &Path, message: &str) -> String {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", message]);
    git(folder, &["rev-parse", "HEAD"])
}

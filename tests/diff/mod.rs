//! `diff`: what a change of the files means, offline. Laws over random people, groups and profiles, and the command in
//! clones of git.

mod command;
mod history;
mod horizon;
mod laws;

use std::process::Command;

use crate::support::Repo;

/// Runs git in a repository, under a name of its own and nobody's settings.
#[track_caller]
fn git(repo: &Repo, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(repo.path())
        .args(["-c", "user.name=t", "-c", "user.email=t@acme.example", "-c", "init.defaultBranch=main"])
        .args(["-c", "protocol.file.allow=always"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Commits everything; the commit.
#[track_caller]
fn commit(repo: &Repo, message: &str) -> String {
    git(repo, &["add", "-A"]);
    git(repo, &["commit", "-q", "-m", message]);
    git(repo, &["rev-parse", "HEAD"])
}

/// A clone with one target, these people and a group of all of them, committed.
fn clone_with(keys: &[&str]) -> Repo {
    let repo = Repo::with_people("https://app.acme.example/scim/v2", keys).env("PATH", &std::env::var("PATH").unwrap());
    git(&repo, &["init", "-q"]);
    commit(&repo, "first");
    repo
}

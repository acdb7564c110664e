//! `diff`: what a change of the files means, offline. Laws over random people, groups and profiles, and the command in
//! clones of git.

mod command;
mod history;
mod horizon;
mod laws;

use crate::support::Repo;
use crate::support::git::{commit, git};

/// A clone with one target, these people and a group of all of them, committed.
fn clone_with(keys: &[&str]) -> Repo {
    let repo = Repo::with_people("https://app.acme.example/scim/v2", keys).env("PATH", &std::env::var("PATH").unwrap());
    git(repo.path(), &["init", "-q"]);
    commit(repo.path(), "first");
    repo
}

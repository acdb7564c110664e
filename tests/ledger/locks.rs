//! Locks as a user meets them.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Repo, Server};
use crate::world::{Bare, declared, git, in_git};

fn in_clone(server: &Server, bare: &Bare) -> Repo {
    let repo = declared(server, "{ git: { ref: refs/scimform/ledger } }");
    git(repo.path(), &["init", "-q"]);
    git(repo.path(), &["remote", "add", "origin", &bare.url()]);
    repo
}

#[test]
fn a_second_apply_is_told_who_when_and_how_to_get_out() {
    let (server, bare) = (Server::start(), Bare::new());
    let repo = in_clone(&server, &bare).env("GITHUB_ACTOR", "grace");
    let store = in_git(repo.path());
    let lock = store.lock(jiff::Timestamp::now()).unwrap();
    let holder = store.holder().unwrap().unwrap();
    let ran = repo.apply().expect(1);
    for part in [&holder.owner, &holder.host, &holder.pid.to_string(), &holder.id, "second", "--lock-timeout"] {
        assert!(ran.err.contains(part), "{part} in {}", ran.err);
    }
    assert_eq!(server.writes(), 0);
    // Without a terminal the lock has to be named, and another one's name frees nothing.
    let ran = repo.run(&["ledger", "unlock"]).expect(64);
    assert!(ran.err.contains(&format!("scimform ledger unlock {}", holder.id)), "{}", ran.err);
    repo.run(&["ledger", "unlock", "0123"]).expect(3);
    assert_eq!(store.holder().unwrap().as_ref(), Some(&holder));
    let ran = repo.run(&["ledger", "unlock", &holder.id]).expect(0);
    assert!(ran.out.contains(&holder.owner), "{}", ran.out);
    assert_eq!(store.holder().unwrap(), None);
    // The run that lost its lock does not take away that of the next one.
    let other = in_git(repo.path());
    let next = other.lock(jiff::Timestamp::now()).unwrap();
    drop(lock);
    assert!(other.holder().unwrap().is_some());
    drop(next);
    repo.apply().expect(0);
}

#[test]
fn an_apply_waits_as_long_as_it_is_told() {
    let (server, bare) = (Server::start(), Bare::new());
    let repo = in_clone(&server, &bare);
    let lock = in_git(repo.path()).lock(jiff::Timestamp::now()).unwrap();
    let begun = Instant::now();
    let ran = repo.run(&["apply", "--auto-approve", "--lock-timeout", "1s"]).expect(1);
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(ran.err.matches("waiting up to 1 s").count(), 1, "{}", ran.err);
    let mut waiting = repo.command(&["apply", "--auto-approve", "--lock-timeout", "1m"]);
    let waiting = waiting.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(800));
    assert_eq!(server.writes(), 0);
    drop(lock);
    let output = waiting.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(server.list("Users").len(), 3);
    repo.run(&["apply", "--lock-timeout", "soon"]).expect(64);
}

#[test]
fn two_applies_at_once_from_two_clones_do_everything_once() {
    let (server, bare) = (Server::start(), Bare::new());
    let repos = [in_clone(&server, &bare), in_clone(&server, &bare)];
    let runs = repos.each_ref().map(|repo| {
        let mut run = repo.command(&["apply", "--auto-approve", "--lock-timeout", "2m"]);
        run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    });
    for run in runs {
        let output = run.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let requests = server.running().requests();
    assert_eq!(requests.iter().filter(|request| request.method == "POST").count(), 4);
    assert!(repos[0].plan()["changes"].as_array().unwrap().is_empty());
}

#[test]
fn in_ci_a_missing_ledger_stops_an_apply_wherever_it_is_kept() {
    let (server, bare) = (Server::start(), Bare::new());
    let repo = in_clone(&server, &bare).env("CI", "true");
    let ran = repo.apply().expect(1);
    assert!(ran.err.contains("--first-run") && ran.err.contains("refs/scimform/ledger"), "{}", ran.err);
    assert_eq!(server.writes(), 0);
    repo.run(&["apply", "--auto-approve", "--first-run"]).expect(0);
    repo.apply().expect(0);
}

//! Locks as a user meets them.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::ledger::world::{Bare, declared, in_git, load_or_new};
use crate::support::git::git;
use crate::support::{Repo, Server};

fn app() -> Vec<String> {
    vec!["app".to_owned()]
}

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
    let lock = store.lock(&app(), jiff::Timestamp::now()).unwrap();
    let holder = store.holders().unwrap().remove("app").unwrap();
    let ran = repo.apply().expect(1);
    for part in [&holder.owner, &holder.host, &holder.pid.to_string(), &holder.id, "second", "--lock-timeout"] {
        assert!(ran.err.contains(part), "{part} in {}", ran.err);
    }
    assert_eq!(server.writes(), 0);
    // Without a terminal the lock has to be named, and another one's name frees nothing.
    let ran = repo.run(&["ledger", "unlock"]).expect(64);
    assert!(ran.err.contains(&format!("scimform ledger unlock {}", holder.id)), "{}", ran.err);
    repo.run(&["ledger", "unlock", "0123"]).expect(3);
    assert_eq!(store.holders().unwrap().get("app"), Some(&holder));
    let ran = repo.run(&["ledger", "unlock", &holder.id]).expect(0);
    assert!(ran.out.contains(&holder.owner), "{}", ran.out);
    assert!(store.holders().unwrap().is_empty());
    // The run that lost its lock does not take away that of the next one.
    let other = in_git(repo.path());
    let next = other.lock(&app(), jiff::Timestamp::now()).unwrap();
    drop(lock);
    assert!(!other.holders().unwrap().is_empty());
    drop(next);
    repo.apply().expect(0);
}

#[test]
fn an_apply_waits_as_long_as_it_is_told() {
    let (server, bare) = (Server::start(), Bare::new());
    let repo = in_clone(&server, &bare);
    let lock = in_git(repo.path()).lock(&app(), jiff::Timestamp::now()).unwrap();
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

#[cfg(unix)]
#[test]
fn a_lost_runner_leaves_a_lock_to_free_and_nothing_is_made_twice() {
    let (server, bare) = (Server::start(), Bare::new());
    let lost = in_clone(&server, &bare);
    server.fault("latency=300ms");
    let mut run = lost.command(&["apply", "--auto-approve"]);
    let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while server.writes() == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    // What it set out to make was saved before it was sent, since the journal is lost with the runner.
    let pending = load_or_new(&in_git(lost.path())).pending.len();
    assert_eq!(pending, 4);
    run.kill().unwrap();
    run.wait().unwrap();
    server.heal();
    let next = in_clone(&server, &bare);
    let ran = next.apply().expect(1);
    let id = ran.err.split("ledger unlock ").nth(1).and_then(|rest| rest.get(..32)).unwrap().to_owned();
    next.run(&["ledger", "unlock", &id]).expect(0);
    next.apply().expect(0);
    assert_eq!((server.list("Users").len(), server.list("Groups").len()), (3, 1));
    assert_eq!(next.run(&["ledger", "list"]).expect(0).out.lines().count(), 4);
}

#[test]
fn in_ci_a_missing_ledger_stops_an_apply_wherever_it_is_kept() {
    let (server, bare) = (Server::start(), Bare::new());
    let host = server.url().split('/').nth(2).unwrap();
    let repo = in_clone(&server, &bare).env("CI", "true").env("SCIMFORM_ALLOWED_HOSTS", &format!("TOKEN={host}"));
    let ran = repo.apply().expect(1);
    assert!(ran.err.contains("--first-run") && ran.err.contains("refs/scimform/ledger"), "{}", ran.err);
    assert_eq!(server.writes(), 0);
    repo.run(&["apply", "--auto-approve", "--first-run"]).expect(0);
    repo.apply().expect(0);
}

/// A lock in git outlives its process: a cancelled job must not leave the next one in front of it.
#[cfg(unix)]
#[test]
fn who_is_told_to_stop_while_reading_frees_the_lock() {
    let (server, bare) = (Server::start(), Bare::new());
    let repo = in_clone(&server, &bare);
    for signal in ["TERM", "INT", "HUP"] {
        server.fault("latency=20s");
        let mut run = repo.command(&["apply", "--auto-approve"]);
        let run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let store = in_git(repo.path());
        let begun = Instant::now();
        while store.holders().unwrap().is_empty() && begun.elapsed() < Duration::from_secs(15) {
            std::thread::sleep(Duration::from_millis(20));
        }
        // The lock is there before the signals are heard.
        std::thread::sleep(Duration::from_millis(700));
        let kill = std::process::Command::new("kill").arg(format!("-{signal}")).arg(run.id().to_string()).status();
        assert!(kill.unwrap().success());
        let output = run.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(130), "{signal}: {told}");
        assert!(told.contains("nothing was changed"), "{signal}: {told}");
        assert!(store.holders().unwrap().is_empty(), "{signal}");
        server.heal();
    }
    assert_eq!(server.writes(), 0);
    repo.apply().expect(0);
}

/// One repository with two targets: a runner per target, and one for both.
#[test]
fn runs_at_different_targets_do_not_wait_for_each_other() {
    let (one, other, bare) = (Server::start(), Server::start(), Bare::new());
    let repo = in_clone(&one, &bare);
    let second = format!(
        "targets:\n  other:\n    profile: generic\n    url: {}\n    auth: {{ bearer: {{ env: TOKEN }} }}\n",
        other.url()
    );
    repo.edit("scimform.yaml", "targets:\n", &second);
    repo.write(
        "more.yaml",
        "bindings:\n  others:\n    target: other\n    assign: { where: user.userName is defined }\n",
    );
    let held = in_git(repo.path()).lock(&["other".to_owned()], jiff::Timestamp::now()).unwrap();
    repo.run(&["apply", "--auto-approve", "--target", "app"]).expect(0);
    for scope in [&["--target", "other"][..], &[]] {
        let ran = repo.run(&[&["apply", "--auto-approve"], scope].concat()).expect(1);
        assert!(ran.err.contains("the ledger of `other` is locked by"), "{}", ran.err);
    }
    assert_eq!((one.list("Users").len(), other.list("Users").len()), (3, 0));
    drop(held);
    repo.people(&["ada", "grace", "linus", "mei"]);
    let runs = ["app", "other"].map(|target| {
        let mut run = repo.command(&["apply", "--auto-approve", "--target", target]);
        run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    });
    for run in runs {
        let output = run.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!((one.list("Users").len(), other.list("Users").len()), (4, 4));
    assert!(repo.run(&["plan", "--detailed-exitcode"]).expect(0).out.contains("No changes"));
}

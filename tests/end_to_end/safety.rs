//! Limits, first runs, the sandbox's own ledger, locks, signals.

use crate::support::{Repo, Server};

fn many(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("p{number:02}")).collect()
}

#[test]
fn too_many_removals_are_refused_until_their_number_is_given() {
    let server = Server::start();
    let keys = many(20);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let repo = Repo::with_people(server.url(), &keys);
    repo.apply().expect(0);
    repo.people(&keys[..14]);
    let plan = repo.run(&["plan"]).expect(3);
    assert!(plan.out.contains("deactivate") && plan.out.contains("--confirm-removals 6"), "{}", plan.out);
    server.running().forget_requests();
    repo.apply().expect(3);
    repo.run(&["apply", "--auto-approve", "--confirm-removals", "5"]).expect(3);
    assert_eq!(server.writes(), 0);
    repo.run(&["apply", "--auto-approve", "--confirm-removals", "6"]).expect(0);
    assert_eq!(server.list("Users").iter().filter(|user| user["active"] == false).count(), 6);
}

#[test]
fn a_few_removals_need_no_confirmation_and_a_needless_one_must_be_exact() {
    let server = Server::start();
    let repo = Repo::with_people(server.url(), &["ada", "grace", "linus"]);
    repo.apply().expect(0);
    repo.people(&["ada", "grace"]);
    repo.run(&["apply", "--auto-approve", "--confirm-removals", "2"]).expect(3);
    repo.apply().expect(0);
}

#[test]
fn in_ci_a_missing_ledger_stops_an_apply() {
    let server = Server::start();
    let repo = Repo::with_people(server.url(), &["ada"]).env("CI", "true");
    let ran = repo.apply().expect(1);
    assert!(ran.err.contains("--first-run"), "{}", ran.err);
    assert_eq!(server.writes(), 0);
    repo.run(&["apply", "--auto-approve", "--first-run"]).expect(0);
    repo.apply().expect(0);
}

#[test]
fn a_rehearsal_keeps_a_ledger_of_its_own() {
    let repo = Repo::with_people("https://app.example.com/scim/v2", &["ada"]);
    repo.run(&["apply", "--sandbox", "--auto-approve"]).expect(0);
    assert!(!repo.path().join(".scimform/ledger.json").exists());
    let plan = repo.run(&["plan", "--sandbox"]).expect(0);
    assert!(plan.out.contains("No changes"), "{}", plan.out);
}

#[test]
fn a_second_apply_at_the_same_time_stops() {
    let server = Server::start();
    let repo = Repo::with_people(server.url(), &["ada", "grace"]);
    server.fault("latency=800ms");
    let mut first = repo
        .command(&["apply", "--auto-approve"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(600));
    let second = repo.apply().expect(1);
    assert!(second.err.contains("lock"), "{}", second.err);
    assert!(first.wait().unwrap().success());
}

#[cfg(unix)]
#[test]
fn an_interrupted_apply_ends_cleanly_and_the_next_one_finishes() {
    let server = Server::start();
    let keys = many(40);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let repo = Repo::with_people(server.url(), &keys);
    server.fault("latency=60ms");
    let child = repo
        .command(&["apply", "--auto-approve"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while server.writes() < 5 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(4), "{report}");
    assert!(report.contains("not run"), "{report}");
    server.heal();
    let made = server.list("Users").len();
    assert!(made > 0 && made < 40, "{made}");
    repo.apply().expect(0);
    assert_eq!(server.list("Users").len(), 40);
}

#[cfg(unix)]
#[test]
fn a_killed_apply_loses_nothing_and_makes_nothing_twice() {
    let server = Server::start();
    let keys = many(30);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let repo = Repo::with_people(server.url(), &keys);
    server.fault("latency=40ms");
    let mut child = repo
        .command(&["apply", "--auto-approve"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while server.writes() < 8 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    server.heal();
    repo.apply().expect(0);
    assert_eq!(server.list("Users").len(), 30);
    assert_eq!(server.list("Groups").len(), 1);
}

#[test]
fn a_lying_server_is_reported_and_never_green() {
    let server = Server::start();
    let repo = Repo::with_people(server.url(), &["ada"]);
    repo.apply().expect(0);
    repo.edit("people.yaml", "title: Engineer", "title: Countess");
    server.fault("lie");
    let ran = repo.apply().expect(4);
    assert!(ran.out.contains("did not converge") && ran.out.contains("title"), "{}", ran.out);
}

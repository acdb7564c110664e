//! `apply` asks for the number of removals where somebody sits at a terminal.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::{Repo, Server, crowd, declared};

/// `apply` on a terminal on which this is typed: its exit code and all that was shown.
fn typed(repo: &Repo, answer: &str) -> (i32, String) {
    let line = format!("{} -C {} apply", env!("CARGO_BIN_EXE_scimform"), repo.path().display());
    // util-linux's `script` gives the program a terminal.
    let mut child = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("TOKEN", "secret-token")
        .env("TERM", "dumb")
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{answer}").unwrap();
    // The terminal ends with its input, so it stays open until the program is done.
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A target with everybody there, of whom this many leave.
fn leavers(server: &Server, many: usize) -> Repo {
    let keys = crowd(20);
    let repo = Repo::with_people(server.url(), &keys);
    repo.apply().expect(0);
    repo.people(&keys[many..]);
    repo
}

#[test]
fn s0_36_the_number_of_removals_is_typed() {
    let server = Server::start();
    let repo = leavers(&server, 2);
    for wrong in ["yes", "", "1", "3", "all"] {
        let (code, shown) = typed(&repo, wrong);
        assert!(shown.contains("The plan has 2 removals."), "{shown}");
        assert!(shown.contains("Nothing was changed."), "{wrong}: {shown}");
        assert_eq!((code, server.active()), (1, 20), "{wrong}");
    }
    let (code, shown) = typed(&repo, "2");
    assert_eq!((code, server.active()), (0, 18), "{shown}");
}

#[test]
fn s0_36_the_right_number_lifts_the_limit_on_removals_and_nothing_else() {
    let server = Server::start();
    let repo = leavers(&server, 9);
    let (code, shown) = typed(&repo, "8");
    assert!(shown.contains("more than the limit"), "{shown}");
    assert_eq!((code, server.active()), (1, 20), "{shown}");
    repo.write("policy.yaml", "policies:\n  - { name: stay, on: change, deny: change.action == \"deactivate\" }\n");
    let (code, shown) = typed(&repo, "9");
    assert!(!shown.contains("Type the number"), "{shown}");
    assert_eq!((code, server.active()), (3, 20), "{shown}");
    std::fs::remove_file(repo.path().join("policy.yaml")).unwrap();
    let (code, shown) = typed(&repo, "9");
    assert_eq!((code, server.active()), (0, 11), "{shown}");
}

#[test]
fn without_removals_yes_is_asked_for() {
    let (server, repo) = declared(&["ada"]);
    let (code, shown) = typed(&repo, "1");
    assert!(shown.contains("Only `yes` is a yes."), "{shown}");
    assert_eq!((code, server.active()), (1, 0), "{shown}");
    let (code, shown) = typed(&repo, "yes");
    assert_eq!((code, server.active()), (0, 1), "{shown}");
}

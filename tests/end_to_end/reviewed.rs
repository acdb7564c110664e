//! What was reviewed is what runs.

use crate::support::declared;

#[test]
fn a_saved_plan_does_what_stands_in_it_and_lists_the_rest() {
    let (server, repo) = declared(&["ada"]);
    repo.run(&["plan", "--out", "reviewed.json"]).expect(0);
    repo.people(&["ada", "grace"]);
    let ran = repo.run(&["apply", "reviewed.json"]).expect(4);
    assert!(ran.out.contains("create user grace: was not in the reviewed plan"), "{}", ran.out);
    let names: Vec<String> =
        server.list("Users").iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["ada@acme.example"]);
}

#[test]
fn a_saved_plan_that_is_in_effect_already_is_done() {
    let (_server, repo) = declared(&["ada"]);
    repo.run(&["plan", "--out", "reviewed.json"]).expect(0);
    repo.run(&["apply", "reviewed.json"]).expect(0);
    let again = repo.run(&["apply", "reviewed.json"]).expect(0);
    assert!(again.out.contains("create user ada: is in effect already"), "{}", again.out);
}

#[test]
fn a_saved_plan_of_one_key_covers_that_key_alone() {
    let (server, repo) = declared(&["ada", "grace"]);
    repo.run(&["plan", "--only", "grace", "--out", "reviewed.json"]).expect(0);
    repo.run(&["apply", "reviewed.json"]).expect(0);
    assert_eq!(server.list("Users").len(), 1);
}

#[cfg(unix)]
#[test]
fn a_saved_plan_is_a_private_file_without_secrets() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_server, repo) = declared(&["ada"]);
    repo.run(&["plan", "--out", "reviewed.json"]).expect(0);
    let path = repo.path().join("reviewed.json");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!std::fs::read_to_string(path).unwrap().contains("secret-token"));
}

#[test]
fn an_expected_digest_is_all_or_nothing() {
    let (server, repo) = declared(&["ada"]);
    let digest = repo.run(&["plan", "--format", "json"]).json()["digest"].as_str().unwrap().to_owned();
    repo.people(&["ada", "grace"]);
    repo.run(&["apply", "--expect", &digest]).expect(3);
    assert_eq!(server.list("Users").len(), 0);
    repo.people(&["ada"]);
    repo.run(&["apply", "--expect", &digest]).expect(0);
    assert_eq!(server.list("Users").len(), 1);
}

#[test]
fn the_same_files_and_answers_give_the_same_plan() {
    let (_server, repo) = declared(&["ada", "grace", "linus"]);
    let bytes = || {
        let mut plan = repo.run(&["plan", "--format", "json"]).json();
        plan["createdAt"] = serde_json::Value::Null;
        plan.to_string()
    };
    let first = bytes();
    assert!((0..5).all(|_| bytes() == first));
}

#[test]
fn a_rehearsed_plan_is_refused_on_a_real_target() {
    let (server, repo) = declared(&["ada"]);
    repo.run(&["plan", "--sandbox", "--out", "reviewed.json"]).expect(0);
    let ran = repo.run(&["apply", "reviewed.json"]).expect(1);
    assert!(ran.err.contains("--sandbox"), "{}", ran.err);
    assert_eq!(server.writes(), 0);
}

//! What was reviewed is what runs.

use crate::support::declared;

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

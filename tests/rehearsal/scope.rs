//! What is rehearsed, and what a rehearsal leaves as it was.

use serde_json::json;

use super::verdict::rehearse;
use crate::support::{BINDINGS, Repo, Server, applied, declared, files, target};

#[test]
fn target_ledger_journals_and_files_are_as_they_were() {
    let (server, repo) = applied(&["ada", "grace"]);
    repo.people(&["ada", "linus"]);
    let before = (files(repo.path()), server.list("Users"), server.list("Groups"));
    server.running().forget_requests();
    repo.run(&["plan"]).expect(0);
    let plain = server.running().request_count();
    server.running().forget_requests();
    let (code, rehearsal) = rehearse(&repo);
    assert_eq!((code, &rehearsal["converges"]), (0, &json!(true)), "{rehearsal:#}");
    assert_eq!(server.running().request_count(), plain, "the target is read once");
    assert_eq!(server.writes(), 0);
    assert_eq!((files(repo.path()), server.list("Users"), server.list("Groups")), before);
}

#[test]
fn a_secret_is_neither_looked_up_nor_sent() {
    let (_server, repo) = declared(&["ada"]);
    repo.edit("bindings.yaml", "    push: [all]\n", "    push: [all]\n    mapping: own\n");
    repo.write(
        "mapping.yaml",
        "mappings:\n  own:\n    extends: generic\n    user:\n      password: { secret: { env: NOT_SET_ANYWHERE } }\n",
    );
    let (code, rehearsal) = rehearse(&repo);
    assert_eq!((code, &rehearsal["converges"]), (0, &json!(true)), "{rehearsal:#}");
    let repo = repo.env("NOT_SET_ANYWHERE", "hunter2-very-secret");
    let ran = repo.run(&["-vv", "plan", "--rehearse", "--format", "json"]).expect(0);
    assert!(!ran.said().contains("hunter2"), "{}", ran.said());
}

/// Two targets, one of which does not answer.
#[test]
fn a_target_that_was_not_read_is_not_rehearsed_and_the_other_is() {
    let server = Server::start();
    let files = target(server.url(), "generic", "")
        + "  down: { profile: generic, url: 'http://127.0.0.1:9/scim/v2', auth: { bearer: { env: TOKEN } } }\n";
    let repo = Repo::new(&[("scimform.yaml", &files), ("bindings.yaml", BINDINGS)]);
    repo.edit(
        "bindings.yaml",
        "bindings:\n",
        "bindings:\n  down: { target: down, assign: { where: user.userName is defined } }\n",
    );
    repo.people(&["ada"]);
    let ran = repo.run(&["plan", "--rehearse", "--format", "json"]).expect(1);
    let plan = ran.json();
    assert_eq!(plan["targets"][0]["rehearsal"]["converges"], json!(true));
    let down = &plan["targets"][1];
    assert_eq!(down["rehearsal"], json!(null));
    assert!(down["notices"].as_array().unwrap().iter().any(|notice| notice["code"] == "not-rehearsed"), "{down:#}");
    let one = repo.run(&["plan", "--rehearse", "--target", "app", "--format", "json"]).expect(0).json();
    assert_eq!(one["targets"].as_array().unwrap().len(), 1);
}

#[test]
fn a_read_only_target_is_not_rehearsed() {
    let (server, repo) = declared(&["ada"]);
    repo.write("scimform.yaml", target(server.url(), "generic", "    mode: readOnly\n"));
    let ran = repo.run(&["plan", "--rehearse"]).expect(0);
    assert!(ran.out.contains("note[not-rehearsed]"), "{}", ran.out);
}

#[test]
fn one_key_alone_is_rehearsed_alone() {
    let (_server, repo) = declared(&["ada", "grace"]);
    let plan = repo.run(&["plan", "--rehearse", "--only", "grace", "--format", "json"]).expect(0).json();
    let rehearsal = &plan["targets"][0]["rehearsal"];
    assert_eq!((&rehearsal["converges"], &rehearsal["requests"]), (&json!(true), &json!(1)), "{rehearsal:#}");
}

#[test]
fn the_plan_of_a_sandbox_is_rehearsed_in_a_copy_of_it() {
    let repo = Repo::with_people("https://acme.example/scim/v2", &["ada", "grace"]);
    repo.run(&["apply", "--sandbox", "--auto-approve"]).expect(0);
    repo.people(&["ada", "linus"]);
    let plan = || repo.run(&["plan", "--sandbox", "--rehearse", "--format", "json"]).expect(0).json();
    let (first, second) = (plan(), plan());
    assert_eq!(first["targets"][0]["rehearsal"]["converges"], json!(true));
    assert_eq!(first["digest"], second["digest"], "the first rehearsal changed nothing");
}

#[test]
fn a_read_in_part_is_rehearsed_with_what_was_seen_and_says_so() {
    let (server, repo) = applied(&["ada", "grace", "linus"]);
    repo.people(&["ada", "grace", "olga"]);
    server.fault("total=+5,on=GET");
    let (code, rehearsal) = rehearse(&repo);
    assert_eq!((code, &rehearsal["converges"]), (1, &json!(true)), "{rehearsal:#}");
    assert!(rehearsal["unknown"].to_string().contains("not all users were read"), "{rehearsal:#}");
}

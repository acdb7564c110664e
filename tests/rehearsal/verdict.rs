//! What a rehearsal says, and that the apply then bears it out.

use serde_json::{Value, json};

use crate::support::{BINDINGS, Repo, Server, declared, target};

/// The rehearsal of the only target, with the exit code.
pub fn rehearse(repo: &Repo) -> (i32, Value) {
    let ran = repo.run(&["plan", "--rehearse", "--format", "json"]);
    (ran.code, ran.json()["targets"][0]["rehearsal"].clone())
}

#[test]
fn a_plan_that_converges_says_so_with_its_requests() {
    let (server, repo) = declared(&["ada", "grace"]);
    let plan = repo.run(&["plan", "--rehearse", "--format", "json"]).expect(0).json();
    let (target, rehearsal) = (&plan["targets"][0], &plan["targets"][0]["rehearsal"]);
    assert_eq!((&rehearsal["converges"], &rehearsal["left"]), (&json!(true), &Value::Null), "{rehearsal:#}");
    assert_eq!(rehearsal["requests"], target["cost"]["requests"], "what was predicted is what it took");
    let human = repo.run(&["plan", "--rehearse"]).expect(0);
    assert!(human.out.contains("  rehearsal converges; 3 requests that write"), "{}", human.out);
    assert!(human.out.contains("the target may differ"), "{}", human.out);
    let markdown = repo.run(&["plan", "--rehearse", "--format", "markdown"]).expect(0);
    assert!(markdown.out.contains("rehearsal converges; 3 requests that write"), "{}", markdown.out);
    assert_eq!(server.writes(), 0);
    repo.apply().expect(0);
    assert_eq!(json!(server.writes()), rehearsal["requests"]);
    let (code, idle) = rehearse(&repo);
    assert_eq!((code, &idle["converges"], &idle["requests"]), (0, &json!(true), &json!(0)), "{idle:#}");
}

#[test]
fn a_clash_that_only_the_server_sees_is_found_before_the_apply() {
    let (_server, repo) = declared(&["ada", "grace"]);
    // The server takes no such certificate.
    repo.edit("people.yaml", "userName: ada@", "x509Certificates: [{ value: no certificate }]\n    userName: ada@");
    repo.run(&["plan"]).expect(0);
    let (code, rehearsal) = rehearse(&repo);
    assert_eq!((code, &rehearsal["converges"]), (4, &json!(false)), "{rehearsal:#}");
    let failed = rehearsal["failures"].as_array().unwrap();
    assert!(failed.iter().any(|one| one["key"] == "ada"), "{rehearsal:#}");
    assert!(rehearsal["left"].as_array().unwrap().iter().any(|one| one["key"] == "ada"), "{rehearsal:#}");
    let human = repo.run(&["plan", "--rehearse", "--detailed-exitcode"]).expect(4);
    assert!(human.out.contains("does not converge"), "{}", human.out);
    assert!(human.out.contains("fails: user ada"), "{}", human.out);
    assert!(human.out.contains("would still be planned: create user ada"), "{}", human.out);
    repo.apply().expect(4);
}

#[test]
fn a_name_that_a_stranger_has_is_told_by_the_plan_itself() {
    let (server, repo) = declared(&["ada", "grace"]);
    // Only `externalId` matches, so an account of the same name is a stranger, and stands in the way.
    repo.edit("bindings.yaml", "    push: [all]\n", "    push: [all]\n    mapping: own\n");
    repo.write("mapping.yaml", "mappings:\n  own:\n    extends: generic\n    match: [externalId]\n");
    let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    let stranger = json!({"schemas": schemas, "userName": "ADA@acme.example", "externalId": "someone-else"});
    assert_eq!(server.send("POST", "Users", &stranger), 201);
    let plan = repo.run(&["plan"]).expect(1);
    assert!(plan.out.contains("error[name-taken] user ada"), "{}", plan.out);
    assert!(!plan.out.contains("+ ada"), "{}", plan.out);
    let before = server.writes();
    repo.apply().expect(4);
    assert!(server.writes() > before, "the others go on");
    repo.run(&["plan", "--detailed-exitcode"]).expect(1);
}

/// A profile of our own whose server computes one attribute and defaults another.
const COMPUTES: &str = "\
profiles:
  computes:
    extends: generic
    title: Computes
    attributes: { derived: [displayName], defaults: { userType: Employee } }
";

#[test]
fn values_that_the_server_alters_are_told_with_both_sides() {
    let server = Server::start();
    let repo = Repo::new(&[("scimform.yaml", &target(server.url(), "computes", "")), ("profiles.yaml", COMPUTES)]);
    repo.write("bindings.yaml", BINDINGS);
    repo.people(&["ada", "grace"]);
    let (code, rehearsal) = rehearse(&repo);
    assert_eq!((code, &rehearsal["converges"]), (0, &json!(true)), "{rehearsal:#}");
    let one = |key: &str| {
        json!({
            "resource": "user", "key": key, "path": "displayName", "sent": key, "kept": format!("{key} Test"),
            "sensitive": false,
        })
    };
    assert_eq!(rehearsal["altered"], json!([one("ada"), one("grace")]));
    let human = repo.run(&["plan", "--rehearse"]).expect(0);
    assert!(human.out.contains("the server would alter 2 values"), "{}", human.out);
    assert!(
        human.out.contains("would alter displayName of 2 users, such as ada: \"ada\" is sent, \"ada Test\" is shown"),
        "{}",
        human.out
    );
}

#[test]
fn a_plan_rehearsed_is_the_same_plan() {
    let (server, repo) = declared(&["ada", "grace"]);
    let plain = repo.run(&["plan", "--format", "json"]).json();
    let rehearsed = repo.run(&["plan", "--rehearse", "--format", "json", "--out", "reviewed.json"]).json();
    assert_eq!(plain["digest"], rehearsed["digest"]);
    assert_eq!(plain["targets"][0]["changes"], rehearsed["targets"][0]["changes"]);
    let first = rehearse(&repo);
    assert!((0..3).all(|_| rehearse(&repo) == first), "the same numbers each time");
    repo.run(&["apply", "reviewed.json"]).expect(0);
    assert_eq!(server.list("Users").len(), 2);
}

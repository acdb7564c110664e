//! Targets that are disabled or only read, actions that are switched off, grace before deletion, names that are taken,
//! managers.

use scimform::profile::builtin;
use scimform::sandbox::Options;
use serde_json::{Value, json};

use crate::support::plan::{actions, notices};
use crate::support::{BINDINGS, Repo, Server, applied, declared, target};

/// A line in place of the target's profile, with more settings behind it.
fn set(repo: &Repo, settings: &str) {
    repo.edit("scimform.yaml", "    profile: generic\n", &format!("    profile: generic\n{settings}"));
}

#[test]
fn s0_12_s0_34_a_disabled_target_is_left_alone_and_the_others_go_on() {
    let (server, other) = (Server::start(), Server::start());
    let repo = Repo::with_people(server.url(), &["ada", "grace"]);
    repo.apply().expect(0);
    repo.people(&["ada"]);
    repo.write("scimform.yaml", format!(
        "version: 1\ntargets:\n  app:\n    profile: generic\n    mode: disabled\n  more:\n    profile: generic\n    url: {}\n    auth: {{ bearer: {{ env: TOKEN }} }}\n",
        other.url()
    ));
    repo.write("more.yaml", BINDINGS.replace("everyone:", "again:").replace("target: app", "target: more"));
    let checked = repo.run(&["validate"]).expect(0);
    assert!(!checked.out.contains("url"), "{}", checked.out);
    server.running().forget_requests();
    let plan = repo.run(&["plan"]).expect(0);
    assert!(plan.out.contains("app disabled: neither read nor written"), "{}", plan.out);
    let json = repo.run(&["plan", "--format", "json"]).expect(0).json();
    assert_eq!((&json["targets"][0]["mode"], &json["targets"][1]["mode"]), (&json!("disabled"), &json!("sync")));
    let ran = repo.apply().expect(0);
    assert!(ran.out.contains("app: disabled, so nothing was done"), "{}", ran.out);
    assert_eq!(server.running().requests().len(), 0);
    assert!(server.list("Users").iter().all(|user| user["active"] == true));
    assert_eq!(other.list("Users").len(), 1);
    // What is managed there is still known.
    assert!(repo.run(&["ledger", "list"]).expect(0).out.contains("grace"));
}

#[test]
fn what_a_target_manages_is_forgotten_only_when_disabled_and_by_its_number() {
    let (server, repo) = applied(&["ada", "grace"]);
    let refused = repo.run(&["ledger", "forget", "app", "--all", "--confirm", "3"]).expect(3);
    assert!(refused.err.contains("mode: disabled"), "{}", refused.err);
    set(&repo, "    mode: disabled\n");
    let refused = repo.run(&["ledger", "forget", "app", "--all"]).expect(3);
    assert!(refused.err.contains("--confirm 3"), "{}", refused.err);
    repo.run(&["ledger", "forget", "app", "--all", "--confirm", "2"]).expect(3);
    assert!(repo.run(&["ledger", "list"]).expect(0).out.contains("grace"));
    repo.run(&["ledger", "forget", "app", "--all", "--confirm", "3"]).expect(0);
    assert!(!repo.run(&["ledger", "list"]).expect(0).out.contains("grace"));
    assert!(server.list("Users").iter().all(|user| user["active"] == true));
}

#[test]
fn s3_06_a_target_that_is_only_read_is_compared_and_never_written() {
    let (server, repo) = applied(&["ada", "grace"]);
    repo.people(&["ada"]);
    repo.edit("people.yaml", "title: Engineer", "title: Countess");
    set(&repo, "    mode: readOnly\n");
    server.running().forget_requests();
    let plan = repo.plan();
    assert_eq!(plan["mode"], "readOnly");
    assert_eq!(actions(&plan), ["update ada", "deactivate grace", "update all"]);
    let shown = repo.run(&["plan"]).expect(0);
    assert!(shown.out.contains("read only") && shown.out.contains("Countess"), "{}", shown.out);
    let ran = repo.apply().expect(0);
    assert!(ran.out.contains("app: read only, so nothing was written"), "{}", ran.out);
    assert_eq!(server.writes(), 0);
    repo.run(&["plan", "--out", "kept.plan"]).expect(0);
    repo.edit("scimform.yaml", "    mode: readOnly\n", "");
    repo.run(&["apply", "kept.plan"]).expect(4);
    assert_eq!(server.writes(), 0, "what was reviewed as not done is not done");
    repo.apply().expect(0);
    assert_eq!(actions(&repo.plan()), [""; 0]);
}

#[test]
fn s2_15_switched_off_actions_are_shown_and_happen_once_they_are_allowed() {
    let (server, repo) = applied(&["ada", "grace"]);
    repo.people(&["ada", "linus"]);
    repo.edit("people.yaml", "title: Engineer", "title: Countess");
    set(&repo, "    actions: [create]\n");
    let plan = repo.plan();
    assert_eq!(actions(&plan), ["create linus"]);
    assert_eq!(plan["summary"]["suppressed"], 3);
    assert!(notices(&plan).contains(&"suppressed"));
    repo.apply().expect(0);
    let grace = server.list("Users").into_iter().find(|user| user["displayName"] == "grace").unwrap();
    assert_eq!((&grace["active"], &grace["title"]), (&json!(true), &json!("Engineer")));
    repo.edit("scimform.yaml", "    actions: [create]\n", "");
    // Nothing of what was suppressed was taken for done.
    let plan = repo.plan();
    assert_eq!(actions(&plan), ["update ada", "deactivate grace", "update all"]);
    assert_eq!(plan["changes"][0]["reason"], "changed-in-repository");
    repo.apply().expect(0);
    assert_eq!(actions(&repo.plan()), [""; 0]);
}

#[test]
fn a_leaver_is_deactivated_then_deleted_when_the_grace_is_over() {
    let (server, repo) = declared(&["ada", "grace", "linus"]);
    set(&repo, "    onRemove: { deleteAfter: 30 }\n");
    repo.apply().expect(0);
    repo.people(&["ada"]);
    repo.run(&["apply", "--auto-approve", "--as-of", "2026-06-01"]).expect(0);
    assert_eq!(server.list("Users").len(), 3);
    let early = repo.run(&["plan", "--as-of", "2026-06-30"]).expect(0);
    assert!(early.out.contains("from 2026-07-01 on") && early.out.contains("No changes"), "{}", early.out);
    repo.people(&["ada", "linus"]);
    let back = repo.run(&["plan", "--as-of", "2026-06-30", "--format", "json"]).expect(0).json();
    assert_eq!(actions(&back["targets"][0])[0], "reactivate linus");
    repo.run(&["apply", "--auto-approve", "--as-of", "2026-06-30"]).expect(0);
    let due = repo.run(&["plan", "--as-of", "2026-07-01", "--format", "json"]).expect(0).json();
    assert_eq!(actions(&due["targets"][0]), ["delete grace"]);
    repo.run(&["apply", "--auto-approve", "--as-of", "2026-07-01"]).expect(0);
    assert_eq!(server.list("Users").len(), 2);
    assert!(!repo.run(&["ledger", "list"]).expect(0).out.contains("grace"));
    assert_eq!(actions(&repo.plan()), [""; 0]);
}

/// A server of the generic profile with these facts, and a repository that says the same.
fn special(facts: &Value, keys: &[&str]) -> (Server, Repo) {
    let profile = builtin("generic").unwrap().with_capabilities(facts).unwrap();
    let token = Some("secret-token".to_owned().into());
    let server = Server::with(Options { token, profile: Some(profile.into()), ..Options::default() });
    let settings = target(server.url(), "generic", &format!("    capabilities: {facts}\n"));
    let repo = Repo::new(&[("scimform.yaml", &settings), ("bindings.yaml", BINDINGS)]);
    repo.people(keys);
    (server, repo)
}

#[test]
fn t05_t42_someone_inactive_whom_lists_hide_is_found_by_id_and_not_made_again() {
    let (server, repo) = special(&json!({ "inactiveListed": false }), &["ada", "grace"]);
    repo.apply().expect(0);
    repo.people(&["ada"]);
    repo.apply().expect(0);
    assert_eq!(server.list("Users").len(), 1, "the list hides who is inactive");
    assert_eq!(actions(&repo.plan()), [""; 0]);
    assert!(repo.run(&["ledger", "list"]).expect(0).out.contains("grace"), "hidden is not gone");
    repo.people(&["ada", "grace"]);
    assert_eq!(actions(&repo.plan())[0], "reactivate grace");
    repo.apply().expect(0);
    assert_eq!(server.list("Users").len(), 2);
    assert_eq!(actions(&repo.plan()), [""; 0]);
}

#[test]
fn who_is_gone_once_set_inactive_is_done_with_and_made_again() {
    let server = Server::with(Options {
        token: Some("secret-token".to_owned().into()),
        profile: builtin("gitlab"),
        ..Options::default()
    });
    let person = |key: &str, more: &str| {
        format!(
            "  {key}:\n    userName: {key}@acme.example\n    name: {{ givenName: {key}, familyName: Doe }}\n    \
             emails: [{{ value: {key}@acme.example, type: work, primary: true }}]\n{more}"
        )
    };
    let declared = |ada: &str, grace: bool| {
        let grace = if grace { person("grace", "") } else { String::new() };
        format!("users:\n{}{grace}", person("ada", ada))
    };
    let bindings = BINDINGS.lines().filter(|line| !line.contains("push")).collect::<Vec<_>>().join("\n");
    let repo = Repo::new(&[("scimform.yaml", &target(server.url(), "gitlab", "")), ("bindings.yaml", &bindings)]);
    repo.write("people.yaml", declared("", true));
    repo.apply().expect(0);
    assert_eq!(server.list("Users").len(), 2);
    // One is no longer declared, the other is declared inactive.
    repo.write("people.yaml", declared("    active: false\n", false));
    assert_eq!(actions(&repo.plan()), ["deactivate ada", "deactivate grace"]);
    let ran = repo.apply().expect(0);
    assert!(ran.out.contains("2 deactivated"), "{}", ran.out);
    assert_eq!(server.list("Users").len(), 0);
    let plan = repo.plan();
    assert_eq!(actions(&plan), [""; 0]);
    assert!(notices(&plan).contains(&"inactive-absent"), "{plan:#}");
    assert!(!repo.run(&["ledger", "list"]).expect(0).out.contains("grace"));
    repo.write("people.yaml", declared("", true));
    assert_eq!(actions(&repo.plan()), ["create ada", "create grace"]);
    repo.apply().expect(0);
    assert_eq!(server.list("Users").len(), 2);
    assert_eq!(actions(&repo.plan()), [""; 0]);
}

#[test]
fn s1_08_a_token_that_ends_soon_is_told_even_where_the_target_can_not_be_read() {
    let repo = Repo::with_people("http://127.0.0.1:9/scim/v2", &["ada"]);
    set(&repo, "    expires: 2026-07-15\n");
    let ran = repo.run(&["plan", "--as-of", "2026-07-20"]).expect(1);
    assert!(ran.out.contains("token of `app` ended on 2026-07-15, 5 days ago"), "{}", ran.out);
    let ran = repo.run(&["plan", "--as-of", "2026-01-01"]).expect(1);
    assert!(!ran.out.contains("token of"), "{}", ran.out);
}

#[test]
fn settings_that_work_against_each_other_are_warned_of() {
    let repo = Repo::with_people("https://app.example.com/scim/v2", &["ada"]);
    set(&repo, "    actions: [create, update]\n    onRemove: { users: delete, deleteAfter: 3 }\n");
    let ran = repo.run(&["validate"]).expect(0);
    assert!(ran.out.contains("`actions` does not hold `delete`"), "{}", ran.out);
    assert!(ran.out.contains("does nothing, for nobody is deactivated first"), "{}", ran.out);
}

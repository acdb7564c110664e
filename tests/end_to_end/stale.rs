//! A saved plan after the world went on.

use serde_json::{Value, json};

use crate::support::{BINDINGS, Repo, Server, crowd, declared, target};

/// Ada and Grace are there, and both are to become Principals, which was reviewed.
fn promoted(server: &Server) -> Repo {
    let repo = Repo::with_people(server.url(), &["ada", "grace"]);
    repo.apply().expect(0);
    repo.edit("people.yaml", "title: Engineer", "title: Principal");
    repo.run(&["plan", "--out", "reviewed.json"]).expect(0);
    repo
}

fn left(report: &Value) -> Vec<(&str, &str)> {
    let all = report["left"].as_array().unwrap();
    all.iter().map(|one| (one["code"].as_str().unwrap(), one["key"].as_str().unwrap())).collect()
}

#[test]
fn t100_what_moved_is_refused_one_by_one_with_all_three_sides() {
    let server = Server::start();
    let repo = promoted(&server);
    server.set("ada", "title", "Director");
    let ran = repo.run(&["apply", "reviewed.json"]).expect(4);
    let line = "title: reviewed \"Engineer\" -> \"Principal\"; live now \"Director\"; wanted now \"Principal\"";
    assert!(ran.out.contains(line), "{}", ran.out);
    assert_eq!(["ada", "grace"].map(|name| server.get(name)["title"].clone()), ["Director", "Principal"]);
    // Again, for a machine: Grace is done, Ada is still left.
    let report = repo.run(&["apply", "reviewed.json", "--format", "json"]).expect(4).json();
    assert_eq!(left(&report), [("moved", "ada")]);
    let sides = &report["left"][0]["attributes"][0];
    assert_eq!(sides["reviewedBefore"], "Engineer");
    assert_eq!(sides["reviewedAfter"], "Principal");
    assert_eq!((&sides["live"], &sides["wanted"]), (&json!("Director"), &json!("Principal")));
    assert_eq!(report["inEffect"][0]["key"], "grace");
}

#[test]
fn what_another_merge_brought_is_left_and_what_nobody_wants_any_more_too() {
    let server = Server::start();
    let repo = promoted(&server);
    repo.edit("people.yaml", "users:\n", "users:\n  linus:\n    userName: linus@acme.example\n");
    let people = std::fs::read_to_string(repo.path().join("people.yaml")).unwrap();
    repo.write("people.yaml", people.replacen("title: Principal", "title: Engineer", 1));
    let ran = repo.run(&["apply", "reviewed.json", "--format", "json"]).expect(4);
    assert_eq!(left(&ran.json()), [("new", "linus"), ("no-longer-needed", "ada")]);
    assert_eq!(["ada", "grace"].map(|name| server.get(name)["title"].clone()), ["Engineer", "Principal"]);
    assert!(ran.err.contains("the files are not as they were reviewed"), "{}", ran.err);
}

#[test]
fn a_reviewed_plan_adopts_whom_it_names_and_nobody_else() {
    let server = Server::start();
    let account = |key: &str| {
        let name = json!({ "givenName": key, "familyName": "Test" });
        let emails = json!([{ "value": format!("{key}@acme.example"), "type": "work", "primary": true }]);
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": format!("{key}@acme.example"),
            "externalId": key, "displayName": key, "name": name, "emails": emails, "title": "Engineer", "active": true,
        });
        assert_eq!(server.send("POST", "Users", &body), 201);
    };
    account("ada");
    let repo = Repo::new(&[("scimform.yaml", &target(server.url(), "generic", ""))]);
    repo.write("bindings.yaml", BINDINGS.replace("    push: [all]\n", ""));
    repo.people(&["ada"]);
    let plan = repo.run(&["plan", "--out", "reviewed.json", "--detailed-exitcode"]).expect(0);
    assert!(plan.out.contains("= adopt  user  ada  ada  found by externalId"), "{}", plan.out);
    assert!(repo.run(&["plan", "--format", "markdown"]).out.contains("1 adopted"));
    account("grace");
    repo.people(&["ada", "grace"]);
    let report = repo.run(&["apply", "reviewed.json", "--format", "json"]).expect(4).json();
    assert_eq!(left(&report), [("new", "grace")]);
    assert_eq!(report["left"][0]["action"], "adopt");
    let managed = repo.run(&["ledger", "list"]).out;
    assert!(managed.contains("ada") && !managed.contains("grace"), "{managed}");
    assert_eq!(server.writes(), 2, "the two that this test sent");
    repo.apply().expect(0);
    assert!(repo.run(&["ledger", "list"]).out.contains("grace"));
}

#[test]
fn removals_are_counted_and_confirmed_as_they_will_run() {
    let server = Server::start();
    let keys = crowd(14);
    let repo = Repo::with_people(server.url(), &keys);
    repo.write("bindings.yaml", BINDINGS.replace("    push: [all]\n", ""));
    repo.apply().expect(0);
    // Twelve leave, which is too many; the plan is shown and saved all the same.
    repo.people(&["p00", "p01"]);
    repo.run(&["plan", "--out", "reviewed.json"]).expect(3);
    repo.run(&["apply", "reviewed.json"]).expect(3);
    // One comes back before the apply: eleven are left to go.
    repo.people(&["p00", "p01", "p02"]);
    let refused = repo.run(&["apply", "reviewed.json", "--confirm-removals", "12"]).expect(3);
    assert!(refused.err.contains("the plan removes 11, but 12 were confirmed"), "{}", refused.err);
    let ran = repo.run(&["apply", "reviewed.json"]).expect(3);
    assert!(ran.out.contains("--confirm-removals 11"), "{}", ran.out);
    let active = || server.active();
    assert_eq!(active(), 14);
    repo.run(&["apply", "reviewed.json", "--confirm-removals", "11"]).expect(4);
    assert_eq!(active(), 3);
}

#[test]
fn removals_that_another_merge_brought_do_not_hold_up_the_reviewed_one() {
    let server = Server::start();
    let keys = crowd(14);
    let repo = Repo::with_people(server.url(), &keys);
    repo.write("bindings.yaml", BINDINGS.replace("    push: [all]\n", ""));
    repo.apply().expect(0);
    repo.people(&keys[1..]);
    repo.run(&["plan", "--out", "reviewed.json"]).expect(0);
    repo.people(&keys[12..]);
    let report = repo.run(&["apply", "reviewed.json", "--format", "json"]).expect(4).json();
    assert_eq!(left(&report).len(), 11);
    assert_eq!(server.list("Users").iter().filter(|user| user["active"] == false).count(), 1);
}

#[test]
fn targets_and_keys_that_are_gone_are_told_and_never_widen_the_run() {
    let (server, repo) = declared(&["ada", "grace"]);
    let more =
        format!("  old:\n    profile: generic\n    url: {}\n    auth: {{ bearer: {{ env: TOKEN }} }}\n", server.url());
    repo.write("scimform.yaml", target(server.url(), "generic", &more));
    repo.run(&["plan", "--only", "grace", "--out", "one.json"]).expect(0);
    repo.run(&["plan", "--out", "reviewed.json"]).expect(0);
    repo.write("scimform.yaml", target(server.url(), "generic", ""));
    repo.run(&["apply", "reviewed.json"]).expect(0);
    repo.write("scimform.yaml", target(server.url(), "generic", "").replace("  app:", "  renamed:"));
    repo.edit("bindings.yaml", "target: app", "target: renamed");
    let gone = repo.run(&["apply", "reviewed.json"]).expect(1);
    assert!(gone.err.contains("none of the targets of the saved plan is declared"), "{}", gone.err);

    let repo = Repo::with_people(server.url(), &["ada"]);
    std::fs::copy(repo.path().join("people.yaml"), repo.path().join("x")).unwrap();
    repo.people(&["linus", "ada"]);
    repo.run(&["plan", "--only", "linus", "--out", "one.json"]).expect(0);
    repo.people(&["ada"]);
    let gone = repo.run(&["apply", "one.json"]).expect(1);
    assert!(gone.err.contains("nobody to whom the saved plan is narrowed"), "{}", gone.err);
}

#[test]
fn files_that_are_no_whole_plan_are_refused_with_the_way_out() {
    let (server, repo) = declared(&["ada"]);
    repo.run(&["plan", "--out", "reviewed.json"]).expect(0);
    let whole = std::fs::read_to_string(repo.path().join("reviewed.json")).unwrap();
    let plan: Value = serde_json::from_str(&whole).unwrap();
    let edited = |edit: &dyn Fn(&mut Value)| {
        let mut other = plan.clone();
        edit(&mut other);
        other.to_string()
    };
    let cases = [
        (whole[..whole.len() / 2].to_owned(), "cut off"),
        (String::new(), "cut off"),
        ("hello".to_owned(), "is not a plan"),
        (edited(&|plan| plan["format"] = json!("scimform.plan/v9")), "A later version wrote it"),
        (edited(&|plan| plan["format"] = json!("other/v1")), "has the format"),
        (edited(&|plan| plan["targets"][0]["changes"][0]["key"] = json!("eve")), "changed by hand"),
        (edited(&|plan| plan["targets"][0]["changes"] = json!([])), "changed by hand"),
        (repo.run(&["plan", "--redact", "values", "--format", "json"]).out, "printed with `--redact`"),
    ];
    for (text, word) in cases {
        repo.write("bad.json", &text);
        let ran = repo.run(&["apply", "bad.json"]).expect(1);
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
    }
    assert_eq!(server.writes(), 0);
    // What a later version adds is no obstacle.
    repo.write(
        "grown.json",
        edited(&|plan| {
            plan["added"] = json!({ "tomorrow": 1 });
            plan["targets"][0]["changes"][0]["added"] = json!(true);
            plan["tool"] = json!("scimform 99.0.0");
        }),
    );
    let ran = repo.run(&["apply", "grown.json"]).expect(0);
    assert!(ran.err.contains("reviewed with scimform 99.0.0"), "{}", ran.err);
    assert_eq!(server.list("Users").len(), 1);
}

#[test]
fn a_plan_of_long_ago_says_so_and_keeps_its_day() {
    let (server, repo) = declared(&["ada"]);
    repo.edit("people.yaml", "    title: Engineer\n", "    title: Engineer\n    ends: 2026-01-31\n");
    repo.run(&["plan", "--as-of", "2026-01-15", "--out", "reviewed.json"]).expect(0);
    let ran = repo.run(&["apply", "reviewed.json"]).expect(0);
    assert!(ran.err.contains("the plan is for 2026-01-15,") && ran.err.contains("days ago"), "{}", ran.err);
    assert_eq!(server.list("Users")[0]["active"], true, "as of the plan's day");
}

#[test]
fn an_expected_digest_hangs_on_the_day_and_names_the_one_change_too_many() {
    let (server, repo) = declared(&["ada"]);
    repo.write("bindings.yaml", BINDINGS.replace("    push: [all]\n", ""));
    repo.edit("people.yaml", "    title: Engineer\n", "    title: Engineer\n    ends: 2026-01-31\n");
    let plan = repo.run(&["plan", "--as-of", "2026-01-15", "--format", "json"]).json();
    let digest = plan["digest"].as_str().unwrap();
    let other = repo.run(&["apply", "--expect", digest]).expect(3);
    assert!(other.err.contains("give `--as-of`"), "{}", other.err);
    let people = std::fs::read_to_string(repo.path().join("people.yaml")).unwrap();
    repo.write("people.yaml", people.replace("users:\n", "users:\n  eve:\n    userName: eve@acme.example\n"));
    let more = repo.run(&["apply", "--expect", digest, "--as-of", "2026-01-15"]).expect(3);
    assert!(more.err.contains("One change is new") && more.err.contains("create user eve"), "{}", more.err);
    assert_eq!(server.writes(), 0);
    repo.write("people.yaml", people);
    repo.run(&["apply", "--expect", digest, "--as-of", "2026-01-15"]).expect(0);
    assert_eq!(server.list("Users").len(), 1);
}

#[cfg(unix)]
#[test]
fn a_file_that_others_could_read_becomes_private_and_a_missing_folder_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_server, repo) = declared(&["ada"]);
    let repo = repo.env("FIRST", "hunter-secret-2");
    repo.write(
        "mappings.yaml",
        "mappings:\n  m:\n    extends: generic\n    user:\n      password: { secret: { env: FIRST } }\n",
    );
    repo.edit("bindings.yaml", "target: app\n", "target: app\n    mapping: m\n");
    repo.write("reviewed.json", "{}");
    let path = repo.path().join("reviewed.json");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    repo.run(&["plan", "--out", "reviewed.json"]).expect(0);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("\"path\": \"password\"") && !text.contains("hunter-secret-2"));
    assert!(!text.contains("secret-token"));
    let ran = repo.run(&["plan", "--out", "nowhere/plan.json"]).expect(1);
    assert!(ran.err.contains("there is no folder"), "{}", ran.err);
    let left: Vec<_> = std::fs::read_dir(repo.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".tmp")), "{left:?}");
    repo.run(&["apply", "reviewed.json"]).expect(0);
}

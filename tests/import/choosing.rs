//! Who is imported, and who is not.

use serde_json::{Value, json};

use crate::import::tenant::{World, yaml};
use crate::support::{Repo, target};

fn of_status(report: &Value, status: &str) -> Vec<String> {
    let entries = report["entries"].as_array().unwrap().iter().filter(|entry| entry["status"] == status);
    entries.map(|entry| entry["key"].as_str().unwrap().to_owned()).collect()
}

fn written(report: &Value) -> Vec<String> {
    let entries = report["entries"].as_array().unwrap().iter().filter(|entry| entry["written"] == true);
    entries.map(|entry| entry["key"].as_str().unwrap().to_owned()).collect()
}

/// Three people and a group.
fn three() -> World {
    let tenant = World::tenant();
    let ada = tenant.person(&json!({"userName": "ada@acme.example", "externalId": "ada", "title": "Engineer"}));
    tenant.person(&json!({"userName": "grace@acme.example", "externalId": "grace", "title": "Admiral"}));
    tenant.person(&json!({"userName": "alan@acme.example", "externalId": "alan"}));
    tenant.group("Pioneers", &[&ada]);
    tenant
}

#[test]
fn s0_28_nothing_is_imported_silently() {
    let tenant = three();
    let before = tenant.server.running().requests().len();
    for options in [&[][..], &["--new-only"], &["--users-only"], &["--format", "json"]] {
        let ran = tenant.import(options).expect(64);
        assert!(ran.err.contains("--only WHO") && ran.err.contains("--dry-run"), "{}", ran.err);
    }
    let wrong = tenant.import(&["--where", "user.titel == 'x'"]).expect(64);
    assert!(wrong.err.contains("title"), "{}", wrong.err);
    assert_eq!(tenant.server.running().requests().len(), before, "asked before anyone was chosen");
    let ran = tenant.import(&["--dry-run"]).expect(0);
    assert!(ran.out.contains("Would be written") && ran.out.contains("ada@acme.example"), "{}", ran.out);
    assert_eq!(yaml(tenant.repo.path()).len(), 1, "a dry run writes nothing");
}

#[test]
fn s0_28_those_chosen_are_imported_and_no_others() {
    let tenant = three();
    let id =
        tenant.server.list("Users").iter().find(|user| user["userName"] == "alan@acme.example").unwrap()["id"].clone();
    let cases: [(&[&str], &[&str]); 7] = [
        (&["--only", "ada"], &["ada"]),
        (&["--only", "GRACE@acme.example"], &["grace"]),
        (&["--only", id.as_str().unwrap()], &["alan"]),
        (&["--only", "Pioneers"], &["pioneers"]),
        (&["--where", "user.title == 'Engineer'"], &["ada"]),
        (&["--where", "user.title is defined", "--only", "grace", "--only", "alan"], &["grace"]),
        (&["--all", "--groups-only"], &["pioneers"]),
    ];
    for (options, expected) in cases {
        let report = tenant.import(&[options, &["--dry-run", "--format", "json"]].concat()).expect(0).json();
        assert_eq!(written(&report), expected, "{options:?}");
    }
    assert!(tenant.import(&["--only", "nobody"]).expect(64).err.contains("nobody"));
    tenant.import(&["--only", "ada"]).expect(0);
    let plan = tenant.is_adopted();
    assert_eq!((&plan["summary"]["adopted"], &plan["summary"]["unmanaged"]), (&json!(1), &json!(2)));
}

#[test]
fn s0_29_s0_30_new_ones_come_first_and_imported_ones_are_not_written_twice() {
    let tenant = three();
    tenant.import(&["--only", "grace"]).expect(0);
    let report = tenant.import(&["--dry-run", "--format", "json"]).expect(0).json();
    assert_eq!(of_status(&report, "New"), ["ada", "alan", "pioneers"]);
    assert_eq!(of_status(&report, "Imported"), ["grace"]);
    let order: Vec<&str> =
        report["entries"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(order, ["New", "New", "New", "Imported"]);
    let shown = |options: &[&str]| tenant.import(options).expect(0).out;
    assert!(shown(&["--dry-run"]).contains("Imported  user   grace"));
    let only_new = shown(&["--dry-run", "--new-only"]);
    assert!(!only_new.contains("grace@") && only_new.contains("New       user   ada"), "{only_new}");
    let before = tenant.text("users.yaml");
    tenant.import(&["--all"]).expect(0);
    let after = tenant.text("users.yaml");
    assert!(after.starts_with(&before) && after.matches("grace:").count() == 1, "{after}");
    tenant.is_adopted();
}

#[test]
fn s0_29_who_is_declared_is_known_by_the_match_rules_whatever_the_key() {
    let tenant = three();
    tenant.repo.write("mine.yaml", "users:\n  countess:\n    userName: ADA@acme.example\n    externalId: ada\n");
    let report = tenant.import_all();
    assert_eq!(of_status(&report, "Imported"), ["countess"]);
    // The binding takes in those who were declared and in none, for it changes nothing of them.
    assert!(tenant.text("bindings.yaml").contains("countess"));
    assert!(tenant.text("groups.yaml").contains("members: [countess]"));
    tenant.is_adopted();
}

#[test]
fn a_stranger_who_matches_ambiguously_is_said_and_never_written() {
    let tenant = World::tenant();
    tenant.repo.write("mine.yaml", "users:\n  ada:\n    userName: ada@acme.example\n");
    tenant.person(&json!({"userName": "ada@acme.example"}));
    tenant.person(&json!({"userName": "other@acme.example", "externalId": "ada"}));
    tenant.person(&json!({"userName": "alan@acme.example"}));
    let report = tenant.import_all();
    assert_eq!(written(&report), ["alan"]);
    assert_eq!(report["summary"]["left"], 2, "{report:#}");
    for entry in report["entries"].as_array().unwrap().iter().filter(|entry| entry["written"] == false) {
        assert!(entry["left"].as_str().unwrap().contains("`ada`"), "{entry}");
    }
    tenant.is_adopted();
}

#[test]
fn s0_07_groups_of_a_target_without_groups_are_refused_before_any_request() {
    let tenant = World::tenant_of("lattice");
    let before = tenant.server.running().requests().len();
    let ran = tenant.import(&["--all", "--groups-only"]).expect(1);
    assert!(ran.err.contains("groups can't be imported from `app`") && ran.err.contains("Lattice"), "{}", ran.err);
    assert_eq!(tenant.server.running().requests().len(), before);
    assert!(tenant.import(&["--all"]).expect(0).out.contains("people alone"));
}

#[test]
fn s0_32_who_is_in_no_binding_is_unmanaged_said_and_left_alone() {
    let tenant = three();
    let ran = tenant.import(&["--all", "--no-binding"]).expect(0);
    assert!(ran.out.contains("4 are imported and in no group or list bound to `app`: unmanaged"), "{}", ran.out);
    assert!(ran.out.contains("never changed or deactivated"), "{}", ran.out);
    let plan = tenant.is_adopted();
    assert_eq!((&plan["summary"]["adopted"], &plan["summary"]["unmanaged"]), (&json!(0), &json!(3)));
    tenant.repo.run(&["apply", "--auto-approve"]).expect(0);
    assert!(tenant.server.list("Users").iter().all(|user| user["active"] != false));
}

#[test]
fn s0_32_who_would_change_stays_unmanaged_when_declared_before() {
    let tenant = three();
    tenant.repo.write("mine.yaml", "users:\n  ada:\n    userName: ada@acme.example\n    title: Countess\n");
    let ran = tenant.import(&["--all"]).expect(0);
    assert!(ran.out.contains("in no binding of this target") && ran.out.contains("title"), "{}", ran.out);
    tenant.is_adopted();
}

#[test]
fn a_binding_that_is_there_is_used_and_one_with_another_target_is_not() {
    let tenant = three();
    tenant.repo.write(
        "bindings.yaml",
        "bindings:\n  # everybody, by name\n  staff:\n    target: app\n    assign: { where: user.title is defined }\n",
    );
    let report = tenant.import_all();
    tenant.is_adopted();
    let text = tenant.text("bindings.yaml");
    assert!(text.contains("# everybody, by name\n") && text.contains("app-imported:"), "{text}");
    // Those for whom the condition holds are in it by themselves.
    assert!(text.contains("users: [alan]"), "{text}");
    assert_eq!(report["summary"]["unmanaged"], 0);

    let tenant = three();
    tenant
        .repo
        .write("bindings.yaml", "bindings:\n  staff:\n    target: app\n    assign: { users: [] }\n    push: []\n");
    tenant.import(&["--all", "--binding", "staff"]).expect(0);
    let plan = tenant.is_adopted();
    assert!(!tenant.text("bindings.yaml").contains("app-imported"));
    assert_eq!(plan["summary"]["adopted"], 3, "{plan:#}");

    let two = target("http://127.0.0.1:1", "generic", "").replace("  app:\n", "  other:\n");
    let tenant = three();
    tenant.repo.write("other.yaml", two.replace("version: 1\n", "") + "bindings:\n  b: { target: other }\n");
    let ran = tenant.import(&["--all", "--binding", "b"]).expect(1);
    assert!(ran.err.contains("target `other`"), "{}", ran.err);
}

#[test]
fn bindings_with_several_mappings_want_one_named() {
    let tenant = three();
    tenant.repo.write(
        "bindings.yaml",
        "bindings:\n  a: { target: app, assign: { users: [] } }\n  b: { target: app, mapping: m }\nmappings:\n  m: { extends: generic }\n",
    );
    let ran = tenant.import(&["--all"]).expect(1);
    assert!(ran.err.contains("`a`, `b`") && ran.err.contains("--binding"), "{}", ran.err);
    tenant.import(&["--all", "--binding", "b"]).expect(0);
    tenant.is_adopted();
}

#[test]
fn a_disabled_target_is_not_read() {
    let repo = Repo::new(&[("scimform.yaml", &target("http://127.0.0.1:1", "generic", "    mode: disabled\n"))]);
    let ran = repo.run(&["import", "app", "--all"]).expect(1);
    assert!(ran.err.contains("disabled"), "{}", ran.err);
}

//! What an import says, to people and to machines.

use serde_json::{Value, json};

use crate::import::tenant::World;

#[test]
fn s0_27_people_who_exist_in_the_application_alone_are_imported() {
    let tenant = World::tenant_of("lattice");
    tenant.person(
        &json!({"userName": "ada@acme.example", "jobTitle": "Engineer", "emails": [{"value": "ada@acme.example"}],
        "name": {"givenName": "Ada", "familyName": "Lovelace"}}),
    );
    tenant.import_all();
    let users = tenant.text("users.yaml");
    for line in
        ["  ada:", "    userName: ada@acme.example", "    title: Engineer", "givenName: Ada, familyName: Lovelace"]
    {
        assert!(users.contains(line), "{line} is not in\n{users}");
    }
    assert_eq!(tenant.is_adopted()["summary"]["adopted"], 1);
}

#[test]
fn s0_31_a_hundred_people_are_no_boundary() {
    for count in [99, 100, 101] {
        let tenant = World::tenant_with(count);
        let report = tenant.import_all();
        assert_eq!((&report["summary"]["new"], &report["summary"]["written"]), (&json!(count), &json!(count)));
        assert_eq!((&report["format"], &report["complete"]), (&json!("scimform.import/v1"), &json!(true)));
        assert_eq!(tenant.is_adopted()["summary"]["adopted"], count);
    }
}

#[test]
fn s0_31_the_report_is_as_its_schema_says() {
    let tenant = World::tenant();
    tenant.awkward();
    let schema: Value = tenant.repo.run(&["schema", "import"]).expect(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for report in
        [tenant.import(&["--dry-run", "--format", "json"]).expect(0).json(), tenant.import_all(), tenant.import_all()]
    {
        let wrong: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?}\n{report:#}");
    }
}

#[test]
fn s0_33_the_next_steps_are_said() {
    let tenant = World::tenant_with(2);
    let out = tenant.import(&["--only", "person0"]).expect(0).out;
    for words in ["scimform plan --target app", "scimform apply --target app", "app-imported", "1 New were not chosen"]
    {
        assert!(out.contains(words), "`{words}` is not in\n{out}");
    }
    assert!(out.contains("1 imported, and the plan has no changes for them."), "{out}");
}

#[test]
fn what_differs_is_told_with_both_sides() {
    let tenant = World::tenant();
    tenant.person(&json!({"userName": "ada@acme.example", "userType": "Contractor"}));
    tenant.repo.write(
        "bindings.yaml",
        "bindings:\n  staff: { target: app, mapping: staff, assign: { where: user.userName is defined } }\n\
         mappings:\n  staff:\n    extends: generic\n    user:\n      userType: { const: Employee }\n",
    );
    let ran = tenant.import(&["--all"]).expect(0);
    assert!(ran.out.contains(r#"userType: target has "Contractor", the mapping will send "Employee""#), "{}", ran.out);
    assert!(
        ran.out.contains("1 differs from what the plan would send") || ran.out.contains("of whom 1"),
        "{}",
        ran.out
    );
    let plan = tenant.repo.plan();
    assert_eq!(plan["changes"].as_array().unwrap().len(), 1, "{plan:#}");
}

#[test]
fn an_incomplete_read_is_said_and_what_was_seen_is_imported() {
    let tenant = World::tenant_with(30);
    tenant.server.fault("total=+10,at=users");
    let ran = tenant.import(&["--all"]).expect(1);
    assert!(ran.out.contains("not everything was read"), "{}", ran.said());
    tenant.server.heal();
    assert_eq!(tenant.is_adopted()["summary"]["adopted"], 30);
}

#[test]
fn hostile_names_reach_neither_the_terminal_nor_the_files_raw() {
    let tenant = World::tenant();
    tenant.person(&json!({"userName": "eve\u{1b}[31m@acme.example", "displayName": "a: b # c\n- d\u{202e}"}));
    let ran = tenant.import(&["--all"]).expect(0);
    assert!(!ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'), "{:?}", ran.out);
    let text = tenant.text("users.yaml");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
    tenant.is_adopted();
}

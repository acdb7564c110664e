//! What is told, and what is not.

use std::sync::Arc;

use scimform::profile;
use scimform::sandbox::Options;
use serde_json::json;

use super::world::{World, counts, lines};
use crate::support::{Repo, Server};

const NOTHING: [&str; 0] = [];

#[test]
fn nothing_moved_and_nothing_is_told() {
    let world = World::company();
    assert_eq!(world.lines(), NOTHING);
    let ran = world.drift(&["--detailed-exitcode"]).expect(0);
    assert!(ran.out.contains("No drift."), "{}", ran.out);
}

#[test]
fn what_moved_there_is_told_what_moved_here_is_counted() {
    let world = World::company();
    world.server.set("ada", "title", "Boss");
    world.server.set("bruno", "active", false);
    world.delete("clara");
    world.server.set("daniel", "title", "Chief");
    // Here: another title for daniel, who has yet another one there, and another name of elena.
    world.repo.edit("people.yaml", "displayName: elena\n", "displayName: Elena\n");
    let file = std::fs::read_to_string(world.repo.path().join("people.yaml")).unwrap();
    let (before, after) = file.split_once("  daniel:").unwrap();
    world.repo.write("people.yaml", format!("{before}  daniel:{}", after.replacen("Engineer", "Director", 1)));
    world.server.running().forget_requests();
    let target = world.target();
    assert_eq!(
        lines(&target),
        ["changed ada title:Engineer>Boss", "deactivated bruno", "gone clara", "changed all -clara"]
    );
    assert_eq!(counts(&target), [1, 1, 0]);
    assert_eq!(world.server.writes(), 0);
    let ran = world.drift(&["--detailed-exitcode"]).expect(2);
    let told = "other differences: 1 moved on both sides, 1 from the repository or a date; `scimform plan` shows them";
    assert!(ran.out.contains(told), "{}", ran.out);
    world.drift(&[]).expect(0);
    // One key alone.
    let one = world.drift(&["--only", "bruno", "--format", "json"]).expect(0).json();
    assert_eq!(lines(&one["targets"][0]), ["deactivated bruno"]);
    // The apply brings it back, and there is no more to tell.
    world.repo.apply().expect(0);
    assert_eq!(world.lines(), NOTHING);
}

#[test]
fn members_that_came_and_went_there_are_told_by_name() {
    let world = World::company();
    world.put_in("All", "fatima");
    world.take_out("All", "ada");
    world.repo.edit("people.yaml", "members: [ada, bruno,", "members: [ada,");
    let target = world.target();
    assert_eq!(lines(&target), ["changed all +fatima -ada"]);
    assert_eq!(counts(&target), [0, 1, 0], "bruno is taken out by the repository");
    let plan = world.repo.plan();
    let reasons = |members: &serde_json::Value| {
        let members = members.as_array().unwrap().iter();
        members.map(|one| format!("{} {}", one["key"], one["reason"]).replace('"', "")).collect::<Vec<_>>()
    };
    let members = &plan["changes"][0]["members"];
    assert_eq!(reasons(&members["add"]), ["ada changed-at-target"]);
    assert_eq!(reasons(&members["remove"]), ["bruno changed-in-repository", "fatima changed-at-target"]);
    let human = world.repo.run(&["plan"]).expect(0).out;
    for line in
        ["+ ada  taken out at the target", "- bruno  changed in the repository", "- fatima  put in at the target"]
    {
        assert!(human.contains(line), "{line} in\n{human}");
    }
}

#[test]
fn a_group_renamed_or_deleted_there_is_told() {
    let world = World::company();
    world.server.set("All", "displayName", "Everybody");
    assert_eq!(world.lines(), ["changed all displayName:All>Everybody"]);
    world.delete("Everybody");
    assert_eq!(world.lines(), ["gone all"]);
}

#[test]
fn who_gets_back_there_what_we_ended_is_told_and_who_leaves_here_is_not() {
    let world = World::company();
    let people = std::fs::read_to_string(world.repo.path().join("people.yaml")).unwrap();
    let without =
        |key: &str| people.replace(&format!("userName: {key}@"), &format!("active: false\n    userName: {key}@"));
    world.repo.write("people.yaml", without("elena"));
    let target = world.target();
    assert_eq!((lines(&target), counts(&target)), (vec![], [0, 2, 0]), "our own doing: the access, and the membership");
    world.repo.apply().expect(0);
    assert_eq!(world.lines(), NOTHING);
    world.server.set("elena", "active", true);
    assert_eq!(world.lines(), ["reactivated elena"]);
    let human = world.repo.run(&["plan"]).expect(0).out;
    assert!(human.contains("and active again at the target"), "{human}");
    world.repo.apply().expect(0);
    // Back in the repository: no drift either, and it is the repository that gives back membership.
    world.repo.write("people.yaml", people);
    assert_eq!(world.lines(), NOTHING);
}

#[test]
fn a_row_that_came_or_went_is_no_drift() {
    let world = World::company();
    let row =
        |path: &str| format!("mappings:\n  own:\n    extends: generic\n    user:\n      {path}: {{ const: Berlin }}\n");
    world.repo.edit("bindings.yaml", "    push: [all]\n", "    push: [all]\n    mapping: own\n");
    world.server.set("ada", "locale", "de");
    world.repo.write("mapping.yaml", row("locale"));
    let target = world.target();
    assert_eq!((lines(&target), counts(&target)), (vec![], [0, 6, 0]), "asserted from now on");
    world.repo.apply().expect(0);
    world.repo.write("mapping.yaml", row("timezone"));
    world.server.set("ada", "locale", "fr");
    let target = world.target();
    assert_eq!((lines(&target), counts(&target)), (vec![], [0, 6, 0]), "`locale` is nobody's business any more");
}

#[test]
fn without_a_ledger_nobody_knows_who_moved() {
    let world = World::company();
    world.server.set("ada", "title", "Boss");
    std::fs::remove_dir_all(world.repo.path().join(".scimform")).unwrap();
    let target = world.drift(&["--format", "json"]).expect(1).json()["targets"][0].clone();
    assert_eq!((lines(&target), counts(&target)), (vec![], [0, 0, 1]));
    assert_eq!(target["noLedger"], true);
    let ran = world.drift(&["--detailed-exitcode"]).expect(1);
    assert!(ran.out.contains("1 of which no earlier apply is known"), "{}", ran.out);
    assert!(ran.out.contains("nobody can say what moved") && !ran.out.contains("No drift."), "{}", ran.out);
}

#[test]
fn what_was_not_read_is_no_good_news() {
    let world = World::company();
    world.server.fault("500,on=GET");
    let ran = world.drift(&[]).expect(1);
    assert!(ran.out.contains("No drift, as far as can be told: 1 target could not be read."), "{}", ran.out);
    world.server.fault("total=+5,on=GET");
    let ran = world.drift(&["--detailed-exitcode"]).expect(1);
    assert!(ran.out.contains("incomplete read") && ran.out.contains("1 target read in part"), "{}", ran.out);
}

/// What a server makes of a value is remembered, and no drift.
#[test]
fn a_value_that_the_server_stores_in_its_own_form_is_no_drift() {
    let mut shouts = profile::builtin("generic").unwrap().as_ref().clone();
    shouts.attributes.normalised = serde_json::from_value(json!([{"path": "title", "form": "lowerCase"}])).unwrap();
    let token = Some("secret-token".to_owned().into());
    let server = Server::with(Options { token, profile: Some(Arc::new(shouts)), ..Options::default() });
    // Nothing in the repository knows of it.
    let repo = Repo::with_people(server.url(), &["ada"]);
    repo.apply().expect(0);
    assert_eq!(server.list("Users")[0]["title"], "engineer");
    let target = || repo.run(&["drift", "--format", "json"]).expect(0).json()["targets"][0].clone();
    assert_eq!((lines(&target()), counts(&target())), (vec![], [0, 0, 0]));
    let world = World { server, repo };
    world.server.set("ada", "title", "Boss");
    assert_eq!(world.lines(), ["changed ada title:Engineer>boss"]);
}

#[test]
fn the_manager_whom_someone_put_in_place_of_ours_is_told_by_key() {
    let world = World::company();
    world.repo.edit("people.yaml", "displayName: ada\n", "displayName: ada\n    manager: bruno\n");
    world.repo.apply().expect(0);
    let clara = world.server.id("clara");
    world.server.set(
        "ada",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        json!({"value": clara}),
    );
    let path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";
    assert_eq!(world.lines(), [format!("changed ada {path}:bruno>clara")]);
    // A new key of the same manager is no move of anybody.
    let people = std::fs::read_to_string(world.repo.path().join("people.yaml")).unwrap();
    let people = people.replace("  bruno:\n", "  bruno-b:\n    previously: [bruno]\n");
    let people = people.replace("manager: bruno", "manager: bruno-b").replace("[ada, bruno,", "[ada, bruno-b,");
    world.repo.write("people.yaml", people);
    let target = world.target();
    assert!(lines(&target).contains(&format!("changed ada {path}:bruno-b>clara")), "{target:#}");
}

/// A nightly run tells it in an issue, which more people read than the plan.
#[test]
fn names_and_values_are_withheld_on_request() {
    let world = World::company();
    world.server.set("ada", "title", "Zboss");
    world.server.set("bruno", "active", false);
    world.take_out("All", "clara");
    for format in ["human", "markdown", "json"] {
        let ran = |level: &str| world.drift(&["--redact", level, "--format", format, "--detailed-exitcode"]).expect(2);
        let (values, names) = (ran("values"), ran("names"));
        assert!(values.out.contains("ada") && !values.out.contains("Zboss"), "{}", values.out);
        // As words: the hash that stands for a name may hold these letters by chance.
        let said: Vec<&str> = names.out.split(|one: char| !one.is_ascii_alphanumeric()).collect();
        for word in ["ada", "bruno", "clara", "Zboss", "people"] {
            assert!(!said.contains(&word) && !names.err.contains(word), "{word}: {}", names.out);
        }
        assert!(names.out.contains("title") && names.out.contains("user-"), "{}", names.out);
    }
}

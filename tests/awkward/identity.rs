//! Which account is whose: matching, names, keys of other clients.

use serde_json::json;

use crate::support::mock::Reply;
use crate::support::plan::{actions, settled};
use crate::support::scripted::{Scripted, list};
use crate::support::{BINDINGS, Repo, target};

/// Everyone without a group.
pub const USERS: &str = "bindings:\n  everyone:\n    target: app\n    assign: { where: user.userName is defined }\n";

/// A repository of one target with these settings and this people.yaml.
pub fn repo(url: &str, more: &str, bindings: &str, people: &str) -> Repo {
    Repo::new(&[("scimform.yaml", &target(url, "generic", more)), ("bindings.yaml", bindings), ("people.yaml", people)])
}

/// One person of this key and userName.
pub fn person(key: &str, user_name: &str) -> String {
    format!("users:\n  {key}:\n    userName: {user_name:?}\n")
}

#[test]
fn t01_a_new_user_name_with_the_same_external_id_is_one_update() {
    let server = Scripted::plain();
    server.put("Users", "7", json!({"userName": "ada@old.example", "externalId": "ada", "active": true}));
    let repo = repo(server.url(), "", USERS, &person("ada", "ada@new.example"));
    assert_eq!(actions(&repo.plan()), ["update ada"]);
    repo.apply().expect(0);
    assert_eq!(server.all("Users").len(), 1);
    assert_eq!(server.get("Users", "7").unwrap()["userName"], "ada@new.example");
    assert!(server.writes().iter().all(|seen| seen.method == "PUT"), "neither made nor removed");
    settled(&repo);
}

#[test]
fn t02_a_new_user_name_that_nothing_links_is_a_create_and_an_account_left_alone() {
    let server = Scripted::plain();
    server.put("Users", "7", json!({"userName": "ada@old.example", "active": true}));
    let repo = repo(server.url(), "", USERS, &person("ada", "ada@new.example"));
    let plan = repo.plan();
    assert_eq!(actions(&plan), ["create ada"]);
    assert_eq!(plan["summary"]["unmanaged"], 1);
    repo.apply().expect(0);
    assert_eq!(server.get("Users", "7").unwrap()["active"], true, "the orphan stays as it is");
}

#[test]
fn t03_user_names_that_differ_in_case_alone_are_one() {
    let server = Scripted::plain();
    server.put("Users", "7", json!({"userName": "Ada@Acme.Example", "externalId": "ada", "active": true}));
    server.put("Users", "8", json!({"userName": "GRACE@acme.example", "active": true}));
    let people = "users:\n  ada:\n    userName: ada@acme.example\n  grace:\n    userName: grace@acme.example\n";
    let repo = repo(server.url(), "", USERS, people);
    let plan = repo.plan();
    assert_eq!(actions(&plan), ["update grace"], "her externalId alone is new");
    assert_eq!(plan["changes"][0]["attributes"].as_array().unwrap().len(), 1);
    repo.apply().expect(0);
    assert_eq!(server.get("Users", "7").unwrap()["userName"], "Ada@Acme.Example");
    settled(&repo);
}

#[test]
fn t05_t07_a_name_that_is_kept_by_what_nobody_can_see_is_reported_and_not_sent_again() {
    let server = Scripted::new(|seen, _| match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", "/scim/v2/Users") => Some(Reply::error(409, "uniqueness", "the name is reserved")),
        _ => None,
    });
    let repo = repo(server.url(), "", USERS, &person("ada", "ada@acme.example"));
    let ran = repo.apply().expect(4);
    assert!(
        ran.out.contains("the name is reserved") && ran.out.contains("deleted or hidden account"),
        "{}",
        ran.said()
    );
    assert_eq!(server.writes().len(), 1);
}

#[test]
fn t11_a_filter_that_answers_too_much_is_checked_again() {
    let server = Scripted::new(|seen, held| {
        if seen.method == "POST" {
            return Some(Reply::error(409, "uniqueness", "taken"));
        }
        // A list of nobody, and a filter that looks for parts of words.
        seen.path.ends_with("/Users").then(|| match seen.param("filter") {
            None => list(seen, Vec::new()),
            Some(_) => list(seen, held.all("Users")),
        })
    });
    server.put("Users", "7", json!({"userName": "not-ada@acme.example", "externalId": "ADA"}));
    let repo = repo(server.url(), "", USERS, &person("ada", "ada@acme.example"));
    let ran = repo.apply().expect(4);
    assert!(ran.out.contains("exists but is not visible"), "{}", ran.said());
    assert_eq!(server.get("Users", "7").unwrap()["userName"], "not-ada@acme.example");
    assert_eq!(server.writes().len(), 1);
}

#[test]
fn t13_an_account_without_external_id_is_adopted_by_the_next_rule_and_gets_one() {
    let server = Scripted::plain();
    server.put("Users", "7", json!({"userName": "ada@acme.example", "active": true}));
    let repo = repo(server.url(), "", USERS, &person("ada", "ada@acme.example"));
    let plan = repo.plan();
    assert_eq!(actions(&plan), ["update ada"]);
    assert_eq!(plan["changes"][0]["attributes"][0]["path"], "externalId");
    assert_eq!(plan["changes"][0]["adopted"], true);
    repo.apply().expect(0);
    assert_eq!(server.get("Users", "7").unwrap()["externalId"], "ada");
    settled(&repo);
}

const FOREIGN: &str = "0b8e6f0a-entra-object";

#[test]
fn t14_the_key_of_another_client_stays_unless_somebody_declares_one() {
    let server = Scripted::plain();
    server.put("Users", "7", json!({"userName": "ada@acme.example", "externalId": FOREIGN, "active": true}));
    let repo = repo(server.url(), "", USERS, &person("ada", "ada@acme.example"));
    let plan = repo.plan();
    assert_eq!(actions(&plan), [""; 0], "{plan:#}");
    assert!(plan["notices"].to_string().contains("foreign-external-id"), "{plan:#}");
    repo.apply().expect(0);
    assert!(server.writes().is_empty());
    // Another change of the same account leaves it there too, and the plan after it is empty.
    repo.write("people.yaml", "users:\n  ada:\n    userName: ada@acme.example\n    title: Countess\n");
    repo.apply().expect(0);
    assert_eq!(server.get("Users", "7").unwrap()["externalId"], FOREIGN);
    assert_eq!(server.get("Users", "7").unwrap()["title"], "Countess");
    settled(&repo);
    // Whoever writes it down means it.
    repo.edit("people.yaml", "    title", "    externalId: ada-1\n    title");
    assert_eq!(actions(&repo.plan()), ["update ada"]);
    repo.apply().expect(0);
    assert_eq!(server.get("Users", "7").unwrap()["externalId"], "ada-1");
    settled(&repo);
}

#[test]
fn t14_an_account_found_while_creating_keeps_its_key_too() {
    let server = Scripted::new(|seen, held| {
        // The list is late: it does not show her yet.
        let late = seen.method == "GET" && seen.path.ends_with("/Users") && seen.param("filter").is_none();
        let posted = held.all("Users").iter().any(|user| user["title"] == "Countess");
        (late && !posted).then(|| list(seen, Vec::new()))
    });
    server.put("Users", "7", json!({"userName": "ada@acme.example", "externalId": FOREIGN, "active": true}));
    let people = "users:\n  ada:\n    userName: ada@acme.example\n    title: Countess\n";
    let repo = repo(server.url(), "", USERS, people);
    repo.apply().expect(0);
    let ada = server.get("Users", "7").unwrap();
    assert_eq!((&ada["externalId"], &ada["title"]), (&json!(FOREIGN), &json!("Countess")));
    settled(&repo);
}

#[test]
fn t14_our_own_key_is_repaired_when_it_is_changed_there() {
    let server = Scripted::plain();
    let repo = repo(server.url(), "", USERS, &person("ada", "ada@acme.example"));
    repo.apply().expect(0);
    server.change(|held| {
        let mut ada = held.get("Users", "made-1").unwrap().clone();
        ada["externalId"] = json!("changed");
        held.put("Users", "made-1", ada);
    });
    assert_eq!(actions(&repo.plan()), ["update ada"]);
}

fn groups(url: &str, more: &str, group: &str) -> Repo {
    let people =
        format!("users:\n  ada:\n    userName: ada@acme.example\ngroups:\n  all:\n{group}    members: [ada]\n");
    repo(url, more, BINDINGS, &people)
}

#[test]
fn t16_two_live_groups_of_one_name_need_an_id_to_tell_them_apart() {
    let server = Scripted::plain();
    server.put("Groups", "g1", json!({"displayName": "All", "members": []}));
    server.put("Groups", "g2", json!({"displayName": "all ", "externalId": "second", "members": []}));
    let repo = groups(server.url(), "", "    displayName: All\n");
    let plan = repo.plan();
    assert_eq!(plan["errors"][0]["code"], "ambiguous", "{plan:#}");
    assert_eq!(actions(&plan), ["create ada"], "neither group is touched");
    repo.edit("people.yaml", "    displayName: All\n", "    displayName: All\n    externalId: second\n");
    repo.apply().expect(0);
    assert_eq!(server.get("Groups", "g2").unwrap()["members"][0]["value"], "made-1");
    assert_eq!(server.get("Groups", "g1").unwrap()["members"], json!([]));
    settled(&repo);
}

#[test]
fn t17_a_renamed_group_is_changed_in_place() {
    let server = Scripted::plain();
    let repo = groups(server.url(), "", "    displayName: All\n");
    repo.apply().expect(0);
    repo.edit("people.yaml", "displayName: All", "displayName: Everyone");
    assert_eq!(actions(&repo.plan()), ["update all"]);
    repo.apply().expect(0);
    assert_eq!(server.all("Groups").len(), 1);
    assert_eq!(server.all("Groups")[0]["displayName"], "Everyone");
    settled(&repo);
}

#[test]
fn t17_where_groups_can_not_be_renamed_nothing_is_done_and_said() {
    let server = Scripted::plain();
    let repo = groups(server.url(), "    capabilities: { renameGroups: false }\n", "    displayName: All\n");
    repo.apply().expect(0);
    repo.edit("people.yaml", "displayName: All", "displayName: Everyone");
    let plan = repo.plan();
    assert_eq!(actions(&plan), [""; 0]);
    assert!(plan["notices"].to_string().contains("cannot rename groups"), "{plan:#}");
}

#[test]
fn t18_group_names_that_differ_in_case_or_spaces_are_one_group() {
    let server = Scripted::plain();
    server.put("Groups", "g1", json!({"displayName": "  ALL ", "members": []}));
    let repo = groups(server.url(), "", "    displayName: All\n");
    assert_eq!(actions(&repo.plan()), ["create ada", "update all"]);
    repo.apply().expect(0);
    assert_eq!(server.all("Groups").len(), 1);
    settled(&repo);
    server.change(|held| {
        let mut group = held.get("Groups", "g1").unwrap().clone();
        group["displayName"] = json!(" All  ");
        held.put("Groups", "g1", group);
    });
    settled(&repo);
}

//! Which account is whose: matching, names, keys of other clients.

use scimform::sandbox::Options;
use serde_json::{Value, json};

use crate::support::mock::Reply;
use crate::support::plan::{actions, settled};
use crate::support::scripted::{Scripted, list};
use crate::support::{BINDINGS, Repo, Server, target};

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
fn t02_a_likely_rename_is_called_out_with_the_way_to_declare_it() {
    let server = Server::start();
    let before = "users:\n  ada:\n    userName: ada@acme.example\n    displayName: Ada Lovelace\n    name: { givenName: Ada, familyName: Lovelace }\n";
    let repo = repo(server.url(), "", USERS, before);
    repo.apply().expect(0);
    repo.edit("people.yaml", "  ada:\n    userName: ada@acme.example", "  ada-l:\n    userName: ada.l@acme.example");
    let ran = repo.run(&["plan"]);
    assert!(ran.out.contains("previously"), "{}", ran.said());
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
fn t04_user_names_are_compared_as_unicode_has_it() {
    let live = ["STRASSE@x.example", "jose\u{301}@x.example", "\u{ff21}\u{ff24}\u{ff21}@x.example", "isil@x.example"];
    let declared = ["straße@x.example", "JOS\u{c9}@x.example", "ada@x.example", "\u{131}s\u{131}l@x.example"];
    let server = Scripted::plain();
    for (number, name) in live.iter().enumerate() {
        server.put("Users", &number.to_string(), json!({"userName": name, "externalId": format!("k{number}")}));
    }
    let people: String = declared
        .iter()
        .enumerate()
        .map(|(number, name)| format!("  k{number}:\n    externalId: k{number}\n    userName: {name}\n"))
        .collect();
    let repo = repo(server.url(), "", USERS, &format!("users:\n{people}"));
    repo.write("mapping.yaml", "mappings:\n  by-name:\n    extends: generic\n    match: [userName]\n");
    repo.edit("bindings.yaml", "target: app\n", "target: app\n    mapping: by-name\n");
    assert_eq!(actions(&repo.plan()), ["create k3"], "a dotless i is another letter");
    repo.write("twins.yaml", "users:\n  twin:\n    userName: STRASSE@X.example\n");
    let ran = repo.run(&["validate"]).expect(1);
    assert!(ran.out.contains("duplicate-user-name") && ran.out.contains("twins.yaml:3"), "{}", ran.out);
}

#[test]
fn t05_t42_a_hidden_inactive_account_is_activated_again_and_not_made_twice() {
    let hide = |one: &Value| one["active"] != json!(false);
    let server = Scripted::new(move |seen, held| {
        let shown = seen.method == "GET" && seen.path.ends_with("/Users");
        shown.then(|| list(seen, held.all("Users").into_iter().filter(hide).collect()))
    });
    let repo = repo(server.url(), "", USERS, &person("ada", "ada@acme.example"));
    repo.write("grace.yaml", person("grace", "grace@acme.example"));
    repo.apply().expect(0);
    repo.write("grace.yaml", "{}");
    repo.apply().expect(0);
    repo.write("grace.yaml", person("grace", "grace@acme.example"));
    assert_eq!(actions(&repo.plan()), ["reactivate grace"]);
    repo.apply().expect(0);
    assert_eq!(server.all("Users").len(), 2);
    assert!(server.all("Users").iter().all(|user| user["active"] == true));
    assert_eq!(server.writes().iter().filter(|seen| seen.method == "POST").count(), 2);
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
fn t07_a_name_that_deletion_did_not_free_is_reported() {
    let server = Scripted::new(|seen, held| {
        let back = seen.method == "POST" && !held.all("Users").is_empty() && seen.body.contains("grace");
        back.then(|| Reply::error(409, "uniqueness", "grace@acme.example exists"))
    });
    let repo = repo(server.url(), "    onRemove: { users: delete }\n", USERS, &person("grace", "grace@acme.example"));
    repo.apply().expect(0);
    repo.write("people.yaml", person("ada", "ada@acme.example"));
    repo.apply().expect(0);
    assert_eq!(server.all("Users").len(), 1);
    repo.write("more.yaml", person("grace", "grace@acme.example"));
    let ran = repo.apply().expect(4);
    assert!(
        ran.out.contains("exists but is not visible") && ran.out.contains("deleted or hidden account"),
        "{}",
        ran.said()
    );
}

#[test]
fn t08_two_live_users_that_match_one_person_stop_that_person_alone() {
    let server = Scripted::plain();
    for id in ["7", "8"] {
        server.put("Users", id, json!({"userName": format!("a{id}@acme.example"), "externalId": "ada"}));
    }
    let repo = repo(server.url(), "    manage: all\n", USERS, &person("ada", "ada@acme.example"));
    repo.write("grace.yaml", person("grace", "grace@acme.example"));
    let ran = repo.run(&["plan"]).expect(1);
    assert!(ran.out.contains("error[ambiguous] user ada") && ran.out.contains("`7`, `8`"), "{}", ran.out);
    assert_eq!(actions(&repo.plan()), ["create grace"]);
    repo.apply().expect(4);
    assert_eq!(server.writes().len(), 1);
    assert_eq!(server.all("Users").len(), 3);
}

#[test]
fn t09_one_live_user_that_two_people_match_is_an_error_of_both() {
    let server = Scripted::plain();
    server.put("Users", "7", json!({"userName": "ada@acme.example", "externalId": "grace"}));
    let people = "users:\n  ada:\n    userName: ada@acme.example\n  grace:\n    userName: grace@acme.example\n";
    let repo = repo(server.url(), "", USERS, people);
    let plan = repo.plan();
    let errors: Vec<&str> = plan["errors"].as_array().unwrap().iter().map(|e| e["key"].as_str().unwrap()).collect();
    assert_eq!(errors, ["ada", "grace"], "{plan:#}");
    assert_eq!(actions(&plan), [""; 0]);
    repo.apply().expect(4);
    assert!(server.writes().is_empty());
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
fn t12_an_empty_answer_to_a_filter_is_not_taken_for_absence() {
    // Every filter is answered by nothing, as by a server that can't filter.
    let server = Scripted::new(|seen, _| seen.param("filter").map(|_| list(seen, Vec::new())));
    server.put("Users", "7", json!({"userName": "ada@acme.example", "title": "x"}));
    let repo = repo(server.url(), "", USERS, &person("ada", "ada@acme.example"));
    assert_eq!(actions(&repo.plan()), ["update ada"], "the list shows her");
    let hiding = Scripted::new(|seen, _| {
        (seen.method == "GET" && seen.path.ends_with("/Users")).then(|| list(seen, Vec::new()))
    });
    hiding.put("Users", "7", json!({"userName": "ada@acme.example"}));
    let repo = self::repo(hiding.url(), "", USERS, &person("ada", "ada@acme.example"));
    let ran = repo.apply().expect(4);
    assert!(ran.out.contains("exists but is not visible"), "{}", ran.said());
    assert_eq!(hiding.all("Users").len(), 1);
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

#[test]
fn t13_where_the_target_takes_it_at_creation_alone_nothing_is_sent() {
    let server = Scripted::plain();
    server.put("Users", "7", json!({"userName": "ada@acme.example", "active": true}));
    let more = "    capabilities: { attributes: { createOnly: [externalId] } }\n";
    let repo = repo(server.url(), more, USERS, &person("ada", "ada@acme.example"));
    let plan = repo.plan();
    assert_eq!(actions(&plan), [""; 0], "{plan:#}");
    repo.apply().expect(0);
    assert!(server.writes().is_empty());
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
fn t14_a_mapping_row_of_ones_own_is_meant_as_well() {
    let server = Scripted::plain();
    server.put("Users", "7", json!({"userName": "ada@acme.example", "externalId": FOREIGN, "active": true}));
    let repo = repo(server.url(), "", USERS, &person("ada", "ada@acme.example"));
    repo.write("mapping.yaml", "mappings:\n  own:\n    extends: generic\n    user:\n      externalId: user.key\n");
    repo.edit("bindings.yaml", "target: app\n", "target: app\n    mapping: own\n");
    assert_eq!(actions(&repo.plan()), ["update ada"]);
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

#[test]
fn t19_awkward_characters_arrive_in_filters_byte_by_byte() {
    let server = Scripted::new(|seen, _| {
        // Hidden from the list and taken, so that it is looked for.
        if seen.method == "POST" {
            return Some(Reply::error(409, "uniqueness", "taken"));
        }
        (seen.param("filter").is_none() && seen.path.ends_with("/Users")).then(|| list(seen, Vec::new()))
    });
    let name = "a\"b\\c&d+e#f%g'h 😀@acme.example";
    let people = format!("users:\n  ada:\n    userName: {}\n", json!(name));
    let repo = repo(server.url(), "", USERS, &people);
    repo.apply().expect(4);
    let filters: Vec<String> =
        server.seen().into_iter().filter(|s| s.param("filter").is_some()).map(|s| s.query).collect();
    let wire = "filter=userName%20eq%20%22a%5C%22b%5C%5Cc%26d%2Be%23f%25g%27h%20%F0%9F%98%80%40acme.example%22";
    assert!(filters.iter().any(|query| query.split('&').any(|part| part == wire)), "{filters:#?}");
    server.put("Users", "7", json!({"userName": name, "title": "x"}));
    repo.apply().expect(0);
    assert_eq!(server.get("Users", "7").unwrap()["externalId"], "ada", "found by that filter");
}

#[test]
fn t22_where_the_id_follows_the_external_id_the_new_one_is_learnt() {
    let profile = scimform::profile::builtin("generic").unwrap();
    let facts = json!({"attributes": {"idIsExternalId": true}});
    let server = Server::with(Options {
        token: Some("secret-token".to_owned().into()),
        profile: Some(std::sync::Arc::new(profile.with_capabilities(&facts).unwrap())),
        ..Options::default()
    });
    let more = "    capabilities: { attributes: { idIsExternalId: true } }\n";
    let people = "users:\n  ada:\n    userName: ada@acme.example\n    externalId: first\n";
    let repo = repo(server.url(), more, USERS, people);
    repo.apply().expect(0);
    let first = server.list("Users")[0]["id"].clone();
    repo.edit("people.yaml", "externalId: first", "externalId: second");
    repo.apply().expect(0);
    assert_ne!(server.list("Users")[0]["id"], first, "another externalId, another id");
    settled(&repo);
    repo.edit("people.yaml", "    externalId", "    title: Countess\n    externalId");
    repo.apply().expect(0);
    settled(&repo);
}

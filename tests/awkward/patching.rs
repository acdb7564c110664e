//! PATCH on servers that know it in part, members of groups, and changes of everything at once.

use serde_json::{Value, json};

use crate::awkward::attributes::PATCH;
use crate::awkward::identity::{USERS, person, repo};
use crate::support::mock::{Reply, Seen};
use crate::support::plan::{actions, settled};
use crate::support::scripted::{Scripted, body};
use crate::support::{BINDINGS, Repo};

fn config(patch: bool) -> Reply {
    let supported = |yes: bool| json!({ "supported": yes });
    Reply::json(&json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": supported(patch), "etag": supported(false), "sort": supported(false), "changePassword": supported(false),
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": 200}, "authenticationSchemes": []
    }))
}

fn methods(server: &Scripted) -> Vec<String> {
    server.writes().into_iter().map(|seen| seen.method).collect()
}

fn titled(title: &str) -> String {
    person("ada", "ada@x.example") + &format!("    title: {title}\n")
}

#[test]
fn t62_without_patch_put_is_used_and_with_it_patch() {
    for (says, verb) in [(Some(false), "PUT"), (Some(true), "PATCH"), (None, "PUT")] {
        let server = Scripted::new(move |seen, _| {
            let asked = seen.path.ends_with("/ServiceProviderConfig");
            if asked { says.map(config) } else { None }
        });
        let repo = repo(server.url(), "", USERS, &titled("x"));
        repo.apply().expect(0);
        repo.write("people.yaml", titled("y"));
        repo.apply().expect(0);
        assert_eq!(methods(&server), ["POST", verb], "{says:?}");
    }
}

#[test]
fn t62_a_patch_that_is_refused_is_an_error_and_no_other_verb_is_tried() {
    for status in [501, 405, 404] {
        let server =
            Scripted::new(move |seen, _| (seen.method == "PATCH").then(|| Reply::error(status, "", "no PATCH")));
        server.put("Users", "1", json!({"userName": "ada@x.example", "externalId": "ada", "title": "x"}));
        let repo = repo(server.url(), PATCH, USERS, &titled("y"));
        let ran = repo.apply().expect(4);
        assert!(ran.out.contains("no PATCH"), "{}", ran.out);
        assert!(methods(&server).iter().all(|method| method == "PATCH"));
        repo.edit("scimform.yaml", "patch: true", "patch: true, write: put");
        repo.apply().expect(0);
        settled(&repo);
    }
}

#[test]
fn t63_every_operation_has_a_path_and_one_attribute() {
    let server = Scripted::plain();
    server.put("Users", "1", json!({"userName": "ada@x.example", "externalId": "ada", "nickName": "A", "name": {"givenName": "A", "familyName": "B"}}));
    let people = titled("y") + "    nickName: null\n    name: { givenName: Ada, familyName: Lovelace }\n";
    let repo = repo(server.url(), PATCH, USERS, &people);
    repo.apply().expect(0);
    let [patch] = server.writes().try_into().unwrap();
    let operations: Vec<(String, String)> = body(&patch)["Operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|op| (op["op"].as_str().unwrap().to_owned(), op["path"].as_str().unwrap_or("none").to_owned()))
        .collect();
    let expected =
        [("replace", "name.familyName"), ("replace", "name.givenName"), ("remove", "nickName"), ("replace", "title")];
    assert_eq!(operations, expected.map(|(op, path)| (op.to_owned(), path.to_owned())));
    settled(&repo);
}

#[test]
fn t64_an_element_that_is_not_there_is_added_and_not_replaced() {
    let server = Scripted::new(|seen, _| {
        // As RFC 7644 section 3.5.2.3 has it.
        let wrong = seen.method == "PATCH" && seen.body.contains("replace") && seen.body.contains("work");
        wrong.then(|| Reply::error(400, "noTarget", "no element fits the filter"))
    });
    server.put(
        "Users",
        "1",
        json!({"userName": "ada@x.example", "externalId": "ada", "emails": [{"value": "h@x.example", "type": "home"}]}),
    );
    let repo = repo(server.url(), PATCH, USERS, &person("ada", "ada@x.example"));
    repo.write(
        "mapping.yaml",
        "mappings:\n  own:\n    extends: generic\n    user:\n      emails: null\n      'emails[type eq \"work\"].value': user.userName\n",
    );
    repo.edit("bindings.yaml", "target: app\n", "target: app\n    mapping: own\n");
    repo.apply().expect(0);
    let emails = server.get("Users", "1").unwrap()["emails"].clone();
    assert_eq!(emails[0]["value"], "h@x.example", "the other one stays: {emails}");
    assert_eq!((&emails[1]["value"], &emails[1]["type"]), (&json!("ada@x.example"), &json!("work")));
    settled(&repo);
}

/// Three people who are there and a group that holds these of them; `members` are declared.
fn group(server: &Scripted, more: &str, live: &[&str], members: &str) -> Repo {
    let mut people = "users:\n".to_owned();
    for key in ["ada", "bob", "cy"] {
        server.put("Users", key, json!({"userName": format!("{key}@x.example"), "externalId": key, "active": true}));
        people += &format!("  {key}: {{ userName: {key}@x.example }}\n");
    }
    let live: Vec<Value> = live.iter().map(|key| json!({ "value": key })).collect();
    server.put("Groups", "g", json!({"displayName": "All", "externalId": "all", "members": live}));
    people += &format!("groups:\n  all:\n    displayName: All\n    members: {members}\n");
    repo(server.url(), more, BINDINGS, &people)
}

fn held(server: &Scripted) -> Vec<String> {
    let group = server.get("Groups", "g").unwrap();
    let ids = group["members"].as_array().into_iter().flatten().map(|one| one["value"].as_str().unwrap().to_owned());
    let mut ids: Vec<String> = ids.collect();
    ids.sort();
    ids
}

#[test]
fn t65_who_came_or_went_meanwhile_is_no_failure() {
    for status in [400, 404, 409] {
        let server = Scripted::new(move |seen, held| {
            (seen.method == "PATCH" && seen.path.contains("/Groups/")).then(|| {
                // Somebody else did the same just before.
                let members = json!([{"value": "ada"}, {"value": "bob"}]);
                held.put("Groups", "g", json!({"displayName": "All", "externalId": "all", "members": members}));
                Reply::error(status, "invalidValue", "already so")
            })
        });
        let repo = group(&server, PATCH, &["ada", "cy"], "[ada]");
        repo.apply().expect(0);
        server.put("Groups", "g", json!({"displayName": "All", "externalId": "all", "members": [{"value": "ada"}]}));
        repo.edit("people.yaml", "members: [ada]", "members: [ada, bob]");
        repo.apply().expect(0);
        settled(&repo);
    }
}

#[test]
fn t66_many_members_go_in_batches_and_a_broken_run_is_finished_by_the_next() {
    let server = Scripted::new(|seen, held| {
        let patch = seen.method == "PATCH" && seen.path.contains("/Groups/");
        let broken = patch
            && held.get("Broken", "g").is_some()
            && held.get("Groups", "g").unwrap()["members"].as_array().unwrap().len() >= 300;
        broken.then(|| Reply::error(403, "", "not today"))
    });
    let keys: Vec<String> = (0..950).map(|number| format!("p{number:03}")).collect();
    let mut people = "users:\n".to_owned();
    for key in &keys {
        server.put("Users", key, json!({"userName": format!("{key}@x.example"), "externalId": key, "active": true}));
        people += &format!("  {key}: {{ userName: {key}@x.example }}\n");
    }
    people += &format!("groups:\n  all: {{ displayName: All, members: [{}] }}\n", keys.join(", "));
    server.put("Groups", "g", json!({"displayName": "All", "externalId": "all", "members": []}));
    server.put("Broken", "g", json!({}));
    let repo = repo(server.url(), PATCH, BINDINGS, &people);
    repo.apply().expect(4);
    let before = held(&server).len();
    assert_eq!(before, 300);
    server.change(|held| {
        held.resources.remove(&("Broken".to_owned(), "g".to_owned()));
    });
    let plan = repo.plan();
    assert_eq!(plan["changes"][0]["members"]["add"].as_array().unwrap().len(), 650, "the rest alone");
    repo.apply().expect(0);
    assert_eq!(held(&server).len(), 950);
    let sizes: Vec<usize> = server
        .writes()
        .iter()
        .filter(|seen| seen.method == "PATCH")
        .map(|seen| {
            let operations = body(seen)["Operations"].as_array().unwrap().clone();
            assert!(operations.iter().all(|op| op["op"] == "add"), "never all of them anew");
            operations.iter().map(|op| op["value"].as_array().map_or(1, Vec::len)).sum()
        })
        .collect();
    assert!(sizes.iter().all(|size| *size <= 100), "{sizes:?}");
    settled(&repo);
}

#[test]
fn t69_groups_within_a_group_are_left_alone_and_told_by_their_reference() {
    let server = Scripted::plain();
    let repo = group(&server, PATCH, &["ada"], "[ada]");
    server.put("Groups", "inner", json!({"displayName": "Inner", "members": []}));
    let members = json!([{"value": "ada"}, {"value": "inner", "$ref": "https://x.example/scim/v2/Groups/inner"}]);
    server.put("Groups", "g", json!({"displayName": "All", "externalId": "all", "members": members}));
    repo.apply().expect(0);
    settled(&repo);
    repo.edit("people.yaml", "members: [ada]", "members: [bob]");
    repo.apply().expect(0);
    assert_eq!(held(&server), ["bob", "inner"]);
}

#[test]
fn t71_members_that_are_not_shown_are_not_taken_for_none() {
    let server = Scripted::new(|seen, held| {
        (seen.method == "GET" && seen.path.contains("/Groups")).then(|| {
            let mut reply = held.answer(seen);
            let mut shown: Value = serde_json::from_str(&reply.body).unwrap();
            hide(&mut shown);
            reply.body = shown.to_string();
            reply
        })
    });
    let more = "    capabilities: { patch: true, members: never, filterGroups: [displayName] }\n";
    let repo = group(&server, more, &["ada", "bob"], "[ada, bob]");
    repo.apply();
    assert_eq!(held(&server), ["ada", "bob"], "nobody is taken out");
    assert!(
        !server.writes().iter().any(|seen| seen.body.contains("remove") || seen.method == "PUT"),
        "{:?}",
        methods(&server)
    );
}

fn hide(shown: &mut Value) {
    match shown {
        Value::Object(object) => {
            object.remove("members");
            object.values_mut().for_each(hide);
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        _ => {}
    }
}

#[test]
fn t70_an_emptied_repository_is_refused_until_the_number_is_given() {
    let server = Scripted::plain();
    let all: String = (0..20).map(|number| format!("  p{number}: {{ userName: p{number}@x.example }}\n")).collect();
    let repo = repo(server.url(), "", USERS, &format!("users:\n{all}"));
    repo.apply().expect(0);
    let before = server.writes().len();
    repo.write("people.yaml", person("ada", "ada@x.example"));
    let ran = repo.run(&["plan"]).expect(3);
    assert!(ran.out.contains("--confirm-removals 20"), "{}", ran.out);
    repo.apply().expect(3);
    repo.run(&["apply", "--auto-approve", "--confirm-removals", "19"]).expect(3);
    assert_eq!(server.writes().len(), before);
    repo.edit("scimform.yaml", "    auth:", "    limits: { removals: { percent: 100 } }\n    auth:");
    assert_eq!(repo.run(&["plan"]).code, 0, "each target has a limit of its own");
    repo.edit("scimform.yaml", "percent: 100", "count: 19");
    repo.run(&["apply", "--auto-approve", "--confirm-removals", "20"]).expect(0);
    assert_eq!(server.all("Users").iter().filter(|user| user["active"] == false).count(), 20);
}

#[test]
fn t72_whoever_is_protected_is_not_removed() {
    let server = Scripted::plain();
    for key in ["root", "bot", "old"] {
        server.put("Users", key, json!({"userName": format!("{key}@x.example"), "active": true, "userType": if key == "bot" { "Service" } else { "Employee" }}));
    }
    let more = "    manage: all\n    protect:\n      users:\n        - user.userName == \"root@x.example\"\n        - user.userType == \"Service\"\n";
    let repo = repo(server.url(), more, USERS, &person("ada", "ada@x.example"));
    let plan = repo.plan();
    assert_eq!(actions(&plan), ["create ada", "deactivate old"], "{plan:#}");
    // One whom we manage, and who is declared no more, is refused in so many words.
    repo.write("more.yaml", person("root", "root@x.example"));
    repo.apply().expect(0);
    repo.write("more.yaml", "{}");
    let ran = repo.run(&["plan"]).expect(3);
    assert!(ran.out.contains("root") && ran.out.contains("protected"), "{}", ran.out);
    repo.apply().expect(3);
    assert_eq!(server.get("Users", "root").unwrap()["active"], true);
}

/// Whoever is inactive is in no group.
fn losing(seen: &Seen, held: &mut crate::support::scripted::Held) -> Option<Reply> {
    let reply = (seen.method != "GET").then(|| held.answer(seen));
    let off: Vec<String> = held
        .all("Users")
        .iter()
        .filter(|user| user["active"] == false)
        .map(|user| user["id"].as_str().unwrap().to_owned())
        .collect();
    for mut group in held.all("Groups") {
        if let Some(members) = group["members"].as_array_mut() {
            members.retain(|member| !off.iter().any(|id| member["value"] == json!(id)));
        }
        let id = group["id"].as_str().unwrap().to_owned();
        held.put("Groups", &id, group);
    }
    reply
}

#[test]
fn t73_memberships_that_vanish_with_access_come_back_with_it() {
    let server = Scripted::new(losing);
    let repo = group(&server, PATCH, &["ada", "bob"], "[ada, bob]");
    repo.apply().expect(0);
    repo.edit("people.yaml", "userName: bob@x.example", "userName: bob@x.example, active: false");
    repo.apply().expect(0);
    assert_eq!(held(&server), ["ada"]);
    settled(&repo);
    repo.edit("people.yaml", ", active: false", "");
    repo.apply().expect(0);
    assert_eq!(held(&server), ["ada", "bob"]);
    settled(&repo);
}

#[test]
fn t73_who_was_deactivated_at_the_target_costs_no_second_look_at_the_group() {
    let server = Scripted::new(losing);
    let repo = group(&server, PATCH, &["ada", "bob"], "[ada, bob]");
    repo.apply().expect(0);
    server.change(|held| {
        let mut bob = held.get("Users", "bob").unwrap().clone();
        bob["active"] = json!(false);
        held.put("Users", "bob", bob);
    });
    let plan = repo.plan();
    assert!(actions(&plan).contains(&"reactivate bob".to_owned()), "{plan:#}");
    repo.apply().expect(0);
    assert_eq!(held(&server), ["ada", "bob"], "one apply gives both back");
    settled(&repo);
}

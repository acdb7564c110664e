//! PATCH on servers that know it in part, members of groups, and changes of everything at once.

use serde_json::{Value, json};

use crate::awkward::attributes::PATCH;
use crate::awkward::identity::{USERS, person, repo};
use crate::support::mock::{Reply, Seen};
use crate::support::plan::{actions, settled};
use crate::support::scripted::Scripted;
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

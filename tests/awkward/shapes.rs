//! Servers that show what they hold in a shape of their own: everything is still updated, taken away and checked.

use serde_json::{Value, json};

use crate::awkward::identity::repo;
use crate::support::Repo;
use crate::support::plan::settled;
use crate::support::scripted::Scripted;

const BINDINGS: &str =
    "bindings:\n  everyone:\n    target: app\n    assign: { where: user.userName is defined }\n    push: [all]\n";

/// A plain server whose answers are seen through the function.
fn showing(shape: fn(&mut Value)) -> Scripted {
    Scripted::new(move |seen, held| {
        let mut reply = held.answer(seen);
        let mut shown: Value = serde_json::from_str(&reply.body).ok()?;
        match shown.get_mut("Resources").and_then(Value::as_array_mut) {
            Some(all) => all.iter_mut().for_each(shape),
            None => shape(&mut shown),
        }
        reply.body = shown.to_string();
        Some(reply)
    })
}

/// Flags as words, bare addresses, numbers for texts, members by reference alone.
fn odd(resource: &mut Value) {
    if let Some(active) = resource["active"].as_bool() {
        resource["active"] = json!(if active { "True" } else { "False" });
    }
    if let Some(number) = resource["externalId"].as_str().and_then(|text| text.parse::<u64>().ok()) {
        resource["externalId"] = json!(number);
    }
    for email in resource["emails"].as_array_mut().into_iter().flatten() {
        *email = email["value"].clone();
    }
    for member in resource["members"].as_array_mut().into_iter().flatten() {
        *member = json!({ "$ref": format!("https://app.example/scim/v2/Users/{}", member["value"].as_str().unwrap()) });
    }
}

fn people(title: &str, keys: &[&str], members: &str) -> String {
    let number = |key: &str| 100 + u32::from(key.as_bytes()[0]);
    let users: String = keys.iter().fold(String::new(), |text, key| {
        text + &format!(
            "  {key}:\n    userName: {key}@x.example\n    externalId: \"{}\"\n    title: {title}\n    emails: [{{ value: {key}@x.example }}]\n",
            number(key)
        )
    });
    format!("users:\n{users}groups:\n  all:\n    displayName: All\n    members: {members}\n")
}

fn members(server: &Scripted) -> Vec<String> {
    let group = server.all("Groups").remove(0);
    let ids = group["members"].as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap().to_owned());
    let names = ids.map(|id| server.get("Users", &id).unwrap()["userName"].as_str().unwrap().to_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn t44_e12_e13_e23_e50_updates_leavers_and_members_whatever_the_shape() {
    for more in ["", "    capabilities: { patch: true }\n"] {
        let server = showing(odd);
        server.put("Users", "zoe", json!({"userName": "zoe@x.example", "active": true}));
        let repo = repo(server.url(), more, BINDINGS, &people("One", &["ada", "bob", "cyd"], "[ada, bob, cyd]"));
        repo.apply().expect(0);
        settled(&repo);
        // Somebody else adds a stranger.
        server.change(|held| {
            let mut group = held.all("Groups").remove(0);
            let id = group["id"].as_str().unwrap().to_owned();
            group["members"].as_array_mut().unwrap().push(json!({"value": "zoe"}));
            held.put("Groups", &id, group);
        });
        repo.write("people.yaml", people("Two", &["ada", "bob"], "[ada]"));
        repo.apply().expect(0);
        assert_eq!(members(&server), ["ada@x.example", "zoe@x.example"], "{more}");
        for user in server.all("Users") {
            let name = user["userName"].as_str().unwrap();
            assert_eq!(user["active"], json!(name != "cyd@x.example"), "{user}");
            assert!(name != "ada@x.example" || user["title"] == "Two", "{user}");
        }
        settled(&repo);
    }
}

#[test]
fn t71_a_group_that_shows_no_members_is_not_sent_anew() {
    let server = showing(|resource| {
        resource.as_object_mut().unwrap().remove("members");
    });
    for key in ["ada", "zoe"] {
        server.put("Users", key, json!({"userName": format!("{key}@x.example"), "active": true}));
    }
    let live = json!({"displayName": "All", "externalId": "all", "members": [{"value": "zoe"}]});
    server.put("Groups", "g", live);
    let repo = repo(server.url(), "", BINDINGS, &people("One", &["ada"], "[ada]"));
    let ran = repo.apply().expect(4);
    assert!(ran.out.contains("shows no members of any group") && ran.out.contains("members: never"), "{}", ran.out);
    assert_eq!(members(&server), ["zoe@x.example"], "nobody is taken out");
    // The user knows better.
    let known = std::fs::read_to_string(repo.path().join("scimform.yaml")).unwrap();
    repo.write("scimform.yaml", known + "    capabilities: { members: list }\n");
    assert!(sent_anew(&repo, &server));
}

fn sent_anew(repo: &Repo, server: &Scripted) -> bool {
    repo.apply();
    members(server) == ["ada@x.example"]
}

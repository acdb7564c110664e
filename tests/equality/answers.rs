//! What any server may do to the shape of its answers.

use serde_json::{Value, json};

use crate::equality::{changes, repo};
use crate::support::BINDINGS;
use crate::support::mock::Reply;
use crate::support::plan::settled;
use crate::support::scripted::{Scripted, body, list};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const ADA: &str = "users:\n  ada:\n    userName: ada@x.example\n    title: Engineer\n    department: IT\n";
const PATCH: &str = "    capabilities: { patch: true }\n";

#[test]
fn e04_e09_schemas_are_no_attribute_and_are_made_anew() {
    for schemas in [
        json!([ENTERPRISE, "urn:ietf:params:scim:schemas:core:2.0:User"]),
        json!(["URN:ietf:params:scim:schemas:core:2.0:user"]),
        json!(["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE, "urn:vendor:nothing:of:it"]),
        Value::Null,
    ] {
        let server = Scripted::plain();
        server.put("Users", "1", json!({
            "schemas": schemas, "userName": "ada@x.example", "externalId": "ada", "active": true, "title": "Engineer",
            ENTERPRISE: {"department": "IT"}
        }));
        let repo = repo(server.url(), "generic", "", ADA);
        settled(&repo);
        repo.edit("people.yaml", "department: IT", "department: Sales");
        repo.apply().expect(0);
        let put = server.writes().pop().unwrap();
        let named: Vec<String> = serde_json::from_value(body(&put)["schemas"].clone()).expect(&put.body);
        assert_eq!(named.iter().filter(|urn| urn.as_str() == ENTERPRISE).count(), 1, "{named:?} of {schemas}");
        settled(&repo);
    }
}

#[test]
fn e21_the_whole_arrangement_of_primaries_is_written() {
    // A server that lets the one set last be the primary one.
    let server = Scripted::new(|seen, held| {
        let reply = matches!(seen.method.as_str(), "POST" | "PATCH").then(|| held.answer(seen))?;
        let id = held.all("Users")[0]["id"].as_str().unwrap().to_owned();
        let mut user = held.get("Users", &id).unwrap().clone();
        let emails = user["emails"].as_array_mut().unwrap();
        let last = emails.iter().rposition(|email| email["primary"] == json!(true)).unwrap_or(0);
        emails.iter_mut().enumerate().for_each(|(place, email)| email["primary"] = json!(place == last));
        held.put("Users", &id, user.clone());
        Some(Reply { status: reply.status, ..Reply::json(&user) })
    });
    let people = |first: bool| {
        format!(
            "users:\n  ada:\n    userName: ada@x.example\n    emails:\n      - {{ value: a@x.example, type: work, primary: {first} }}\n      - {{ value: b@x.example, type: home, primary: {} }}\n",
            !first
        )
    };
    let repo = repo(server.url(), "generic", PATCH, &people(true));
    repo.apply().expect(0);
    settled(&repo);
    repo.write("people.yaml", people(false));
    assert_eq!(changes(&repo), ["update ada emails"]);
    repo.apply().expect(0);
    let sent = body(&server.writes()[1]);
    assert_eq!(sent["Operations"].as_array().unwrap().len(), 1, "{sent}");
    assert_eq!(
        sent["Operations"][0]["value"].as_array().unwrap().len(),
        2,
        "both elements, with their primary: {sent}"
    );
    settled(&repo);
}

#[test]
fn e40_meta_and_versions_are_never_a_difference() {
    let server = Scripted::new(|seen, held| {
        // Every read makes a new version.
        let reads = held.resources.entry(("Reads".into(), String::new())).or_insert(json!(0));
        *reads = json!(reads.as_u64().unwrap() + 1);
        let count = reads.as_u64().unwrap();
        for (key, user) in held.resources.iter_mut().filter(|((of, _), _)| of == "Users") {
            user["meta"] = json!({"version": format!("W/\"{count}\""), "lastModified": format!("2026-01-01T00:00:{:02}Z", count % 60), "location": format!("https://elsewhere.example/Users/{}", key.1)});
        }
        (seen.method == "OPTIONS").then(|| Reply::new(404, ""))
    });
    let repo = repo(server.url(), "generic", "", ADA);
    repo.apply().expect(0);
    settled(&repo);
    let put = server.writes().into_iter().find(|seen| seen.method == "PUT");
    assert!(put.is_none_or(|put| body(&put).get("meta").is_none()));
    repo.edit("people.yaml", "Engineer", "Director");
    repo.apply().expect(0);
    assert!(body(server.writes().last().unwrap()).get("meta").is_none(), "and never sent");
    settled(&repo);
}

#[test]
fn e46_members_are_a_set_and_strangers_in_it_stay_unless_exact() {
    let server = Scripted::plain();
    for (id, name) in [("1", "ada"), ("2", "bob"), ("9", "stranger")] {
        server.put("Users", id, json!({"userName": format!("{name}@x.example"), "externalId": name, "active": true}));
    }
    let members = json!([{"value": "2"}, {"value": "1", "display": "Ada", "$ref": "../Users/1"}, {"value": "2"}]);
    server.put("Groups", "g", json!({"displayName": "All", "externalId": "all", "members": members}));
    let people = "users:\n  ada: { userName: ada@x.example }\n  bob: { userName: bob@x.example }\ngroups:\n  all: { displayName: All, members: [ada, bob] }\n";
    let repo = repo(server.url(), "generic", PATCH, people);
    repo.write("bindings.yaml", BINDINGS);
    settled(&repo);
    server.put(
        "Groups",
        "g",
        json!({"displayName": "All", "externalId": "all", "members": [{"value": "1"}, {"value": "2"}, {"value": "9"}]}),
    );
    let additive = BINDINGS.replace("    push:", "    membership: additive\n    push:");
    repo.write("bindings.yaml", additive);
    settled(&repo);
}

#[test]
fn e53_what_a_list_leaves_out_is_read_by_id_before_it_is_a_difference() {
    let server = Scripted::new(|seen, held| {
        let lists = seen.method == "GET" && seen.path.ends_with("/Users");
        lists.then(|| {
            let mut users = held.all("Users");
            for user in &mut users {
                let user = user.as_object_mut().unwrap();
                user.remove("title");
                user[ENTERPRISE].as_object_mut().unwrap().remove("department");
            }
            list(seen, users)
        })
    });
    for (id, key) in [("1", "ada"), ("2", "bob")] {
        server.put(
            "Users",
            id,
            json!({
                "userName": format!("{key}@x.example"), "externalId": key, "active": true, "title": "Engineer",
                ENTERPRISE: {"department": "IT", "costCenter": "7"}
            }),
        );
    }
    let people = "users:\n  ada: { userName: ada@x.example, department: IT }\n  bob: { userName: bob@x.example, department: IT }\n";
    let repo = repo(server.url(), "generic", "", people);
    settled(&repo);
    repo.write("people.yaml", people.replacen("department: IT", "title: Director", 1));
    assert_eq!(changes(&repo), ["update ada title"]);
    assert_eq!(repo.plan()["changes"][0]["attributes"][0]["before"], json!("Engineer"));
}

#[test]
fn e54_a_stale_read_after_a_write_is_waited_for() {
    let server = Scripted::new(|seen, held| {
        let key = ("Late".to_owned(), String::new());
        match seen.method.as_str() {
            "PUT" => {
                let old = held.all("Users")[0].clone();
                let reply = held.answer(seen);
                held.resources.insert(key, json!({"reads": 2, "old": old}));
                Some(Reply { status: 204, body: String::new(), ..reply })
            }
            "GET" if seen.path.contains("/Users/") => {
                let late = held.resources.get_mut(&key).filter(|late| late["reads"].as_u64() > Some(0))?;
                late["reads"] = json!(late["reads"].as_u64().unwrap() - 1);
                Some(Reply::json(&late["old"]))
            }
            _ => None,
        }
    });
    let repo = repo(server.url(), "generic", "", ADA);
    repo.apply().expect(0);
    repo.edit("people.yaml", "Engineer", "Director");
    repo.apply().expect(0);
    settled(&repo);
}

//! Values that a server alters, hides, drops or shows in another shape.

use serde_json::{Value, json};

use crate::awkward::identity::{USERS, person, repo};
use crate::support::mock::Reply;
use crate::support::plan::{actions, settled};
use crate::support::scripted::{Held, Scripted, body};

pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub const PATCH: &str = "    capabilities: { patch: true }\n";

/// A server that stores what the function makes of it, by PUT and by POST.
fn altering(alter: impl Fn(&mut Value) + Send + Sync + 'static) -> Scripted {
    Scripted::new(move |seen, held| {
        let reply = matches!(seen.method.as_str(), "POST" | "PUT").then(|| held.answer(seen));
        let keys: Vec<_> = held.resources.keys().filter(|(endpoint, _)| endpoint == "Users").cloned().collect();
        keys.iter().for_each(|key| alter(held.resources.get_mut(key).unwrap()));
        reply.map(|reply| stored(reply, held))
    })
}

/// The answer, with what is stored instead of what was sent.
fn stored(reply: Reply, held: &Held) -> Reply {
    let sent: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    match sent["id"].as_str().and_then(|id| held.get("Users", id)) {
        Some(stored) => Reply { status: reply.status, ..Reply::json(stored) },
        None => reply,
    }
}

#[test]
fn t47_a_server_that_moves_the_primary_mark_is_asked_once_more_and_believed() {
    let server = altering(|user| {
        for (place, mail) in user["emails"].as_array_mut().into_iter().flatten().enumerate() {
            mail["primary"] = json!(place == 0);
        }
    });
    let people = "users:\n  ada:\n    userName: ada@x.example\n    emails:\n      - { value: a@x.example, type: home }\n      - { value: b@x.example, type: work, primary: true }\n";
    let repo = repo(server.url(), "", USERS, people);
    let first = repo.apply();
    assert!(first.code == 0 || first.out.contains("did not converge"), "{}", first.out);
    assert_eq!(server.writes().len(), 2, "the create, and what differs once more");
    settled(&repo);
}

#[test]
fn t49_a_server_that_keeps_one_of_two_addresses_is_known_before() {
    let server = altering(|user| {
        if let Some(mails) = user["emails"].as_array_mut() {
            mails.truncate(1);
        }
    });
    let people = "users:\n  ada:\n    userName: ada@x.example\n    emails:\n      - { value: a@x.example, type: work, primary: true }\n      - { value: b@x.example, type: home }\n";
    let repo = repo(server.url(), "    capabilities: { attributes: { singleValued: [emails] } }\n", USERS, people);
    let told = repo.run(&["validate"]).expect(0);
    assert!(told.out.contains("single-valued") && told.out.contains("people.yaml:5"), "{}", told.out);
    repo.apply().expect(0);
    settled(&repo);
}

#[test]
fn t50_a_change_that_is_ignored_is_never_green() {
    let server = Scripted::new(|seen, held| {
        let frozen = held.get("Users", "made-1").map(|user| user["userName"].clone());
        let reply = (seen.method == "PUT").then(|| held.answer(seen))?;
        held.resources.get_mut(&("Users".to_owned(), "made-1".to_owned())).unwrap()["userName"] = frozen.unwrap();
        Some(stored(reply, held))
    });
    let repo = repo(server.url(), "", USERS, &person("ada", "ada@x.example"));
    repo.apply().expect(0);
    repo.write("people.yaml", person("ada", "countess@x.example"));
    let ran = repo.apply().expect(4);
    assert!(ran.out.contains("did not converge") && ran.out.contains("userName"), "{}", ran.out);
    assert_eq!(actions(&repo.plan()), ["update ada"], "it is still not so");
    // Once the profile says it, the plan does too and sends nothing.
    repo.edit("scimform.yaml", "    auth:", "    capabilities: { attributes: { createOnly: [userName] } }\n    auth:");
    let plan = repo.plan();
    assert_eq!(actions(&plan), [""; 0]);
    assert!(plan["notices"].to_string().contains("`userName` differs and cannot be changed here"), "{plan:#}");
}

#[test]
fn t53_what_nobody_declares_survives_every_kind_of_put() {
    type Store = fn(&Value, &Value) -> Value;
    let flavours: [(&str, Store); 3] = [
        ("clears", |_, sent| sent.clone()),
        ("keeps", |old, sent| {
            let mut new = old.clone();
            sent.as_object().unwrap().iter().for_each(|(name, value)| new[name] = value.clone());
            new
        }),
        ("defaults", |_, sent| {
            let mut new = sent.clone();
            for name in ["nickName", "locale"] {
                if new[name].is_null() {
                    new[name] = json!("default");
                }
            }
            new
        }),
    ];
    for (name, store) in flavours {
        let server = Scripted::new(move |seen, held| {
            (seen.method == "PUT").then(|| {
                let new = store(held.get("Users", "1").unwrap(), &body(seen));
                held.put("Users", "1", new);
                Reply::json(held.get("Users", "1").unwrap())
            })
        });
        server.put(
            "Users",
            "1",
            json!({"userName": "ada@x.example", "externalId": "ada", "nickName": "Countess", "title": "x", "profileUrl": "https://x.example",
                "urn:vendor:own:User": {"badge": 7}}),
        );
        let people = person("ada", "ada@x.example") + "    title: Engineer\n    profileUrl: null\n";
        let repo = repo(server.url(), "", USERS, &people);
        repo.apply().expect(0);
        let ada = server.get("Users", "1").unwrap();
        assert_eq!((&ada["nickName"], &ada["title"]), (&json!("Countess"), &json!("Engineer")), "{name}");
        assert_eq!(ada["urn:vendor:own:User"]["badge"], 7, "{name}");
        assert!(ada["profileUrl"].is_null(), "{name}: cleared: {ada}");
        settled(&repo);
    }
}

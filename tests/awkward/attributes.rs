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
fn t43_a_server_that_brings_values_into_its_own_form_converges() {
    let server = altering(|user| {
        for phone in user["phoneNumbers"].as_array_mut().into_iter().flatten() {
            let digits = phone["value"].as_str().unwrap().replace(' ', "");
            *phone = json!({"value": digits});
        }
        if user["name"].is_object() {
            user["name"]["formatted"] = json!("Lovelace Ada");
        }
        if user["preferredLanguage"].is_null() {
            user["preferredLanguage"] = json!("en");
        }
    });
    let people = "users:\n  ada:\n    userName: ada@acme.example\n    name: { givenName: Ada, familyName: Lovelace, formatted: Ada Lovelace }\n    phoneNumbers: [{ value: '+44 20 7946 0018', type: work }]\n";
    let repo = repo(server.url(), "", USERS, people);
    repo.apply().expect(0);
    settled(&repo);
    repo.edit("people.yaml", "0018", "0019");
    assert_eq!(actions(&repo.plan()), ["update ada"]);
    repo.apply().expect(0);
    settled(&repo);
}

#[test]
fn t44_booleans_as_words_and_active_left_out() {
    let server = Scripted::plain();
    server.put("Users", "1", json!({"userName": "ada@x.example", "externalId": "ada", "active": "True"}));
    server.put("Users", "2", json!({"userName": "bob@x.example", "externalId": "bob"}));
    server.put("Users", "3", json!({"userName": "cy@x.example", "externalId": "cy", "active": "False"}));
    let people = "users:\n  ada: { userName: ada@x.example }\n  bob: { userName: bob@x.example }\n  cy: { userName: cy@x.example, active: false }\n";
    settled(&repo(server.url(), "", USERS, people));
}

#[test]
fn t45_extensions_flattened_dotted_and_in_another_case() {
    let wrong_case = ENTERPRISE.replace(":User", ":user");
    let shapes = [
        json!({format!("{ENTERPRISE}:department"): "Analysis", "name.givenName": "Ada"}),
        json!({(wrong_case): {"Department": "Analysis"}, "name": {"givenname": "Ada"}}),
        json!({(ENTERPRISE): {"department": "Analysis"}, "NAME": {"givenName": "Ada"}}),
    ];
    for mut shape in shapes {
        shape["userName"] = json!("ada@x.example");
        shape["externalId"] = json!("ada");
        let server = Scripted::plain();
        server.put("Users", "1", shape);
        let people = "users:\n  ada: { userName: ada@x.example, name: { givenName: Ada }, department: Analysis }\n";
        settled(&repo(server.url(), "", USERS, people));
    }
}

#[test]
fn t46_nothing_is_nothing_in_all_its_spellings() {
    let live = [Some(Value::Null), None, Some(json!([])), Some(json!(""))];
    // What the schema of the files refuses can't be declared: an empty text of a list, an empty list of a text.
    let attributes = [("title", ["null", "", "\"\""]), ("phoneNumbers", ["null", "", "[]"])];
    for (name, declared) in attributes {
        let value = if name == "title" { json!("Countess") } else { json!([{"value": "+4420", "type": "work"}]) };
        for yaml in declared {
            let line = if yaml.is_empty() { String::new() } else { format!("    {name}: {yaml}\n") };
            let people = person("ada", "ada@x.example") + &line;
            for shown in &live {
                let server = Scripted::plain();
                let mut ada = json!({"userName": "ada@x.example", "externalId": "ada"});
                if let Some(shown) = shown {
                    ada[name] = shown.clone();
                }
                server.put("Users", "1", ada);
                settled(&repo(server.url(), "", USERS, &people));
            }
            let server = Scripted::plain();
            server.put("Users", "1", json!({"userName": "ada@x.example", "externalId": "ada", name: value}));
            let repo = repo(server.url(), "", USERS, &people);
            let wanted: &[&str] = if line.is_empty() { &[] } else { &["update ada"] };
            assert_eq!(actions(&repo.plan()), wanted, "{name}: {yaml}");
            repo.apply().expect(0);
            let after = server.get("Users", "1").unwrap()[name].clone();
            assert_eq!(after == value, line.is_empty(), "{name}: {yaml} left {after}");
            settled(&repo);
        }
        for shown in &live {
            let server = Scripted::plain();
            let mut ada = json!({"userName": "ada@x.example", "externalId": "ada"});
            if let Some(shown) = shown {
                ada[name] = shown.clone();
            }
            server.put("Users", "1", ada);
            let people = format!("{}    {name}: {value}\n", person("ada", "ada@x.example"));
            assert_eq!(
                actions(&repo(server.url(), "", USERS, &people).plan()),
                ["update ada"],
                "{name} over {shown:?}"
            );
        }
    }
    for refused in ["title: []", "phoneNumbers: \"\""] {
        let people = format!("{}    {refused}\n", person("ada", "ada@x.example"));
        repo("https://app.example.com", "", USERS, &people).run(&["validate"]).expect(1);
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
fn t51_what_is_taken_at_creation_alone_is_explained_and_not_sent() {
    let server = Scripted::plain();
    let more = "    capabilities: { attributes: { createOnly: [externalId] } }\n";
    let people = person("ada", "ada@x.example") + "    externalId: first\n";
    let repo = repo(server.url(), more, USERS, &people);
    repo.apply().expect(0);
    assert_eq!(server.get("Users", "made-1").unwrap()["externalId"], "first");
    repo.edit("people.yaml", "first", "second");
    let plan = repo.plan();
    assert_eq!(actions(&plan), [""; 0]);
    assert!(plan["notices"].to_string().contains("takes it at creation alone"), "{plan:#}");
    repo.apply().expect(0);
    assert_eq!(server.writes().len(), 1);
}

#[test]
fn t52_access_that_the_server_computes_is_asked_for_once() {
    let server = altering(|user| user["active"] = json!(false));
    let more = "    capabilities: { attributes: { derived: [active] } }\n";
    let repo = repo(server.url(), more, USERS, &person("ada", "ada@x.example"));
    repo.apply().expect(0);
    settled(&repo);
    // The other way round it is a change: who is to leave leaves.
    let server = Scripted::plain();
    server.put("Users", "1", json!({"userName": "ada@x.example", "externalId": "ada", "active": true}));
    let people = person("ada", "ada@x.example") + "    active: false\n";
    assert_eq!(actions(&self::repo(server.url(), more, USERS, &people).plan()), ["deactivate ada"]);
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

#[test]
fn t55_a_password_is_sent_at_creation_and_never_again() {
    for more in ["", PATCH] {
        let server = altering(|user| {
            user.as_object_mut().unwrap().remove("password");
        });
        let people = person("ada", "ada@x.example") + "    title: x\n";
        let repo = repo(server.url(), more, USERS, &people);
        repo.write(
            "mapping.yaml",
            "mappings:\n  own:\n    extends: generic\n    user:\n      password: { const: first-Secret-1 }\n",
        );
        repo.edit("bindings.yaml", "target: app\n", "target: app\n    mapping: own\n");
        let ran = repo.apply().expect(0);
        assert!(!ran.said().contains("first-Secret"));
        repo.edit("people.yaml", "title: x", "title: y");
        repo.apply().expect(0);
        let with: Vec<String> =
            server.writes().into_iter().filter(|s| s.body.contains("first-Secret")).map(|s| s.method).collect();
        assert_eq!(with, ["POST"]);
        settled(&repo);
    }
}

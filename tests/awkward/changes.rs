//! References between people, changes that meet others' changes, and answers that hardly are any.

use serde_json::{Value, json};

use crate::awkward::attributes::{ENTERPRISE, PATCH};
use crate::awkward::identity::{USERS, person, repo};
use crate::support::mock::Reply;
use crate::support::plan::{actions, settled};
use crate::support::scripted::{Scripted, list};

/// Between the plan's reading and the apply's write somebody else changes the title.
fn meddling(etags: bool) -> Scripted {
    Scripted::new(move |seen, held| {
        if seen.path.ends_with("/ServiceProviderConfig") {
            let config = json!({"patch": {"supported": etags}, "etag": {"supported": etags}, "filter": {"supported": true, "maxResults": 100}, "bulk": {"supported": false}});
            return Some(Reply::json(&config));
        }
        let version =
            |held: &crate::support::scripted::Held| held.get("Users", "1").unwrap()["meta"]["version"].clone();
        if seen.method == "GET" && seen.path.ends_with("/Users") {
            let reply = list(seen, held.all("Users"));
            if held.get("Armed", "1").is_some() {
                let mut ada = held.get("Users", "1").unwrap().clone();
                ada["title"] = json!("Duchess");
                ada["meta"] = json!({"version": "W/\"2\""});
                held.put("Users", "1", ada);
            }
            return Some(reply);
        }
        let stale = seen.header("if-match").is_some_and(|tag| json!(tag) != version(held));
        (seen.method != "GET" && stale).then(|| Reply::error(412, "", "it has another version"))
    })
}

#[test]
fn t56_a_change_made_meanwhile_is_not_overwritten() {
    for etags in [true, false] {
        let server = meddling(etags);
        let ada = json!({"userName": "ada@x.example", "externalId": "ada", "active": true, "title": "Lady", "meta": {"version": "W/\"1\""}});
        server.put("Users", "1", ada);
        let repo = repo(server.url(), "", USERS, &(person("ada", "ada@x.example") + "    title: Countess\n"));
        server.put("Armed", "1", json!({}));
        let ran = repo.apply().expect(4);
        assert!(ran.out.contains("changed at the target after the plan"), "{}", ran.out);
        assert_eq!(server.get("Users", "1").unwrap()["title"], "Duchess", "etags: {etags}");
        server.change(|held| {
            held.resources.remove(&("Armed".to_owned(), "1".to_owned()));
        });
        repo.apply().expect(0);
        assert_eq!(server.get("Users", "1").unwrap()["title"], "Countess", "the next plan saw it");
    }
}

fn two(a: &str, b: &str) -> String {
    format!("users:\n  ada: {{ userName: ada@x.example{a} }}\n  bob: {{ userName: bob@x.example{b} }}\n")
}

#[test]
fn t57_managers_who_come_later_or_in_a_circle() {
    for more in ["", PATCH] {
        let server = Scripted::plain();
        let repo = repo(server.url(), more, USERS, &two(", manager: bob", ", manager: ada"));
        repo.apply().expect(0);
        let users = server.all("Users");
        let of = |name: &str| users.iter().find(|user| user["externalId"] == name).unwrap();
        assert_eq!(of("ada")[ENTERPRISE]["manager"]["value"], of("bob")["id"]);
        assert_eq!(of("bob")[ENTERPRISE]["manager"]["value"], of("ada")["id"]);
        settled(&repo);
    }
}

#[test]
fn t57_a_manager_who_is_nobody_is_an_error_and_one_out_of_scope_a_word() {
    let server = Scripted::plain();
    let repo = repo(server.url(), "", USERS, &two(", manager: nobody", ""));
    let ran = repo.run(&["validate"]).expect(1);
    assert!(ran.out.contains("nobody") && ran.out.contains("people.yaml:2"), "{}", ran.out);
    repo.write("people.yaml", two(", manager: bob", ""));
    repo.edit("bindings.yaml", "user.userName is defined", "user.key == \"ada\"");
    let plan = repo.run(&["plan"]).expect(0);
    assert!(plan.out.contains("manager") && plan.out.contains("bob"), "{}", plan.out);
    repo.apply().expect(0);
    assert_eq!(server.all("Users").len(), 1);
    settled(&repo);
}

#[test]
fn t58_a_manager_as_text_object_or_reference_is_the_same_manager() {
    let shapes = [
        json!({(ENTERPRISE): {"manager": "2"}}),
        json!({(ENTERPRISE): {"manager": {"value": "2", "displayName": "Bob"}}}),
        json!({(ENTERPRISE): {"manager": {"$ref": "https://other.example/scim/Users/2"}}}),
        json!({(ENTERPRISE): {"manager": [{"value": "2"}]}}),
        json!({format!("{ENTERPRISE}:manager"): "2"}),
    ];
    for shape in shapes {
        let server = Scripted::plain();
        let mut ada = json!({"userName": "ada@x.example", "externalId": "ada"});
        ada.as_object_mut().unwrap().extend(shape.as_object().unwrap().clone());
        server.put("Users", "1", ada);
        server.put("Users", "2", json!({"userName": "bob@x.example", "externalId": "bob"}));
        let plan = repo(server.url(), "", USERS, &two(", manager: bob", "")).plan();
        assert_eq!(actions(&plan), [""; 0], "{shape}: {plan:#}");
    }
}

#[test]
fn t58_a_refused_path_is_reported_and_no_other_is_tried() {
    let server =
        Scripted::new(|seen, _| (seen.method == "PATCH").then(|| Reply::error(400, "invalidPath", "no such path")));
    server.put("Users", "1", json!({"userName": "ada@x.example", "externalId": "ada"}));
    server.put("Users", "2", json!({"userName": "bob@x.example", "externalId": "bob"}));
    let repo = repo(server.url(), PATCH, USERS, &two(", manager: bob", ""));
    let ran = repo.apply().expect(4);
    assert!(ran.out.contains("no such path"), "{}", ran.out);
    assert_eq!(server.writes().len(), 1);
}

#[test]
fn t60_what_no_schema_knows_is_left_alone_and_sent_back() {
    let server = Scripted::plain();
    let strange = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:vendor:x:1.0"],
        "userName": "ada@x.example", "externalId": "ada", "vendorField": {"deep": [1, {"a": null}]}, "urn:vendor:x:1.0": {"y": true}});
    server.put("Users", "1", strange.clone());
    let repo = repo(server.url(), "", USERS, &person("ada", "ada@x.example"));
    settled(&repo);
    repo.write("people.yaml", person("ada", "ada@x.example") + "    title: Countess\n");
    repo.apply().expect(0);
    let ada = server.get("Users", "1").unwrap();
    for name in ["vendorField", "urn:vendor:x:1.0", "schemas"] {
        assert_eq!(ada[name], strange[name], "{name}");
    }
}

/// A list of this user, in text.
fn listed(user: &str) -> String {
    format!("{{\"totalResults\":1,\"Resources\":[{user}]}}")
}

#[test]
fn t61_odd_json_that_can_be_read_is_read() {
    let ok = |fields: &str| {
        listed(&format!("{{\"id\":\"1\",\"userName\":\"ada@x.example\",\"externalId\":\"ada\"{fields}}}"))
    };
    let deep = format!(",\"x\":{}1{}", "[".repeat(100), "]".repeat(100));
    let bodies = [
        ok(",\"size\":123456789012345678901234567890,\"small\":1e999999"),
        ok(",\"meta\":{\"created\":\"yesterday\",\"lastModified\":\"2026-13-99T99:99:99+99:99\"}"),
        // Of a name that comes twice the last one counts.
        ok(",\"title\":\"no\",\"title\":\"yes\""),
        ok(&deep),
        format!("\u{feff}{}", ok("")),
    ];
    for text in bodies {
        let shown = text.clone();
        let server = Scripted::new(move |seen, _| seen.path.ends_with("/Users").then(|| Reply::new(200, text.clone())));
        let title = if shown.contains("title") { "    title: \"yes\"\n" } else { "" };
        let repo = repo(server.url(), "", USERS, &(person("ada", "ada@x.example") + title));
        let plan = repo.plan();
        assert_eq!(actions(&plan), [""; 0], "{shown}: {plan:#}");
    }
}

#[test]
fn t61_json_that_can_not_be_read_is_a_clear_error() {
    let deep = listed(&format!("{{\"id\":\"1\",\"x\":{}1{}}}", "{\"a\":".repeat(1000), "}".repeat(1000)));
    let bodies: [Vec<u8>; 4] = [
        deep.into_bytes(),
        b"{\"totalResults\":1,\"Resources\":[{\"id\":\"1\",\"userName\":\"\xff\xfe\"}]}".to_vec(),
        b"{\"totalResults\":1,\"Resources\":[{\"id\":\"1\",\"userName\":\"\\ud800\"}]}".to_vec(),
        b"\xff\xfe{\x00}\x00".to_vec(),
    ];
    for bytes in bodies {
        let url = raw(bytes);
        let repo = repo(&url, "    manage: all\n", USERS, &person("ada", "ada@x.example"));
        for arguments in [&["plan"][..], &["apply", "--auto-approve"]] {
            let ran = repo.run(arguments).expect(1);
            let told = ran.said();
            assert!(told.contains("could not be read") || told.contains("can't be read"), "{told}");
        }
    }
}

/// A server that answers every request by these bytes.
fn raw(bytes: Vec<u8>) -> String {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/scim/v2", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/scim+json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                bytes.len()
            );
            let _ = stream.write_all(&[head.as_bytes(), &bytes].concat());
        }
    });
    url
}

#[test]
fn t92_times_of_the_server_decide_nothing() {
    let server = Scripted::plain();
    for (id, time) in [("1", "2999-01-01T00:00:00Z"), ("2", "1970-01-01T00:00:00Z")] {
        let name = if id == "1" { "ada" } else { "bob" };
        server.put(
            "Users",
            id,
            json!({"userName": format!("{name}@x.example"), "externalId": name, "meta": {"lastModified": time}}),
        );
    }
    let repo = repo(server.url(), "", USERS, &two("", ""));
    repo.apply().expect(0);
    settled(&repo);
    server.change(|held| {
        for ((_, id), user) in &mut held.resources {
            user["title"] = Value::Null;
            user["meta"]["lastModified"] = json!(if id == "1" { "1970-01-01T00:00:00Z" } else { "nonsense" });
        }
    });
    settled(&repo);
}

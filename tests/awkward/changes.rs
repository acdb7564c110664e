//! References between people, changes that meet others' changes, and answers that hardly are any.

use serde_json::{Value, json};

use crate::awkward::attributes::{ENTERPRISE, PATCH};
use crate::awkward::identity::{USERS, person, repo};
use crate::support::mock::Reply;
use crate::support::plan::{actions, settled};
use crate::support::scripted::Scripted;

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

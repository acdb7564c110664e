//! PATCH of users: every form of path, atomic, with the right refusal.

use serde_json::{Value, json};

use crate::sandbox::harness::{ENTERPRISE, Server};

async fn patched(before: Value, operations: Value) -> Value {
    let server = Server::plain().await;
    let id = server.user("ada", before).await.id();
    let answer = server.patch(&format!("/Users/{id}"), operations.clone()).await;
    assert_eq!(answer.status, 200, "{operations}: {}", answer.body);
    let read = server.get(&format!("/Users/{id}")).await.body;
    assert_eq!(read, answer.body);
    read
}

#[tokio::test]
async fn every_form_of_path_reaches_its_place() {
    let emails =
        json!([{ "value": "w@x.org", "type": "work", "primary": true }, { "value": "h@x.org", "type": "home" }]);
    let after = patched(
        json!({ "emails": emails, "name": { "givenName": "A", "familyName": "L" }, "nickName": "n" }),
        json!([
            { "op": "replace", "path": "title", "value": "Countess" },
            { "op": "Replace", "path": "name.givenName", "value": "Ada" },
            { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "ada@x.org" },
            { "op": "add", "path": format!("{ENTERPRISE}:department"), "value": "Engines" },
            { "op": "add", "path": format!("{ENTERPRISE}:manager.value"), "value": "boss" },
            { "op": "add", "value": { "active": true, "displayName": "Ada L" } },
            { "op": "remove", "path": "emails[type eq \"home\"]" },
            { "op": "remove", "path": "nickName" },
            { "op": "add", "path": "phoneNumbers", "value": [{ "value": "1", "type": "work" }] },
        ]),
    )
    .await;
    assert_eq!(after["title"], "Countess");
    assert_eq!(after["name"], json!({ "givenName": "Ada", "familyName": "L" }));
    assert_eq!(after["emails"], json!([{ "value": "ada@x.org", "type": "work", "primary": true }]));
    assert_eq!(after[ENTERPRISE], json!({ "department": "Engines", "manager": { "value": "boss" } }));
    assert_eq!((&after["active"], &after["displayName"]), (&json!(true), &json!("Ada L")));
    assert!(after.get("nickName").is_none());
    assert_eq!(after["phoneNumbers"], json!([{ "value": "1", "type": "work" }]));
    assert!(after["schemas"].as_array().unwrap().contains(&json!(ENTERPRISE)));
}

#[tokio::test]
async fn an_extension_that_is_emptied_is_no_longer_declared() {
    let after = patched(
        json!({ ENTERPRISE: { "department": "Engines" } }),
        json!([{ "op": "remove", "path": format!("{ENTERPRISE}:department") }]),
    )
    .await;
    assert!(after.get(ENTERPRISE).is_none());
    assert_eq!(after["schemas"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn refusals_name_their_kind_and_change_nothing() {
    let server = Server::plain().await;
    let id = server.user("ada", json!({ "title": "Countess" })).await.id();
    server.user("grace", json!({})).await;
    let path = format!("/Users/{id}");
    let before = server.get(&path).await.body;
    let first = json!({ "op": "replace", "path": "title", "value": "x" });
    for (operation, refusal) in [
        (json!({ "op": "remove" }), (400, "noTarget")),
        (json!({ "op": "move", "path": "title" }), (400, "invalidSyntax")),
        (json!({ "op": "replace", "path": "emails[type eq", "value": 1 }), (400, "invalidPath")),
        (json!({ "op": "replace", "path": "emails[type eq \"x\"].value", "value": "v" }), (400, "noTarget")),
        (json!({ "op": "replace", "path": "id", "value": "other" }), (400, "mutability")),
        (json!({ "op": "add", "path": "groups", "value": [{ "value": "g" }] }), (400, "mutability")),
        (json!({ "op": "remove", "path": "userName" }), (400, "mutability")),
        (json!({ "op": "replace", "path": "active", "value": "True" }), (400, "invalidValue")),
        (json!({ "op": "replace", "path": "userName", "value": "GRACE" }), (409, "uniqueness")),
        (json!({ "op": "replace", "path": "favouriteColour", "value": "green" }), (400, "invalidSyntax")),
    ] {
        let answer = server.patch(&path, json!([first, operation])).await;
        assert_eq!(answer.refusal(), refusal, "{operation}: {}", answer.body);
        assert_eq!(server.get(&path).await.body, before, "{operation}");
    }
    assert_eq!(server.patch(&path, json!([])).await.refusal(), (400, "invalidSyntax"));
    assert_eq!(server.patch("/Users/nobody", json!([first])).await.refusal(), (404, ""));
}

#[tokio::test]
async fn what_changes_nothing_makes_no_version() {
    let server = Server::plain().await;
    let made = server.user("ada", json!({ "title": "Countess" })).await;
    let path = format!("/Users/{}", made.id());
    let same = server.patch(&path, json!([{ "op": "replace", "path": "title", "value": "Countess" }])).await;
    assert_eq!(same.body, made.body);
    let password = server.patch(&path, json!([{ "op": "replace", "path": "password", "value": "s3cret" }])).await;
    assert_ne!(password.header("etag"), made.header("etag"));
    assert!(password.body.get("password").is_none());
}

//! PATCH of users: every form of path, atomic, with the right refusal.

use serde_json::json;

use crate::sandbox::harness::Server;

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

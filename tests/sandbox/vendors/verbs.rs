//! What a vendor has and what it has not.

use scimform::profile::{Deletion, Resources};
use serde_json::json;

use super::capabilities;
use crate::sandbox::harness::{GROUP, Server, USER};

#[tokio::test]
async fn what_there_is_not() {
    let can = capabilities(|can| {
        can.resources = Resources { users: true, groups: false };
        can.patch = Some(false);
        can.put = false;
        can.etag = Some(false);
        can.deletion = Deletion::None;
    });
    let server = Server::vendor(can, json!({})).await;
    let made = server.user("ada", json!({})).await;
    let path = format!("/Users/{}", made.id());
    assert_eq!((made.header("etag"), made.body["meta"].get("version")), ("", None));
    assert_eq!(server.get("/Groups").await.refusal(), (404, ""));
    assert_eq!(server.get("/ResourceTypes").await.body["totalResults"], 1);
    assert_eq!(server.get("/ServiceProviderConfig").await.body["patch"]["supported"], false);
    assert_eq!(server.patch(&path, json!([{ "op": "remove", "path": "title" }])).await.refusal(), (501, ""));
    assert_eq!(server.put(&path, json!({ "schemas": [USER], "userName": "a" })).await.refusal(), (501, ""));
    assert_eq!(server.delete(&path).await.refusal(), (405, ""));
    assert_eq!(server.post("/Bulk", json!({})).await.refusal(), (501, ""));
}

#[tokio::test]
async fn what_nobody_may_create_or_replace() {
    let can = capabilities(|can| (can.create_groups, can.put_groups) = (false, Some(false)));
    let server = Server::vendor(can, json!({})).await;
    let ada = server.user("ada", json!({})).await.id();
    let group = json!({ "schemas": [GROUP], "displayName": "g" });
    assert_eq!(server.post("/Groups", group.clone()).await.refusal(), (405, ""));
    assert_eq!(server.put("/Groups/1", group).await.refusal(), (501, ""));
    let replaced = server.put(&format!("/Users/{ada}"), json!({ "schemas": [USER], "userName": "ada" })).await;
    assert_eq!(replaced.status, 200);
    let can = capabilities(|can| (can.create_users, can.put, can.put_groups) = (false, false, Some(true)));
    let server = Server::vendor(can, json!({})).await;
    let user = json!({ "schemas": [USER], "userName": "ada" });
    assert_eq!(server.post("/Users", user.clone()).await.refusal(), (405, ""));
    assert_eq!(server.put("/Users/1", user).await.refusal(), (501, ""));
    let path = format!("/Groups/{}", server.group("g", &[]).await.id());
    assert_eq!(server.put(&path, json!({ "schemas": [GROUP], "displayName": "h" })).await.status, 200);
}

#[tokio::test]
async fn filters_in_paths_are_refused_where_they_are_not_understood() {
    let work = json!([{ "value": "ada@acme.example", "type": "work" }]);
    let change =
        json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "countess@acme.example" }]);
    let plain = json!([{ "op": "replace", "path": "title", "value": "Countess" }]);
    let strict = Server::vendor(capabilities(|can| can.path_filters = false), json!({})).await;
    let ada = strict.user("ada", json!({ "emails": work })).await.id();
    let path = format!("/Users/{ada}");
    assert_eq!(strict.patch(&path, change.clone()).await.refusal(), (400, "invalidPath"));
    assert_eq!(strict.get(&path).await.body["emails"][0]["value"], "ada@acme.example");
    assert_eq!(strict.patch(&path, plain).await.status, 200);
    let group = format!("/Groups/{}", strict.group("g", &[&ada]).await.id());
    let removal = json!([{ "op": "remove", "path": format!("members[value eq \"{ada}\"]") }]);
    assert_eq!(strict.patch(&group, removal).await.refusal(), (400, "invalidPath"));
    let other = Server::vendor(capabilities(|_| {}), json!({})).await;
    let path = format!("/Users/{}", other.user("ada", json!({ "emails": work })).await.id());
    assert_eq!(other.patch(&path, change).await.body["emails"][0]["value"], "countess@acme.example");
}

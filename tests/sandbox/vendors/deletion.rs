//! What DELETE does, and what comes after.

use scimform::profile::Deletion;
use serde_json::json;

use super::capabilities;
use crate::sandbox::harness::{GROUP, Server, USER};

#[tokio::test]
async fn ways_to_delete() {
    let server = Server::vendor(
        capabilities(|can| (can.deletion, can.reactivation) = (Deletion::Deactivates, false)),
        json!({}),
    )
    .await;
    let path = format!("/Users/{}", server.user("ada", json!({ "active": true })).await.id());
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.get(&path).await.body["active"], false);
    let back = json!([{ "op": "replace", "path": "active", "value": true }]);
    assert_eq!(server.patch(&path, back).await.refusal(), (400, "mutability"));
    let server = Server::vendor(capabilities(|can| can.deletion = Deletion::Irreversible), json!({})).await;
    let path = format!("/Users/{}", server.user("ada", json!({})).await.id());
    assert_eq!(server.delete(&path).await.status, 204);
    let again = server.post("/Users", json!({ "schemas": [USER], "userName": "ADA" })).await;
    assert_eq!(again.refusal(), (409, "uniqueness"));
}

#[tokio::test]
async fn what_is_gone_for_ever() {
    let can = capabilities(|can| (can.deletion, can.group_deletion) = (Deletion::Irreversible, Deletion::Irreversible));
    let server = Server::vendor(can, json!({})).await;
    let user = format!("/Users/{}", server.user("same", json!({})).await.id());
    let group = format!("/Groups/{}", server.group("same", &[]).await.id());
    assert_eq!(server.delete(&group).await.status, 204);
    let again = server.post("/Groups", json!({ "schemas": [GROUP], "displayName": "Same" })).await;
    assert_eq!(again.refusal(), (409, "uniqueness"));
    let own = server.put(&user, json!({ "schemas": [USER], "userName": "same", "title": "T" })).await;
    assert_eq!(own.status, 200, "names of groups are not names of users");
    assert_eq!(server.delete(&user).await.status, 204);
    assert_eq!(server.get(&user).await.status, 404);
    let other = server.user("other", json!({})).await.id();
    let renamed = json!([{ "op": "replace", "path": "userName", "value": "same" }]);
    assert_eq!(server.patch(&format!("/Users/{other}"), renamed).await.refusal(), (409, "uniqueness"));
}

//! Groups and memberships.

use serde_json::json;

use crate::sandbox::harness::{GROUP, Server, values};

#[tokio::test]
async fn members_are_shown_and_checked() {
    let server = Server::plain().await;
    let ada = server.user("ada", json!({ "displayName": "Ada" })).await.id();
    let inner = server.group("inner", &[&ada]).await.id();
    let outer = server.group("outer", &[&inner]).await;
    assert_eq!(
        outer.body["members"],
        json!([{ "value": inner, "$ref": format!("{}/Groups/{inner}", server.running.base_url), "type": "Group", "display": "inner" }])
    );
    let user = server.get(&format!("/Users/{ada}")).await;
    let groups: Vec<_> = user.body["groups"].as_array().unwrap().iter().map(|g| (&g["display"], &g["type"])).collect();
    assert_eq!(groups, [(&json!("inner"), &json!("direct")), (&json!("outer"), &json!("indirect"))]);
    let shown = json!({ "schemas": [GROUP], "displayName": "s", "members": [{ "value": ada, "display": "Countess" }] });
    let shown = server.post("/Groups", shown).await;
    assert_eq!(shown.body["members"][0]["display"], "Countess", "the client's own word is kept");
    server.delete(&format!("/Groups/{}", shown.id())).await;
    for member in [json!({ "value": "nobody" }), json!({ "value": ada, "type": "Group" }), json!("ada"), json!({})] {
        let body = json!({ "schemas": [GROUP], "displayName": "g", "members": [member, { "value": ada }] });
        let answer = server.post("/Groups", body).await;
        if member == json!({}) {
            assert_eq!(values(&answer.body["members"]), [ada.as_str()], "an empty element is none");
        } else {
            assert_eq!(answer.refusal(), (400, "invalidValue"), "{member}");
        }
    }
}

#[tokio::test]
async fn a_refused_patch_changes_nothing() {
    let server = Server::plain().await;
    let ada = server.user("ada", json!({})).await.id();
    let path = format!("/Groups/{}", server.group("g", &[&ada]).await.id());
    let before = server.get(&path).await.body;
    for (operations, refusal) in [
        (
            json!([{ "op": "remove", "path": "members" }, { "op": "add", "path": "members", "value": [{ "value": "nobody" }] }]),
            (400, "invalidValue"),
        ),
        (
            json!([{ "op": "replace", "path": "displayName", "value": "h" }, { "op": "remove", "path": "members", "value": [{ "value": ada }] }]),
            (400, "invalidSyntax"),
        ),
        (
            json!([{ "op": "replace", "path": format!("members[value eq \"{ada}\"].display"), "value": "x" }]),
            (400, "mutability"),
        ),
        (json!([{ "op": "remove", "path": "displayName" }]), (400, "mutability")),
    ] {
        assert_eq!(server.patch(&path, operations.clone()).await.refusal(), refusal, "{operations}");
        assert_eq!(server.get(&path).await.body, before, "{operations}");
    }
}

#[tokio::test]
async fn who_is_deleted_leaves_all_groups() {
    let server = Server::plain().await;
    let (ada, grace) = (server.user("ada", json!({})).await.id(), server.user("grace", json!({})).await.id());
    let group = server.group("g", &[&ada, &grace]).await;
    let nest = server.group("nest", &[&group.id()]).await;
    server.delete(&format!("/Users/{ada}")).await;
    let left = server.get(&format!("/Groups/{}", group.id())).await;
    assert_eq!(values(&left.body["members"]), [grace.as_str()]);
    assert_ne!(left.header("etag"), group.header("etag"), "it is another version");
    server.delete(&format!("/Groups/{}", group.id())).await;
    assert!(server.get(&format!("/Groups/{}", nest.id())).await.body.get("members").is_none());
    assert!(server.get(&format!("/Users/{grace}")).await.body.get("groups").is_none());
}

#[tokio::test]
async fn groups_are_found_by_member_and_members_by_group() {
    let server = Server::plain().await;
    let (ada, grace) = (server.user("ada", json!({})).await.id(), server.user("grace", json!({})).await.id());
    let inner = server.group("inner", &[&ada]).await.id();
    let outer = server.group("outer", &[&inner, &grace]).await.id();
    let query = async |path: &str, filter: &str| {
        let request = server.request("GET", path).query(&[("filter", filter)]);
        server.send(request).await.names().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(query("/Groups", &format!("members.value eq \"{ada}\"")).await, ["inner"]);
    assert_eq!(query("/Groups", &format!("members[value eq \"{inner}\"]")).await, ["outer"]);
    assert_eq!(query("/Groups", "displayName eq \"OUTER\"").await, ["outer"]);
    assert_eq!(query("/Users", &format!("groups.value eq \"{outer}\"")).await, ["ada", "grace"]);
    assert_eq!(query("/Users", &format!("groups[value eq \"{inner}\" and type eq \"direct\"]")).await, ["ada"]);
}

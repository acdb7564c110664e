//! Groups as vendors limit them.

use scimform::profile::{MemberRemoval, MembersShown};
use serde_json::{Value, json};

use super::capabilities;
use crate::sandbox::harness::{GROUP, Server, values};

async fn people(server: &Server, names: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for name in names {
        ids.push(server.user(name, json!({})).await.id());
    }
    ids
}

fn listed(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({ "value": id })).collect()
}

#[tokio::test]
async fn limits_of_groups() {
    let can = capabilities(|can| {
        can.members = scimform::profile::MembersShown::ById;
        can.members_per_patch = 2;
        can.member_removal = MemberRemoval::Value;
        can.nested_groups = false;
        can.rename_groups = false;
    });
    let server = Server::vendor(can, json!({})).await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(server.user(name, json!({})).await.id());
    }
    let group = server.group("g", &[&ids[0]]).await.id();
    let path = format!("/Groups/{group}");
    assert!(server.get("/Groups").await.body["Resources"][0].get("members").is_none());
    let all: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
    let add = |members: &[Value]| json!([{ "op": "add", "path": "members", "value": members }]);
    assert_eq!(server.patch(&path, add(&all)).await.refusal(), (413, ""));
    assert_eq!(server.patch(&path, add(&all[1..])).await.status, 200);
    let remove = json!([{ "op": "remove", "path": "members", "value": [{ "value": ids[0] }, { "value": ids[2] }] }]);
    assert_eq!(server.patch(&path, remove).await.status, 200);
    assert_eq!(values(&server.get(&path).await.body["members"]), [ids[1].as_str()]);
    let nested = json!({ "schemas": [GROUP], "displayName": "h", "members": [{ "value": group }] });
    assert_eq!(server.post("/Groups", nested).await.refusal(), (400, "invalidValue"));
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "h" }]);
    assert_eq!(server.patch(&path, rename).await.refusal(), (400, "mutability"));
}

#[tokio::test]
async fn members_that_nobody_shows() {
    let can = capabilities(|can| {
        can.members = MembersShown::Never;
        can.filter_users = vec!["userName".into(), "groups.value".into()];
        can.filter_groups = vec!["displayName".into(), "members.value".into()];
    });
    let server = Server::vendor(can, json!({})).await;
    let ids = people(&server, &["ada", "grace"]).await;
    let group = server.group("g", &[&ids[0]]).await;
    let path = format!("/Groups/{}", group.id());
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": ids[1] }] }]);
    for shown in [group.body.clone(), server.patch(&path, add).await.body, server.get(&path).await.body] {
        assert_eq!(shown["members"], json!([]));
    }
    assert_eq!(server.get("/Groups").await.body["Resources"][0]["members"], json!([]));
    assert_eq!(server.get(&format!("/Users/{}", ids[0])).await.body.get("groups"), None);
    let find = async |path: &str, filter: String| {
        let answer = server.send(server.request("GET", path).query(&[("filter", filter)])).await;
        answer.names().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(find("/Groups", format!("members.value eq \"{}\"", ids[1])).await, ["g"]);
    assert_eq!(find("/Users", format!("groups.value eq \"{}\"", group.id())).await, ["ada", "grace"]);
    let remove = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", ids[1]) }]);
    assert_eq!(server.patch(&path, remove).await.status, 200);
    assert_eq!(find("/Users", format!("groups.value eq \"{}\"", group.id())).await, ["ada"]);
}

#[tokio::test]
async fn members_that_cannot_all_be_changed_at_once() {
    let server = Server::vendor(capabilities(|can| can.replace_members = false), json!({})).await;
    let ids = people(&server, &["ada", "grace"]).await;
    let path = format!("/Groups/{}", server.group("g", &[&ids[0]]).await.id());
    for operations in [
        json!([{ "op": "replace", "path": "members", "value": listed(&ids) }]),
        json!([{ "op": "replace", "value": { "members": listed(&ids) } }]),
        json!([{ "op": "replace", "path": "members", "value": [] }]),
        json!([{ "op": "remove", "path": "members" }]),
    ] {
        assert_eq!(server.patch(&path, operations.clone()).await.refusal(), (400, "invalidValue"), "{operations}");
    }
    let add = json!([{ "op": "add", "path": "members", "value": listed(&ids) }]);
    assert_eq!(server.patch(&path, add).await.status, 200);
    let remove = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", ids[0]) }]);
    assert_eq!(values(&server.patch(&path, remove).await.body["members"]), [ids[1].as_str()]);
}

#[tokio::test]
async fn a_patch_of_too_many_bytes() {
    let server = Server::vendor(capabilities(|can| can.bytes_per_patch = Some(300)), json!({})).await;
    let ids = people(&server, &["ada", "grace"]).await;
    let path = format!("/Groups/{}", server.group("g", &[]).await.id());
    let add = |ids: &[String]| json!([{ "op": "add", "path": "members", "value": listed(ids) }]);
    let many: Vec<String> = ids.iter().cycle().take(8).cloned().collect();
    assert_eq!(server.patch(&path, add(&many)).await.refusal(), (413, ""));
    assert_eq!(server.get(&path).await.body.get("members"), None);
    assert_eq!(server.patch(&path, add(&ids)).await.status, 200);
}

#[tokio::test]
async fn one_group_of_a_name() {
    let server = Server::vendor(capabilities(|can| can.unique_group_names = true), json!({})).await;
    let path = format!("/Groups/{}", server.group("one", &[]).await.id());
    server.group("two", &[]).await;
    let same = server.post("/Groups", json!({ "schemas": [GROUP], "displayName": "ONE" })).await;
    assert_eq!(same.refusal(), (409, "uniqueness"));
    let renamed = async |name: &str| {
        server.patch(&path, json!([{ "op": "replace", "path": "displayName", "value": name }])).await
    };
    assert_eq!(renamed("two").await.refusal(), (409, "uniqueness"));
    assert_eq!(renamed("One").await.status, 200, "its own name is not taken");
    let server = Server::vendor(capabilities(|_| ()), json!({})).await;
    server.group("one", &[]).await;
    server.group("one", &[]).await;
}

//! Bulk requests.

use serde_json::{Value, json};

use crate::sandbox::harness::{Answer, GROUP, Server, USER, values};

async fn bulk(server: &Server, operations: Value, more: Value) -> Answer {
    let mut body =
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.post("/Bulk", body).await
}

fn user(name: &str) -> Value {
    json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": { "schemas": [USER], "userName": name } })
}

fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": format!("bulkId:{id}") })).collect();
    json!({ "method": "post", "path": "/Groups", "bulkId": name, "data": { "schemas": [GROUP], "displayName": name, "members": members } })
}

fn statuses(answer: &Answer) -> Vec<&str> {
    answer.body["Operations"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn references_work_in_every_direction() {
    let server = Server::plain().await;
    let answer = bulk(&server, json!([group("a", &["b", "ada"]), user("ada"), group("b", &["a"])]), json!({})).await;
    assert_eq!(statuses(&answer), ["201", "201", "201"], "{}", answer.body);
    let at = |index: usize| answer.body["Operations"][index]["location"].as_str().unwrap().to_owned();
    let id = |index: usize| at(index).rsplit('/').next().unwrap().to_owned();
    let mut expected = [id(1), id(2)];
    expected.sort();
    assert_eq!(values(&server.get(&at(0)).await.body["members"]), expected);
    assert_eq!(values(&server.get(&at(2)).await.body["members"]), [id(0)]);
    assert_eq!(answer.body["Operations"][0]["bulkId"], "a");
    let changes = json!([
        { "method": "PATCH", "path": format!("/Groups/{}", id(0)), "data": { "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
          "Operations": [{ "op": "remove", "path": "members" }, { "op": "add", "path": "members", "value": [{ "value": "bulkId:grace" }] }] } },
        user("grace"),
        { "method": "DELETE", "path": format!("/Users/{}", id(1)) },
        { "method": "PUT", "path": format!("/Groups/{}", id(2)), "version": "W/\"99\"", "data": { "schemas": [GROUP], "displayName": "c" } },
        { "method": "GET", "path": "/Users" },
    ]);
    let answer = bulk(&server, changes, json!({})).await;
    assert_eq!(statuses(&answer), ["200", "201", "204", "412", "400"], "{}", answer.body);
    assert_eq!(answer.body["Operations"][3]["response"]["status"], "412");
}

#[tokio::test]
async fn what_could_not_be_made_is_no_member() {
    let server = Server::plain().await;
    server.user("taken", json!({})).await;
    let answer = bulk(&server, json!([group("g", &["taken"]), user("taken")]), json!({})).await;
    assert_eq!(statuses(&answer), ["201", "409"]);
    assert_eq!(answer.body["Operations"][1]["response"]["scimType"], "uniqueness");
    let made = server.get(answer.body["Operations"][0]["location"].as_str().unwrap()).await;
    assert!(made.body.get("members").is_none());
    let unknown = bulk(&server, json!([group("h", &["nobody"])]), json!({})).await;
    assert_eq!(statuses(&unknown), ["409"]);
}

#[tokio::test]
async fn it_stops_after_so_many_errors_and_has_limits() {
    let server = Server::plain().await;
    server.user("a", json!({})).await;
    let operations = json!([user("a"), user("b"), user("A"), user("c")]);
    let answer = bulk(&server, operations, json!({ "failOnErrors": 2 })).await;
    assert_eq!(statuses(&answer), ["409", "201", "409"]);
    assert_eq!(server.get("/Users").await.names(), ["a", "b"]);
    let many: Vec<Value> = (0..1001).map(|number| user(&number.to_string())).collect();
    assert_eq!(bulk(&server, json!(many), json!({})).await.refusal(), (413, ""));
    let long = "x".repeat(1_100_000);
    assert_eq!(bulk(&server, json!([user(&long)]), json!({})).await.refusal(), (413, ""));
    assert_eq!(server.get("/Users").await.body["totalResults"], 2);
}

//! Answers that differ from what is stored.

use scimform::profile::Capabilities;
use serde_json::{Value, json};

use crate::sandbox::harness::{Answer, GROUP, Server, USER};

async fn playing(rules: Value) -> Server {
    Server::vendor(Capabilities::default(), rules).await
}

async fn find(server: &Server, filter: &str) -> usize {
    let answer = server.send(server.request("GET", "/Users").query(&[("filter", filter)])).await;
    answer.names().len()
}

async fn set(server: &Server, id: &str, path: &str, value: Value) -> Answer {
    server.patch(&format!("/Users/{id}"), json!([{ "op": "replace", "path": path, "value": value }])).await
}

#[tokio::test]
async fn booleans_as_text() {
    let server = playing(json!({ "textBooleans": true })).await;
    let emails = json!([{ "value": "a@x.org", "primary": true }]);
    let made = server.user("ada", json!({ "active": true, "emails": emails, "title": "true" })).await;
    assert_eq!((&made.body["active"], &made.body["emails"][0]["primary"]), (&json!("True"), &json!("True")));
    assert_eq!(made.body["title"], "true");
    assert_eq!(server.get("/Users").await.body["Resources"][0]["active"], "True");
    assert_eq!(set(&server, &made.id(), "active", json!(false)).await.body["active"], "False");
    let own = json!({ "schemas": [USER], "userName": "ada", "active": "True", "emails": made.body["emails"] });
    let own = server.put(&format!("/Users/{}", made.id()), own).await;
    assert_eq!((own.status, &own.body["active"]), (200, &json!("True")), "what it shows it takes");
}

#[tokio::test]
async fn nulls_for_what_is_not_there() {
    let server = playing(json!({ "explicitNulls": true })).await;
    let ada = server.user("ada", json!({ "title": "T" })).await;
    for body in [&ada.body, &server.get("/Users").await.body["Resources"][0]] {
        assert_eq!(
            (&body["title"], body.get("nickName"), body.get("phoneNumbers")),
            (&json!("T"), Some(&json!(null)), Some(&json!(null)))
        );
        assert_eq!(body.get("password"), None);
    }
    let group = server.post("/Groups", json!({ "schemas": [GROUP], "displayName": "g" })).await;
    assert_eq!(group.body.get("members"), Some(&json!(null)));
}

#[tokio::test]
async fn placeholders_for_what_is_not_there() {
    let server = playing(json!({ "placeholders": { "name.givenName": "N/A", "emails": [{ "value": "none" }] } })).await;
    let ada = server.user("ada", json!({})).await;
    assert_eq!((&ada.body["name"]["givenName"], &ada.body["emails"][0]["value"]), (&json!("N/A"), &json!("none")));
    let named = set(&server, &ada.id(), "name.givenName", json!("Ada")).await;
    assert_eq!(
        (&named.body["name"], &named.body["emails"][0]["value"]),
        (&json!({ "givenName": "Ada" }), &json!("none"))
    );
}

#[tokio::test]
async fn who_is_suspended_is_in_disguise() {
    let server = playing(json!({ "disguisedWhenInactive": ["userName", "emails.value"] })).await;
    let ada =
        server.user("wilma", json!({ "active": true, "emails": [{ "value": "wilma@x.org" }], "title": "T" })).await;
    let off = set(&server, &ada.id(), "active", json!(false)).await;
    for body in [&off.body, &server.get("/Users").await.body["Resources"][0]] {
        assert!(!body["userName"].as_str().unwrap().contains("wilma"), "{body}");
        assert!(!body["emails"][0]["value"].as_str().unwrap().contains("wilma"), "{body}");
        assert_eq!((&body["title"], &body["active"]), (&json!("T"), &json!(false)));
    }
    assert_eq!(find(&server, "userName eq \"wilma\"").await, 0);
    assert_eq!(find(&server, &format!("userName eq {}", off.body["userName"])).await, 1);
    let again = server.post("/Users", json!({ "schemas": [USER], "userName": "wilma" })).await;
    assert_eq!(again.refusal(), (409, "uniqueness"));
    let on = set(&server, &ada.id(), "active", json!(true)).await;
    assert_eq!((&on.body["userName"], &on.body["emails"]), (&ada.body["userName"], &ada.body["emails"]));
    assert_eq!(find(&server, "userName eq \"wilma\"").await, 1);
}

#[tokio::test]
async fn nobody_is_active_without_a_password() {
    let server = playing(json!({ "derived": ["active"], "pendingUntilPassword": true })).await;
    let ada = server.user("ada", json!({ "active": true })).await;
    assert_eq!(ada.body["active"], false);
    assert_eq!(set(&server, &ada.id(), "active", json!(true)).await.body["active"], false);
    assert_eq!(find(&server, "userName eq \"ada\"").await, 1);
    let with = set(&server, &ada.id(), "password", json!("a long enough secret")).await;
    assert_eq!((&with.body["active"], with.body.get("password")), (&json!(true), None));
    assert_eq!(set(&server, &ada.id(), "title", json!("T")).await.body["active"], true, "it is not forgotten");
    assert_eq!(set(&server, &ada.id(), "active", json!(false)).await.body["active"], false);
    let grace = server.user("grace", json!({ "active": true, "password": "another long secret" })).await;
    assert_eq!(grace.body["active"], true);
}

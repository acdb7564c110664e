//! Users: create, read, replace, delete, versions, login.

use scimform::sandbox::Options;
use serde_json::json;

use crate::sandbox::harness::{ENTERPRISE, Server, USER};

#[tokio::test]
async fn a_created_user_has_what_the_server_adds() {
    let server = Server::plain().await;
    let body = json!({
        "schemas": [USER, ENTERPRISE], "USERNAME": "Ada", "password": "s3cret", "id": "mine", "meta": { "version": "x" },
        "groups": [{ "value": "g" }], "nickName": null, "emails": [],
        "urn:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:user": { "Department": "Engines", "manager": null },
    });
    let made = server.post("/Users", body).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.header("content-type"), "application/scim+json");
    assert_eq!(made.header("location"), made.body["meta"]["location"]);
    assert_eq!(made.header("etag"), made.body["meta"]["version"]);
    assert_ne!(made.id(), "mine");
    assert_eq!(made.body["meta"]["resourceType"], "User");
    assert_eq!(made.body["meta"]["location"], json!(format!("{}/Users/{}", server.running.base_url, made.id())));
    let mut rest = made.body.as_object().unwrap().clone();
    rest.retain(|name, _| name != "id" && name != "meta");
    let expected = json!({ "schemas": [USER, ENTERPRISE], "userName": "Ada", ENTERPRISE: { "department": "Engines" } });
    assert_eq!(serde_json::Value::Object(rest), expected);
    assert_eq!(server.get(&format!("/Users/{}", made.id())).await.body, made.body);
}

#[tokio::test]
async fn bodies_are_checked() {
    let server = Server::plain().await;
    server.user("taken", json!({})).await;
    let with = |more: serde_json::Value| {
        let mut body = json!({ "schemas": [USER], "userName": "new" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (body, refusal) in [
        (json!({ "userName": "new" }), (400, "invalidSyntax")),
        (json!({ "schemas": [ENTERPRISE], "userName": "new" }), (400, "invalidSyntax")),
        (json!([]), (400, "invalidSyntax")),
        (json!({ "schemas": [USER] }), (400, "invalidValue")),
        (with(json!({ "userName": " " })), (400, "invalidValue")),
        (with(json!({ "active": "True" })), (400, "invalidValue")),
        (with(json!({ "title": ["a"] })), (400, "invalidValue")),
        (with(json!({ "emails": { "value": "a@b.c" } })), (400, "invalidValue")),
        (with(json!({ "emails": ["a@b.c"] })), (400, "invalidValue")),
        (with(json!({ "name": "Ada" })), (400, "invalidValue")),
        (
            with(json!({ "emails": [{ "value": "a", "primary": true }, { "value": "b", "primary": true }] })),
            (400, "invalidValue"),
        ),
        (with(json!({ "favouriteColour": "green" })), (400, "invalidSyntax")),
        (with(json!({ "name": { "givenname2": "x" } })), (400, "invalidSyntax")),
        (with(json!({ ENTERPRISE: { "shoeSize": 43 } })), (400, "invalidSyntax")),
        (with(json!({ "x509Certificates": [{ "value": "not base 64!" }] })), (400, "invalidValue")),
        (with(json!({ "userName": "TAKEN" })), (409, "uniqueness")),
    ] {
        let answer = server.post("/Users", body.clone()).await;
        assert_eq!(answer.refusal(), refusal, "{body}: {}", answer.body);
    }
    let broken = server.request("POST", "/Users").header("content-type", "application/scim+json").body("{\"schemas\":");
    assert_eq!(server.send(broken).await.refusal(), (400, "invalidSyntax"));
    let form = server.request("POST", "/Users").header("content-type", "text/plain").body("{}");
    assert_eq!(server.send(form).await.refusal(), (415, ""));
    assert_eq!(server.get("/Users").await.body["totalResults"], 1);
}

#[tokio::test]
async fn put_replaces_and_keeps_what_is_the_servers() {
    let server = Server::plain().await;
    let made = server.user("ada", json!({ "title": "Countess", "externalId": "7", "active": true })).await;
    let path = format!("/Users/{}", made.id());
    let body = json!({ "schemas": [USER], "userName": "ada", "active": true, "nickName": "A", "id": "other" });
    let put = server.put(&path, body.clone()).await;
    assert_eq!((put.status, &put.body["nickName"], put.id()), (200, &json!("A"), made.id()));
    assert!(put.body.get("title").is_none() && put.body.get("externalId").is_none());
    assert_eq!(put.body["meta"]["created"], made.body["meta"]["created"]);
    assert_ne!(put.body["meta"]["version"], made.body["meta"]["version"]);
    let again = server.put(&path, body).await;
    assert_eq!(again.body, put.body, "the same once more makes no new version");
    server.user("grace", json!({})).await;
    let clash = server.put(&path, json!({ "schemas": [USER], "userName": "Grace" })).await;
    assert_eq!(clash.refusal(), (409, "uniqueness"));
    let unknown = server.put("/Users/nobody", json!({ "schemas": [USER], "userName": "n" })).await;
    assert_eq!(unknown.refusal(), (404, ""));
}

#[tokio::test]
async fn a_deleted_user_is_gone_and_its_name_is_free() {
    let server = Server::plain().await;
    let made = server.user("ada", json!({})).await;
    let path = format!("/Users/{}", made.id());
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.get(&path).await.refusal(), (404, ""));
    assert_eq!(server.delete(&path).await.refusal(), (404, ""));
    assert_eq!(server.get("/Users?filter=userName%20eq%20%22ada%22").await.body["totalResults"], 0);
    assert_ne!(server.user("ada", json!({})).await.id(), made.id());
}

#[tokio::test]
async fn versions_guard_writes_and_spare_reads() {
    let server = Server::plain().await;
    let made = server.user("ada", json!({})).await;
    let path = format!("/Users/{}", made.id());
    let etag = made.header("etag").to_owned();
    assert!(etag.starts_with("W/\""), "{etag}");
    let unchanged = server.send(server.request("GET", &path).header("if-none-match", &etag)).await;
    assert_eq!((unchanged.status, &unchanged.body), (304, &serde_json::Value::Null));
    let body = json!({ "schemas": [USER], "userName": "ada", "title": "Countess" });
    let put = server.send(server.request("PUT", &path).header("if-match", &etag).json(&body)).await;
    assert_eq!(put.status, 200);
    for method in ["PUT", "DELETE"] {
        let late = server.send(server.request(method, &path).header("if-match", &etag).json(&body)).await;
        assert_eq!(late.refusal(), (412, ""), "{method}");
    }
    let changed = server.send(server.request("GET", &path).header("if-none-match", &etag)).await;
    assert_eq!((changed.status, &changed.body["title"]), (200, &json!("Countess")));
    assert_eq!(server.send(server.request("DELETE", &path).header("if-match", "*")).await.status, 204);
}

#[tokio::test]
async fn only_the_token_opens_the_door() {
    let server = Server::start(Options { token: Some("open".into()), ..Options::default() }).await;
    let shut = server.get("/Users").await;
    assert_eq!(shut.refusal(), (401, ""));
    assert!(shut.header("www-authenticate").starts_with("Bearer"));
    assert_eq!(server.send(server.request("GET", "/Users").bearer_auth("opem")).await.status, 401);
    assert_eq!(server.send(server.request("GET", "/Users").bearer_auth("open")).await.status, 200);
    let options = Options { token: Some("open".into()), auth_header: Some("x-api-key".into()), ..Options::default() };
    let server = Server::start(options).await;
    assert_eq!(server.send(server.request("GET", "/Users").bearer_auth("open")).await.status, 401);
    assert_eq!(server.send(server.request("GET", "/Users").header("x-api-key", "open")).await.status, 200);
}

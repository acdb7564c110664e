//! What the server says about itself, and paths where there is nothing.

use serde_json::{Value, json};

use crate::sandbox::harness::{ENTERPRISE, GROUP, Server, USER};

#[tokio::test]
async fn the_three_documents() {
    let server = Server::plain().await;
    let config = server.get("/ServiceProviderConfig").await.body;
    for feature in ["patch", "bulk", "filter", "sort", "etag", "changePassword"] {
        assert_eq!(config[feature]["supported"], true, "{feature}");
    }
    assert_eq!((&config["pagination"]["cursor"], &config["pagination"]["maxPageSize"]), (&json!(true), &json!(1000)));
    let ids = |list: &Value| {
        assert_eq!(list["totalResults"], list["Resources"].as_array().unwrap().len());
        list["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&server.get("/Schemas").await.body), [USER, ENTERPRISE, GROUP]);
    assert_eq!(ids(&server.get("/ResourceTypes").await.body), ["User", "Group"]);
    let schema = server.get(&format!("/Schemas/{USER}")).await.body;
    let password = schema["attributes"].as_array().unwrap().iter().find(|one| one["name"] == "password").unwrap();
    assert_eq!((&password["returned"], &password["mutability"]), (&json!("never"), &json!("writeOnly")));
    let kind = server.get("/ResourceTypes/User").await.body;
    assert_eq!((&kind["endpoint"], &kind["schema"]), (&json!("/Users"), &json!(USER)));
    assert_eq!(kind["schemaExtensions"], json!([{ "schema": ENTERPRISE, "required": false }]));
    assert_eq!(server.get("/Schemas/urn:none").await.refusal(), (404, ""));
    assert_eq!(server.get("/Schemas?filter=id%20pr").await.refusal(), (403, ""));
}

#[tokio::test]
async fn where_there_is_nothing() {
    let server = Server::plain().await;
    for (method, path, status) in [
        ("GET", "/Me", 501),
        ("GET", "/Devices", 404),
        ("GET", "/users", 404),
        ("GET", "/Users/a/b", 404),
        ("GET", "/Bulk", 405),
        ("GET", "/.search", 405),
        ("DELETE", "/Users", 405),
        ("POST", "/Users/x", 405),
        ("PUT", "/Schemas", 405),
    ] {
        let request = server.request(method, path).json(&json!({}));
        assert_eq!(server.send(request).await.refusal(), (status, ""), "{method} {path}");
    }
    let root = server.running.base_url.replace("/scim/v2", "/other");
    assert_eq!(server.get(&root).await.refusal(), (404, ""));
}

#[tokio::test]
async fn the_log_knows_what_came() {
    let server = Server::plain().await;
    server.get("/Users?count=1").await;
    server.get("/Me").await;
    let seen: Vec<_> =
        server.running.requests().into_iter().map(|one| (one.number, one.method, one.path, one.status)).collect();
    let entry = |number, path: &str, status| (number, "GET".to_owned(), path.to_owned(), Some(status));
    assert_eq!(seen, [entry(1, "/Users?count=1", 200), entry(2, "/Me", 501)]);
    server.running.forget_requests();
    assert_eq!((server.running.request_count(), server.running.requests()), (0, vec![]));
}

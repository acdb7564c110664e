//! Vendors as they come with the program.

use scimform::profile::builtin;
use scimform::sandbox::Options;
use serde_json::{Value, json};

use crate::harness::{Server, USER};

#[tokio::test]
async fn built_in_vendors() {
    let options = |name| Options { profile: builtin(name), token: Some("key".into()), ..Options::default() };
    let server = Server::start(options("jumpcloud")).await;
    let send =
        async |body: Value| server.send(server.request("POST", "/Users").header("x-api-key", "key").json(&body)).await;
    let lower = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user";
    let body = json!({
        "schemas": [USER, lower], "userName": "ada", "emails": [{ "value": "ada@acme.example", "primary": true }],
        "costCenter": "42", "organization": "Acme", lower: { "department": "E", "employeeNumber": "7" },
    });
    let made = send(body.clone()).await;
    assert_eq!(
        (made.status, &made.body["costCenter"], &made.body[lower]["department"]),
        (201, &json!("42"), &json!("E"))
    );
    let mut email = body;
    email["userName"] = json!("ada@acme.example");
    assert_eq!(send(email).await.refusal(), (400, "invalidValue"));
    assert_eq!(server.send(server.request("GET", "/Users").bearer_auth("key")).await.status, 401);
    let server = Server::start(options("lattice")).await;
    let body = json!({
        "schemas": [USER], "userName": "ada@acme.example", "externalId": "7", "jobTitle": "Countess", "department": "E",
        "emails": [{ "value": "ada@acme.example" }], "name": { "givenName": "Ada", "familyName": "L" },
    });
    let made = server.send(server.request("POST", "/Users").bearer_auth("key").json(&body)).await;
    assert_eq!((made.status, &made.body["jobTitle"], &made.body["department"]), (201, &json!("Countess"), &json!("E")));
    assert_eq!(server.send(server.request("GET", "/Groups").bearer_auth("key")).await.status, 404);
}

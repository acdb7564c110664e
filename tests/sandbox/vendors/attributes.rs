//! What a vendor makes of the attributes that are sent.

use scimform::profile::Capabilities;
use serde_json::{Value, json};

use crate::sandbox::harness::{Answer, ENTERPRISE, Server, USER, values};

async fn playing(rules: Value) -> Server {
    Server::vendor(Capabilities::default(), rules).await
}

async fn set(server: &Server, id: &str, path: &str, value: Value) -> Answer {
    server.patch(&format!("/Users/{id}"), json!([{ "op": "replace", "path": path, "value": value }])).await
}

#[tokio::test]
async fn the_vendors_say_in_attributes() {
    let rules = json!({
        "serverOwned": ["displayName"], "createOnly": ["externalId", "name.formatted"], "ignored": ["title"],
        "unsupported": ["roles"], "singleValued": ["emails"], "aliases": { "title": "jobTitle" },
        "extensions": ["urn:vendor:1.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user"],
        "rules": [{ "path": "userName", "email": true, "maxLength": 12, "because": "so it is" }],
    });
    let server = Server::vendor(Capabilities::default(), rules).await;
    let emails = json!([{ "value": "b@x.org" }, { "value": "a@x.org", "primary": true }]);
    let made = server
        .user(
            "ada@x.org",
            json!({
                "displayName": "Mine", "externalId": "1", "title": "T", "roles": [{ "value": "r" }], "jobTitle": "J",
                "name": { "givenName": "Ada", "familyName": "L", "formatted": "Dr Ada" }, "emails": emails,
                ENTERPRISE: { "department": "E" }, "urn:vendor:1.0:User": { "Tee Shirt Size": "M" },
            }),
        )
        .await;
    let lower = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user";
    let body = &made.body;
    assert_eq!((&body["displayName"], &body["jobTitle"]), (&json!("Ada L"), &json!("J")));
    assert_eq!((body.get("title"), body.get("roles")), (None, None));
    assert_eq!(body["emails"], json!([{ "value": "a@x.org", "primary": true }]));
    assert_eq!(
        (&body[lower], &body["urn:vendor:1.0:User"]),
        (&json!({ "department": "E" }), &json!({ "Tee Shirt Size": "M" }))
    );
    assert_eq!(body["schemas"], json!([USER, lower, "urn:vendor:1.0:User"]));
    let path = format!("/Users/{}", made.id());
    let operations = json!([
        { "op": "replace", "path": "externalId", "value": "2" },
        { "op": "replace", "path": "name.formatted", "value": "Ada" },
        { "op": "replace", "path": "name.givenName", "value": "Augusta" },
        { "op": "replace", "path": "displayName", "value": "Mine" },
        { "op": "replace", "path": "urn:vendor:1.0:User:Tee Shirt Size", "value": "L" },
    ]);
    let after = server.patch(&path, operations).await;
    assert_eq!(after.status, 200, "{}", after.body);
    assert_eq!((&after.body["externalId"], &after.body["displayName"]), (&json!("1"), &json!("Ada L")));
    assert_eq!(after.body["name"], json!({ "givenName": "Augusta", "familyName": "L", "formatted": "Dr Ada" }));
    assert_eq!(after.body["urn:vendor:1.0:User"], json!({ "Tee Shirt Size": "L" }));
    for name in ["ada", "a.very.long@x.org"] {
        let refused = server.post("/Users", json!({ "schemas": [USER], "userName": name })).await;
        assert_eq!(refused.refusal(), (400, "invalidValue"), "{name}");
        assert!(refused.body["detail"].as_str().unwrap().contains("so it is"));
    }
}

#[tokio::test]
async fn one_follows_another() {
    let server = playing(json!({
        "coupled": [{ "path": "emails.value", "to": "userName" }, { "path": "title", "to": "nickName" }],
    }))
    .await;
    let emails = json!([{ "value": "other@x.org", "type": "work" }, { "value": "b@x.org" }]);
    let made = server.user("ada@x.org", json!({ "emails": emails, "title": "T", "nickName": "N" })).await;
    assert_eq!(made.body["emails"], json!([{ "value": "ada@x.org", "type": "work" }]));
    assert_eq!(made.body["title"], "N");
    assert_eq!(
        set(&server, &made.id(), "emails[type eq \"work\"].value", json!("c@x.org")).await.body["emails"],
        made.body["emails"]
    );
    let renamed = set(&server, &made.id(), "userName", json!("new@x.org")).await;
    assert_eq!(values(&renamed.body["emails"]), ["new@x.org"]);
    let bare = server.user("grace@x.org", json!({ "title": "T" })).await;
    assert_eq!(values(&bare.body["emails"]), ["grace@x.org"], "made when nothing is sent");
    assert_eq!(bare.body.get("title"), None, "what leads is missing");
}

#[tokio::test]
async fn forms_of_their_own() {
    let server = playing(json!({
        "normalised": [
            { "path": "userName", "form": "handle" }, { "path": "emails.value", "form": "lowerCase" },
            { "path": "phoneNumbers.value", "form": "phone" }, { "path": "displayName", "form": "trimmed" },
        ],
    }))
    .await;
    let made = server
        .user(
            "Ada.L@X.org",
            json!({
                "emails": [{ "value": "Ada@X.ORG" }], "phoneNumbers": [{ "value": "tel:+1-555-555-5555" }],
                "displayName": " Ada ",
            }),
        )
        .await;
    let shown = server.get(&format!("/Users/{}", made.id())).await.body;
    assert_eq!((&shown["userName"], &shown["displayName"]), (&json!("ada-l"), &json!("Ada")));
    assert_eq!((values(&shown["emails"]), values(&shown["phoneNumbers"])), (vec!["ada@x.org"], vec!["+15555555555"]));
    let again = server.post("/Users", json!({ "schemas": [USER], "userName": "ada_l@elsewhere.org" })).await;
    assert_eq!(again.refusal(), (409, "uniqueness"), "two names can have one form");
}

#[tokio::test]
async fn what_is_filled_in() {
    let server =
        playing(json!({ "defaults": { "preferredLanguage": "en", "emails.type": "work", "active": true } })).await;
    let emails = json!([{ "value": "a@x.org" }, { "value": "b@x.org", "type": "home" }]);
    let made = server.user("ada", json!({ "emails": emails })).await;
    assert_eq!((&made.body["preferredLanguage"], &made.body["active"]), (&json!("en"), &json!(true)));
    assert_eq!((&made.body["emails"][0]["type"], &made.body["emails"][1]["type"]), (&json!("work"), &json!("home")));
    assert_eq!(set(&server, &made.id(), "preferredLanguage", json!("de")).await.body["preferredLanguage"], "de");
    let bare = server.put(&format!("/Users/{}", made.id()), json!({ "schemas": [USER], "userName": "ada" })).await;
    assert_eq!((&bare.body["preferredLanguage"], bare.body.get("emails")), (&json!("en"), None));
}

#[tokio::test]
async fn parts_that_are_dropped_from_every_value() {
    let server = playing(json!({ "ignored": ["emails.type", "name.middleName"] })).await;
    let emails =
        json!([{ "value": "a@x.org", "type": "work", "primary": true }, { "value": "b@x.org", "type": "home" }]);
    let made = server.user("ada", json!({ "emails": emails, "name": { "givenName": "Ada", "middleName": "K" } })).await;
    assert_eq!(made.body["emails"], json!([{ "value": "a@x.org", "primary": true }, { "value": "b@x.org" }]));
    assert_eq!(made.body["name"], json!({ "givenName": "Ada" }));
}

#[tokio::test]
async fn changes_that_are_answered_and_not_made() {
    let server = playing(json!({ "createOnly": ["userName", "emails"] })).await;
    let made = server.user("ada", json!({ "emails": [{ "value": "a@x.org" }] })).await;
    let path = format!("/Users/{}", made.id());
    for (name, value) in [("userName", json!("b")), ("emails", json!([{ "value": "b@x.org" }]))] {
        let answer = set(&server, &made.id(), name, value).await;
        assert_eq!((answer.status, &answer.body[name]), (200, &made.body[name]));
    }
    let replaced = server.put(&path, json!({ "schemas": [USER], "userName": "b", "title": "T" })).await;
    assert_eq!(
        (replaced.status, &replaced.body["userName"], &replaced.body["title"]),
        (200, &json!("ada"), &json!("T"))
    );
    assert_eq!(replaced.body["emails"], made.body["emails"]);
}

#[tokio::test]
async fn an_id_that_is_the_external_id() {
    let server = playing(json!({ "idIsExternalId": true })).await;
    let made = server.user("ada", json!({ "externalId": "e/1 x" })).await;
    assert_eq!(made.id(), "e/1 x");
    let base = &server.running.base_url;
    assert_eq!(made.header("location"), format!("{base}/Users/e%2F1%20x"));
    assert_eq!(server.get(made.header("location")).await.body["userName"], "ada");
    let group = format!("/Groups/{}", server.group("g", &[&made.id()]).await.id());
    let moved =
        server.patch("/Users/e%2F1%20x", json!([{ "op": "replace", "path": "externalId", "value": "e2" }])).await;
    assert_eq!((moved.status, moved.id().as_str()), (200, "e2"));
    assert_eq!(moved.header("location"), format!("{base}/Users/e2"));
    assert_eq!(moved.body["meta"]["created"], made.body["meta"]["created"]);
    assert_eq!(server.get("/Users/e%2F1%20x").await.refusal(), (404, ""));
    let now = server.get("/Users/e2").await.body;
    assert_eq!((&now["userName"], &now["groups"][0]["display"]), (&json!("ada"), &json!("g")));
    assert_eq!(values(&server.get(&group).await.body["members"]), ["e2"]);
    assert_eq!(server.get("/Users").await.names(), ["ada"]);
    server.user("grace", json!({ "externalId": "e3" })).await;
    assert_eq!(set(&server, "e2", "externalId", json!("e3")).await.refusal(), (409, "uniqueness"));
    let same = server.post("/Users", json!({ "schemas": [USER], "userName": "x", "externalId": "e3" })).await;
    assert_eq!(same.refusal(), (409, "uniqueness"));
}

//! Vendors as they come with the program.

use scimform::profile::builtin;
use scimform::sandbox::Options;
use serde_json::{Value, json};

use crate::sandbox::harness::{Answer, GROUP, Server, USER, values};

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

async fn playing(name: &'static str) -> Server {
    Server::start(Options { profile: builtin(name), ..Options::default() }).await
}

/// Makes a person with everything that vendors ask for.
async fn person(server: &Server, name: &str, phone: &str) -> Answer {
    let more = json!({
        "externalId": format!("e-{name}"), "displayName": "Ada Lovelace", "active": true,
        "name": { "givenName": "Ada", "familyName": "Lovelace" },
        "emails": [{ "value": format!("{name}@acme.example"), "type": "work", "primary": true }],
        "phoneNumbers": [{ "value": phone }],
    });
    server.user(&format!("{name}@acme.example"), more).await
}

async fn set(server: &Server, id: &str, path: &str, value: Value) -> Answer {
    server.patch(&format!("/Users/{id}"), json!([{ "op": "replace", "path": path, "value": value }])).await
}

#[tokio::test]
async fn aws_hides_members_takes_a_hundred_changes_and_pages_by_cursor() {
    let server = playing("aws-iam-identity-center").await;
    let mut ids = Vec::new();
    for number in 0..101 {
        ids.push(person(&server, &format!("p{number}"), "1").await.id());
    }
    let group = server.post("/Groups", json!({ "schemas": [GROUP], "displayName": "g" })).await.id();
    let path = format!("/Groups/{group}");
    let add = |ids: &[String]| {
        let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
        json!([{ "op": "add", "path": "members", "value": members }])
    };
    assert_eq!(server.patch(&path, add(&ids)).await.status, 413);
    assert_eq!(server.patch(&path, add(&ids[..100])).await.status, 200);
    assert_eq!(server.get(&path).await.body["members"], json!([]));
    let filter = format!("members.value eq \"{}\"", ids[0]);
    assert_eq!(server.send(server.request("GET", "/Groups").query(&[("filter", filter)])).await.names(), ["g"]);
    let all = json!({ "schemas": [GROUP], "displayName": "g", "members": [] });
    assert_eq!(server.put(&path, all).await.status, 501);
    let cut = server.get("/Users").await;
    assert_eq!((cut.names().len(), cut.body.get("nextCursor")), (100, None));
    assert!(server.get("/Users?cursor=").await.body["nextCursor"].is_string());
}

#[tokio::test]
async fn github_disguises_who_is_suspended_and_deletes_for_ever() {
    let server = playing("github-enterprise").await;
    let ada = person(&server, "ada", "1").await;
    let path = format!("/Users/{}", ada.id());
    assert_eq!(ada.body["userName"], "ada", "a handle");
    let off = set(&server, &ada.id(), "active", json!(false)).await;
    assert_ne!(off.body["userName"], "ada");
    assert_eq!(set(&server, &ada.id(), "active", json!(true)).await.body["userName"], "ada");
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.get(&path).await.status, 404);
    let emails = json!([{ "value": "ada@acme.example" }]);
    let again = json!({ "schemas": [USER], "userName": "ada", "externalId": "e-2", "emails": emails });
    assert_eq!(server.post("/Users", again).await.status, 409);
}

#[tokio::test]
async fn gitlab_moves_who_gets_another_external_id() {
    let server = playing("gitlab").await;
    let ada = person(&server, "ada", "1").await;
    assert_eq!((ada.id().as_str(), &ada.body["active"]), ("e-ada", &json!("True")));
    let moved = set(&server, "e-ada", "externalId", json!("e-2")).await;
    assert_eq!((moved.status, &moved.body), (204, &json!(null)));
    assert!(moved.header("location").ends_with("/Users/e-2"));
    assert_eq!(server.get("/Users/e-ada").await.status, 404);
    assert_eq!(server.get("/Users/e-2").await.body["userName"], "ada@acme.example");
}

#[tokio::test]
async fn gitlab_takes_out_who_is_set_inactive() {
    let server = playing("gitlab").await;
    person(&server, "ada", "1").await;
    let off = set(&server, "e-ada", "active", json!(false)).await;
    assert_eq!((off.status, &off.body), (204, &json!(null)));
    assert_eq!(server.get("/Users/e-ada").await.status, 404);
    assert_eq!(server.get("/Users").await.body["totalResults"], 0);
    assert_eq!(person(&server, "ada", "1").await.status, 201, "id and name are free");
}

#[tokio::test]
async fn slack_counts_and_keeps_who_is_deleted() {
    let server = playing("slack").await;
    let ada = person(&server, "ada", "1").await;
    let path = format!("/Users/{}", ada.id());
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.get(&path).await.body["active"], false);
    let mut answers = Vec::new();
    for _ in 0..179 {
        answers.push(server.delete(&path).await);
    }
    let late = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!(late, 1, "180 writes of people in a minute");
    assert!(answers.last().unwrap().header("retry-after").parse::<u64>().unwrap() <= 60);
    assert_eq!(server.post("/Groups", json!({ "schemas": [GROUP], "displayName": "g" })).await.status, 201);
}

#[tokio::test]
async fn databricks_takes_changes_of_names_and_makes_none() {
    let server = playing("databricks").await;
    let ada = person(&server, "ada", "1").await;
    assert_eq!(ada.body.get("externalId"), None);
    let changed = set(&server, &ada.id(), "userName", json!("b@acme.example")).await;
    assert_eq!((changed.status, &changed.body["userName"]), (200, &json!("ada@acme.example")));
    let changed = set(&server, &ada.id(), "emails", json!([{ "value": "b@acme.example" }])).await;
    assert_eq!((changed.status, values(&changed.body["emails"])), (200, vec!["ada@acme.example"]));
}

#[tokio::test]
async fn zitadel_rewrites_phones_and_drops_types() {
    let server = playing("zitadel").await;
    let ada = person(&server, "ada", "tel:+1-555-555-5555").await;
    assert_eq!(values(&ada.body["phoneNumbers"]), ["+15555555555"]);
    assert_eq!(ada.body["emails"], json!([{ "value": "ada@acme.example", "primary": true }]));
    assert_eq!(ada.body["name"]["formatted"], "Ada Lovelace");
    assert_eq!(server.get("/Groups").await.status, 404);
}

#[tokio::test]
async fn lattice_has_no_groups_and_keeps_the_first_external_id() {
    let server = playing("lattice").await;
    let ada = person(&server, "ada", "1").await;
    assert_eq!(server.get("/Groups").await.status, 404);
    assert_eq!(set(&server, &ada.id(), "externalId", json!("e-2")).await.body["externalId"], "e-ada");
    assert_eq!(server.delete(&format!("/Users/{}", ada.id())).await.status, 405);
}

//! A server that starts with a copy of what another one showed.

use scimform::profile;
use scimform::sandbox::{Options, Seed, SeedMember};
use scimform::scim::{Object, ResourceKind};
use serde_json::{Value, json};

use super::harness::*;

fn object(value: Value) -> Object {
    serde_json::from_value(value).unwrap()
}

fn user(id: &str, attributes: Value) -> Seed {
    Seed {
        kind: ResourceKind::User,
        id: id.into(),
        version: Some(format!("W/\"v-{id}\"")),
        attributes: object(attributes),
        members: vec![],
        has_password: true,
    }
}

fn seeds() -> Vec<Seed> {
    let member = |id: &str| SeedMember { id: id.into(), kind: ResourceKind::User, display: None };
    vec![
        user("u-1", json!({"userName": "ada@acme.example", "active": true, "favouriteTea": {"leaf": "Assam"}})),
        user("u-2", json!({"title": "Engineer", "emails": "not a list"})),
        Seed {
            kind: ResourceKind::Group,
            members: vec![member("u-1"), member("hidden-9")],
            ..user("g-1", json!({"displayName": "All"}))
        },
    ]
}

#[tokio::test]
async fn ids_versions_members_and_unknown_attributes_are_as_they_were() {
    let server = Server::start(Options { seeds: seeds(), ..Options::default() }).await;
    let ada = server.get("/Users/u-1").await;
    assert_eq!((ada.status, &ada.body["favouriteTea"]), (200, &json!({"leaf": "Assam"})));
    assert_eq!((ada.header("etag"), &ada.body["meta"]["version"]), ("W/\"v-u-1\"", &json!("W/\"v-u-1\"")));
    let group = server.get("/Groups/g-1").await;
    let members: Vec<&Value> = group.body["members"].as_array().unwrap().iter().map(|one| &one["value"]).collect();
    assert_eq!(members, [&json!("u-1"), &json!("hidden-9")]);
    // What must be there is made up, what could never be sent back is left out.
    let other = server.get("/Users/u-2").await;
    assert_eq!((&other.body["userName"], &other.body["emails"]), (&json!("u-2"), &Value::Null));
}

#[tokio::test]
async fn a_change_keeps_the_rest_and_gives_a_new_version() {
    let server = Server::start(Options { seeds: seeds(), ..Options::default() }).await;
    let patch = json!([{"op": "replace", "path": "title", "value": "Chief"}]);
    let ada = server.patch("/Users/u-1", patch).await;
    assert_eq!((ada.status, &ada.body["title"]), (200, &json!("Chief")), "{}", ada.body);
    assert_eq!(ada.body["favouriteTea"], json!({"leaf": "Assam"}));
    assert_ne!(ada.header("etag"), "W/\"v-u-1\"");
    // A group can be sent as a whole though a list hides one of its members.
    let members = json!([{"value": "hidden-9"}, {"value": "u-2"}]);
    let group = json!({"schemas": [GROUP], "displayName": "All", "members": members});
    let group = server.put("/Groups/g-1", group).await;
    assert_eq!((group.status, group.body["members"].as_array().map(Vec::len)), (200, Some(2)), "{}", group.body);
    let strangers = json!({"schemas": [GROUP], "displayName": "All", "members": [{"value": "nobody"}]});
    assert_eq!(server.put("/Groups/g-1", strangers).await.status, 400);
}

#[tokio::test]
async fn what_a_vendor_requires_and_nobody_read_does_not_stand_in_the_way() {
    let mut lattice = profile::builtin("generic").unwrap().as_ref().clone();
    lattice.attributes.rules = serde_json::from_value(json!([
        {"path": "name.familyName", "required": true},
        {"path": "emails.value", "required": true, "email": true},
    ]))
    .unwrap();
    let options = Options { seeds: seeds(), profile: Some(std::sync::Arc::new(lattice)), ..Options::default() };
    let server = Server::start(options).await;
    let patch = json!([{"op": "replace", "path": "title", "value": "Chief"}]);
    let ada = server.patch("/Users/u-1", patch).await;
    assert_eq!(ada.status, 200, "{}", ada.body);
}

//! Vendors' limits and quirks, as their profiles' data say.

use scimform::profile::{Capabilities, Deletion, MemberRemoval, Paging, Rate, Resources, builtin};
use scimform::sandbox::Options;
use serde_json::{Value, json};

use crate::harness::{ENTERPRISE, GROUP, Server, USER, values};

fn capabilities(change: impl FnOnce(&mut Capabilities)) -> Capabilities {
    let mut capabilities = Capabilities::default();
    change(&mut capabilities);
    capabilities
}

#[tokio::test]
async fn what_there_is_not() {
    let can = capabilities(|can| {
        can.resources = Resources { users: true, groups: false };
        can.patch = Some(false);
        can.put = false;
        can.etag = Some(false);
        can.deletion = Deletion::None;
    });
    let server = Server::vendor(can, json!({})).await;
    let made = server.user("ada", json!({})).await;
    let path = format!("/Users/{}", made.id());
    assert_eq!((made.header("etag"), made.body["meta"].get("version")), ("", None));
    assert_eq!(server.get("/Groups").await.refusal(), (404, ""));
    assert_eq!(server.get("/ResourceTypes").await.body["totalResults"], 1);
    assert_eq!(server.get("/ServiceProviderConfig").await.body["patch"]["supported"], false);
    assert_eq!(server.patch(&path, json!([{ "op": "remove", "path": "title" }])).await.refusal(), (501, ""));
    assert_eq!(server.put(&path, json!({ "schemas": [USER], "userName": "a" })).await.refusal(), (501, ""));
    assert_eq!(server.delete(&path).await.refusal(), (405, ""));
    assert_eq!(server.post("/Bulk", json!({})).await.refusal(), (501, ""));
}

#[tokio::test]
async fn ways_to_page() {
    let page = async |paging, size, query: &str| {
        let server = Server::vendor(capabilities(|can| (can.paging, can.page_size) = (paging, size)), json!({})).await;
        for number in 0..5 {
            server.user(&format!("u{number}"), json!({})).await;
        }
        server.get(&format!("/Users{query}")).await
    };
    assert_eq!(page(Paging::None, Some(2), "?startIndex=3&count=1").await.names().len(), 5);
    assert_eq!(page(Paging::Index, Some(2), "").await.names().len(), 2);
    assert_eq!(page(Paging::Index, Some(2), "?count=4&startIndex=5").await.names(), ["u4"]);
    assert!(page(Paging::Index, Some(2), "?cursor=").await.body.get("nextCursor").is_none());
    let first = page(Paging::Cursor, Some(2), "?startIndex=3").await;
    assert_eq!((first.names().len(), first.body["nextCursor"].is_string()), (2, true));
    let server = Server::vendor(capabilities(|can| can.totals = false), json!({})).await;
    server.user("a", json!({})).await;
    server.user("b", json!({})).await;
    assert_eq!(server.get("/Users?count=1").await.body["totalResults"], 1);
}

#[tokio::test]
async fn only_some_filters() {
    let can = capabilities(|can| can.filter_users = vec!["userName".into(), "emails.value".into()]);
    let server = Server::vendor(can, json!({})).await;
    server.user("ada", json!({ "emails": [{ "value": "a@x.org" }] })).await;
    for (filter, works) in [
        ("USERNAME eq \"ada\"", true),
        ("emails.value eq \"a@x.org\" and userName eq \"ada\"", true),
        ("externalId eq \"1\"", false),
        ("userName sw \"a\"", false),
        ("userName eq \"ada\" or userName eq \"b\"", false),
    ] {
        let answer = server.send(server.request("GET", "/Users").query(&[("filter", filter)])).await;
        if works {
            assert_eq!(answer.names(), ["ada"], "{filter}");
        } else {
            assert_eq!(answer.refusal(), (400, "invalidFilter"), "{filter}");
        }
    }
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
async fn ways_to_delete() {
    let server = Server::vendor(
        capabilities(|can| (can.deletion, can.reactivation) = (Deletion::Deactivates, false)),
        json!({}),
    )
    .await;
    let path = format!("/Users/{}", server.user("ada", json!({ "active": true })).await.id());
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.get(&path).await.body["active"], false);
    let back = json!([{ "op": "replace", "path": "active", "value": true }]);
    assert_eq!(server.patch(&path, back).await.refusal(), (400, "mutability"));
    let server = Server::vendor(capabilities(|can| can.deletion = Deletion::Irreversible), json!({})).await;
    let path = format!("/Users/{}", server.user("ada", json!({})).await.id());
    assert_eq!(server.delete(&path).await.status, 204);
    let again = server.post("/Users", json!({ "schemas": [USER], "userName": "ADA" })).await;
    assert_eq!(again.refusal(), (409, "uniqueness"));
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
async fn the_rate_is_limited() {
    let server = Server::vendor(
        capabilities(|can| can.rates = vec![Rate { requests: 3, seconds: 60, ..Rate::default() }]),
        json!({}),
    )
    .await;
    for _ in 0..3 {
        assert_eq!(server.get("/Users").await.status, 200);
    }
    let late = server.get("/Users").await;
    assert_eq!(late.refusal(), (429, ""));
    assert!((1..=60).contains(&late.header("retry-after").parse::<u64>().unwrap()));
}

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

//! Lists: filter, sort, pages by index and cursor, parts of resources, search.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use scimform::sandbox::Options;
use serde_json::{Value, json};

use crate::sandbox::harness::{Answer, ENTERPRISE, Server};

async fn query(server: &Server, path: &str, parameters: &[(&str, &str)]) -> Answer {
    server.send(server.request("GET", path).query(parameters)).await
}

#[tokio::test]
async fn filters_keep_what_fits() {
    let server = Server::plain().await;
    for (name, more) in [
        (
            "ada",
            json!({ "active": true, "externalId": "X1", "emails": [{ "value": "ada@x.org", "type": "work" }], ENTERPRISE: { "department": "Engines" } }),
        ),
        ("Grace", json!({ "active": false, "externalId": "x1", "title": "Rear Admiral" })),
        ("alan", json!({ "active": true, "title": "Fellow" })),
    ] {
        server.user(name, more).await;
    }
    let engines = format!("{ENTERPRISE}:department eq \"engines\"");
    for (filter, expected) in [
        ("userName eq \"GRACE\"", vec!["Grace"]),
        ("externalId eq \"x1\"", vec!["Grace"]),
        ("userName sw \"A\"", vec!["ada", "alan"]),
        ("active eq true and title pr", vec!["alan"]),
        ("title co \"admiral\" or userName eq \"ada\"", vec!["ada", "Grace"]),
        ("not (active eq true)", vec!["Grace"]),
        ("emails[type eq \"work\" and value ew \"x.org\"]", vec!["ada"]),
        ("emails.value eq \"ADA@x.org\"", vec!["ada"]),
        (engines.as_str(), vec!["ada"]),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"alan\"", vec!["alan"]),
        ("meta.resourceType eq \"User\" and userName eq \"ada\"", vec!["ada"]),
        ("userName eq \"nobody\"", vec![]),
    ] {
        assert_eq!(query(&server, "/Users", &[("filter", filter)]).await.names(), expected, "{filter}");
    }
    for filter in ["userName", "userName eq", "userName is \"x\"", "(userName pr"] {
        assert_eq!(query(&server, "/Users", &[("filter", filter)]).await.refusal(), (400, "invalidFilter"), "{filter}");
    }
}

#[tokio::test]
async fn sorting_knows_case_primary_values_and_gaps() {
    let server = Server::plain().await;
    let mail = |value: &str| json!({ "emails": [{ "value": "zz@x.org" }, { "value": value, "primary": true }] });
    server.user("bert", mail("3@x.org")).await;
    server.user("Ann", mail("2@x.org")).await;
    server.user("carl", json!({ "title": "t" })).await;
    assert_eq!(query(&server, "/Users", &[("sortBy", "userName")]).await.names(), ["Ann", "bert", "carl"]);
    let down = [("sortBy", "userName"), ("sortOrder", "descending")];
    assert_eq!(query(&server, "/Users", &down).await.names(), ["carl", "bert", "Ann"]);
    assert_eq!(query(&server, "/Users", &[("sortBy", "emails.value")]).await.names(), ["Ann", "bert", "carl"]);
    assert_eq!(query(&server, "/Users", &[("sortOrder", "sideways")]).await.refusal(), (400, "invalidValue"));
}

#[tokio::test]
async fn pages_by_index() {
    let server = Server::plain().await;
    server.crowd(25).await;
    for (start, count, first, length) in [
        ("1", "10", Some("user00000"), 10),
        ("11", "10", Some("user00010"), 10),
        ("21", "10", Some("user00020"), 5),
        ("26", "10", None, 0),
        ("-3", "2", Some("user00000"), 2),
        ("1", "-2", None, 0),
        ("1", "0", None, 0),
        ("1", "5000", Some("user00000"), 25),
    ] {
        let page = query(&server, "/Users", &[("startIndex", start), ("count", count)]).await;
        assert_eq!(page.names().first().copied(), first, "{start} {count}");
        assert_eq!((page.names().len(), &page.body["totalResults"]), (length, &json!(25)));
        assert_eq!(page.body["itemsPerPage"], json!(length));
        assert_eq!(page.body["startIndex"], json!(start.parse::<i64>().unwrap().max(1)));
        assert!(page.body.get("nextCursor").is_none());
    }
    assert_eq!(query(&server, "/Users", &[("count", "ten")]).await.refusal(), (400, "invalidValue"));
}

#[tokio::test]
async fn pages_by_cursor_survive_deletions() {
    let server = Server::plain().await;
    server.crowd(25).await;
    for more in [vec![], vec![("filter", "active eq true")], vec![("sortBy", "userName")]] {
        let mut seen: Vec<String> = Vec::new();
        let mut cursor = String::new();
        loop {
            let mut parameters = vec![("cursor", cursor.as_str()), ("count", "10")];
            parameters.extend(more.clone());
            let page = query(&server, "/Users", &parameters).await;
            seen.extend(page.names().iter().map(ToString::to_string));
            match page.body["nextCursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        let expected: Vec<String> = (0..25).map(|number| format!("user{number:05}")).collect();
        assert_eq!(seen, expected, "{more:?}");
    }
    let page = query(&server, "/Users", &[("cursor", ""), ("count", "10")]).await;
    server.delete(&format!("/Users/{}", page.body["Resources"][0]["id"].as_str().unwrap())).await;
    let next = page.body["nextCursor"].as_str().unwrap();
    let page = query(&server, "/Users", &[("cursor", next), ("count", "10")]).await;
    assert_eq!(page.names().first(), Some(&"user00010"), "nobody is left out");
}

#[tokio::test]
async fn cursors_are_bound_to_their_query_and_time() {
    let now = Arc::new(Mutex::new("2026-11-22T10:00:00Z".parse::<Timestamp>().unwrap()));
    let clock = Arc::clone(&now);
    let options = Options {
        clock: Arc::new(move || *clock.lock().unwrap()),
        cursor_timeout: Duration::from_secs(60),
        ..Options::default()
    };
    let server = Server::start(options).await;
    server.crowd(9).await;
    let page = query(&server, "/Users", &[("cursor", ""), ("count", "3")]).await;
    let next = page.body["nextCursor"].as_str().unwrap().to_owned();
    assert!(next.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c)), "{next}");
    let ask = async |more: &[(&str, &str)]| {
        let mut parameters = vec![("cursor", next.as_str())];
        parameters.extend(more);
        query(&server, "/Users", &parameters).await
    };
    assert_eq!(ask(&[("count", "3")]).await.names().len(), 3);
    assert_eq!(ask(&[("count", "4")]).await.refusal(), (400, "invalidCount"));
    assert_eq!(ask(&[("count", "3"), ("filter", "active eq true")]).await.refusal(), (400, "invalidCursor"));
    assert_eq!(query(&server, "/Groups", &[("cursor", &next)]).await.refusal(), (400, "invalidCursor"));
    assert_eq!(query(&server, "/Users", &[("cursor", "made-up")]).await.refusal(), (400, "invalidCursor"));
    *now.lock().unwrap() = "2026-11-22T10:01:01Z".parse().unwrap();
    assert_eq!(ask(&[("count", "3")]).await.refusal(), (400, "expiredCursor"));
}

#[tokio::test]
async fn parts_of_resources() {
    let server = Server::plain().await;
    let more = json!({ "title": "Countess", "name": { "givenName": "Ada", "familyName": "L" }, "emails": [{ "value": "a@x.org", "type": "work" }], ENTERPRISE: { "department": "E", "division": "D" } });
    let id = server.user("ada", more).await.id();
    server.group("g", &[&id]).await;
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let division = format!("title,name.givenName,emails.type,{ENTERPRISE}:division");
    let path = format!("/Users/{id}");
    let part = query(&server, &path, &[("attributes", division.as_str())]).await.body;
    assert_eq!(names(&part), ["schemas", "id", "title", "name", "emails", ENTERPRISE]);
    assert_eq!((&part["name"], &part["emails"]), (&json!({ "givenName": "Ada" }), &json!([{ "type": "work" }])));
    assert_eq!(part[ENTERPRISE], json!({ "division": "D" }));
    let whole = query(&server, &path, &[("attributes", ENTERPRISE)]).await.body;
    assert_eq!(whole[ENTERPRISE], json!({ "department": "E", "division": "D" }));
    let excluded = format!("ID,groups,name,emails.type,{ENTERPRISE}:division");
    let part = query(&server, &path, &[("excludedAttributes", excluded.as_str())]).await.body;
    assert_eq!(names(&part), ["schemas", "userName", "title", "emails", ENTERPRISE, "id", "meta"]);
    assert_eq!(part[ENTERPRISE], json!({ "department": "E" }));
    let both = query(&server, &path, &[("attributes", "title"), ("excludedAttributes", "name")]).await;
    assert_eq!(both.refusal().0, 400);
    let listed = query(&server, "/Groups", &[("excludedAttributes", "members")]).await;
    assert!(listed.body["Resources"][0].get("members").is_none());
    assert!(query(&server, "/Groups", &[]).await.body["Resources"][0].get("members").is_some());
}

#[tokio::test]
async fn searches_by_post() {
    let server = Server::plain().await;
    let ada = server.user("ada", json!({ "displayName": "x" })).await.id();
    server.group("x", &[&ada]).await;
    let search = |more: Value| {
        let mut body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let both = server
        .post("/.search", search(json!({ "filter": "displayName eq \"X\"", "attributes": ["displayName"] })))
        .await;
    assert_eq!((&both.body["totalResults"], both.names().len()), (&json!(2), 2));
    assert!(both.body["Resources"][0].get("userName").is_none());
    let users = server.post("/Users/.search", search(json!({ "count": 1, "startIndex": 1 }))).await;
    assert_eq!(users.names(), ["ada"]);
    assert_eq!(server.post("/.search", json!({})).await.refusal(), (400, "invalidSyntax"));
    let only = server.get("/?filter=meta.resourceType%20eq%20%22Group%22").await;
    assert_eq!(only.names(), ["x"]);
}

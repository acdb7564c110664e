//! Pages, filters, and what lists leave out.

use std::collections::BTreeSet;

use scimform::profile::Paging;
use serde_json::json;

use super::capabilities;
use crate::sandbox::harness::{Answer, Server};

async fn filtered(server: &Server, path: &str, filter: &str) -> Answer {
    server.send(server.request("GET", path).query(&[("filter", filter)])).await
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
    let server = Server::vendor(capabilities(|can| can.totals = false), json!({})).await;
    server.user("a", json!({})).await;
    server.user("b", json!({})).await;
    assert_eq!(server.get("/Users?count=1").await.body["totalResults"], 1);
}

#[tokio::test]
async fn cursors_only_for_who_asks() {
    let server =
        Server::vendor(capabilities(|can| (can.paging, can.page_size) = (Paging::Cursor, Some(100))), json!({})).await;
    for number in 0..105 {
        server.user(&format!("u{number:03}"), json!({})).await;
    }
    for query in ["", "?startIndex=50", "?count=500"] {
        let cut = server.get(&format!("/Users{query}")).await;
        assert_eq!((cut.names().len(), cut.names()[0]), (100, "u000"), "{query}");
        assert_eq!((&cut.body["totalResults"], &cut.body["itemsPerPage"]), (&json!(100), &json!(100)));
        assert_eq!(
            (cut.body.get("nextCursor"), cut.body.get("startIndex")),
            (None, None),
            "no hint that there is more"
        );
    }
    let mut seen = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let page = server.send(server.request("GET", "/Users").query(&[("count", "40"), ("cursor", &cursor)])).await;
        assert_eq!(page.body["totalResults"], 105);
        seen.extend(page.names().iter().map(ToString::to_string));
        let Some(next) = page.body["nextCursor"].as_str() else { break };
        for awkward in ['=', '/', '+', ':'] {
            assert!(next.contains(awkward), "{next}");
        }
        next.clone_into(&mut cursor);
    }
    assert_eq!(seen.len(), 105);
    let raw = server.get(&format!("/Users?count=40&cursor={cursor}")).await;
    assert_eq!(raw.refusal(), (400, "invalidCursor"), "a `+` that is not encoded is a space");
    let config = server.get("/ServiceProviderConfig").await.body;
    assert_eq!((&config["pagination"]["cursor"], &config["pagination"]["index"]), (&json!(true), &json!(false)));
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
async fn filters_that_cannot_be_joined() {
    let server = Server::vendor(capabilities(|can| can.filter_and = false), json!({})).await;
    server.user("ada", json!({ "externalId": "1" })).await;
    assert_eq!(filtered(&server, "/Users", "externalId eq \"1\"").await.names(), ["ada"]);
    let joined = filtered(&server, "/Users", "externalId eq \"1\" and userName eq \"ada\"").await;
    assert_eq!(joined.refusal(), (400, "invalidFilter"));
}

#[tokio::test]
async fn samples_in_place_of_a_list() {
    let names = vec!["sample_user".to_owned(), "sample_group".to_owned()];
    let server = Server::vendor(capabilities(|can| can.synthetic = names), json!({})).await;
    for name in ["ada", "grace"] {
        server.user(name, json!({})).await;
    }
    server.group("g", &[]).await;
    for (path, name) in [("/Users", "sample_user"), ("/Users?startIndex=2", "sample_user"), ("/Groups", "sample_group")]
    {
        let list = server.get(path).await;
        assert_eq!((list.names(), &list.body["totalResults"]), (vec![name], &json!(1)), "{path}");
        assert_eq!(server.get(&format!("{}/{name}", &path[..6])).await.status, 404, "it does not exist");
    }
    assert_eq!(filtered(&server, "/Users", "userName eq \"ada\"").await.names(), ["ada"]);
    assert_eq!(filtered(&server, "/Groups", "displayName eq \"g\"").await.names(), ["g"]);
}

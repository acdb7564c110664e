//! Rate limits.

use scimform::profile::Rate;
use serde_json::json;

use super::capabilities;
use crate::sandbox::harness::Server;

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
async fn every_class_has_its_own_limit() {
    let rate = |methods: &[&str], resource: Option<&str>, requests| Rate {
        methods: methods.iter().map(ToString::to_string).collect(),
        resource: resource.map(str::to_owned),
        requests,
        seconds: 30,
    };
    let rates =
        vec![rate(&["GET"], Some("Groups"), 2), rate(&["POST", "PATCH"], Some("Users"), 1), rate(&["GET"], None, 5)];
    let server = Server::vendor(capabilities(|can| can.rates = rates), json!({})).await;
    for expected in [200, 200, 429] {
        assert_eq!(server.get("/Groups").await.status, expected);
    }
    let path = format!("/Users/{}", server.user("ada", json!({})).await.id());
    let late = server.patch(&path, json!([{ "op": "remove", "path": "title" }])).await;
    assert_eq!(late.refusal(), (429, ""));
    assert!((1..=30).contains(&late.header("retry-after").parse::<u64>().unwrap()));
    server.group("g", &[]).await;
    for expected in [200, 200, 200, 429] {
        assert_eq!(server.get("/Users").await.status, expected, "two of the five were for groups");
    }
}

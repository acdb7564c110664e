use scimform::live::ListTrust;
use scimform::target::ErrorKind;
use serde_json::{Value, json};

use crate::support::mock::{Mock, Reply, Seen, honest, list, reader, users_only};

/// A server with this configuration and 250 users.
fn server(config: Value, types: Value) -> impl Fn(&Seen, usize) -> Reply + Send + Sync {
    move |seen, _| match seen.path.rsplit('/').next() {
        Some("ServiceProviderConfig") => Reply::json(&config),
        Some("ResourceTypes") => Reply::json(&types),
        _ if seen.param("cursor").is_some() => {
            let start = seen.number("cursor").max(1);
            let mut page = list(250, start, (start + 99).min(250));
            if start + 99 < 250 {
                page["nextCursor"] = json!((start + 100).to_string());
            }
            Reply::json(&page)
        }
        _ => Reply::json(&honest(seen, 250, 1000)),
    }
}

#[tokio::test]
async fn t95_discovery_that_fails_in_every_way_only_leaves_notices() {
    for reply in [
        || Reply::new(404, ""),
        || Reply::error(401, "", "no"),
        || Reply::new(200, "<html><title>Sign in</title>"),
        || Reply::new(500, "boom"),
        || Reply::new(200, "[1"),
        || Reply::new(301, "").with("location", "https://elsewhere.example/"),
    ] {
        let mock =
            Mock::start_with(
                true,
                move |seen, _| {
                    if seen.path.ends_with("/Users") { Reply::json(&list(1, 1, 1)) } else { reply() }
                },
            )
            .await;
        let live = reader(&mock.base, &json!({})).read(&users_only()).await.unwrap();
        assert_eq!((live.users.len(), &live.trust.users), (1, &ListTrust::Whole));
        assert_eq!(live.discovery.notices.len(), 2, "{:?}", live.discovery.notices);
        assert!(mock.count() <= 1 + 3, "nothing is tried again");
    }
}

#[tokio::test]
async fn what_discovery_says_is_taken_over_and_asked_for_once() {
    let config = json!({"patch": {"supported": true}, "etag": {"supported": false}, "filter": {"supported": true, "maxResults": 200}});
    let mock =
        Mock::start_with(true, server(config, json!({"Resources": [{"endpoint": "/Users", "name": "User"}]}))).await;
    let reader = reader(&mock.base, &json!({}));
    let first = reader.discover().await;
    let live = reader.read(&users_only()).await.unwrap();
    assert_eq!(first, live.discovery);
    assert_eq!((first.patch, first.etag, first.groups), (Some(true), Some(false), Some(false)));
    let users: Vec<_> =
        mock.seen().into_iter().filter(|seen| seen.path.ends_with("/Users")).map(|seen| seen.query).collect();
    assert_eq!(users, ["startIndex=1&count=200", "startIndex=201&count=200"]);
    assert_eq!(mock.count(), 2 + 2);
}

#[tokio::test]
async fn announced_cursors_are_used_and_left_where_they_do_not_work() {
    let config = json!({"pagination": {"cursor": true, "index": true}});
    let mock = Mock::start_with(true, server(config.clone(), json!([]))).await;
    let live = reader(&mock.base, &json!({})).read(&users_only()).await.unwrap();
    assert_eq!((live.users.len(), &live.trust.users), (250, &ListTrust::Whole));
    assert!(mock.seen().iter().all(|seen| seen.param("startIndex").is_none()));

    let inner = server(config, json!([]));
    let mock = Mock::start_with(true, move |seen, before| match seen.param("cursor") {
        Some(_) => Reply::error(400, "invalidValue", "what is a cursor?"),
        None => inner(seen, before),
    })
    .await;
    let live = reader(&mock.base, &json!({})).read(&users_only()).await.unwrap();
    assert_eq!((live.users.len(), &live.trust.users), (250, &ListTrust::Whole));
}

#[tokio::test]
async fn a_configuration_of_scim_1_is_the_end() {
    for (plural, wrapped) in [(false, false), (true, false), (true, true)] {
        let mock = Mock::start_with(true, move |seen, _| {
            let config = json!({"schemas": ["urn:scim:schemas:core:1.0"], "patch": {"supported": true}});
            match seen.path.rsplit('/').next() {
                Some("ServiceProviderConfig") if plural => Reply::new(404, ""),
                Some("ServiceProviderConfig" | "ServiceProviderConfigs") if wrapped => {
                    Reply::json(&json!({"Resources": [config]}))
                }
                Some("ServiceProviderConfig" | "ServiceProviderConfigs") => Reply::json(&config),
                Some("ResourceTypes") => Reply::new(404, ""),
                _ => Reply::json(&list(0, 1, 0)),
            }
        })
        .await;
        let error = reader(&mock.base, &json!({})).read(&users_only()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Version);
        assert!(mock.seen().iter().all(|seen| !seen.path.ends_with("/Users")), "nobody was asked for");
    }
}

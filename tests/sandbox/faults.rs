//! Faults, as a client meets them.

use std::time::{Duration, Instant};

use scimform::sandbox::{Fault, Options};
use serde_json::json;

use crate::sandbox::harness::{Server, USER};

fn fault(text: &str) -> Fault {
    text.parse().unwrap()
}

#[tokio::test]
async fn refusals_and_nonsense() {
    let server = Server::plain().await;
    server.user("ada", json!({})).await;
    let answer = async |text: &str| {
        server.running.faults().set([fault(text)]);
        server.get("/Users").await
    };
    let late = answer("429=7").await;
    assert_eq!((late.refusal(), late.header("retry-after")), ((429, ""), "7"));
    let dated = answer("429=date:30").await;
    let until = httpdate::parse_http_date(dated.header("retry-after")).unwrap();
    let wait = until.duration_since(std::time::SystemTime::now()).unwrap();
    assert!(wait > Duration::from_secs(25) && wait <= Duration::from_secs(30), "{wait:?}");
    assert_eq!(answer("503").await.refusal(), (503, ""));
    assert_eq!(answer("401").await.refusal(), (401, ""));
    let html = answer("html").await;
    assert_eq!((html.status, html.header("content-type")), (502, "text/html; charset=utf-8"));
    let garbage = answer("garbage").await;
    assert_eq!(garbage.status, 200);
    assert!(garbage.body.is_string(), "it is no JSON");
    let empty = answer("empty").await;
    assert_eq!((&empty.body["totalResults"], empty.names().len()), (&json!(0), 0));
    let wrong = answer("total=+5").await;
    assert_eq!((&wrong.body["totalResults"], wrong.names().len()), (&json!(6), 1));
    let start = Instant::now();
    assert_eq!(answer("latency=150ms").await.status, 200);
    assert!(start.elapsed() >= Duration::from_millis(150));
    server.running.faults().clear();
    assert_eq!(server.get("/Users").await.names(), ["ada"]);
    let logged = server.running.requests();
    assert_eq!(logged[1].fault.as_deref(), Some("429=7"));
    assert_eq!(logged.last().unwrap().fault, None);
}

#[tokio::test]
async fn connections_break_before_amid_and_after() {
    let server = Server::plain().await;
    let post = |name: &str| server.request("POST", "/Users").json(&json!({ "schemas": [USER], "userName": name }));
    for (text, name, done) in [("cut=before", "a", false), ("cut=after", "b", true), ("cut=body", "c", true)] {
        server.running.faults().set([fault(&format!("{text},on=POST,count=1"))]);
        let outcome = match post(name).send().await {
            Err(error) => Err(error),
            Ok(response) => response.bytes().await,
        };
        let error = outcome.expect_err(text);
        assert!(!error.is_timeout() && !error.is_connect(), "{text}: {error:?}");
        let found = server.get(&format!("/Users?filter=userName%20eq%20%22{name}%22")).await;
        assert_eq!(found.body["totalResults"], i32::from(done), "{text}");
        let entry = server.running.requests().into_iter().rfind(|entry| entry.method == "POST").unwrap();
        assert_eq!(entry.status, None, "{text}");
    }
    assert_eq!(server.send(post("d")).await.status, 201, "the next one gets through");
}

#[tokio::test]
async fn a_failure_after_the_effect_and_no_answer_at_all() {
    let server = Server::plain().await;
    let post = |name: &str| server.request("POST", "/Users").json(&json!({ "schemas": [USER], "userName": name }));
    let there = async |name: &str| {
        let found = server.get(&format!("/Users?filter=userName%20eq%20%22{name}%22")).await;
        found.body["totalResults"] == 1
    };
    server.running.faults().set([fault("503=after,on=POST")]);
    assert_eq!(server.send(post("a")).await.refusal(), (503, ""));
    assert!(there("a").await);
    for (text, name, done) in [("hang=before", "b", false), ("hang=after", "c", true)] {
        server.running.faults().set([fault(&format!("{text},on=POST"))]);
        let error = post(name).timeout(Duration::from_millis(300)).send().await.unwrap_err();
        assert!(error.is_timeout(), "{text}: {error:?}");
        assert_eq!(there(name).await, done, "{text}");
    }
    server.running.faults().set([fault("cut=reset,on=POST")]);
    let error = post("d").send().await.unwrap_err();
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    let reset = std::iter::from_fn(|| {
        let found = cause?;
        cause = found.source();
        Some(found.downcast_ref::<std::io::Error>().map(std::io::Error::kind))
    });
    assert!(reset.flatten().any(|kind| kind == std::io::ErrorKind::ConnectionReset), "{error:?}");
    assert!(!there("d").await);
}

#[tokio::test]
async fn a_lying_server_says_yes_and_does_nothing() {
    let server = Server::plain().await;
    let made = server.user("ada", json!({ "title": "Countess", "active": true })).await;
    let path = format!("/Users/{}", made.id());
    server.running.faults().set([fault("lie,at=users")]);
    let told = server.patch(&path, json!([{ "op": "replace", "path": "title", "value": "Queen" }])).await;
    assert_eq!((told.status, &told.body["title"]), (200, &json!("Queen")));
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.user("grace", json!({})).await.status, 201);
    assert_eq!(server.get("/Users").await.names(), ["ada"]);
    assert_eq!(server.get(&path).await.body, made.body);
    server.running.faults().set([fault("lie=active")]);
    let operations = json!([{ "op": "replace", "value": { "active": false, "title": "Queen" } }]);
    assert_eq!(server.patch(&path, operations).await.body["active"], false);
    let kept = server.get(&path).await.body;
    assert_eq!((&kept["active"], &kept["title"]), (&json!(true), &json!("Queen")));
}

#[tokio::test]
async fn stale_reads_catch_up() {
    let server = Server::start(Options::default()).await;
    server.running.faults().set([fault("stale=400ms,on=GET")]);
    let made = server.user("ada", json!({ "title": "Countess" })).await;
    let path = format!("/Users/{}", made.id());
    assert_eq!(server.get(&path).await.status, 404, "it is too new to be seen");
    tokio::time::sleep(Duration::from_millis(450)).await;
    assert_eq!(server.get(&path).await.body["title"], "Countess");
    server.patch(&path, json!([{ "op": "replace", "path": "title", "value": "Queen" }])).await;
    assert_eq!(server.get(&path).await.body["title"], "Countess");
    assert_eq!(server.get("/Users").await.body["Resources"][0]["title"], "Countess");
    tokio::time::sleep(Duration::from_millis(450)).await;
    assert_eq!(server.get(&path).await.body["title"], "Queen");
}

#[tokio::test]
async fn the_door_shuts_midway() {
    let server = Server::plain().await;
    server.running.faults().set([fault("401,nth=3")]);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(server.get("/Users").await.status);
    }
    assert_eq!(statuses, [200, 200, 401, 401]);
    assert_eq!(server.running.faults().hits(), 2);
}

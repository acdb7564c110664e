//! The store in a file.

use std::path::Path;

use scimform::sandbox::{Options, Sandbox, SandboxError, Store};
use serde_json::{Value, json};

use crate::sandbox::harness::{Server, values};
use crate::support::folder;

fn on(path: &Path) -> Options {
    Options { store: Store::File(path.to_owned()), ..Options::default() }
}

/// A resource without what depends on the port.
fn portable(mut body: Value, server: &Server) -> String {
    body["meta"]["lastModified"] = Value::Null;
    body.to_string().replace(&server.running.base_url, "")
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let folder = folder();
    let file = folder.path().join("store.jsonl");
    let server = Server::start(on(&file)).await;
    let ada = server.user("ada", json!({ "externalId": "7", "title": "Countess" })).await.id();
    let gone = server.user("gone", json!({})).await.id();
    let group = server.group("g", &[&gone, &ada]).await.id();
    server.delete(&format!("/Users/{gone}")).await;
    server.patch(&format!("/Users/{ada}"), json!([{ "op": "remove", "path": "title" }])).await;
    let mut before = Vec::new();
    for path in [format!("/Users/{ada}"), format!("/Groups/{group}")] {
        before.push(portable(server.get(&path).await.body, &server));
    }
    server.running.shutdown().await;
    let server = Server::start(on(&file)).await;
    let mut after = Vec::new();
    for path in [format!("/Users/{ada}"), format!("/Groups/{group}")] {
        after.push(portable(server.get(&path).await.body, &server));
    }
    assert_eq!(after, before);
    assert_eq!(server.get("/Users?filter=userName%20eq%20%22ADA%22").await.names(), ["ada"]);
    assert_eq!(server.get("/Users?filter=externalId%20eq%20%227%22").await.names(), ["ada"]);
    server.user("next", json!({})).await;
    assert_eq!(server.get("/Users").await.names(), ["ada", "next"], "new ones come last");
}

#[tokio::test]
async fn what_was_answered_is_on_disk() {
    let folder = folder();
    let (file, copy) = (folder.path().join("store.jsonl"), folder.path().join("copy.jsonl"));
    let server = Server::start(on(&file)).await;
    server.crowd(300).await;
    let ids: Vec<String> = {
        let list = server.get("/Users?count=300&attributes=id").await;
        list.body["Resources"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let members: Vec<&str> = ids.iter().map(String::as_str).collect();
    let group = server.group("all", &members).await.id();
    // What a kill would leave: the file as it is while the server still has it open.
    std::fs::copy(&file, &copy).unwrap();
    let server = Server::start(on(&copy)).await;
    assert_eq!(server.get("/Users?count=0").await.body["totalResults"], 300);
    let mut sorted = members.clone();
    sorted.sort_unstable();
    assert_eq!(values(&server.get(&format!("/Groups/{group}")).await.body["members"]), sorted);
}

#[tokio::test]
async fn a_line_that_was_cut_off_is_as_if_it_was_never_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.jsonl");
    let server = Server::start(on(&file)).await;
    server.user("ada", json!({})).await;
    server.user("bob", json!({ "title": "Café" })).await;
    server.running.shutdown().await;
    let whole = std::fs::read(&file).unwrap();
    let within_a_letter = whole.windows(2).rposition(|pair| pair == "é".as_bytes()).unwrap() + 1;
    for end in [whole.len() - 1, within_a_letter] {
        std::fs::write(&file, &whole[..end]).unwrap();
        let server = Server::start(on(&file)).await;
        assert_eq!(server.get("/Users").await.names(), ["ada"], "cut at {end} of {}", whole.len());
        server.running.shutdown().await;
    }
    let server = Server::start(on(&file)).await;
    server.user("cyd", json!({})).await;
    server.running.shutdown().await;
    let server = Server::start(on(&file)).await;
    assert_eq!(server.get("/Users").await.names(), ["ada", "cyd"]);
    server.running.shutdown().await;
    // Within the first line, too.
    std::fs::write(&file, &whole[..5]).unwrap();
    let server = Server::start(on(&file)).await;
    assert_eq!(server.get("/Users").await.body["totalResults"], 0);
}

#[tokio::test]
async fn many_writers_lose_nothing() {
    let folder = folder();
    let file = folder.path().join("store.jsonl");
    let server = Server::start(on(&file)).await;
    let names: Vec<String> = (0..60).map(|number| format!("u{number}")).collect();
    futures::future::join_all(names.iter().map(|name| server.user(name, json!({})))).await;
    server.running.shutdown().await;
    let server = Server::start(on(&file)).await;
    let mut found: Vec<String> = server.get("/Users").await.names().iter().map(ToString::to_string).collect();
    found.sort_by_key(|name| name.trim_start_matches('u').parse::<u32>().unwrap());
    assert_eq!(found, names);
}

#[tokio::test]
async fn a_file_that_can_not_be_used_is_named() {
    let folder = folder();
    let file = folder.path().join("store.jsonl");
    let first = Server::start(on(&file)).await;
    let error = Sandbox::start(on(&file)).await.unwrap_err();
    assert!(matches!(&error, SandboxError::Store { path, .. } if path.ends_with("store.jsonl")), "{error}");
    first.running.shutdown().await;
    let text = folder.path().join("text.jsonl");
    std::fs::write(&text, "users: {}\n".repeat(100)).unwrap();
    assert!(matches!(Sandbox::start(on(&text)).await.unwrap_err(), SandboxError::Store { .. }));
    assert_eq!(std::fs::read_to_string(&text).unwrap(), "users: {}\n".repeat(100));
}

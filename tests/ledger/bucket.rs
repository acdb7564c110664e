//! A stand-in for Google Cloud Storage, in the dialect of its XML API: generations and `x-goog-if-generation-match`. No
//! server of that dialect with conditional writes can be installed from a package.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::ledger::races;
use crate::ledger::world::{declared, whole_loop};
use crate::support::Server;

#[derive(Clone, Default)]
struct Objects {
    /// Text and generation by name.
    stored: Arc<Mutex<BTreeMap<String, (Bytes, u64)>>>,
    ignores_conditions: bool,
    /// Answers of writes that are lost after the write took.
    lost: Arc<Mutex<u32>>,
}

/// What is right below a prefix: folders and objects.
fn listed(objects: &Objects, prefix: &str) -> String {
    let stored = objects.stored.lock().unwrap();
    let entry = |name: &String| {
        let rest = name.split_once('/')?.1.strip_prefix(prefix)?;
        Some(match rest.split_once('/') {
            Some((folder, _)) => format!("<CommonPrefixes><Prefix>{prefix}{folder}/</Prefix></CommonPrefixes>"),
            None => format!(
                "<Contents><Key>{prefix}{rest}</Key><LastModified>2026-12-01T10:00:00Z</LastModified>\
                 <Size>1</Size><ETag>\"1\"</ETag></Contents>"
            ),
        })
    };
    let entries: BTreeSet<String> = stored.keys().filter_map(entry).collect();
    format!("<ListBucketResult>{}</ListBucketResult>", entries.into_iter().collect::<String>())
}

async fn remove(State(objects): State<Objects>, Path(name): Path<String>) -> StatusCode {
    let removed = objects.stored.lock().unwrap().remove(&name);
    if removed.is_some() { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

async fn show(
    State(objects): State<Objects>,
    Path(name): Path<String>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Response {
    if let Some(prefix) = asked.get("prefix") {
        return listed(&objects, prefix).into_response();
    }
    let stored = objects.stored.lock().unwrap();
    match stored.get(&name) {
        None => StatusCode::NOT_FOUND.into_response(),
        Some((text, generation)) => (head(*generation), text.clone()).into_response(),
    }
}

async fn write(State(objects): State<Objects>, Path(name): Path<String>, headers: HeaderMap, text: Bytes) -> Response {
    let mut stored = objects.stored.lock().unwrap();
    let there = stored.get(&name).map_or(0, |(_, generation)| *generation);
    let wanted = headers.get("x-goog-if-generation-match").map(|value| value.to_str().unwrap().parse::<u64>().unwrap());
    if wanted.is_some_and(|wanted| wanted != there) && !objects.ignores_conditions {
        return StatusCode::PRECONDITION_FAILED.into_response();
    }
    stored.insert(name, (text, there + 7));
    let mut lost = objects.lost.lock().unwrap();
    if *lost > 0 {
        *lost -= 1;
        return StatusCode::BAD_REQUEST.into_response();
    }
    (head(there + 7), "").into_response()
}

fn head(generation: u64) -> [(&'static str, String); 3] {
    [
        ("etag", format!("\"{generation}\"")),
        ("x-goog-generation", generation.to_string()),
        ("last-modified", "Tue, 01 Dec 2026 10:00:00 GMT".to_owned()),
    ]
}

/// The address of a fresh stand-in; it ends with the test's runtime.
fn start(objects: Objects) -> (tokio::runtime::Runtime, String) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let router = Router::new().route("/{*name}", get(show).put(write).delete(remove)).with_state(objects);
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(async move { axum::serve(listener, router).await });
    (runtime, url)
}

fn repo(server: &Server, url: &str) -> crate::support::Repo {
    declared(server, "{ url: 'gs://ledgers/team' }")
        .env("GOOGLE_BASE_URL", url)
        .env("GOOGLE_BEARER_TOKEN", "secret-gcs-token")
        .env("GOOGLE_ALLOW_HTTP", "true")
}

#[test]
fn the_whole_loop_with_generations() {
    let server = Server::start();
    let (_runtime, url) = start(Objects::default());
    let repo = repo(&server, &url);
    whole_loop(&repo, &server);
    assert!(repo.path().join(".scimform/journal").is_dir() && !repo.path().join(".scimform/ledger").exists());
    assert_eq!(std::fs::read_to_string(repo.path().join(".scimform/.gitignore")).unwrap().lines().last(), Some("*"));
}

#[test]
fn a_store_that_ignores_conditions_is_refused_before_anything_is_done() {
    let server = Server::start();
    let (_runtime, url) = start(Objects { ignores_conditions: true, ..Objects::default() });
    let ran = repo(&server, &url).apply().expect(1);
    assert!(ran.err.contains("ignores conditional writes"), "{}", ran.err);
    assert!(server.running().requests().is_empty());
}

#[test]
fn a_write_whose_answer_is_lost_is_seen_to_have_taken() {
    let server = Server::start();
    let objects = Objects::default();
    let (_runtime, url) = start(objects.clone());
    let repo = repo(&server, &url);
    repo.apply().expect(0);
    // The first write of a run takes the lock.
    *objects.lost.lock().unwrap() = 1;
    repo.edit("people.yaml", "title: Engineer", "title: Countess");
    repo.apply().expect(0);
    let ran = repo.run(&["ledger", "unlock"]).expect(0);
    assert!(ran.out.contains("No lock is held"), "{}", ran.out);
}

#[test]
fn a_store_that_stops_answering_stops_the_run_and_nothing_is_lost() {
    let server = Server::start();
    let objects = Objects::default();
    let (runtime, url) = start(objects.clone());
    let repo = repo(&server, &url);
    server.fault("latency=400ms");
    let mut run = repo.command(&["apply", "--auto-approve"]);
    let run = run.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    while server.writes() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    drop(runtime);
    let output = run.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("can't save the ledger") && !said.contains("secret-gcs-token"), "{said}");
    server.heal();
    assert!(!server.list("Users").is_empty());
    // The store is back with what it last held, and with the lock of the run that could not free it.
    let (_runtime, url) = start(objects);
    let repo = repo.env("GOOGLE_BASE_URL", &url);
    let ran = repo.apply().expect(1);
    let id = ran.err.split("ledger unlock ").nth(1).and_then(|rest| rest.get(..32)).unwrap().to_owned();
    repo.run(&["ledger", "unlock", &id]).expect(0);
    let ran = repo.apply().expect(0);
    assert!(ran.err.contains("ended early"), "{}", ran.err);
    assert_eq!(server.list("Users").len(), 3);
    assert_eq!(repo.run(&["ledger", "list"]).expect(0).out.lines().count(), 4);
}

#[test]
fn two_writers_by_generation() {
    let (_runtime, url) = start(Objects::default());
    // The client reads the environment, which a test must not change: the program does the work.
    let server = Server::start();
    let repos = [repo(&server, &url), repo(&server, &url)];
    for round in 0..races::rounds(2).min(20) {
        let runs = repos.each_ref().map(|repo| {
            repo.people(&["ada", &format!("p{round}")]);
            let mut run = repo.command(&["apply", "--auto-approve", "--lock-timeout", "1m"]);
            run.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped()).spawn().unwrap()
        });
        for run in runs {
            let output = run.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        }
        assert!(repos[0].plan()["changes"].as_array().unwrap().is_empty());
    }
}

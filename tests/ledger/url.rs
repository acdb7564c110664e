//! The ledger in an object store. `tests/ledger/run` starts the servers and gives their address; without one these
//! tests are not run.

use crate::ledger::races;
use crate::ledger::world::{at_url, declared, whole_loop};
use crate::support::{Server, folder};

/// What an object store's client takes from the environment.
const VARIABLES: [&str; 3] = ["AWS_", "AZURE_", "GOOGLE_"];

fn address(folder: &str) -> String {
    let url = std::env::var("SCIMFORM_TEST_LEDGER_URL").unwrap();
    format!("{url}/{folder}-{}", std::process::id())
}

#[test]
#[ignore = "needs an object store: tests/ledger/run starts some"]
fn the_whole_loop_in_a_store() {
    let server = Server::start();
    let mut repo = declared(&server, &format!("{{ url: \"{}\" }}", address("loop")));
    for (name, value) in std::env::vars().filter(|(name, _)| VARIABLES.iter().any(|start| name.starts_with(start))) {
        repo = repo.env(&name, &value);
    }
    whole_loop(&repo, &server);
    assert!(!repo.path().join(".scimform/ledger").exists());
}

#[test]
#[ignore = "needs an object store: tests/ledger/run starts some"]
fn two_writers_in_a_store() {
    let folder = folder();
    let url = address("race");
    let stores = [at_url(&url, folder.path()), at_url(&url, folder.path())];
    races::run(&url, &stores, races::rounds(20));
}

#[test]
fn a_store_that_is_not_there_is_said_with_the_way_out_and_without_the_secret() {
    let server = Server::start();
    let repo = declared(&server, "{ url: 's3://bucket/prefix' }")
        .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "s3cr3t-value")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let ran = repo.apply().expect(1);
    assert!(ran.err.contains("s3://bucket/prefix/ledger") && ran.err.contains("AWS_"), "{}", ran.err);
    assert!(!ran.err.contains("s3cr3t-value"), "{}", ran.err);
    assert_eq!(server.writes(), 0);
}

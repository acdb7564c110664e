//! The command that runs the server, and how it is stopped.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::support::folder;

#[cfg(unix)]
#[tokio::test]
async fn it_stops_when_it_is_told_to_and_keeps_what_it_has() {
    let folder = folder();
    for (signal, found) in [("-TERM", 0), ("-INT", 1), ("-TERM", 2)] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_scimform"))
            .args(["sandbox", "--listen", "127.0.0.1:0", "--store", "store.jsonl"])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let users = format!("{}/Users", url.trim());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let list: serde_json::Value = client.get(&users).send().await.unwrap().json().await.unwrap();
        assert_eq!(list["totalResults"], found);
        let body = serde_json::json!({ "schemas": [crate::sandbox::harness::USER], "userName": format!("u{found}") });
        assert_eq!(client.post(&users).json(&body).send().await.unwrap().status(), 201);
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

//! A repository in a temporary folder, the program with a clean environment, and a server to talk to.

pub mod mock;
pub mod scripted;

use std::path::Path;
use std::process::Command;

use scimform::sandbox::{Fault, Options, Running, Sandbox};
use tempfile::TempDir;

/// How a run ended.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Ends the test unless the run ended so.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "standard output:\n{}\nstandard error:\n{}", self.out, self.err);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in:\n{}\n{}", self.out, self.err))
    }
}

/// A repository.
pub struct Repo {
    pub folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Repo {
    pub fn new(files: &[(&str, &str)]) -> Self {
        Self::within(&std::env::temp_dir(), files)
    }

    /// One whose folder is made in this one.
    pub fn within(folder: &Path, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir_in(folder).unwrap();
        let repo = Self { folder, environment: vec![("TOKEN".into(), "secret-token".into())] };
        for (name, text) in files {
            repo.write(name, text);
        }
        repo
    }

    /// One target, `app`, at this URL, with these people and a group of all of them.
    pub fn with_people(url: &str, keys: &[&str]) -> Self {
        let repo = Self::new(&[("scimform.yaml", &target(url, "generic", "")), ("bindings.yaml", BINDINGS)]);
        repo.people(keys);
        repo
    }

    /// Writes people.yaml anew.
    pub fn people(&self, keys: &[&str]) {
        let people: String = keys
            .iter()
            .map(|key| {
                format!(
                    "  {key}:\n    userName: {key}@acme.example\n    displayName: {key}\n    name: {{ givenName: {key}, familyName: Test }}\n    \
                     emails: [{{ value: {key}@acme.example, type: work, primary: true }}]\n    title: Engineer\n"
                )
            })
            .collect();
        let groups = format!("groups:\n  all:\n    displayName: All\n    members: [{}]\n", keys.join(", "));
        self.write("people.yaml", &format!("users:\n{people}{groups}"));
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[track_caller]
    pub fn edit(&self, name: &str, before: &str, after: &str) {
        let path = self.folder.path().join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(before), "`{before}` is not in {name}");
        std::fs::write(path, text.replace(before, after)).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scimform"));
        command.arg("-C").arg(self.folder.path()).args(arguments).env_clear();
        command.envs(self.environment.iter().map(|(name, value)| (name, value))).stdin(std::process::Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// `apply --auto-approve`.
    pub fn apply(&self) -> Ran {
        self.run(&["apply", "--auto-approve"])
    }

    /// The only target's plan.
    #[track_caller]
    pub fn plan(&self) -> serde_json::Value {
        self.run(&["plan", "--format", "json"]).json()["targets"][0].clone()
    }
}

/// A `scimform.yaml` with one target.
pub fn target(url: &str, profile: &str, more: &str) -> String {
    format!(
        "version: 1\ntargets:\n  app:\n    profile: {profile}\n    url: {url}\n    auth: {{ bearer: {{ env: TOKEN }} }}\n{more}"
    )
}

/// Everyone reaches `app`, and so does the group `all`.
pub const BINDINGS: &str =
    "bindings:\n  everyone:\n    target: app\n    assign: { where: user.userName is defined }\n    push: [all]\n";

/// An embedded server on a thread of its own.
pub struct Server {
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
}

impl Server {
    pub fn start() -> Self {
        Self::with(Options { token: Some("secret-token".to_owned().into()), ..Options::default() })
    }

    pub fn with(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let running = runtime.block_on(Sandbox::start(options)).unwrap();
        Self { runtime, running: Some(running) }
    }

    pub fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    pub fn url(&self) -> &str {
        &self.running().base_url
    }

    pub fn fault(&self, text: &str) {
        self.running().faults().set([text.parse::<Fault>().unwrap_or_else(|error| panic!("{text}: {error}"))]);
    }

    pub fn heal(&self) {
        self.running().faults().set([]);
    }

    /// Requests that would change something.
    pub fn writes(&self) -> usize {
        self.running().requests().iter().filter(|request| request.method != "GET").count()
    }

    /// What is stored, as the server shows it.
    pub fn list(&self, endpoint: &str) -> Vec<serde_json::Value> {
        let address = format!("{}/{endpoint}?count=1000", self.url());
        let answer: serde_json::Value = self.runtime.block_on(async {
            let request = reqwest::Client::new().get(address).bearer_auth("secret-token");
            // For vendors that want the token in a header of their own.
            let request = request.header("x-api-key", "secret-token");
            request.send().await.unwrap().json().await.unwrap()
        });
        answer["Resources"].as_array().cloned().unwrap_or_default()
    }

    /// Sends a request past scimform.
    pub fn send(&self, method: &str, path: &str, body: &serde_json::Value) -> u16 {
        let address = format!("{}/{path}", self.url());
        self.runtime.block_on(async {
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let request = reqwest::Client::new().request(method, address).bearer_auth("secret-token");
            let request = request.header("x-api-key", "secret-token");
            request
                .header("content-type", "application/scim+json")
                .body(body.to_string())
                .send()
                .await
                .unwrap()
                .status()
                .as_u16()
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.shutdown());
        }
    }
}

//! A repository in a temporary folder, the program with a clean environment, and a server to talk to.

pub mod git;
pub mod golden;
pub mod laws;
pub mod mock;
pub mod plan;
pub mod scripted;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use scimform::ledger::{Store, TargetLedger};
use scimform::sandbox::{Fault, Options, Running, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Where the ledger of the target `app` is.
pub const LEDGER: &str = ".scimform/ledger/app";

/// How a run ended.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            // Killed by a signal.
            code: output.status.code().unwrap_or(-9),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    /// All that it printed.
    pub fn said(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// Ends the test unless the run ended so.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "standard output:\n{}\nstandard error:\n{}", self.out, self.err);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
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
        Self::within(memory(), files)
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
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// `apply --auto-approve`.
    pub fn apply(&self) -> Ran {
        self.run(&["apply", "--auto-approve"])
    }

    /// What the ledger of the target `app` holds.
    #[track_caller]
    pub fn ledger(&self) -> TargetLedger {
        Store::directory(self.path().join(".scimform")).load(["app"]).unwrap().remove("app").unwrap_or_default()
    }

    /// All texts of the ledger of the target `app`.
    pub fn ledger_text(&self) -> String {
        files(&self.path().join(LEDGER)).values().map(|text| String::from_utf8_lossy(text)).collect()
    }

    /// Gives this repository the ledger of another one.
    pub fn take_ledger(&self, other: &Self) {
        for (path, text) in files(&other.path().join(LEDGER)) {
            self.write(&path.strip_prefix(other.path()).unwrap().display().to_string(), text);
        }
    }

    /// The only target's plan.
    #[track_caller]
    pub fn plan(&self) -> Value {
        self.run(&["plan", "--format", "json"]).json()["targets"][0].clone()
    }
}

/// A folder in memory where there is one, for all that is saved is flushed; containers have a small one without execution.
fn memory() -> &'static Path {
    static MEMORY: LazyLock<PathBuf> = LazyLock::new(|| {
        let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
        let is_usable = |line: &str| line.contains(" /dev/shm ") && !line.contains("noexec");
        let memory = PathBuf::from("/dev/shm");
        let found = mounts.lines().any(is_usable) && tempfile::tempdir_in(&memory).is_ok();
        if found { memory } else { std::env::temp_dir() }
    });
    &MEMORY
}

/// A folder that goes with the value.
pub fn folder() -> TempDir {
    tempfile::tempdir_in(memory()).unwrap()
}

/// The keys `p00`, `p01` and so on.
pub fn crowd(count: usize) -> Vec<&'static str> {
    // A few bytes for the life of the tests, for keys without an owner.
    (0..count).map(|number| &*format!("p{number:02}").leak()).collect()
}

/// A server, and a repository that declares these people for it.
pub fn declared(keys: &[&str]) -> (Server, Repo) {
    let server = Server::start();
    let repo = Repo::with_people(server.url(), keys);
    (server, repo)
}

/// [`declared`], and applied.
#[track_caller]
pub fn applied(keys: &[&str]) -> (Server, Repo) {
    let (server, repo) = declared(keys);
    repo.apply().expect(0);
    (server, repo)
}

/// Every file below a folder.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let below = |path: PathBuf| {
        if path.is_dir() {
            return files(&path);
        }
        let bytes = std::fs::read(&path).unwrap();
        [(path, bytes)].into()
    };
    paths.flat_map(below).collect()
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
    pub fn list(&self, endpoint: &str) -> Vec<Value> {
        let (status, body) = self.ask("GET", &format!("{endpoint}?count=1000"), "");
        assert_eq!(status, 200, "{body}");
        let answer: Value = serde_json::from_str(&body).unwrap();
        answer["Resources"].as_array().cloned().unwrap_or_default()
    }

    /// What is stored under a name: a `displayName`, or a `userName` with or without its domain.
    #[track_caller]
    pub fn find(&self, name: &str) -> (&'static str, Value) {
        let called = |one: &Value| {
            let user = one["userName"].as_str().unwrap_or_default();
            user == name || user.strip_suffix("@acme.example") == Some(name)
        };
        let user = self.list("Users").into_iter().find(called).map(|user| ("Users", user));
        let group = || self.list("Groups").into_iter().find(|one| one["displayName"] == name);
        user.or_else(|| Some(("Groups", group()?))).unwrap_or_else(|| panic!("no {name}"))
    }

    /// The user or group of this name.
    #[track_caller]
    pub fn get(&self, name: &str) -> Value {
        self.find(name).1
    }

    /// The id of the user or group of this name.
    #[track_caller]
    pub fn id(&self, name: &str) -> String {
        self.get(name)["id"].as_str().unwrap().to_owned()
    }

    /// How many users are active.
    pub fn active(&self) -> usize {
        self.list("Users").iter().filter(|user| user["active"] == true).count()
    }

    /// Changes the user or group of this name past scimform.
    #[track_caller]
    pub fn patch(&self, name: &str, operations: &Value) {
        let (endpoint, resource) = self.find(name);
        let path = format!("{endpoint}/{}", resource["id"].as_str().unwrap());
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
        let status = self.send("PATCH", &path, &body);
        assert!(status < 300, "{status}: {operations}");
    }

    /// Sets one attribute past scimform.
    #[track_caller]
    pub fn set(&self, name: &str, path: &str, value: impl Into<Value>) {
        self.patch(name, &json!([{"op": "replace", "path": path, "value": value.into()}]));
    }

    /// Makes a user past scimform.
    #[track_caller]
    pub fn add(&self, user: &Value) {
        let mut user = user.clone();
        user["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
        assert_eq!(self.send("POST", "Users", &user), 201, "{user}");
    }

    /// Sends a request past scimform.
    pub fn send(&self, method: &str, path: &str, body: &Value) -> u16 {
        self.ask(method, path, &body.to_string()).0
    }

    /// Asks in the plainest way: a client of reqwest costs more than all that is asked.
    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let (address, base) = self.url().strip_prefix("http://").unwrap().split_once('/').unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        // The second header is for vendors that want the token in one of their own.
        let login = "authorization: Bearer secret-token\r\nx-api-key: secret-token";
        let kind = format!("content-type: application/scim+json\r\ncontent-length: {}", body.len());
        let head = format!("{method} /{base}/{path} HTTP/1.1\r\nhost: {address}\r\n{login}\r\n{kind}");
        write!(stream, "{head}\r\nconnection: close\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }
}

/// Runs a test on each of these at the same time: most of it is waiting.
pub fn side_by_side<T: Send>(variants: impl IntoIterator<Item = T>, test: impl Fn(T) + Sync) {
    std::thread::scope(|scope| {
        for variant in variants {
            scope.spawn(|| test(variant));
        }
    });
}

/// A server and a repository that is bound to it; areas of tests add what they do with them.
pub struct World {
    pub server: Server,
    pub repo: Repo,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.shutdown());
        }
    }
}

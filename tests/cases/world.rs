//! A case set up in a temporary folder, and the parts of a plan that differ from run to run.

use std::collections::BTreeMap;
use std::path::Path;

use scimform::sandbox::{Options, Store};
use serde_json::{Value, json};

use crate::support::{Ran, Repo, Server};

/// The day of every case.
const AS_OF: &str = "2026-12-01";

pub struct World {
    repo: Repo,
    arguments: Vec<String>,
}

impl World {
    /// Seeds the targets, applies `before/`, sends what happened meanwhile, and puts `repo/` in place.
    pub fn of(case: &Path) -> Self {
        let repo = Repo::new(&[]);
        seed(&repo, &case.join("live.json"));
        if case.join("before").exists() {
            copy(&case.join("before"), &repo);
            repo.run(&["apply", "--sandbox", "--auto-approve", "--as-of", AS_OF]).expect(0);
            remove_files(repo.path());
        }
        seed(&repo, &case.join("meanwhile.json"));
        copy(&case.join("repo"), &repo);
        let arguments = std::fs::read_to_string(case.join("arguments")).unwrap_or_default();
        Self { repo, arguments: arguments.split_whitespace().map(str::to_owned).collect() }
    }

    pub fn plan(&self, format: &str) -> Ran {
        let mut arguments = vec!["plan", "--sandbox", "--as-of", AS_OF, "--format", format];
        arguments.extend(self.arguments.iter().map(String::as_str));
        let ran = self.repo.run(&arguments);
        assert!(!ran.out.is_empty(), "{}", ran.err);
        ran
    }
}

/// Sends what a file holds to the servers that `--sandbox` will start. By target: `users` and `groups` to create, and
/// `patches` by name; a name that stands for an id is replaced by it.
fn seed(repo: &Repo, file: &Path) {
    let Ok(text) = std::fs::read_to_string(file) else { return };
    let live: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
    for (target, live) in live {
        let folder = repo.path().join(".scimform/sandbox");
        std::fs::create_dir_all(&folder).unwrap();
        let store = Store::File(folder.join(format!("{target}.jsonl")));
        // No profile: what a vendor holds may be older than its rules.
        let server = Server::with(Options { store, ..Options::default() });
        for (endpoint, name) in [("Users", "users"), ("Groups", "groups")] {
            for resource in live[name].as_array().into_iter().flatten() {
                let body = with_ids(resource, &ids(&server));
                assert_eq!(server.send("POST", endpoint, &body), 201, "{}: {body}", file.display());
            }
        }
        for (name, operations) in live["patches"].as_object().into_iter().flatten() {
            let ids = ids(&server);
            let (endpoint, id) = &ids[name];
            let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
            assert!(server.send("PATCH", &format!("{endpoint}/{id}"), &body) < 300, "{}: {name}", file.display());
        }
    }
}

/// Endpoint and id of everything, by `userName` or `displayName`.
fn ids(server: &Server) -> BTreeMap<String, (&'static str, String)> {
    let mut ids = BTreeMap::new();
    for (endpoint, name) in [("Groups", "displayName"), ("Users", "userName")] {
        for resource in server.list(endpoint) {
            let id = resource["id"].as_str().unwrap().to_owned();
            ids.insert(resource[name].as_str().unwrap().to_owned(), (endpoint, id));
        }
    }
    ids
}

fn with_ids(resource: &Value, ids: &BTreeMap<String, (&'static str, String)>) -> Value {
    let mut resource = resource.clone();
    for member in resource["members"].as_array_mut().into_iter().flatten() {
        let (_, id) = &ids[member["value"].as_str().unwrap()];
        member["value"] = json!(id);
    }
    if resource["members"].is_null() {
        resource.as_object_mut().unwrap().remove("members");
    }
    if resource["schemas"].is_null() {
        let kind = if resource["userName"].is_string() { "User" } else { "Group" };
        resource["schemas"] = json!([format!("urn:ietf:params:scim:schemas:core:2.0:{kind}")]);
    }
    resource
}

fn copy(from: &Path, to: &Repo) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        to.write(path.file_name().unwrap().to_str().unwrap(), std::fs::read(&path).unwrap());
    }
}

/// Removes the files of a repository, not the ledger.
fn remove_files(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "yaml") {
            std::fs::remove_file(path).unwrap();
        }
    }
}

/// Puts stable words in place of ids and times.
#[derive(Default)]
pub struct Normal {
    replaced: Vec<(String, String)>,
}

impl Normal {
    /// Takes the ids, times and digests of a plan in, in the order in which they stand there.
    pub fn learn(&mut self, text: &str) {
        let plan: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let mut number = 0;
        for id in ids_in(text) {
            if !self.replaced.iter().any(|(known, _)| *known == id) {
                number += 1;
                self.replaced.push((id, format!("00000000-0000-4000-8000-{number:012}")));
            }
        }
        let mut unstable = false;
        let targets = plan["targets"].as_array().unwrap().iter();
        let changes = targets.flat_map(|target| [&target["changes"], &target["suppressed"]]);
        for change in changes.filter_map(|changes| changes.as_array()).flatten() {
            let precondition = &change["precondition"];
            for name in ["fingerprint", "etag"] {
                if let Some(value) = precondition[name].as_str() {
                    self.replaced.push((json!(value).to_string(), json!(format!("({name})")).to_string()));
                }
            }
            // The server's id of what is changed is part of the digest.
            let strangers = ["add", "remove"].iter().any(|side| {
                change["members"][side].as_array().is_some_and(|members| members.iter().any(|one| one["key"].is_null()))
            });
            if strangers || !change["id"].is_null() {
                unstable = true;
                self.replaced.push((change["digest"].as_str().unwrap().to_owned(), "0".repeat(32)));
            }
        }
        for adoption in
            plan["targets"].as_array().unwrap().iter().filter_map(|target| target["adoptions"].as_array()).flatten()
        {
            unstable = true;
            self.replaced.push((adoption["digest"].as_str().unwrap().to_owned(), "0".repeat(32)));
        }
        let configuration = plan["configuration"].as_str().unwrap().to_owned();
        self.replaced.push((configuration, "(configuration)".to_owned()));
        if unstable {
            self.replaced.push((plan["digest"].as_str().unwrap().to_owned(), "0".repeat(32)));
        }
    }

    pub fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (from, to) in &self.replaced {
            text = text.replace(from.as_str(), to);
        }
        // Each run has its own second.
        text.lines()
            .map(|line| match line.split_once("\"createdAt\": ") {
                Some((indent, _)) => format!("{indent}\"createdAt\": \"2026-12-01T08:00:00Z\",\n"),
                None => format!("{line}\n"),
            })
            .collect()
    }
}

/// Every UUID in a text.
fn ids_in(text: &str) -> Vec<String> {
    let is_id = |window: &[u8]| {
        window.iter().enumerate().all(|(place, byte)| {
            if [8, 13, 18, 23].contains(&place) { *byte == b'-' } else { byte.is_ascii_hexdigit() }
        })
    };
    let windows = text.as_bytes().windows(36).filter(|window| is_id(window));
    windows.map(|window| String::from_utf8_lossy(window).into_owned()).collect()
}

/// A Markdown text without its code spans.
pub fn outside_code(text: &str) -> String {
    let mut outside = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        let (before, from) = rest.split_at(start);
        outside.push_str(before);
        let run: String = from.chars().take_while(|character| *character == '`').collect();
        // An escaped backtick opens nothing.
        if before.ends_with('\\') {
            rest = &from[1..];
            continue;
        }
        let inside = &from[run.len()..];
        match inside.find(&run) {
            Some(end) => rest = &inside[end + run.len()..],
            None => rest = inside,
        }
    }
    outside + rest
}

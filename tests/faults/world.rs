//! The fixed apply: what is there before, what is wanted, and what must hold after a fault.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use scimform::apply::Journal;
use scimform::sandbox::{Options, Store};
use serde_json::{Value, json};

use crate::support::{Ran, Repo, Server, target};

const BINDINGS: &str =
    "bindings:\n  everyone:\n    target: app\n    assign: { where: user.userName is defined }\n    push: [all, core]\n";

const BEFORE: &str = "users:
  grace: { userName: grace@acme.example, title: Director }
  linus: { userName: linus@acme.example, title: Engineer }
  petra: { userName: petra@acme.example, title: Engineer, manager: grace }
groups:
  all: { displayName: All, members: [grace, linus, petra] }
  core: { displayName: Core, members: [grace] }
";

/// Two people come, one with a manager that comes too, two change, one leaves; one group gets and loses members, one
/// gets another name.
const AFTER: &str = "users:
  ada: { userName: ada@acme.example, title: Countess, manager: olga }
  grace: { userName: grace@acme.example, title: Admiral }
  olga: { userName: olga@acme.example, title: Analyst, manager: grace }
  petra: { userName: petra@acme.example, title: Engineer, manager: ada }
groups:
  all: { displayName: All, members: [ada, grace, olga, petra] }
  core: { displayName: Kernel, members: [ada] }
  fresh: { displayName: Fresh, members: [olga, petra] }
";

/// What is there before the apply, as files to copy.
pub struct Start {
    repo: Repo,
    folder: tempfile::TempDir,
    stranger: Value,
}

impl Start {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = serve(&folder.path().join("store.jsonl"));
        let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
        let stranger = json!({"schemas": schemas, "userName": "root@partner.example", "title": "Root"});
        assert_eq!(server.send("POST", "Users", &stranger), 201);
        let repo = Repo::new(&[("bindings.yaml", BINDINGS), ("people.yaml", BEFORE)]);
        repo.write("scimform.yaml", target(server.url(), "generic", ""));
        repo.apply().expect(0);
        let stranger = stranger_of(&server).unwrap();
        Self { repo, folder, stranger }
    }

    /// How many requests the apply takes without a fault, and what is there then.
    pub fn undisturbed(&self) -> (u64, Value) {
        let world = World::of(self);
        world.server.running().forget_requests();
        world.repo.apply().expect(0);
        let requests = world.server.running().request_count();
        (requests, state(&world.server))
    }
}

fn serve(store: &Path) -> Server {
    let token = Some("secret-token".to_owned().into());
    Server::with(Options { store: Store::File(store.to_owned()), token, ..Options::default() })
}

/// One run of its own.
pub struct World {
    repo: Repo,
    server: Server,
    _folder: tempfile::TempDir,
    stranger: Value,
    finished: BTreeSet<std::path::PathBuf>,
}

impl World {
    pub fn of(start: &Start) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.jsonl");
        std::fs::copy(start.folder.path().join("store.jsonl"), &store).unwrap();
        let server = serve(&store);
        let bindings = BINDINGS.replace("core]", "core, fresh]");
        let repo = Repo::new(&[("bindings.yaml", &bindings), ("people.yaml", AFTER)]);
        repo.write("scimform.yaml", target(server.url(), "generic", ""));
        let ledger = std::fs::read(start.repo.path().join(".scimform/ledger.json")).unwrap();
        repo.write(".scimform/ledger.json", ledger);
        Self { repo, server, _folder: folder, stranger: start.stranger.clone(), finished: BTreeSet::new() }
    }

    /// Applies with a fault, heals, applies again. Gives what is wrong, and how the first apply ended.
    pub fn play(mut self, fault: &str, wanted: &Value) -> (Vec<String>, i32) {
        let mut problems = Vec::new();
        self.server.fault(fault);
        let first = self.repo.apply();
        self.server.heal();
        let reached = state(&self.server);
        let mut problem = |text: String| problems.push(format!("{fault}: {text}"));
        if ![0, 1, 4].contains(&first.code) {
            problem(format!("exit code {}\n{}{}", first.code, first.out, first.err));
        }
        // An answer that shows what was sent is believed once such an answer was found true: one lie can get through.
        let believed = fault.starts_with("lie") && fault.ends_with("count=1");
        if first.code == 0 && reached != *wanted && !believed {
            problem(format!("green, and not as declared: {reached:#}\n{}", first.out));
        }
        if [&first.out, &first.err].iter().any(|text| text.contains("secret-token")) {
            problem("the token is shown".to_owned());
        }
        self.sane("after the fault").into_iter().for_each(&mut problem);
        let again = self.repo.apply();
        if again.code != 0 {
            problem(told("the second apply", &first, &again));
        }
        let reached = state(&self.server);
        if reached != *wanted {
            problem(format!("not as declared in the end: {reached:#}\n{}", told("the second apply", &first, &again)));
        }
        self.sane("in the end").into_iter().for_each(&mut problem);
        let plan = self.repo.plan();
        if plan["changes"] != json!([]) || plan["errors"] != json!([]) {
            problem(format!("the last plan is not empty: {}\n{}", plan["changes"], told("", &first, &again)));
        }
        (problems, first.code)
    }

    /// What must hold at any time: nothing twice, strangers untouched, a true journal.
    fn sane(&mut self, when: &str) -> Vec<String> {
        let mut problems = Vec::new();
        for (endpoint, name, most) in [("Users", "userName", 6), ("Groups", "displayName", 3)] {
            let resources = self.server.list(endpoint);
            let names: BTreeSet<&str> = resources.iter().filter_map(|resource| resource[name].as_str()).collect();
            if names.len() != resources.len() || resources.len() > most {
                problems.push(format!("{when}: {} {endpoint}, named {names:?}", resources.len()));
            }
        }
        if stranger_of(&self.server).as_ref() != Some(&self.stranger) {
            problems.push(format!("{when}: the stranger was touched"));
        }
        let folder = self.repo.path().join(".scimform/journal");
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if self.finished.insert(path.clone()) {
                problems.extend(untrue(&path).map(|why| format!("{when}: the journal {why}")));
            }
        }
        problems
    }
}

fn told(what: &str, first: &Ran, again: &Ran) -> String {
    format!(
        "{what} ended with {}\n--- first ({})\n{}{}--- again\n{}{}",
        again.code, first.code, first.out, first.err, again.out, again.err
    )
}

fn stranger_of(server: &Server) -> Option<Value> {
    server.list("Users").into_iter().find(|user| user["userName"] == "root@partner.example").map(|mut user| {
        // The address of the server is part of it.
        user["meta"].as_object_mut().unwrap().remove("location");
        user
    })
}

/// What is there, by name: ids and times left out.
fn state(server: &Server) -> Value {
    let (users, groups) = (server.list("Users"), server.list("Groups"));
    let names: BTreeMap<&str, &Value> =
        users.iter().map(|user| (user["id"].as_str().unwrap_or_default(), &user["userName"])).collect();
    let name = |id: &Value| names.get(id.as_str().unwrap_or_default()).map_or(Value::Null, |name| (*name).clone());
    let mut state = BTreeMap::new();
    for user in &users {
        let work = &user["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"];
        let manager = name(&work["manager"]["value"]);
        // Who has no `active` is active.
        let shown = json!([user["title"], user["active"] != json!(false), user["externalId"], manager]);
        state.insert(user["userName"].to_string(), shown);
    }
    for group in &groups {
        let members = group["members"].as_array().into_iter().flatten();
        let members: BTreeSet<String> = members.map(|member| name(&member["value"]).to_string()).collect();
        state.insert(group["displayName"].to_string(), json!([group["externalId"], members]));
    }
    json!(state)
}

/// Why a journal is not true.
fn untrue(path: &Path) -> Option<String> {
    let lines = match Journal::read(path) {
        Ok(lines) => serde_json::to_value(lines).unwrap(),
        Err(error) => return Some(format!("can't be read: {error}")),
    };
    let mut sent = BTreeSet::new();
    for line in lines.as_array().unwrap() {
        match line["event"].as_str().unwrap() {
            "sending" => {
                sent.insert(line["step"].as_u64());
            }
            "done" if !sent.contains(&line["step"].as_u64()) => {
                return Some(format!("never sent what is done: {line}"));
            }
            _ => {}
        }
    }
    let last = lines.as_array().unwrap().last().map(|line| line["event"].clone());
    (last != Some(json!("finished"))).then(|| format!("ends with {last:?}"))
}

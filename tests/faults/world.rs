//! A repository and a server of its own for each point, and the applies that are run on them.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

pub use scimform::sandbox::Logged;
use scimform::sandbox::{Options, Store};
use serde_json::Value;

use super::state::State;
use super::story::{self, Story};
use crate::support::{Ran, Repo, Server, folder, target};

pub const TOKEN: &str = "secret-token";

/// How long a held request is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is there before the apply, as files to copy.
pub struct Start {
    story: Story,
    repo: Repo,
    store: tempfile::TempDir,
}

/// One run of its own.
pub struct World {
    pub repo: Repo,
    pub server: Server,
    /// What was there before, and the ledger of it.
    pub before: State,
    pub ledger: Value,
    _store: tempfile::TempDir,
}

/// What happens without a fault.
pub struct Undisturbed {
    pub log: Vec<Logged>,
    pub wanted: State,
    pub ledger: Value,
}

fn serve(store: &Path) -> Server {
    let token = Some(TOKEN.to_owned().into());
    let store = Store::File(store.join("store.jsonl"));
    Server::with(Options { store, token, log_bodies: true, ..Options::default() })
}

impl Start {
    pub fn new(story: Story) -> Self {
        let store = folder();
        let server = serve(store.path());
        for stranger in story::strangers() {
            assert_eq!(server.send("POST", "Users", &stranger), 201);
        }
        // Whoever is inactive from the start is not made.
        let everyone = story.before.replace(", active: false", "");
        let repo = Repo::new(&[("bindings.yaml", &story::bindings(story.pushed[0])), ("people.yaml", &everyone)]);
        repo.write("scimform.yaml", target(server.url(), "generic", &story.target));
        repo.apply().expect(0);
        repo.write("people.yaml", &story.before);
        repo.apply().expect(0);
        let users = server.list("Users");
        let id = |name: &str| {
            let found = users.iter().chain(&server.list("Groups")).find_map(|one| {
                (one["userName"] == name || one["displayName"] == name).then(|| one["id"].as_str().unwrap().to_owned())
            });
            found.unwrap_or_else(|| panic!("{name}"))
        };
        for user in users.iter().filter(|user| !user["externalId"].is_null()) {
            let path = format!("Users/{}", user["id"].as_str().unwrap());
            let status = server.send("PATCH", &path, &story::unasserted(user["externalId"].as_str().unwrap()));
            assert_eq!(status, 200);
        }
        let partners = [id("p1@partner.example"), id("p2@partner.example"), id(story.friend)];
        let group = story::strange_group(&partners.each_ref().map(String::as_str));
        assert_eq!(server.send("POST", "Groups", &group), 201);
        for (group, partner) in story.guests {
            let status = server.send("PATCH", &format!("Groups/{}", id(group)), &story::join(&partners[*partner]));
            assert!((200..300).contains(&status), "{status}");
        }
        Self { story, repo, store }
    }

    /// What the apply does without a fault, and what is there then.
    pub fn undisturbed(&self) -> Undisturbed {
        let world = World::of(self);
        let before = world.before.clone();
        world.repo.apply().expect(0);
        let log = world.server.running().requests();
        let wanted = world.state();
        assert_eq!(wanted.others, before.others);
        let ledger = world.ledger_now();
        let plan = world.repo.plan();
        assert_eq!((&plan["changes"], &plan["errors"]), (&serde_json::json!([]), &serde_json::json!([])));
        Undisturbed { log, wanted, ledger }
    }
}

impl World {
    pub fn of(start: &Start) -> Self {
        let store = folder();
        std::fs::copy(start.store.path().join("store.jsonl"), store.path().join("store.jsonl")).unwrap();
        let server = serve(store.path());
        let repo = Repo::new(&[
            ("bindings.yaml", &story::bindings(start.story.pushed[1])),
            ("people.yaml", &start.story.after),
        ]);
        repo.write("scimform.yaml", target(server.url(), "generic", &start.story.target));
        repo.take_ledger(&start.repo);
        let ledger = ledger(&repo);
        let mut world = Self { repo, server, before: State::default(), ledger, _store: store };
        world.before = world.state();
        world.server.running().forget_requests();
        world
    }

    /// What the server holds. No request of this is in the log or meets a fault.
    pub fn state(&self) -> State {
        State::of(self.server.list("Users"), self.server.list("Groups"))
    }

    pub fn ledger_now(&self) -> Value {
        ledger(&self.repo)
    }

    /// Applies, and kills the program as soon as the server holds a request back.
    pub fn killed(&self) -> Ran {
        let mut command = self.repo.command(&["apply", "--auto-approve"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let held = || {
            let running = self.server.running();
            running.faults().hits() > 0 && running.requests().iter().any(|request| request.fault.is_some())
        };
        let begun = Instant::now();
        while !held() && child.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < PATIENCE, "no request was held back");
            std::thread::sleep(Duration::from_millis(3));
        }
        child.kill().unwrap();
        Ran::from(child.wait_with_output().unwrap())
    }
}

fn ledger(repo: &Repo) -> Value {
    serde_json::to_value(repo.ledger()).unwrap()
}

//! The workflows for GitHub: pull request, review, merge, apply, drift; and what must not pass.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::init::forge::{BOT, Forge, MALLORY};
use crate::init::install::{VERSION, nothing_leaked, offered, release};
use crate::init::place::Place;
use crate::init::runner::{Job, Machine};
use crate::support::Server;

struct Play {
    place: Place,
    forge: Forge,
    server: Server,
    releases: String,
    tools: String,
    machines: AtomicU64,
    private: bool,
}

impl Play {
    fn new() -> Self {
        let server = Server::start();
        let place = Place::new("github", server.url());
        let (releases, tools) = release(place.folder.path());
        let tools = tools.display().to_string();
        Self { place, forge: Forge::start(), server, releases, tools, machines: AtomicU64::new(0), private: true }
    }

    /// A machine for an event at a commit, with what GitHub gives a job.
    fn machine(&self, name: &str, commit: &str, mut event: Value, inputs: Value) -> Machine {
        let number = self.machines.fetch_add(1, Ordering::Relaxed);
        let folder = self.place.folder.path().join(format!("machine-{number}"));
        let workspace = self.place.checkout(&format!("machine-{number}/work"), commit);
        std::fs::create_dir_all(folder.join("temp")).unwrap();
        event["repository"] = json!({ "private": self.private });
        std::fs::write(folder.join("event.json"), event.to_string()).unwrap();
        let fork = event["pull_request"]["head"]["repo"]["full_name"] == "mallory/people";
        let text = |text: &str| text.to_owned();
        let variables = BTreeMap::from([
            (text("CI"), text("true")),
            (text("GITHUB_ACTIONS"), text("true")),
            (text("HOME"), folder.display().to_string()),
            (text("RUNNER_TEMP"), folder.join("temp").display().to_string()),
            (text("GITHUB_EVENT_PATH"), folder.join("event.json").display().to_string()),
            (text("GITHUB_EVENT_NAME"), text(name)),
            (text("GITHUB_SERVER_URL"), text("https://github.example")),
            (text("GITHUB_API_URL"), self.forge.url.clone()),
            (text("GITHUB_REPOSITORY"), text("acme/people")),
            (text("GITHUB_RUN_ID"), number.to_string()),
            (text("GITHUB_SHA"), text(commit)),
            (text("GITHUB_REF_NAME"), text("main")),
            (text("SCIMFORM_RELEASES"), self.releases.clone()),
            (text("PATH_OF_TOOLS"), self.tools.clone()),
        ]);
        let (secrets, vars) = if fork {
            (json!({}), json!({}))
        } else {
            (
                json!({ "APP_TOKEN": "secret-token", "SCIMFORM_LEDGER_KEY": "11".repeat(32) }),
                json!({ "SCIMFORM_ALLOWED_HOSTS": "APP_TOKEN=127.0.0.1" }),
            )
        };
        let context = json!({
            "github": { "token": BOT, "event_name": name, "repository": "acme/people", "ref": "refs/heads/main", "event": event },
            "secrets": secrets, "vars": vars, "inputs": inputs,
            "runner": { "temp": folder.join("temp").display().to_string() },
        });
        Machine { folder, workspace, context, variables }
    }

    fn request(&self, number: u64, (head, merge): &(String, String), from: &str, job: &str) -> Job {
        let event =
            json!({ "pull_request": { "number": number, "head": { "sha": head, "repo": { "full_name": from } } } });
        self.machine("pull_request", merge, event, json!({})).job("scimform-plan.yml", job)
    }

    fn plan(&self, number: u64, commits: &(String, String)) -> Job {
        self.request(number, commits, "acme/people", "plan")
    }

    /// Merges and notes what the forge then knows of the pull request.
    fn merge(&self, branch: &str, head: &str) -> String {
        let commit = self.place.merge(branch);
        self.forge.with(|world| {
            world.merged.push(json!({
                "merged_at": "2026-11-22T00:00:00Z", "merge_commit_sha": commit, "base": { "ref": "main" },
                "head": { "sha": head, "repo": { "full_name": "acme/people" } },
            }));
        });
        commit
    }

    fn push(&self, commit: &str) -> Job {
        self.machine("push", commit, json!({}), json!({})).job("scimform-apply.yml", "apply")
    }

    fn by_hand(&self, commit: &str, inputs: Value) -> Job {
        self.machine("workflow_dispatch", commit, json!({}), inputs).job("scimform-apply.yml", "apply")
    }

    fn drift(&self, commit: &str) -> Job {
        self.machine("schedule", commit, json!({}), json!({})).job("scimform-drift.yml", "drift")
    }

    fn main(&self) -> String {
        self.place.git(&["rev-parse", "origin/main"])
    }

    /// The first apply: nothing was reviewed, so it is done by hand, with the digest that the refused run shows.
    fn begin(&self) {
        let refused = self.push(&self.main()).expect(3);
        assert_eq!(self.server.writes(), 0, "{}", refused.log);
        let digest = offered(&refused.summary);
        self.by_hand(&self.main(), json!({ "expect": digest, "first_run": true })).expect(0);
        assert_eq!(self.server.list("Users").len(), 3);
    }

    fn title(&self, name: &str) -> Value {
        let users = self.server.list("Users");
        users.iter().find(|user| user["userName"] == format!("{name}@example.com")).unwrap()["title"].clone()
    }
}

const ENGINEERS: &str = "people/engineering.yaml";

#[test]
fn pull_request_review_merge_apply_drift() {
    let play = Play::new();
    play.begin();
    let ledger = play.place.git(&["ls-remote", "origin", "refs/scimform/ledger"]);
    assert!(ledger.contains("refs/scimform/ledger"), "the ledger is a ref of the repository: {ledger}");

    // A pull request: the offline half first, then the plan, as one comment and a status of its head.
    let commits = play.place.change("title", 1, ENGINEERS, "title: Engineer", "title: Director");
    let check = play.request(1, &commits, "acme/people", "check").expect(0);
    assert!(check.summary.contains("Director"), "the diff tells the change: {}", check.summary);
    let writes = play.server.writes();
    let plan = play.plan(1, &commits).expect(0);
    assert_eq!((plan.outputs["exitcode"].as_str(), plan.outputs["changes"].as_str()), ("0", "1"), "{:?}", plan.outputs);
    assert!(plan.summary.contains("Director"), "{}", plan.summary);
    let body = play.forge.with(|world| world.comments[0]["body"].as_str().unwrap().to_owned());
    assert!(body.contains("Grace Hopper") && body.contains("<!-- scimform:plan -->"), "{body}");
    assert!(body.len() < 65_536);

    // Another commit: the same comment, brought up to date, though others came between.
    for number in 0..120 {
        let said = json!({ "body": format!("remark {number}") });
        play.forge.send(MALLORY, "POST", "/repos/acme/people/issues/1/comments", &said);
    }
    play.place.git(&["checkout", "--quiet", "title"]);
    let commits = play.place.amend("title", 1, ENGINEERS, "title: Director", "title: Vice President");
    let plan = play.plan(1, &commits).expect(0);
    let bodies = play.forge.with(|world| {
        world.comments.iter().filter(|comment| comment["user"]["type"] == "Bot").cloned().collect::<Vec<_>>()
    });
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert!(bodies[0]["body"].as_str().unwrap().contains("Vice President"), "{bodies:?}");
    assert_eq!(play.server.writes(), writes, "a plan wrote to the target");

    // Reviewed, merged, applied: what runs is what stood in the comment.
    let commit = play.merge("title", &commits.0);
    let applied = play.push(&commit).expect(0);
    assert!(applied.log.contains("1 updated"), "{}", applied.log);
    assert_eq!(play.title("grace"), "Vice President");
    assert_eq!(applied.kept.len(), 1, "the journal and the way back are kept: {:?}", applied.kept);
    assert!(
        body.contains(&plan.outputs["digest"]) || bodies[0]["body"].as_str().unwrap().contains(&plan.outputs["digest"])
    );
    let again = play.push(&commit).expect(0);
    assert!(again.log.contains("Nothing is left to do"), "a second run finds nothing: {}", again.log);

    // Drift: one issue, kept up to date, closed once it is gone.
    assert!(play.drift(&commit).expect(0).summary.contains("drift"));
    assert_eq!(play.forge.with(|world| world.issues.len()), 0);
    let grace = play.server.list("Users").into_iter().find(|user| user["userName"] == "grace@example.com").unwrap();
    let path = format!("Users/{}", grace["id"].as_str().unwrap());
    let patch = |title: &str| {
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "title", "value": title }] })
    };
    play.server.send("PATCH", &path, &patch("Emperor"));
    play.drift(&commit).expect(0);
    play.drift(&commit).expect(0);
    let issues = play.forge.with(|world| world.issues.clone());
    assert_eq!(issues.len(), 1, "{issues:?}");
    assert!(issues[0]["body"].as_str().unwrap().contains("Emperor"), "{issues:?}");
    play.server.send("PATCH", &path, &patch("Vice President"));
    play.drift(&commit).expect(0);
    assert_eq!(play.forge.with(|world| world.issues[0]["state"].clone()), "closed");

    // Each program came from a release whose attestation was asked for, and none of them was given the forge's token.
    for (lines, environment) in &applied.steps {
        assert!(!lines.contains("secret-token") && !lines.contains(BOT));
        assert_eq!(environment["SCIMFORM_VERSION"], VERSION);
    }
    let asked = std::fs::read_to_string(play.place.folder.path().join("tools/asked")).unwrap();
    assert!(asked.lines().all(|line| line.starts_with("attestation verify")), "{asked}");
    nothing_leaked(play.place.folder.path());
}

#[test]
fn what_was_not_reviewed_is_not_applied() {
    let play = Play::new();
    play.begin();
    let commits = play.place.change("title", 1, ENGINEERS, "title: Engineer", "title: Director");
    let reviewed = play.plan(1, &commits).expect(0).outputs["digest"].clone();

    // Somebody who may write says that something else was reviewed, in a comment and in a status like ours.
    let forged = "0".repeat(32);
    let body = json!({ "body": format!("<!-- scimform:review {} {forged} 0 -->\nAll is well", commits.0) });
    play.forge.send(MALLORY, "POST", "/repos/acme/people/issues/1/comments", &body);
    let status = json!({ "state": "success", "context": "scimform/plan", "description": format!("digest {forged}, changes: 0") });
    play.forge.send(MALLORY, "POST", &format!("/repos/acme/people/statuses/{}", commits.0), &status);

    // Meanwhile another change comes into `main`, so that the plan is not as it was reviewed.
    play.place.git(&["checkout", "--quiet", "-B", "other", "origin/main"]);
    let (other, _) = play.place.amend("other", 2, "people/product.yaml", "Product Manager", "Head of Product");
    play.place.merge("other");
    let commit = play.merge("title", &commits.0);
    let writes = play.server.writes();
    let refused = play.push(&commit).expect(3);
    assert_eq!(play.server.writes(), writes, "something was written: {}", refused.log);
    assert!(!refused.log.contains(&forged), "a stranger's word counted: {}", refused.log);
    assert!(
        refused.summary.contains("Head of Product") && refused.summary.contains("Not applied"),
        "{}",
        refused.summary
    );

    // Nor does it count where the stranger names the very plan that would be made.
    let true_one = json!({ "state": "success", "context": "scimform/plan", "description": format!("digest {}, changes: 2", offered(&refused.summary)) });
    play.forge.send(MALLORY, "POST", &format!("/repos/acme/people/statuses/{}", commits.0), &true_one);
    play.push(&commit).expect(3);
    assert_eq!(play.server.writes(), writes, "a stranger approved a plan");

    // By hand: without a digest only the plan, with a wrong one nothing, with the one that was looked at all of it.
    let digest = offered(&refused.summary);
    assert_ne!(digest, reviewed);
    assert_eq!(offered(&play.by_hand(&commit, json!({})).expect(3).summary), digest);
    play.by_hand(&commit, json!({ "expect": reviewed })).expect(3);
    play.by_hand(&commit, json!({ "expect": "$(touch owned)" })).expect(1);
    assert_eq!(play.server.writes(), writes);
    // Two at once: one holds the ledger, the other waits and finds nothing left to do.
    play.server.fault("latency=150ms,on=PATCH");
    let ended = std::thread::scope(|scope| {
        let run = || play.by_hand(&commit, json!({ "expect": digest })).expect(0).log;
        let runs = [scope.spawn(run), scope.spawn(run)];
        runs.map(|run| run.join().unwrap())
    });
    play.server.heal();
    assert_eq!(ended.iter().filter(|log| log.contains("2 updated")).count(), 1, "{ended:?}");
    assert_eq!(play.server.writes() - writes, 2, "each change was written once");
    assert_eq!((play.title("grace"), play.title("katherine")), ("Director".into(), "Head of Product".into()));
    let _ = other;
}

/// Who may start an old run again could otherwise give back what a later review took.
#[test]
fn an_old_run_started_again_brings_nothing_back() {
    let play = Play::new();
    play.begin();
    let given = play.place.change("give", 1, ENGINEERS, "title: Engineer", "title: Director");
    play.plan(1, &given).expect(0);
    let gave = play.merge("give", &given.0);
    play.push(&gave).expect(0);
    let taken = play.place.change("take", 2, ENGINEERS, "title: Director", "title: Engineer");
    play.plan(2, &taken).expect(0);
    let took = play.merge("take", &taken.0);
    play.push(&took).expect(0);

    let again = |commit: &str| {
        let mut machine = play.machine("push", commit, json!({}), json!({}));
        machine.variables.insert("GITHUB_RUN_ATTEMPT".into(), "2".into());
        machine.job("scimform-apply.yml", "apply")
    };
    let refused = again(&gave).expect(1);
    assert!(refused.log.contains("older commit"), "{}", refused.log);
    assert_eq!(play.title("grace"), "Engineer");
    again(&took).expect(0);
}

#[test]
fn a_fork_gets_no_credentials() {
    let play = Play::new();
    play.forge.with(|world| world.read_only = true);
    let commits = play.place.change("fork", 3, ENGINEERS, "title: Engineer", "title: Owner of all");
    let check = play.request(3, &commits, "mallory/people", "check").expect(0);
    assert!(check.summary.contains("Owner of all"), "{}", check.summary);
    for (lines, environment) in &check.steps {
        assert!(environment.values().all(|value| value != "secret-token"), "{lines} has the target's token");
        assert!(!environment.contains_key("SCIMFORM_LEDGER_KEY"));
    }
    assert!(play.request(3, &commits, "mallory/people", "plan").skipped, "a fork was planned");
    let asked = play.forge.with(|world| world.asked.clone());
    assert!(asked.is_empty() && play.server.running().requests().is_empty(), "{asked:?}");
    // Files that are wrong are told at their lines.
    let commits = play.place.change("wrong", 4, ENGINEERS, "title: Engineer", "titel: Engineer");
    let wrong = play.request(4, &commits, "mallory/people", "check").expect(1);
    assert!(wrong.log.contains("::error") && wrong.log.contains("people/engineering.yaml"), "{}", wrong.log);
}

#[test]
fn a_repository_that_anyone_can_read_shows_nobody() {
    let mut play = Play::new();
    play.private = false;
    let commits = play.place.change("title", 5, ENGINEERS, "title: Engineer", "title: Director");
    let plan = play.plan(5, &commits).expect(0);
    let body = play.forge.with(|world| world.comments[0]["body"].as_str().unwrap().to_owned());
    for shown in [&plan.log, &plan.summary, &body] {
        assert!(!shown.contains("Grace") && !shown.contains("Director"), "{shown}");
    }
    let refused = play.push(&play.main()).expect(3);
    assert!(!refused.summary.contains("Grace") && !refused.log.contains("grace"), "{}", refused.summary);
    play.by_hand(&play.main(), json!({ "expect": offered(&refused.summary), "first_run": true })).expect(0);
    assert_eq!(play.server.list("Users").len(), 3);
}

#[test]
fn a_removal_over_the_limit_needs_its_number() {
    let play = Play::new();
    play.begin();
    let path = play.place.clone.join("scimform.yaml");
    let commits = play.place.change(
        "strict",
        6,
        "scimform.yaml",
        "    profile: generic\n",
        "    profile: generic\n    limits: { removals: { count: 0 } }\n",
    );
    assert!(std::fs::read_to_string(path).unwrap().contains("limits"));
    play.place.git(&["checkout", "--quiet", "strict"]);
    let product = std::fs::read_to_string(play.place.clone.join("people/product.yaml")).unwrap();
    let commits = {
        let _ = commits;
        play.place.amend("strict", 6, "people/product.yaml", &product, "users: {}\n")
    };
    let plan = play.plan(6, &commits);
    assert_eq!((plan.code, plan.outputs["exitcode"].as_str()), (3, "3"), "{}", plan.log);
    let commit = play.merge("strict", &commits.0);
    let refused = play.push(&commit).expect(3);
    let digest = offered(&refused.summary);
    play.by_hand(&commit, json!({ "expect": digest })).expect(3);
    play.by_hand(&commit, json!({ "expect": digest, "confirm_removals": "1" })).expect(0);
    let active = play.server.list("Users").iter().filter(|user| user["active"] != false).count();
    assert_eq!(active, 2);
}

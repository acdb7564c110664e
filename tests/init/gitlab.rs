//! The jobs for GitLab: merge request, review, merge, apply, drift, from the lines of the YAML that `init` wrote.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use minijinja::Environment;
use serde_json::{Value, json};

use crate::init::forge::{BOT, Forge, MALLORY};
use crate::init::install::{nothing_leaked, offered, release};
use crate::init::place::Place;
use crate::init::runner::yaml;
use crate::support::Server;

struct Play {
    place: Place,
    forge: Forge,
    server: Server,
    releases: String,
}

/// How a job ended, and its log; nothing where no rule lets it run.
type Ended = Option<(i32, String)>;

impl Play {
    /// Runs a job in a pipeline with these variables, if one of its rules says so.
    fn job(&self, name: &str, commit: &str, variables: &[(&str, &str)]) -> Ended {
        let number = std::fs::read_dir(self.place.folder.path()).unwrap().count().to_string();
        let workspace = self.place.checkout(&format!("machine-{number}"), commit);
        let file = yaml(&workspace.join(".gitlab/scimform/scimform.yml"));
        let (job, base) = (&file[name], &file[".scimform"]);
        assert_eq!(job["extends"], ".scimform");
        let text = |text: &str| text.to_owned();
        let mut environment = BTreeMap::from([
            (text("CI"), text("true")),
            (text("CI_API_V4_URL"), self.forge.url.clone()),
            (text("CI_BUILDS_DIR"), self.place.folder.path().display().to_string()),
            (text("CI_COMMIT_SHA"), text(commit)),
            (text("CI_DEFAULT_BRANCH"), text("main")),
            (text("CI_JOB_ID"), number.clone()),
            (text("CI_JOB_TOKEN"), text("token-of-the-job")),
            (text("CI_JOB_URL"), format!("https://gitlab.example/acme/people/-/jobs/{number}")),
            (text("CI_PROJECT_ID"), text("7")),
            (text("CI_PROJECT_PATH"), text("acme/people")),
            (text("CI_PROJECT_VISIBILITY"), text("private")),
            (text("CI_SERVER_URL"), format!("file://{}", self.place.folder.path().display())),
            (text("HOME"), self.place.folder.path().display().to_string()),
            (text("PATH"), std::env::var("PATH").unwrap()),
            (text("SCIMFORM_RELEASES"), self.releases.clone()),
        ]);
        for (name, value) in base["variables"].as_object().unwrap() {
            environment.insert(name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
        environment.extend(variables.iter().map(|(name, value)| (text(name), text(value))));
        // Variables of the project are limited to environments.
        if !job["environment"].is_null() {
            environment.insert(text("APP_TOKEN"), text("secret-token"));
            environment.insert(text("SCIMFORM_ALLOWED_HOSTS"), text("APP_TOKEN=127.0.0.1"));
            environment.insert(text("SCIMFORM_API_TOKEN"), text(BOT));
        }
        if !job["rules"].as_array().unwrap().iter().any(|rule| holds(rule["if"].as_str().unwrap(), &environment)) {
            return None;
        }
        let lines = |lines: &Value| {
            lines.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let script = [lines(&base["before_script"]), lines(&job["script"])].concat().join("\n");
        let mut command = Command::new("bash");
        command.args(["-e", "-o", "pipefail", "-c", &script]).current_dir(&workspace).env_clear().envs(&environment);
        let output = command.stdin(Stdio::null()).output().unwrap();
        let log = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        Some((output.status.code().unwrap_or(-1), log))
    }

    fn request(&self, name: &str, number: &str, head: &str, project: &str) -> Ended {
        let base = self.place.git(&["rev-parse", "origin/main"]);
        let source = ("CI_PIPELINE_SOURCE", "merge_request_event");
        let request = [source, ("CI_MERGE_REQUEST_IID", number), ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", project)];
        self.job(name, head, &[&request[..], &[("CI_MERGE_REQUEST_DIFF_BASE_SHA", &base)]].concat())
    }

    fn apply(&self, commit: &str, source: &str, more: &[(&str, &str)]) -> Ended {
        self.job(
            "scimform-apply",
            commit,
            &[&[("CI_PIPELINE_SOURCE", source), ("CI_COMMIT_BRANCH", "main")], more].concat(),
        )
    }
}

/// Whether a rule of a job lets it run.
fn holds(rule: &str, environment: &BTreeMap<String, String>) -> bool {
    let text = rule.replace("&&", " and ").replace("||", " or ").replace('$', "");
    Environment::new()
        .compile_expression(&text)
        .unwrap()
        .eval(minijinja::Value::from(minijinja::value::Serde(environment)))
        .unwrap()
        .is_true()
}

#[track_caller]
fn ended(ended: Ended, code: i32) -> String {
    let (found, log) = ended.unwrap_or_else(|| panic!("no rule lets the job run"));
    assert_eq!(found, code, "{log}");
    log
}

#[test]
fn merge_request_review_merge_apply_drift() {
    let server = Server::start();
    let place = Place::new("gitlab", server.url());
    let (releases, _) = release(place.folder.path());
    let play = Play { place, forge: Forge::start(), server, releases };

    // The first apply, by hand with the digest that the refused one shows.
    let main = play.place.git(&["rev-parse", "origin/main"]);
    let digest = offered(&ended(play.apply(&main, "push", &[]), 3));
    assert_eq!(play.server.writes(), 0);
    ended(play.apply(&main, "web", &[("SCIMFORM_EXPECT", &digest), ("SCIMFORM_FIRST_RUN", "true")]), 0);
    assert!(
        play.place.git(&["ls-remote", "origin", "refs/scimform/ledger"]).contains("scimform"),
        "no ledger was pushed"
    );

    // A merge request; from a fork nothing but the check runs.
    let (head, _) = play.place.change("title", 1, "people/engineering.yaml", "title: Engineer", "title: Director");
    assert!(ended(play.request("scimform-check", "1", &head, "7"), 0).contains("Director"));
    assert!(play.request("scimform-plan", "1", &head, "99").is_none(), "a fork was planned");
    assert!(play.apply(&head, "merge_request_event", &[]).is_none(), "a merge request was applied");
    let forged = json!({ "body": format!("<!-- scimform:review {head} {} 0 -->", "0".repeat(32)) });
    play.forge.send(MALLORY, "POST", "/projects/7/merge_requests/1/notes", &forged);
    let writes = play.server.writes();
    ended(play.request("scimform-plan", "1", &head, "7"), 0);
    ended(play.request("scimform-plan", "1", &head, "7"), 0);
    assert_eq!(play.server.writes(), writes, "a plan wrote to the target");
    let notes = play.forge.with(|world| world.comments.clone());
    assert_eq!(notes.len(), 2, "ours is kept up to date, a stranger's left alone: {notes:?}");
    assert!(notes[1]["body"].as_str().unwrap().contains("Grace Hopper"), "{notes:?}");

    // Merged and applied.
    let commit = play.place.merge("title");
    play.forge.with(|world| {
        world.merged.push(json!({
            "iid": 1, "state": "merged", "target_branch": "main", "source_project_id": 7, "sha": head, "merge_commit_sha": commit,
        }));
    });
    assert!(ended(play.apply(&commit, "push", &[]), 0).contains("1 updated"));
    assert!(ended(play.apply(&commit, "push", &[]), 0).contains("Nothing is left to do"));

    // Drift, once seen and once gone.
    let nightly = [("CI_PIPELINE_SOURCE", "schedule"), ("CI_COMMIT_BRANCH", "main")];
    let grace = play.server.list("Users").into_iter().find(|user| user["userName"] == "grace@example.com").unwrap();
    let path = format!("Users/{}", grace["id"].as_str().unwrap());
    for (title, state) in [("Emperor", "open"), ("Director", "closed")] {
        let patch = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": "title", "value": title }] });
        play.server.send("PATCH", &path, &patch);
        ended(play.job("scimform-drift", &commit, &nightly), 0);
        let issues = play.forge.with(|world| world.issues.clone());
        assert_eq!((issues.len(), issues[0]["state"].as_str()), (1, Some(state)), "{issues:?}");
        assert_eq!(issues[0]["confidential"], true);
    }

    // Something else came in: refused, with the way out.
    let (head, _) = play.place.change("two", 2, "people/engineering.yaml", "title: Principal", "title: Chief");
    ended(play.request("scimform-plan", "2", &head, "7"), 0);
    play.place.git(&["checkout", "--quiet", "-B", "other", "origin/main"]);
    play.place.amend("other", 3, "people/product.yaml", "Product Manager", "Head of Product");
    play.place.merge("other");
    let commit = play.place.merge("two");
    play.forge.with(|world| {
        world.merged.push(json!({
            "iid": 2, "state": "merged", "target_branch": "main", "source_project_id": 7, "sha": head, "merge_commit_sha": commit,
        }));
    });
    let writes = play.server.writes();
    let digest = offered(&ended(play.apply(&commit, "push", &[]), 3));
    assert_eq!(play.server.writes(), writes);
    // A stranger's note with the digest of that very plan counts for nothing.
    let forged = json!({ "body": format!("<!-- scimform:review {head} {digest} 0 -->") });
    play.forge.send(MALLORY, "POST", "/projects/7/merge_requests/2/notes", &forged);
    ended(play.apply(&commit, "push", &[]), 3);
    assert_eq!(play.server.writes(), writes, "a stranger approved a plan");
    ended(play.apply(&commit, "web", &[("SCIMFORM_EXPECT", &digest)]), 0);
    assert_eq!(play.server.writes() - writes, 2);
    nothing_leaked(play.place.folder.path());
}

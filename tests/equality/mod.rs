//! When is what a server shows no difference? The rules that only a whole run can show, each under its number;
//! `requirements/equality.yaml` names them all. The others stand beside the comparison itself.

mod answers;
mod vendors;
mod witness;

use crate::support::plan::{actions, paths};
use crate::support::{Repo, target};
use serde_json::{Value, json};

const ALL: &str = "bindings:\n  everyone:\n    target: app\n    assign: { where: user.userName is defined }\n";

/// A repository of one target with these people.
fn repo(url: &str, profile: &str, more: &str, people: &str) -> Repo {
    Repo::new(&[("scimform.yaml", &target(url, profile, more)), ("bindings.yaml", ALL), ("people.yaml", people)])
}

/// `action key` of each change, with the attributes' paths.
#[track_caller]
fn changes(repo: &Repo) -> Vec<String> {
    let plan = repo.plan();
    let changes = plan["changes"].as_array().unwrap().iter();
    let one = |change: &Value| {
        paths(&json!({"changes": [change]})).into_iter().map(|path| format!(" {path}")).collect::<String>()
    };
    changes.zip(actions(&plan)).map(|(change, action)| action + &one(change)).collect()
}

//! When is what a server shows no difference? The rules that only a whole run can show, each under its number;
//! `requirements/equality.yaml` names them all. The others stand beside the comparison itself.

mod answers;
mod vendors;
mod witness;

use crate::support::{Repo, target};
use serde_json::Value;

const ALL: &str = "bindings:\n  everyone:\n    target: app\n    assign: { where: user.userName is defined }\n";

/// A repository of one target with these people.
fn repo(url: &str, profile: &str, more: &str, people: &str) -> Repo {
    Repo::new(&[("scimform.yaml", &target(url, profile, more)), ("bindings.yaml", ALL), ("people.yaml", people)])
}

/// `action key` of each change, with the attributes' paths.
#[track_caller]
fn changes(repo: &Repo) -> Vec<String> {
    let plan = repo.plan();
    let changes = plan["changes"].as_array().unwrap_or_else(|| panic!("no plan: {plan}"));
    let line = |change: &Value| {
        let paths = change["attributes"].as_array().into_iter().flatten().map(|one| one["path"].as_str().unwrap());
        let head = [change["action"].as_str().unwrap(), change["key"].as_str().unwrap()];
        head.into_iter().chain(paths).collect::<Vec<_>>().join(" ")
    };
    changes.iter().map(line).collect()
}

#[track_caller]
fn settled(repo: &Repo) {
    assert_eq!(changes(repo), [""; 0], "{:#}", repo.plan());
}

/// Codes of the plan's notices.
fn notices(repo: &Repo) -> Vec<String> {
    let plan = repo.plan();
    plan["notices"].as_array().unwrap().iter().map(|notice| notice["code"].as_str().unwrap().to_owned()).collect()
}

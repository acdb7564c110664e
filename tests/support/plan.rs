//! What a plan in JSON says, in few words.

use serde_json::Value;

use super::Repo;

#[track_caller]
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[track_caller]
fn list<'a>(plan: &'a Value, name: &str) -> &'a [Value] {
    plan[name].as_array().unwrap_or_else(|| panic!("no {name} in {plan:#}"))
}

/// `action key` of each change of a target, in the plan's order.
#[track_caller]
pub fn actions(plan: &Value) -> Vec<String> {
    list(plan, "changes").iter().map(|change| format!("{} {}", text(&change["action"]), text(&change["key"]))).collect()
}

/// `action kind key` of each change.
#[track_caller]
pub fn kinds(plan: &Value) -> Vec<String> {
    let kind = |change: &Value| text(&change["resource"]).to_owned();
    let both = list(plan, "changes").iter().zip(actions(plan));
    both.map(|(change, action)| action.replacen(' ', &format!(" {} ", kind(change)), 1)).collect()
}

/// The paths of all attributes that change.
#[track_caller]
pub fn paths(plan: &Value) -> Vec<&str> {
    let attributes = list(plan, "changes").iter().flat_map(|change| list(change, "attributes"));
    attributes.map(|attribute| text(&attribute["path"])).collect()
}

/// The codes of the notices.
#[track_caller]
pub fn notices(plan: &Value) -> Vec<&str> {
    list(plan, "notices").iter().map(|notice| text(&notice["code"])).collect()
}

/// `code key` of each error.
#[track_caller]
pub fn errors(plan: &Value) -> Vec<String> {
    list(plan, "errors").iter().map(|error| format!("{} {}", text(&error["code"]), text(&error["key"]))).collect()
}

/// Ends the test unless nothing is left to do and nothing is wrong.
#[track_caller]
pub fn settled(repo: &Repo) {
    let plan = repo.plan();
    assert_eq!((actions(&plan), errors(&plan)), (vec![], vec![]), "{plan:#}");
}

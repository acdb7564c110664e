//! Rules of the user's own.

use rayon::prelude::*;

use crate::diag::NoticeCode;
use crate::directory::{GroupKey, Policy, PolicySubject, UserKey};
use crate::mapping::Context;
use crate::plan::diff::matched_target::MatchedTarget;
use crate::plan::diff::notes::names;
use crate::plan::{Change, TargetPlan, Violation};
use crate::scim::Value;

/// The policies that a target's declared people, groups or changes break; one violation for each policy.
pub(super) fn check(matched: &MatchedTarget<'_>, plan: &TargetPlan) -> Vec<Violation> {
    let policies = &matched.input.directory.policies;
    let changes: Vec<(String, Value)> = if policies.iter().any(|policy| policy.on == PolicySubject::Change) {
        plan.changes.iter().map(|change| (change.key.clone(), seen(matched, change))).collect()
    } else {
        Vec::new()
    };
    policies
        .iter()
        .filter_map(|policy| {
            let breaches = match policy.on {
                PolicySubject::User => users(matched, policy),
                PolicySubject::Group => groups(matched, policy),
                PolicySubject::Change => changes
                    .iter()
                    .filter_map(|(key, change)| {
                        breach(policy, &Context::change(change)).map(|breach| (key.clone(), breach))
                    })
                    .collect(),
            };
            violation(matched, policy, &breaches)
        })
        .collect()
}

/// How a policy is broken.
enum Breach {
    /// Its condition holds.
    Holds,
    /// Its condition can't be evaluated, which counts as broken.
    Fails(String),
}

fn breach(policy: &Policy, context: &Context<'_>) -> Option<Breach> {
    match policy.condition.test(context) {
        Ok(false) => None,
        Ok(true) => Some(Breach::Holds),
        Err(error) => Some(Breach::Fails(error.message)),
    }
}

fn is_asked(matched: &MatchedTarget<'_>, key: &str) -> bool {
    matched.input.only.is_none_or(|keys| keys.contains(key))
}

fn users(matched: &MatchedTarget<'_>, policy: &Policy) -> Vec<(String, Breach)> {
    let keys: Vec<&UserKey> =
        matched.input.desired.users.keys().filter(|key| is_asked(matched, key.as_str())).collect();
    keys.par_iter()
        .filter_map(|key| {
            let user = matched.input.directory.users.get(*key)?;
            Some((key.to_string(), breach(policy, &Context::user(&user.attributes))?))
        })
        .collect()
}

fn groups(matched: &MatchedTarget<'_>, policy: &Policy) -> Vec<(String, Breach)> {
    let keys: Vec<&GroupKey> =
        matched.input.desired.groups.keys().filter(|key| is_asked(matched, key.as_str())).collect();
    keys.into_iter()
        .filter_map(|key| {
            let group = matched.input.directory.groups.get(key)?;
            Some((key.to_string(), breach(policy, &Context::group(&group.attributes))?))
        })
        .collect()
}

/// A change as policies see it: as in the plan's JSON, with the target's name and its profile's, and `members` even where
/// none come or go.
fn seen(matched: &MatchedTarget<'_>, change: &Change) -> Value {
    let mut seen = serde_json::to_value(change).map_or(Value::Null, Value::from);
    if let Some(object) = seen.as_object_mut() {
        if object.get("members").is_none() {
            let none = ["add", "remove"].map(|name| (name, Value::Array(Vec::new())));
            object.insert("members", Value::Object(none.into_iter().collect()));
        }
        object.insert("target", Value::from(matched.input.target.name.as_str()));
        object.insert("profile", Value::from(matched.input.target.profile.name.as_str()));
    }
    seen
}

fn violation(matched: &MatchedTarget<'_>, policy: &Policy, breaches: &[(String, Breach)]) -> Option<Violation> {
    if breaches.is_empty() {
        return None;
    }
    let who = names(breaches.iter().map(|(key, _)| key));
    let fault = breaches.iter().find_map(|(key, breach)| match breach {
        Breach::Fails(error) => Some(format!("it can't be evaluated for `{key}`, which counts as broken: {error}")),
        Breach::Holds => None,
    });
    let holds = || match &policy.message {
        Some(message) => message.clone(),
        None => format!("`{}` holds", policy.condition.text()),
    };
    let what = fault.unwrap_or_else(holds);
    Some(Violation {
        code: NoticeCode::Policy,
        message: format!("policy `{}` is broken by {who} at `{}`: {what}", policy.name, matched.input.target.name),
        allow: "change what is declared, or the policy".to_owned(),
        warn: policy.warn,
        origin: matched.input.origin(policy.origin),
    })
}

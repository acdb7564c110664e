//! Rules of the user's own.

use rayon::prelude::*;

use crate::diag::NoticeCode;
use crate::directory::{GroupKey, Policy, PolicySubject, UserKey};
use crate::mapping::Context;
use crate::plan::diff::notes::names;
use crate::plan::diff::scene::Scene;
use crate::plan::{Change, TargetPlan, Violation};
use crate::scim::Value;

/// The policies that a target's declared people, groups or changes break; one violation for each policy.
pub(super) fn check(scene: &Scene<'_>, plan: &TargetPlan) -> Vec<Violation> {
    let policies = &scene.input.directory.policies;
    let changes: Vec<(String, Value)> = if policies.iter().any(|policy| policy.on == PolicySubject::Change) {
        plan.changes.iter().map(|change| (change.key.clone(), seen(scene, change))).collect()
    } else {
        Vec::new()
    };
    policies
        .iter()
        .filter_map(|policy| {
            let breaches = match policy.on {
                PolicySubject::User => users(scene, policy),
                PolicySubject::Group => groups(scene, policy),
                PolicySubject::Change => changes
                    .iter()
                    .filter_map(|(key, change)| {
                        breach(policy, &Context::change(change)).map(|breach| (key.clone(), breach))
                    })
                    .collect(),
            };
            violation(scene, policy, &breaches)
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

fn is_asked(scene: &Scene<'_>, key: &str) -> bool {
    scene.input.only.is_none_or(|keys| keys.contains(key))
}

fn users(scene: &Scene<'_>, policy: &Policy) -> Vec<(String, Breach)> {
    let keys: Vec<&UserKey> = scene.input.desired.users.keys().filter(|key| is_asked(scene, key.as_str())).collect();
    keys.par_iter()
        .filter_map(|key| {
            let user = scene.input.directory.users.get(*key)?;
            Some((key.to_string(), breach(policy, &Context::user(&user.attributes))?))
        })
        .collect()
}

fn groups(scene: &Scene<'_>, policy: &Policy) -> Vec<(String, Breach)> {
    let keys: Vec<&GroupKey> = scene.input.desired.groups.keys().filter(|key| is_asked(scene, key.as_str())).collect();
    keys.into_iter()
        .filter_map(|key| {
            let group = scene.input.directory.groups.get(key)?;
            Some((key.to_string(), breach(policy, &Context::group(&group.attributes))?))
        })
        .collect()
}

/// A change as policies see it: as in the plan's JSON, with the target's name and its profile's, and `members` even where
/// none come or go.
fn seen(scene: &Scene<'_>, change: &Change) -> Value {
    let mut seen = serde_json::to_value(change).map_or(Value::Null, Value::from);
    if let Some(object) = seen.as_object_mut() {
        if object.get("members").is_none() {
            let none = ["add", "remove"].map(|name| (name, Value::Array(Vec::new())));
            object.insert("members", Value::Object(none.into_iter().collect()));
        }
        object.insert("target", Value::from(scene.input.target.name.as_str()));
        object.insert("profile", Value::from(scene.input.target.profile.name.as_str()));
    }
    seen
}

fn violation(scene: &Scene<'_>, policy: &Policy, breaches: &[(String, Breach)]) -> Option<Violation> {
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
        message: format!("policy `{}` is broken by {who} at `{}`: {what}", policy.name, scene.input.target.name),
        allow: "change what is declared, or the policy".to_owned(),
        warn: policy.warn,
        origin: scene.input.origin(policy.origin),
    })
}

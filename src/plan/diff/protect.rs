//! Objects that are never removed.

use crate::directory::Target;
use crate::live::LiveResource;
use crate::mapping::Context;
use crate::scim::{Object, Value};

use super::matched_target::MatchedTarget;

/// The rule of the target that protects a live resource. An expression that can't be evaluated protects: to leave
/// something alone is the safe side.
pub(in crate::plan) fn rule(matched: &MatchedTarget<'_>, live: &LiveResource) -> Option<String> {
    protected_by(matched.input.target, live)
}

/// The rule of a target that protects a live resource, where one does.
pub fn protected_by(target: &Target, live: &LiveResource) -> Option<String> {
    let rules = target.protect.rules.of(live.kind);
    if rules.is_empty() {
        return None;
    }
    let seen = Value::Object(seen(live));
    let context = Context::resource(live.kind, &seen);
    rules.iter().find(|rule| rule.test(&context).unwrap_or(true)).map(|rule| rule.text().to_owned())
}

/// A live resource as expressions see it: its attributes, those of extensions side by side with the core ones, and
/// its id.
fn seen(live: &LiveResource) -> Object {
    let mut seen = Object::new();
    seen.insert("id", Value::from(live.id.as_str()));
    let (extensions, core): (Vec<_>, Vec<_>) =
        live.attributes.iter().partition(|(name, value)| name.contains(':') && value.as_object().is_some());
    for (name, value) in core {
        seen.insert(name, value.clone());
    }
    for (name, value) in
        extensions.into_iter().flat_map(|(_, extension)| extension.as_object().into_iter().flat_map(Object::iter))
    {
        if seen.get(name).is_none() {
            seen.insert(name, value.clone());
        }
    }
    seen
}

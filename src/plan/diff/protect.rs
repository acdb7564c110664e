//! Objects that are never removed.

use crate::diag::NoticeCode;
use crate::directory::Target;
use crate::live::LiveResource;
use crate::mapping::Context;
use crate::plan::Change;
use crate::scim::{Object, Value};

use super::matched_target::MatchedTarget;
use super::notes::Note;
use super::outcome::{Outcome, Refusal};

/// A change that takes something away, unless an incomplete or doubtful read or a protection forbids it. `what` is the
/// word of the notice for what is held back.
pub(super) fn unless_forbidden(
    matched: &MatchedTarget<'_>,
    live: &LiveResource,
    what: &str,
    change: Change,
) -> Outcome {
    let held_back = |code: NoticeCode, subject: &str| Outcome::unchanged().with(Note::new(code, subject, &change.key));
    if !matched.may_remove() {
        return held_back(NoticeCode::RemovalsOff, what);
    }
    // What is switched off anyway is no breach of a protection.
    if matched.allows(change.resource, change.action)
        && let Some(rule) = rule(matched, live)
    {
        let refusal = Refusal { kind: change.resource, key: change.key, name: change.name, rule };
        return Outcome { refused: Some(refusal), ..Outcome::unchanged() };
    }
    if !matched.is_certain(change.resource, &live.id, true) {
        return held_back(NoticeCode::Unconfirmed, "");
    }
    Outcome::change(change)
}

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

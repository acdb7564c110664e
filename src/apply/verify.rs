//! Whether what was written is so: pure judgement of one attribute against what the target shows.

use crate::live::normal::same;
use crate::plan::Effect;
use crate::plan::schedule::lists;
use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value};

/// How a written attribute turned out.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// It is as it should be, or the target can't show it.
    Settled,
    /// The profile says that the target computes it; this is said to people, nothing more.
    Derived,
    /// The target stored something new of its own.
    Own(Value),
    /// The target did not do it.
    Refused,
}

/// Attributes for which a value of the server's own is never accepted: they decide who has access to what.
const STRICT: [&str; 5] = ["active", "userName", "members", "roles", "entitlements"];

/// The value that a path addresses: the only one, or an array of several.
pub(super) fn value_at(path: &AttrPath, object: &Object) -> Option<Value> {
    let values = path.read(object);
    match values.as_slice() {
        [] => None,
        [value] => Some((*value).clone()),
        several => Some(Value::Array(several.iter().map(|value| (*value).clone()).collect())),
    }
}

/// Judges an attribute. `before` is what the target showed before the write.
pub(super) fn judge(
    profile: &Profile,
    kind: ResourceKind,
    effect: &Effect,
    before: Option<&Value>,
    object: &Object,
) -> Verdict {
    let live = value_at(&effect.path, object);
    if !effect.shown || same(profile, kind, &effect.path, &effect.value, live.as_ref()) {
        return Verdict::Settled;
    }
    // Access that was to end and did not is never the target's own business.
    if effect.value != Value::Bool(false) && lists(&profile.attributes.derived, &effect.path) {
        return Verdict::Derived;
    }
    let strict = effect.path.is_core() && STRICT.iter().any(|name| name.eq_ignore_ascii_case(&effect.path.attribute));
    match live {
        Some(live) if !strict && !live.is_unassigned() && !unmoved(profile, kind, effect, before, &live) => {
            Verdict::Own(live)
        }
        _ => Verdict::Refused,
    }
}

/// Whether the target shows what it showed before: then it stored nothing.
fn unmoved(profile: &Profile, kind: ResourceKind, effect: &Effect, before: Option<&Value>, live: &Value) -> bool {
    before.is_some_and(|before| {
        !before.is_unassigned() && (before == live || same(profile, kind, &effect.path, before, Some(live)))
    })
}

//! Whether what was written is so: pure judgement of one attribute against what the target shows.

use crate::desired::Asserted;
use crate::live::normal::{Comparison, Found, Handling, is_blank};
use crate::plan::Effect;
use crate::scim::{Object, Value};

/// How a written attribute turned out.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// It is as it should be, or the target can't show it.
    Settled,
    /// The profile says that the target computes it; this is said to people, nothing more.
    Derived,
    /// The target stored something new of its own.
    Own(Value),
    /// Another client's value was there and stays.
    Foreign,
    /// The target did not do it.
    Refused,
}

/// Attributes for which a value of the server's own is never accepted: they decide who has access to what.
const STRICT: [&str; 5] = ["active", "userName", "members", "roles", "entitlements"];

/// Judges an attribute. `before` is what the target showed before the write.
pub(super) fn judge(comparison: &Comparison, effect: &Effect, before: Option<&Value>, object: &Object) -> Verdict {
    if !effect.shown {
        return Verdict::Settled;
    }
    let live = comparison.find(object);
    if comparison.same(&effect.value, &live) {
        return Verdict::Settled;
    }
    // Access that was to end and did not is never the target's own business.
    if effect.value != Value::Bool(false) && comparison.handling() == Handling::Derived {
        return Verdict::Derived;
    }
    if effect.value.is_unassigned() && comparison.is_default(&live) {
        return Verdict::Derived;
    }
    if is_led(comparison, &live, object) {
        return Verdict::Derived;
    }
    if live.is_blank() || is_strict(effect) {
        return Verdict::Refused;
    }
    // What it showed before is nothing new: then it stored nothing.
    let unmoved =
        before.is_some_and(|before| !is_blank(before) && (*before == *live.value() || comparison.same(before, &live)));
    if unmoved { Verdict::Refused } else { Verdict::Own(live.to_value()) }
}

/// Whether the target keeps the attribute equal to another, and it is (E28).
fn is_led(comparison: &Comparison, live: &Found<'_>, object: &Object) -> bool {
    let leading = comparison.leader().and_then(|leader| leader.leading(&leader.find(object)));
    leading.is_some_and(|leading| comparison.same(&leading, live))
}

/// Who someone's manager is can't be a matter of notation either.
fn is_strict(effect: &Effect) -> bool {
    let named = || STRICT.iter().any(|name| name.eq_ignore_ascii_case(&effect.path.attribute));
    matches!(effect.asserted, Asserted::User(_)) || (effect.path.is_core() && named())
}

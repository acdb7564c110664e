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
    /// The target shows it neither before nor after the write, so that nobody knows whether it took: access alone.
    Unseen,
    /// The target did not do it.
    Refused,
}

/// Attributes for which a value of the server's own is never accepted: they decide who has access to what.
const STRICT: [&str; 5] = ["active", "userName", "members", "roles", "entitlements"];

/// What is known of an attribute from before the write.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Past<'a> {
    /// What the target showed.
    pub(super) before: Option<&'a Value>,
    /// Whether the ledger knew the attribute to be ours. What stays of a list that never was ours is the target's own.
    pub(super) ours: bool,
}

/// Judges an attribute.
pub(super) fn judge(comparison: &Comparison, effect: &Effect, past: Past<'_>, object: &Object) -> Verdict {
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
    if live.is_blank() && is_active(effect) && past.before.is_none_or(is_blank) {
        return Verdict::Unseen;
    }
    if live.is_blank() {
        return Verdict::Refused;
    }
    let value = live.value();
    if adds_only(comparison, &effect.value, past, &value) {
        return Verdict::Own(live.to_value());
    }
    if is_strict(effect) {
        return Verdict::Refused;
    }
    if names_another(effect, &value) {
        return Verdict::Refused;
    }
    // What it showed before is nothing new: then it stored nothing.
    let unmoved =
        past.before.is_some_and(|before| !is_blank(before) && (*before == *value || comparison.same(before, &live)));
    if unmoved || is_partly_refused(comparison, &effect.value, past.before, &value) {
        return Verdict::Refused;
    }
    Verdict::Own(live.to_value())
}

/// Whether an effect is about who has access.
fn is_active(effect: &Effect) -> bool {
    effect.path.is("active")
}

/// Whether a value holds all that another asks for: of a list every element, whatever else is in it.
pub(super) fn holds(comparison: &Comparison, wanted: &Value, live: &Found<'_>) -> bool {
    if comparison.same(wanted, live) {
        return true;
    }
    let value = live.value();
    let all = elements(&value);
    matches!(wanted, Value::Array(_))
        && elements(wanted).into_iter().all(|wanted| all.iter().any(|live| same_element(comparison, wanted, live)))
}

fn same_element(comparison: &Comparison, wanted: &Value, live: &Value) -> bool {
    let (wanted, live) = (Value::Array(vec![wanted.clone()]), Value::Array(vec![live.clone()]));
    comparison.same(&wanted, &Found::One(&live))
}

/// Whether a list holds all that was sent, and besides only what the target puts there by itself: what is new, what never
/// was ours, and what repeats a value that was sent. What was ours, was to go and stays was refused.
fn adds_only(comparison: &Comparison, wanted: &Value, past: Past<'_>, live: &Value) -> bool {
    let is_list = matches!(wanted, Value::Array(items) if !items.is_empty()) && matches!(live, Value::Array(_));
    if !is_list || !holds(comparison, wanted, &Found::One(live)) {
        return false;
    }
    let wanted = elements(wanted);
    let before = past.before.filter(|_| past.ours).map(elements).unwrap_or_default();
    let repeats = |extra: &Value| wanted.iter().any(|wanted| main(wanted).is_some() && main(wanted) == main(extra));
    let others =
        elements(live).into_iter().filter(|live| !wanted.iter().any(|one| same_element(comparison, one, live)));
    others.into_iter().all(|extra| {
        repeats(extra) || !before.iter().any(|before| *before == extra || same_element(comparison, before, extra))
    })
}

/// The text by which an element is known, whatever its case.
fn main(element: &Value) -> Option<String> {
    element.get("value").unwrap_or(element).as_str().map(str::to_lowercase)
}

/// Whether the account is known by another name or address than was sent. Of an address case is no part.
fn names_another(effect: &Effect, live: &Value) -> bool {
    let path = &effect.path;
    let is = |name: &str| path.is_within(name);
    let by_value = path.sub.as_ref().is_none_or(|sub| sub.eq_ignore_ascii_case("value"));
    let shown: Vec<Option<String>> = elements(live).into_iter().map(main).collect();
    let other_address = || !elements(&effect.value).into_iter().all(|wanted| shown.contains(&main(wanted)));
    is("externalId") || (is("emails") && by_value && other_address())
}

/// Whether a list is something between what was there and what was to be. That is no form of the server's own: of what
/// it showed before it keeps an element that was to go, or it made nothing of one that was to come.
fn is_partly_refused(comparison: &Comparison, wanted: &Value, before: Option<&Value>, live: &Value) -> bool {
    let clears_list = || wanted.is_unassigned() && matches!(live, Value::Array(_));
    let is_list = matches!(wanted, Value::Array(_)) || clears_list();
    if !is_list {
        return false;
    }
    let one = |wanted: &Value, live: &Value| same_element(comparison, wanted, live);
    let (wanted, live) = (elements(wanted), elements(live));
    let before = before.map(elements).unwrap_or_default();
    let missing = wanted.iter().filter(|wanted| !live.iter().any(|live| one(wanted, live))).count();
    let others = || live.iter().filter(|live| !wanted.iter().any(|wanted| one(wanted, live)));
    let kept = others().any(|live| before.iter().any(|before| before == live || one(before, live)));
    kept || (!comparison.keeps_one() && others().count() < missing)
}

/// The elements of a list, a single value as the only one.
fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().filter(|item| !is_blank(item)).collect(),
        _ if is_blank(value) => Vec::new(),
        _ => vec![value],
    }
}

/// Whether the target keeps the attribute equal to another, and it is (E28).
fn is_led(comparison: &Comparison, live: &Found<'_>, object: &Object) -> bool {
    let leading = comparison.leader().and_then(|leader| leader.leading(&leader.find(object)));
    leading.is_some_and(|leading| comparison.same(&leading, live))
}

/// Who someone's manager is can't be a matter of notation either.
fn is_strict(effect: &Effect) -> bool {
    matches!(effect.asserted, Asserted::User(_)) || decides_access(effect)
}

/// Whether an attribute decides who has access to what.
pub(super) fn decides_access(effect: &Effect) -> bool {
    STRICT.iter().any(|name| effect.path.is_within(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::profile;
    use crate::scim::ResourceKind;

    fn past(before: &Value) -> Past<'_> {
        Past { before: Some(before), ours: true }
    }

    fn judged(rules: &str, before: &[&str], wanted: &[&str], live: &[&str]) -> &'static str {
        let mut profile = profile::builtin("generic").unwrap().as_ref().clone();
        profile.attributes.single_valued = rules.split_whitespace().map(|path| path.parse().unwrap()).collect();
        let list = |values: &[&str]| Value::from(json!(values.iter().map(|v| json!({"value": v})).collect::<Vec<_>>()));
        let path: crate::scim::path::AttrPath = "photos".parse().unwrap();
        let effect = Effect {
            path: path.clone(),
            value: list(wanted),
            asserted: Asserted::Value(list(wanted)),
            lasting: true,
            shown: true,
            gives_way: false,
        };
        let mut object = Object::new();
        object.insert("photos", list(live));
        let comparison = Comparison::new(&profile, ResourceKind::User, &path);
        match judge(&comparison, &effect, past(&list(before)), &object) {
            Verdict::Settled => "settled",
            Verdict::Own(_) => "own",
            Verdict::Refused => "refused",
            Verdict::Derived | Verdict::Foreign | Verdict::Unseen => "other",
        }
    }

    #[test]
    fn a_list_between_before_and_wanted_is_refused_in_part() {
        for (before, wanted, live, verdict) in [
            (&["a", "b", "c"][..], &["a"][..], &["a", "c"][..], "refused"),
            (&["a", "b", "c"], &[], &["c"], "refused"),
            (&["a", "b"], &["c"], &["b", "C-1"], "refused"),
            (&["a"], &["b", "d"], &["b"], "refused"),
            (&["a"], &["b", "d", "e"], &["b", "D-1"], "refused"),
            (&[], &["b", "d"], &["b"], "refused"),
            (&["a", "b"], &["b", "a"], &["a", "b"], "settled"),
            // Whatever came in its place is the target's form of what was sent.
            (&["a"], &["b", "d"], &["b", "D-1"], "own"),
            (&["a"], &["b"], &["B-1"], "own"),
            (&[], &["b"], &["B-1", "by-default"], "own"),
        ] {
            assert_eq!(judged("", before, wanted, live), verdict, "{before:?} {wanted:?} {live:?}");
        }
        assert_eq!(judged("photos", &[], &["b", "d"], &["B-1"]), "own", "it keeps one alone");
        assert_eq!(judged("photos", &["a"], &["b", "d"], &["a"]), "refused");
    }
}

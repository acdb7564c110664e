//! Step 2: in scope why, and why not.

use std::fmt::Write as _;

use super::{Bound, MemberRow, place};
use crate::access::{self, Place};
use crate::desired::DesiredResource;
use crate::directory::{Binding, GroupKey, UserKey, scope};
use crate::mapping::Expression;
use crate::plan::PlanInput;
use crate::scim::ResourceKind;
use crate::wording::list;

/// Every binding of the target, in the order of names.
pub(super) fn bound(input: &PlanInput<'_>, kind: ResourceKind, key: &str) -> Vec<Bound> {
    let bindings = input.directory.bindings.values().filter(|binding| binding.target == input.target.name);
    let each = bindings.map(|binding| match kind {
        ResourceKind::User => user(input, binding, key),
        ResourceKind::Group => group(input, binding, key),
    });
    each.collect()
}

fn group(input: &PlanInput<'_>, binding: &Binding, key: &str) -> Bound {
    let entry = binding.push.iter().find(|group| group.value.as_str() == key);
    let assigns = binding.groups.iter().any(|group| group.value.as_str() == key);
    let why = match (entry.is_some(), assigns) {
        (true, _) => "named in `push`: it is made and filled at the target",
        (false, true) => {
            "named in `assign.groups` alone: its members are given accounts, the group itself is not pushed"
        }
        (false, false) => "neither pushed nor assigned",
    };
    let span = entry.map_or(binding.origin, |entry| entry.span);
    Bound {
        binding: binding.name.to_string(),
        holds: entry.is_some(),
        why: why.to_owned(),
        places: vec![place(input.sources, span)],
    }
}

fn user(input: &PlanInput<'_>, binding: &Binding, key: &str) -> Bound {
    let given = access::assigned(input.directory, input.sources, binding, key, input.as_of);
    let bound = |holds, why: String, places| Bound { binding: binding.name.to_string(), holds, why, places };
    let Some(given) = given else {
        let (why, places) = outside(input, binding, key);
        return bound(false, why, places);
    };
    let mut places: Vec<Place> = given.why.chain.iter().map(|link| link.place.clone()).collect();
    places.push(given.why.place.clone());
    places.extend(given.narrowed_by.iter().map(|rule| rule.place.clone()));
    bound(true, words(&given), places)
}

/// Why a binding gives a person, as a phrase.
fn words(given: &access::Assigned) -> String {
    let names: Vec<&str> = given.why.chain.iter().map(|link| link.group.as_str()).collect();
    let rule = given.why.rule.as_deref().unwrap_or_default();
    let mut words = match given.why.cause {
        access::Cause::BindingRule => format!("matches `assign.where`: {rule}"),
        access::Cause::Member => format!("member of {}", names.join(" › ")),
        access::Cause::GroupRule => format!("matches the rule of {}: {rule}", names.join(" › ")),
        access::Cause::Listed | access::Cause::Mapping => "named in `assign.users`".to_owned(),
    };
    if let Some(rule) = &given.narrowed_by {
        let _ = write!(words, ", and matches `assign.where`: {}", rule.text);
    }
    if let Some(until) = given.why.until {
        let _ = write!(words, ", until {until}");
    }
    words
}

/// Why a binding does not give a person.
fn outside(input: &PlanInput<'_>, binding: &Binding, key: &str) -> (String, Vec<Place>) {
    let rule = binding.rule.as_ref();
    let rule_place = rule.and_then(Expression::origin).unwrap_or(binding.origin);
    let alone = binding.groups.is_empty() && binding.users.is_empty();
    if alone {
        let why = match rule {
            Some(rule) => format!("does not match `assign.where`: {}", rule.text()),
            None => "the binding assigns nobody".to_owned(),
        };
        return (why, vec![place(input.sources, rule_place)]);
    }
    let user = UserKey::from(key);
    let groups = || binding.groups.iter().map(|group| &group.value);
    let content = scope::expand(input.directory, groups(), Some(input.as_of), |_| false);
    let listed = binding.users.iter().find(|user| user.value.as_str() == key);
    let member = content.users.get(&user).map(|cause| cause.origin).or(listed.map(|user| user.span));
    if let (Some(origin), Some(rule)) = (member, rule) {
        let why = format!("assigned, but does not match `assign.where`: {}", rule.text());
        return (why, vec![place(input.sources, origin), place(input.sources, rule_place)]);
    }
    let ever = scope::expand(input.directory, groups(), None, |_| false);
    if let Some((cause, until)) = ever.users.get(&user).and_then(|cause| Some((cause, cause.until?))) {
        let group = cause.group.map_or("the group", GroupKey::as_str);
        return (format!("the membership of {group} ended {until}"), vec![place(input.sources, cause.origin)]);
    }
    let why = match list(groups()) {
        none if none.is_empty() => "not named in `assign.users`".to_owned(),
        names => format!("in none of the groups {names}, nor named in `assign.users`"),
    };
    (why, vec![place(input.sources, binding.origin)])
}

/// Members of a pushed group with what causes each.
pub(super) fn members(input: &PlanInput<'_>, resource: &DesiredResource) -> Vec<MemberRow> {
    let members = resource.members.iter().flatten().map(|(member, span)| MemberRow {
        resource: member.kind,
        key: member.key.to_string(),
        place: place(input.sources, *span),
    });
    members.collect()
}

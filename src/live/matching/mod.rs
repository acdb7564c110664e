//! Which live resource is which declared one: the ledger's id first, then the ordered rules of the mapping.

mod index;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::{Asserted, Assertion, Desired, DesiredResource, Problem};
use crate::profile::Profile;
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;

use super::{Live, LiveResource};
use index::Index;

/// The id under which the ledger knows a key, former keys not yet considered.
pub type KnownId<'k> = dyn Fn(ResourceKind, &str) -> Option<&'k str> + 'k;

/// The ordered match rules of a target.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules<'a> {
    /// For users.
    pub users: &'a [AttrPath],
    /// For groups.
    pub groups: &'a [AttrPath],
}

/// Which declared resource is which live one.
#[derive(Clone, Debug, Default)]
pub struct Matches {
    /// Of users.
    pub users: Matched,
    /// Of groups.
    pub groups: Matched,
    /// Who can't be matched, and why; sorted.
    pub errors: Vec<Problem>,
}

/// The matches of one kind. Places are indexes of the kind's list in [`Live`].
#[derive(Clone, Debug, Default)]
pub struct Matched {
    /// The place of each matched key.
    pub places: BTreeMap<String, usize>,
    /// The key of each matched place.
    pub keys: BTreeMap<usize, String>,
    /// The number of the match rule that found a key's resource, from 0; nothing where the ledger knew it.
    pub by: BTreeMap<String, usize>,
    /// Places that an error speaks about: never removed, never written.
    pub held: BTreeSet<usize>,
    /// Keys with an error.
    pub failed: BTreeSet<String>,
}

impl Matches {
    /// The matches of a kind.
    pub fn of(&self, kind: ResourceKind) -> &Matched {
        match kind {
            ResourceKind::User => &self.users,
            ResourceKind::Group => &self.groups,
        }
    }
}

/// Matches everything declared to what is live. Costs one pass over both sides for each rule.
///
/// The first rule with a hit decides; see [`former_texts`] for what a rule looks for besides. Two hits (`ambiguous`), a later rule that points to another live resource
/// (`conflicting-match`) and two declared ones that claim one live resource (`shared-match`) are errors of those keys;
/// none of the live resources in question is then written or removed.
pub fn match_all(desired: &Desired, live: &Live, known: &KnownId<'_>, rules: Rules<'_>, profile: &Profile) -> Matches {
    let users = desired.users.values().collect::<Vec<_>>();
    let groups = desired.groups.values().collect::<Vec<_>>();
    let mut errors = Vec::new();
    let users = match_kind(
        &users,
        &live.users,
        known,
        &Index::all(profile, ResourceKind::User, rules.users, &live.users),
        &mut errors,
    );
    let groups = match_kind(
        &groups,
        &live.groups,
        known,
        &Index::all(profile, ResourceKind::Group, rules.groups, &live.groups),
        &mut errors,
    );
    errors.sort();
    Matches { users, groups, errors }
}

/// The text to look for at a match attribute, as it is asserted; none where nothing is.
pub fn asserted_text(desired: &DesiredResource, rule: &AttrPath) -> Option<String> {
    let mut object = crate::scim::Object::new();
    for assertion in &desired.assertions {
        let crate::desired::Asserted::Value(value) = &assertion.value else {
            continue;
        };
        if assertion.path.same(rule) {
            return value.as_str().map(str::to_owned);
        }
        if assertion.path.attribute.eq_ignore_ascii_case(&rule.attribute) {
            assertion.path.assign(&mut object, value.clone());
        }
    }
    rule.read(&object).into_iter().find_map(|value| value.as_str().map(str::to_owned))
}

/// Former texts of a match attribute: where an `externalId` is made of the key alone, an account that is known by none
/// of our records still has it from a former key.
pub fn former_texts<'d>(desired: &'d DesiredResource, rule: &AttrPath) -> &'d [String] {
    let made_of_key = |assertion: &Assertion| {
        assertion.gives_way
            && assertion.path.same(rule)
            && matches!(&assertion.value, Asserted::Value(value) if value.as_str() == Some(&desired.key))
    };
    if desired.assertions.iter().any(made_of_key) { &desired.previously } else { &[] }
}

fn match_kind(
    desired: &[&DesiredResource],
    live: &[LiveResource],
    known: &KnownId<'_>,
    rules: &[Index],
    errors: &mut Vec<Problem>,
) -> Matched {
    let ids = index::by_id(live);
    let mut matched = Matched::default();
    let mut claims: BTreeMap<usize, Vec<&DesiredResource>> = BTreeMap::new();
    for resource in desired {
        let ledger =
            std::iter::once(&resource.key).chain(&resource.previously).find_map(|key| known(resource.kind, key));
        let by_ledger = ledger.and_then(|id| ids.get(id)).copied();
        match decide(resource, by_ledger, rules, live) {
            Ok(Some((place, by))) => {
                if let Some(by) = by {
                    matched.by.insert(resource.key.clone(), by);
                }
                claims.entry(place).or_default().push(resource);
            }
            Ok(None) => {}
            Err(Failure { problem, places }) => {
                errors.push(problem);
                matched.failed.insert(resource.key.clone());
                matched.held.extend(places);
            }
        }
    }
    for (place, claimants) in claims {
        if let [only] = claimants.as_slice() {
            matched.places.insert(only.key.clone(), place);
            matched.keys.insert(place, only.key.clone());
            continue;
        }
        matched.held.insert(place);
        let id = live.get(place).map_or("", |live| live.id.as_str());
        for claimant in &claimants {
            let others: Vec<&str> =
                claimants.iter().filter(|other| other.key != claimant.key).map(|other| other.key.as_str()).collect();
            errors.push(shared(claimant, &others, id));
            matched.failed.insert(claimant.key.clone());
        }
    }
    matched
}

struct Failure {
    problem: Problem,
    places: Vec<usize>,
}

/// The live resource of one declared one, and the number of the rule that found it.
fn decide(
    resource: &DesiredResource,
    by_ledger: Option<usize>,
    rules: &[Index],
    live: &[LiveResource],
) -> Result<Option<(usize, Option<usize>)>, Failure> {
    let mut decided = by_ledger.map(|place| (place, None));
    for (number, rule) in rules.iter().enumerate() {
        let mut hits = rule.hits(resource);
        if hits.is_empty() && decided.is_none() {
            hits = rule.former_hits(resource);
        }
        match (&decided, hits.as_slice()) {
            (_, []) => {}
            (None, [place]) => decided = Some((*place, Some(number))),
            (None, several) => return Err(ambiguous(resource, rule, several, live)),
            (Some((place, _)), several) if several.contains(place) => {}
            (Some((place, by)), several) => {
                let by = by.and_then(|by| rules.get(by));
                return Err(conflicting(resource, (*place, by), rule, several, live));
            }
        }
    }
    Ok(decided)
}

fn ids(places: &[usize], live: &[LiveResource]) -> String {
    let mut ids: Vec<String> =
        places.iter().filter_map(|place| live.get(*place)).map(|live| format!("`{}`", live.id)).collect();
    ids.sort_unstable();
    ids.join(", ")
}

fn problem(resource: &DesiredResource, code: &'static str, message: String) -> Problem {
    Problem { kind: resource.kind, key: resource.key.clone(), code, message, origin: Some(resource.origin) }
}

fn ambiguous(resource: &DesiredResource, rule: &Index, hits: &[usize], live: &[LiveResource]) -> Failure {
    let message = format!(
        "{} live {}s have the same `{}` as `{}`: {}. Remove or change all but one there, or match by another attribute first.",
        hits.len(),
        resource.kind,
        rule.path(),
        resource.key,
        ids(hits, live),
    );
    Failure { problem: problem(resource, "ambiguous", message), places: hits.to_vec() }
}

fn conflicting(
    resource: &DesiredResource,
    first: (usize, Option<&Index>),
    rule: &Index,
    hits: &[usize],
    live: &[LiveResource],
) -> Failure {
    let (place, by) = first;
    let by = by.map_or_else(|| "the ledger".to_owned(), |rule| format!("`{}`", rule.path()));
    let message = format!(
        "`{}` is {} by {by}, but {} has its `{}`. Mend one of the two there, or in the files.",
        resource.key,
        ids(&[place], live),
        ids(hits, live),
        rule.path(),
    );
    let places = std::iter::once(place).chain(hits.iter().copied()).collect();
    Failure { problem: problem(resource, "conflicting-match", message), places }
}

fn shared(resource: &DesiredResource, others: &[&str], id: &str) -> Problem {
    let message = format!(
        "the live {} `{id}` matches `{}` and also `{}`. Give each its own match attributes, or say `previously` where one key was renamed.",
        resource.kind,
        resource.key,
        others.join("`, `"),
    );
    problem(resource, "shared-match", message)
}

//! Which live resource is which declared one: the ledger's id first, then the ordered rules of the mapping.

mod index;
mod known;
mod problem;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::desired::{Asserted, Assertion, Desired, DesiredResource, Problem};
use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::{PerKind, ResourceKind};

use super::{Live, LiveResource};
use index::Index;
use known::Ids;
use problem::Failure;

pub use known::Known;

/// The match attributes of a target, in their order.
pub type MatchRules = PerKind<Vec<AttrPath>>;

/// Which declared resource is which live one.
#[derive(Clone, Debug, Default)]
pub struct Matches {
    /// Of each kind.
    pub kinds: PerKind<Matched>,
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
        self.kinds.of(kind)
    }

    /// Takes a match back: neither the key nor the live resource is planned.
    pub fn hold(&mut self, kind: ResourceKind, key: &str, place: usize) {
        let matched = self.kinds.of_mut(kind);
        matched.places.remove(key);
        matched.keys.remove(&place);
        matched.by.remove(key);
        matched.held.insert(place);
        matched.failed.insert(key.to_owned());
    }
}

/// Matches everything declared to what is live. Costs one pass over both sides for each rule.
///
/// The first rule with a hit decides; see [`former_texts`] for what a rule looks for besides. What the ledger knows as
/// another's is no hit: an account belongs to a person, whatever values it has. Two hits (`ambiguous`), a later rule that
/// points to another live resource (`conflicting-match`) and two declared ones that claim one live resource
/// (`shared-match`) are errors of those keys, and so is a sole hit that is another's who is declared no more
/// (`belongs-to-another`, an error of both); none of the live resources in question is then written or removed.
pub fn match_all(desired: &Desired, live: &Live, known: &Known<'_>, rules: &MatchRules, profile: &Profile) -> Matches {
    let mut matches = Matches::default();
    for kind in ResourceKind::ALL {
        let (resources, list) = (desired.of(kind).collect::<Vec<_>>(), live.of(kind));
        let rules = Index::all(profile, kind, rules.of(kind), list);
        let mut sides =
            Sides { live: list, rules: &rules, ids: index::by_id(list), known: known.of(kind), taken: BTreeSet::new() };
        sides.taken = resources.iter().filter_map(|resource| sides.by_ledger(resource)).collect();
        let unplanned =
            desired.problems.iter().filter(|problem| problem.kind == kind).map(|problem| problem.key.as_str());
        sides.taken.extend(unplanned.filter_map(|key| sides.ids.get(sides.known.id_of(key)?).copied()));
        *matches.kinds.of_mut(kind) = sides.matches(&resources, &mut matches.errors);
    }
    matches.errors.sort();
    matches
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

/// Both sides of one kind.
struct Sides<'a> {
    live: &'a [LiveResource],
    rules: &'a [Index],
    /// Places by id.
    ids: HashMap<&'a str, usize>,
    known: &'a Ids<'a>,
    /// Places of those who are declared and known by the ledger.
    taken: BTreeSet<usize>,
}

impl Sides<'_> {
    fn by_ledger(&self, resource: &DesiredResource) -> Option<usize> {
        self.known.id(resource).and_then(|id| self.ids.get(id)).copied()
    }

    fn matches(&self, desired: &[&DesiredResource], errors: &mut Vec<Problem>) -> Matched {
        let mut matched = Matched::default();
        let mut claims: BTreeMap<usize, Vec<&DesiredResource>> = BTreeMap::new();
        for resource in desired {
            match self.decide(resource) {
                Ok(Some((place, by))) => {
                    if let Some(by) = by {
                        matched.by.insert(resource.key.clone(), by);
                    }
                    claims.entry(place).or_default().push(resource);
                }
                Ok(None) => {}
                Err(failure) => failure.note(&mut matched, errors),
            }
        }
        for (place, claimants) in claims {
            if let [only] = claimants.as_slice() {
                matched.places.insert(only.key.clone(), place);
                matched.keys.insert(place, only.key.clone());
                continue;
            }
            let id = self.live.get(place).map_or("", |live| live.id.as_str());
            problem::shared(&claimants, place, id).note(&mut matched, errors);
        }
        matched
    }

    /// The live resource of one declared one, and the number of the rule that found it.
    fn decide(&self, resource: &DesiredResource) -> Result<Option<(usize, Option<usize>)>, Failure> {
        let mut decided = self.by_ledger(resource).map(|place| (place, None));
        let mut others = None;
        for (number, rule) in self.rules.iter().enumerate() {
            let (mut hits, mut of_others) = self.own(resource, rule.hits(resource));
            if hits.is_empty() && decided.is_none() {
                let (former, more) = self.own(resource, rule.former_hits(resource));
                hits = former;
                of_others.extend(more);
            }
            others = others.or_else(|| of_others.into_iter().next().map(|other| (rule, other)));
            match (&decided, hits.as_slice()) {
                (_, []) => {}
                (None, [place]) => decided = Some((*place, Some(number))),
                (None, several) => return Err(problem::ambiguous(resource, rule, several, self.live)),
                (Some((place, _)), several) if several.contains(place) => {}
                (Some((place, by)), several) => {
                    let by = by.and_then(|by| self.rules.get(by));
                    return Err(problem::conflicting(resource, (*place, by), rule, several, self.live));
                }
            }
        }
        match others {
            Some((rule, (place, owner))) if decided.is_none() => {
                Err(problem::of_another(resource, rule, (place, owner), self.live))
            }
            _ => Ok(decided),
        }
    }

    /// Hits apart from those that the ledger knows as another's; of these, the ones whose owner is declared no more, with
    /// the owner's key. Whoever is declared keeps what is theirs, and that is no matter of anybody else.
    fn own(&self, resource: &DesiredResource, hits: Vec<usize>) -> (Vec<usize>, Vec<(usize, &str)>) {
        let mut others = Vec::new();
        let own = hits.into_iter().filter(|place| {
            let id = self.live.get(*place).map_or("", |live| live.id.as_str());
            let owner = self.known.other_owner(id, resource);
            others.extend(owner.filter(|_| !self.taken.contains(place)).map(|owner| (*place, owner)));
            owner.is_none()
        });
        (own.collect(), others)
    }
}

//! Everyone is accounted for: whoever is declared at a target or known by its ledger has one fate, and whoever has none is
//! an error. Without this, someone whom no branch of the diff looks at would keep what they have, and no page would say so.

use std::collections::{BTreeSet, HashMap};

use rustc_hash::FxHashMap;

use crate::diag::NoticeCode;
use crate::directory::{Group, User};
use crate::plan::PlanProblem;
use crate::scim::{PerKind, ResourceKind};

use super::matched_target::MatchedTarget;
use super::notes::Note;
use super::outcome::Outcome;

/// What becomes of someone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Managed, and as is wanted.
    Unchanged,
    /// Something is done.
    Changed,
    /// A rule of the files or a fact of the target says so, and a note names it.
    LeftAlone,
    /// Something should be done and is not: an error, or the violation of a protection, by name.
    HeldBack,
}

impl Outcome {
    /// What becomes of the one that this outcome is about; none where it says nothing.
    pub(super) fn fate(&self) -> Option<Fate> {
        if self.refused.is_some() || self.notes.iter().any(Note::holds_back) {
            Some(Fate::HeldBack)
        } else if self.change.is_some() {
            Some(Fate::Changed)
        } else if self.unchanged {
            Some(Fate::Unchanged)
        } else {
            (!self.notes.is_empty()).then_some(Fate::LeftAlone)
        }
    }
}

/// The fates that were found so far.
#[derive(Default)]
pub(super) struct Fates<'s> {
    found: PerKind<FxHashMap<&'s str, Fate>>,
}

impl<'s> Fates<'s> {
    pub(super) fn note(&mut self, kind: ResourceKind, key: &'s str, outcome: &Outcome) {
        self.found.of_mut(kind).extend(outcome.fate().map(|fate| (key, fate)));
    }

    /// Errors of those who have no fate, neither here nor by an error that names them. An entry of the ledger under a
    /// former key goes on with the one who has it now.
    pub(super) fn unaccounted(&self, matched: &MatchedTarget<'_>, problems: &[PlanProblem]) -> Vec<PlanProblem> {
        let input = &matched.input;
        let projected = input.desired.problems.iter().chain(&matched.matches.errors);
        let projected = projected.map(|problem| (problem.kind, problem.key.as_str()));
        let named: PerKind<BTreeSet<&str>> =
            problems.iter().map(|problem| (problem.resource, problem.key.as_str())).chain(projected).collect();
        let heirs = heirs(matched);
        let is_known =
            |kind: ResourceKind, key: &str| self.found.of(kind).contains_key(key) || named.of(kind).contains(key);
        let is_lost = |(kind, key): &(ResourceKind, &str)| {
            let heir = || heirs.of(*kind).get(key).is_some_and(|heir| is_known(*kind, heir));
            input.only.is_none_or(|only| only.contains(*key)) && !is_known(*kind, key) && !heir()
        };
        let lost: PerKind<BTreeSet<&str>> = everyone(matched).filter(is_lost).collect();
        lost.items()
            .map(|(kind, key)| PlanProblem {
                resource: kind,
                key: (*key).to_owned(),
                code: NoticeCode::Unaccounted,
                message: "no rule says what becomes of it, so nothing is done. This is a fault of scimform: please report it with this plan".to_owned(),
                origin: matched.declared(kind, key).and_then(|span| input.origin(span)),
            })
            .collect()
    }
}

/// Everything that is declared for the target or known to its ledger.
fn everyone<'s>(matched: &'s MatchedTarget<'_>) -> impl Iterator<Item = (ResourceKind, &'s str)> {
    let keys = |kind| {
        let declared = matched.input.desired.of(kind).map(|resource| &resource.key);
        declared.chain(matched.input.ledger.of(kind).keys()).map(move |key| (kind, key.as_str()))
    };
    ResourceKind::ALL.into_iter().flat_map(keys)
}

/// The key of today by each former one.
fn heirs<'s>(matched: &'s MatchedTarget<'_>) -> PerKind<HashMap<&'s str, &'s str>> {
    let directory = matched.input.directory;
    let of_user = |user: &'s User| user.previously.iter().map(|former| (former.as_str(), user.key.as_str()));
    let of_group = |group: &'s Group| group.previously.iter().map(|former| (former.as_str(), group.key.as_str()));
    PerKind {
        users: directory.users.values().flat_map(of_user).collect(),
        groups: directory.groups.values().flat_map(of_group).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desired::Presence;
    use crate::plan::tests::world::{World, entry, live_group, person, pushed};

    #[test]
    fn whoever_has_no_fate_is_an_error() {
        let mut world = World::new();
        world.declare(person("ada", Presence::Active, vec![]));
        world.push(pushed("team", &[]));
        world.live.groups.push(live_group("g", "team", &[]));
        world.own("bob", "2");
        world.ledger.groups.insert("old".into(), entry("h"));
        let matched = MatchedTarget::new(world.input());
        let mut fates = Fates::default();
        fates.note(ResourceKind::User, "ada", &Outcome::default());
        fates.note(ResourceKind::Group, "team", &Outcome::unchanged());
        let lost = fates.unaccounted(&matched, &[]);
        let keys: Vec<(ResourceKind, &str)> = lost.iter().map(|one| (one.resource, one.key.as_str())).collect();
        let (user, group) = (ResourceKind::User, ResourceKind::Group);
        assert_eq!(keys, [(user, "ada"), (user, "bob"), (group, "old")]);
        // Named by an error, told of, or changed: then there is nothing more to say.
        assert_eq!(fates.unaccounted(&matched, &lost).len(), 0);
    }
}

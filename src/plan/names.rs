//! Unique names that change hands within one plan: who holds what another takes.
//!
//! A target gives a name to one only. Where a plan hands a name on, what frees it must be done before what takes it; what
//! takes a name that nobody frees would be refused at every apply, and an exchange of names has no order at all. The diff
//! holds the latter two back, the schedule brings the rest into order.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::live::normal::{Comparison, Found};
use crate::live::{Live, LiveResource};
use crate::profile::{Capabilities, Deletion, Profile};
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;

use super::{Action, Change};

/// An attribute by which a target tells resources of a kind apart.
struct Name {
    kind: ResourceKind,
    attribute: &'static str,
    /// Whether two of one name are never to be. An `externalId` is another client's to choose, and not every target requires
    /// e-mail addresses to be unique, so these are only put in order.
    exclusive: bool,
}

const NAMES: [Name; 5] = [
    Name { kind: ResourceKind::User, attribute: "userName", exclusive: true },
    Name { kind: ResourceKind::User, attribute: "externalId", exclusive: false },
    Name { kind: ResourceKind::User, attribute: "emails", exclusive: false },
    Name { kind: ResourceKind::Group, attribute: "displayName", exclusive: true },
    Name { kind: ResourceKind::Group, attribute: "externalId", exclusive: false },
];

/// A name that a change takes, and who has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::plan) struct Taken<'l> {
    /// Index of the change that takes it.
    pub(in crate::plan) by: usize,
    /// The attribute.
    pub(in crate::plan) attribute: &'static str,
    pub(in crate::plan) exclusive: bool,
    pub(in crate::plan) holder: Holder<'l>,
}

/// Who has a name before the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plan) enum Holder<'l> {
    /// A resource that this change, by its index, renames or removes.
    Frees(usize),
    /// A resource that keeps it, by id.
    Keeps(&'l str),
}

/// The names that changes take from somebody.
pub(in crate::plan) fn taken<'l>(changes: &[Change], live: &'l Live, profile: &Profile) -> Vec<Taken<'l>> {
    NAMES.iter().flat_map(|name| taken_of(name, changes, live, profile)).collect()
}

fn taken_of<'l>(name: &Name, changes: &[Change], live: &'l Live, profile: &Profile) -> Vec<Taken<'l>> {
    let comparison = Comparison::new(profile, name.kind, &AttrPath::attribute(name.attribute));
    let of_kind = || changes.iter().enumerate().filter(|(_, change)| change.resource == name.kind);
    let mut wanted: HashMap<String, Vec<usize>> = HashMap::new();
    let mut frees: HashMap<&str, usize> = HashMap::new();
    for (index, change) in of_kind() {
        let renames = || change.attributes.iter().filter(|one| one.path.is_within(name.attribute));
        for key in renames().flat_map(|one| comparison.match_keys(&Found::One(&one.after))) {
            wanted.entry(key).or_default().push(index);
        }
        if renames().next().is_some() || removes(change, &profile.capabilities) {
            frees.extend(change.id.as_deref().map(|id| (id, index)));
        }
    }
    let list: &'l [LiveResource] = live.of(name.kind);
    let holders = |key: &str| wanted.get_key_value(key);
    let mut taken = Vec::new();
    let mut has_already = HashSet::new();
    for live in if wanted.is_empty() { &[] } else { list } {
        let frees = frees.get(live.id.as_str()).copied();
        let keys = comparison.match_keys(&comparison.find(&live.attributes));
        for (key, takers) in keys.iter().filter_map(|key| holders(key)) {
            // A name that is only written otherwise stays with the one who has it.
            let stays = frees.filter(|frees| takers.contains(frees));
            has_already.extend(stays.map(|by| (by, key.as_str())));
            let holder = frees.filter(|_| stays.is_none()).map_or(Holder::Keeps(&live.id), Holder::Frees);
            let others = takers.iter().filter(|by| frees != Some(**by));
            taken.extend(others.map(|by| (key.as_str(), *by, holder)));
        }
    }
    let takes = taken.into_iter().filter(|(key, by, _)| !has_already.contains(&(*by, *key)));
    takes.map(|(_, by, holder)| Taken { by, attribute: name.attribute, exclusive: name.exclusive, holder }).collect()
}

/// Whether the resource, and with it its name, is gone after a change.
fn removes(change: &Change, facts: &Capabilities) -> bool {
    match (change.action, change.resource) {
        (Action::Delete, ResourceKind::User) => facts.deletion == Deletion::Hard,
        (Action::Delete, ResourceKind::Group) => facts.group_deletion == Deletion::Hard,
        (Action::Deactivate, _) => facts.deactivation_removes,
        _ => false,
    }
}

/// In which order names change hands.
#[derive(Debug, Default)]
pub(in crate::plan) struct Order {
    /// Of changes that wait for others, how many go before one another.
    pub(in crate::plan) waves: BTreeMap<usize, u32>,
    /// Changes that wait for one another in a circle.
    pub(in crate::plan) circles: BTreeSet<usize>,
}

/// The order in which every name is free before it is taken; linear in what is taken.
pub(in crate::plan) fn order<'t, 'l: 't>(taken: impl IntoIterator<Item = &'t Taken<'l>>) -> Order {
    let mut before: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut after: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for one in taken {
        if let Holder::Frees(first) = one.holder {
            before.entry(one.by).or_default().insert(first);
            after.entry(first).or_default().insert(one.by);
        }
    }
    let mut order = Order::default();
    let mut free: Vec<usize> = after.keys().copied().filter(|change| !before.contains_key(change)).collect();
    while let Some(first) = free.pop() {
        let wave = order.waves.get(&first).copied().unwrap_or_default() + 1;
        for then in after.remove(&first).into_iter().flatten() {
            let known = order.waves.entry(then).or_default();
            *known = wave.max(*known);
            let waits = before.get_mut(&then);
            if waits.is_some_and(|waits| waits.remove(&first) && waits.is_empty()) {
                before.remove(&then);
                free.push(then);
            }
        }
    }
    // Who waits for a circle without being waited for within it is not in it.
    while let Some(last) = before.keys().copied().find(|change| !after.contains_key(change)) {
        before.remove(&last);
        after.retain(|_, then| {
            then.remove(&last);
            !then.is_empty()
        });
    }
    order.waves.retain(|change, _| !before.contains_key(change));
    order.circles = before.into_keys().collect();
    order
}

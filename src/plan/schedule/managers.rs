//! Who is created after whom: managers before those who name them, so that a POST carries its manager. Only where people
//! name one another in a circle is one of them created without.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::names::Names;
use crate::desired::{Asserted, Desired};
use crate::plan::{Action, Change};
use crate::scim::ResourceKind;

/// In which wave each person is created, by key.
pub(super) struct Managers<'a>(FxHashMap<&'a str, u32>);

/// Those who are not in a wave yet, and the managers that they wait for; all of these are keys here too.
type Waiting<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

impl<'a> Managers<'a> {
    pub(super) fn new(changes: &'a [Change], desired: &'a Desired, names: &Names) -> Self {
        let made = changes.iter().enumerate().filter(|(_, change)| is_made(change));
        let mut waves: FxHashMap<&str, u32> =
            made.map(|(index, change)| (change.key.as_str(), names.before(index).0)).collect();
        let mut waiting = Waiting::new();
        let mut led: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
        for &key in waves.keys() {
            let managers: BTreeSet<&str> =
                managers(desired, key).filter(|manager| *manager != key && waves.contains_key(manager)).collect();
            for manager in &managers {
                led.entry(*manager).or_default().push(key);
            }
            waiting.insert(key, managers);
        }
        let mut ready: Vec<&str> =
            waves.keys().copied().filter(|key| waiting.get(key).is_none_or(BTreeSet::is_empty)).collect();
        loop {
            while let Some(manager) = ready.pop() {
                waiting.remove(manager);
                let wave = waves.get(manager).copied().unwrap_or_default() + 1;
                for key in led.remove(manager).into_iter().flatten() {
                    let Some(managers) = waiting.get_mut(key) else { continue };
                    let known = waves.entry(key).or_default();
                    *known = wave.max(*known);
                    if managers.remove(manager) && managers.is_empty() {
                        ready.push(key);
                    }
                }
            }
            let Some(first) = of_a_circle(&waiting) else { return Self(waves) };
            ready.push(first);
        }
    }

    /// The first wave in which a manager is there, where this plan creates them.
    pub(super) fn wave_after(&self, manager: &str) -> Option<u32> {
        self.0.get(manager).map(|wave| wave + 1)
    }

    /// Whether a manager is there when someone is created.
    pub(super) fn precedes(&self, manager: &str, key: &str) -> bool {
        self.0.get(manager).is_none_or(|first| self.0.get(key).is_some_and(|then| first < then))
    }
}

fn is_made(change: &Change) -> bool {
    change.action == Action::Create && change.resource == ResourceKind::User
}

fn managers<'a>(desired: &'a Desired, key: &str) -> impl Iterator<Item = &'a str> {
    let assertions = desired.find(ResourceKind::User, key).into_iter().flat_map(|user| &user.assertions);
    assertions.filter_map(|assertion| match &assertion.value {
        Asserted::User(manager) => Some(manager.as_str()),
        Asserted::Value(_) | Asserted::Secret(_) => None,
    })
}

/// The first to be found who waits for themselves by way of others.
fn of_a_circle<'a>(waiting: &Waiting<'a>) -> Option<&'a str> {
    let (mut key, _) = waiting.first_key_value()?;
    let mut seen = BTreeSet::new();
    while seen.insert(*key) {
        key = waiting.get(key)?.first()?;
    }
    Some(*key)
}

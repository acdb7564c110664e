//! Who has which id at the target, and who is as declared already.

use std::collections::{BTreeMap, BTreeSet};

use super::disguise::Disguise;
use crate::desired::{Apply, Asserted, Assertion, Desired, DesiredResource, Presence};
use crate::ledger::{Entry, Hasher, TargetLedger};
use crate::live::matching::Matches;
use crate::live::normal::is_blank;
use crate::live::{AccountState, Live, Members};
use crate::plan::{Adoption, TargetPlan, asserted_hash};
use crate::scim::path::AttrPath;
use crate::scim::{Object, PerKind, ResourceKind, Value};

/// Ids by key, and the keys that need no change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The id of everyone who is declared and there.
    pub ids: PerKind<BTreeMap<String, String>>,
    /// Those of them whom the plan leaves as they are.
    pub in_sync: PerKind<BTreeSet<String>>,
}

impl Known {
    /// What the ledger says of those who are there, none of whom is taken to be as declared: for a run that does not
    /// bring about what is declared.
    pub fn of_ledger(ledger: &TargetLedger, live: &Live) -> Self {
        let mut known = Self::default();
        for kind in ResourceKind::ALL {
            let there: BTreeSet<&str> = live.of(kind).iter().map(|one| one.id.as_str()).collect();
            let ours = ledger.of(kind).iter().filter(|(_, entry)| there.contains(entry.id.as_str()));
            known.ids.of_mut(kind).extend(ours.map(|(key, entry)| (key.clone(), entry.id.clone())));
        }
        known
    }

    /// What the matches say. `plan` is the plan as computed, before anything was left out of it; `only` are the keys to
    /// which it was restricted.
    pub fn new(matches: &Matches, live: &Live, plan: &TargetPlan, only: Option<&BTreeSet<String>>) -> Self {
        let changed: PerKind<BTreeSet<&str>> =
            plan.changes.iter().chain(&plan.suppressed).map(|change| (change.resource, change.key.as_str())).collect();
        let failed: PerKind<BTreeSet<&str>> =
            plan.errors.iter().map(|error| (error.resource, error.key.as_str())).collect();
        let mut known = Self::default();
        for kind in ResourceKind::ALL {
            for (key, place) in &matches.of(kind).places {
                let Some(resource) = live.of(kind).get(*place) else { continue };
                let is_named = |keys: &PerKind<BTreeSet<&str>>| keys.of(kind).contains(key.as_str());
                if !is_named(&changed) && !is_named(&failed) && only.is_none_or(|only| only.contains(key)) {
                    known.in_sync.of_mut(kind).insert(key.clone());
                }
                known.ids.of_mut(kind).insert(key.clone(), resource.id.clone());
            }
        }
        known
    }

    /// Notes in the ledger what is as declared: adopted resources among it, and values that the repository and the
    /// target came to have in common. A witness stays as long as what was sent is still what is declared.
    ///
    /// Whoever is declared active and seen with access is no longer deactivated, whoever gave it back. What the ledger
    /// does not know yet is adopted only where the plan says so.
    pub(super) fn note(
        &self,
        ledger: &mut TargetLedger,
        adoptions: &[Adoption],
        desired: &Desired,
        live: &Live,
        disguise: &Disguise<'_>,
        hasher: &Hasher,
    ) {
        self.clear_deactivated(ledger, desired, live, disguise);
        let adopted: BTreeSet<(ResourceKind, &str, &str)> =
            adoptions.iter().map(|one| (one.resource, one.key.as_str(), one.id.as_str())).collect();
        // Also those of whom a change is held back or fails: who leaves the files after that must still be known.
        for one in adoptions {
            ledger.record(one.resource, &one.key, &one.id);
        }
        for (kind, key) in self.in_sync.items() {
            let (Some(resource), Some(id)) = (desired.find(kind, key), self.ids.of(kind).get(key)) else { continue };
            if !ledger.of(kind).contains_key(key) && !adopted.contains(&(kind, key, id)) {
                continue;
            }
            let entry = ledger.record(kind, key, id);
            note_assertions(entry, resource, shown(live, kind, id), disguise, hasher);
            if resource.members.is_some() {
                let ours = self.members(resource, live, id);
                // Who went, with a request whose answer we did not see or otherwise, is not ours in it any more.
                let there = members(live, id);
                let gone = |member: &&String| there.as_ref().is_some_and(|there| !there.contains(member.as_str()));
                let gone = entry.members.iter().filter(gone).cloned().collect();
                entry.members_changed(ours, &gone);
            }
        }
    }

    fn clear_deactivated(&self, ledger: &mut TargetLedger, desired: &Desired, live: &Live, disguise: &Disguise<'_>) {
        for (key, entry) in ledger.users.iter_mut().filter(|(_, entry)| entry.deactivated.is_some()) {
            let declared = desired.users.get(key.as_str()).is_some_and(|user| user.presence == Presence::Active);
            let here = declared && self.ids.users.get(key) == Some(&entry.id);
            if here
                && shown(live, ResourceKind::User, &entry.id)
                    .is_some_and(|live| disguise.accounts.state(live).has_access())
            {
                entry.deactivated = None;
            }
        }
    }

    /// Begins the grace of who is declared no more and is seen without access, where no day is noted: the answer to the
    /// deactivation may have been lost with the run that sent it, or somebody else was first. The day is `as_of`.
    pub(super) fn begin_grace(
        &self,
        ledger: &mut TargetLedger,
        desired: &Desired,
        live: &Live,
        (plan, disguise): (&TargetPlan, &Disguise<'_>),
        hasher: &Hasher,
        as_of: jiff::civil::Date,
    ) {
        let unclear: BTreeSet<&str> = plan.errors.iter().map(|error| error.key.as_str()).collect();
        let declared: BTreeSet<&str> = self.ids.users.values().map(String::as_str).collect();
        let leavers = ledger.users.iter_mut().filter(|(key, entry)| {
            entry.deactivated.is_none()
                && !desired.users.contains_key(key.as_str())
                && !unclear.contains(key.as_str())
                && !declared.contains(entry.id.as_str())
        });
        for (_, entry) in leavers {
            if !shown(live, ResourceKind::User, &entry.id)
                .is_some_and(|live| disguise.accounts.state(live) == AccountState::Inactive)
            {
                continue;
            }
            entry.deactivated = Some(as_of);
            if entry.asserted.contains_key("active") {
                entry.asserted.insert("active", asserted_hash(hasher, "active", &Asserted::Value(Value::Bool(false))));
            }
        }
    }

    /// Ids of declared members that are in a live group: they are ours from now on, whoever added them. Where membership
    /// is additive, only those are ours whom we add.
    pub(super) fn members(&self, group: &DesiredResource, live: &Live, id: &str) -> Vec<String> {
        if group.additive {
            return Vec::new();
        }
        let Some(there) = members(live, id) else { return Vec::new() };
        let declared = group.members.iter().flatten();
        let declared = declared.filter_map(|(member, _)| self.ids.of(member.kind).get(&*member.key));
        declared.filter(|id| there.contains(id.as_str())).cloned().collect()
    }
}

/// Ids of the members of a live group, where the target shows them.
fn members<'a>(live: &'a Live, id: &str) -> Option<BTreeSet<&'a str>> {
    let Members::Known(there) = &live.find(ResourceKind::Group, id)?.members else { return None };
    Some(there.iter().map(|member| member.id.as_str()).collect())
}

/// Notes all that a resource asserts, but for a value that gives way to the one that `live` shows, and for what no plan
/// compares of someone without access: that was never sent, and must be once access is given again.
pub(super) fn note_assertions(
    entry: &mut Entry,
    resource: &DesiredResource,
    live: Option<&Object>,
    disguise: &Disguise<'_>,
    hasher: &Hasher,
) {
    note_others(entry, resource, live, disguise, hasher, &BTreeSet::new());
}

/// The same, but for these paths.
pub(super) fn note_others(
    entry: &mut Entry,
    resource: &DesiredResource,
    live: Option<&Object>,
    disguise: &Disguise<'_>,
    hasher: &Hasher,
    but: &BTreeSet<&AttrPath>,
) {
    for assertion in resource.assertions.iter().filter(|assertion| assertion.apply == Apply::Always) {
        if !disguise.compares(resource, assertion, live) {
            continue;
        }
        if but.contains(assertion.path.as_ref()) {
            continue;
        }
        let path = assertion.path.to_string();
        if assertion.gives_way && !entry.asserted.contains_key(&path) && differs(assertion, live) {
            continue;
        }
        let hash = asserted_hash(hasher, &path, &assertion.value);
        if entry.witnesses.get(&path).is_some_and(|witness| witness.sent != hash) {
            entry.witnesses.remove(&path);
        }
        entry.asserted.insert(&path, hash);
    }
}

/// Whether the target shows another value than a text that is asserted.
fn differs(assertion: &Assertion, live: Option<&Object>) -> bool {
    let Asserted::Value(value) = &assertion.value else { return false };
    let there = live.map(|live| assertion.path.read(live)).unwrap_or_default();
    there.iter().any(|there| !is_blank(there) && *there != value)
}

/// The attributes of a live resource.
pub(super) fn shown<'a>(live: &'a Live, kind: ResourceKind, id: &str) -> Option<&'a Object> {
    live.find(kind, id).map(|live| &live.attributes)
}

//! A plan that is restricted to some keys rests on few people, so these are looked up and nobody else is read.
//!
//! Such a read proves what it found and nothing more. Where an account that the ledger knows is missing, where an account
//! is claimed twice, or where a removal is judged by who else is in a group, everyone is listed after all, and the plan is
//! made from that.

use std::collections::BTreeSet;

use super::{Observed, Purpose};
use crate::desired::{Asserted, DesiredResource};
use crate::directory::Manage;
use crate::live::ListTrust;
use crate::plan::diff::Diff;
use crate::plan::{Action, Change, PlanInput};
use crate::profile::MembersShown;
use crate::scim::ResourceKind;

/// Keys of the people on whom a restricted plan rests: those it is restricted to, under each of their keys, and their
/// managers. `None` where it rests on everyone: a group needs all who are in it, a target that shows members nowhere is
/// asked for those of everyone, and someone whose creation was interrupted may be any stranger.
pub(super) fn people(seen: &Observed<'_>) -> Option<BTreeSet<String>> {
    let (input, only) = (seen.input(), seen.basis.only?);
    let is_group =
        |key: &String| input.desired.find(ResourceKind::Group, key).is_some() || input.ledger.groups.contains_key(key);
    let is_open = input.ledger.pending.iter().any(|one| input.desired.find(one.resource, &one.key).is_none());
    let shows_members = input.target.profile.capabilities.members != MembersShown::Never;
    let rests_on_few = matches!(seen.purpose, Purpose::Plan)
        && input.target.manage == Manage::Owned
        && shows_members
        && !is_open
        && !only.iter().any(is_group);
    rests_on_few.then(|| with_managers(&input, only))
}

fn with_managers(input: &PlanInput<'_>, only: &BTreeSet<String>) -> BTreeSet<String> {
    let is_meant =
        |one: &&DesiredResource| only.contains(&one.key) || one.previously.iter().any(|former| only.contains(former));
    let mut keys = only.clone();
    for one in input.desired.of(ResourceKind::User).filter(is_meant) {
        keys.insert(one.key.clone());
        for assertion in &one.assertions {
            if let Asserted::User(manager) = &assertion.value {
                keys.insert(manager.to_string());
            }
        }
    }
    let formers = keys.iter().filter_map(|key| input.desired.find(ResourceKind::User, key));
    let formers: Vec<String> = formers.flat_map(|one| one.previously.iter().cloned()).collect();
    keys.extend(formers);
    keys
}

/// Ids under which the ledger knows these people. Where it knows none of them, one other shows that the target is the one
/// that the ledger speaks of.
pub(super) fn known(input: &PlanInput<'_>, keys: &BTreeSet<String>) -> Vec<String> {
    let entries = &input.ledger.users;
    let ids: Vec<String> = keys.iter().filter_map(|key| entries.get(key)).map(|entry| entry.id.clone()).collect();
    if !ids.is_empty() {
        return ids;
    }
    let with_access = entries.values().find(|entry| entry.deactivated.is_none());
    with_access.or_else(|| entries.values().next()).map(|entry| entry.id.clone()).into_iter().collect()
}

/// Whether a draft may rest on those who were looked up, or everyone is to be listed.
pub(super) fn suffices(seen: &Observed<'_>, draft: &Diff) -> bool {
    let Some(keys) = &seen.narrowed else { return true };
    let input = seen.input();
    if *input.live.trust.of(ResourceKind::User) != ListTrust::NotAsked {
        return true;
    }
    let is_there = |id: &String| input.live.find(ResourceKind::User, id).is_some();
    let is_in_question = seen.matches.errors.iter().any(|error| keys.contains(&error.key));
    let removes = |change: &Change| {
        matches!(change.action, Action::Deactivate | Action::Delete) || !change.members.remove.is_empty()
    };
    let judged_by_others = !input.target.protect.rules.groups.is_empty() && draft.changes.iter().any(removes);
    known(&input, keys).iter().all(is_there) && !is_in_question && !judged_by_others
}

//! `--only` for a way back.

use std::collections::BTreeSet;

use crate::plan::{Action, MemberRef};
use crate::scim::ResourceKind;

use super::{Reversal, UndoTarget};

/// Keeps what concerns the keys: their own changes, and their comings and goings in the groups of others.
pub fn narrow(target: &mut UndoTarget, keys: &BTreeSet<String>) {
    target.adopted.retain(|one| keys.contains(&one.key));
    target.changes.retain_mut(|change| keys.contains(&change.key) || of_members(change, keys));
}

fn of_members(change: &mut Reversal, keys: &BTreeSet<String>) -> bool {
    if change.resource != ResourceKind::Group || change.action != Action::Update {
        return false;
    }
    let is_of = |member: &MemberRef| member.key.as_ref().is_some_and(|key| keys.contains(key));
    change.attributes.clear();
    change.lost.clear();
    change.members.add.retain(is_of);
    change.members.remove.retain(is_of);
    !change.members.is_empty()
}

//! How many there are at a target, before and after.

use super::{HeadCounts, Heads};
use crate::plan::diff::matched_target::MatchedTarget;
use crate::plan::diff::users;
use crate::plan::{Action, Change, TargetPlan};
use crate::profile::Deletion;
use crate::scim::ResourceKind;

/// The head-counts, where everyone was listed. At a target that is not written to nothing changes.
pub(super) fn count(matched: &MatchedTarget<'_>, plan: &TargetPlan) -> Option<HeadCounts> {
    let live = matched.input.live;
    if !live.trust.users.is_whole() {
        return None;
    }
    let changes: &[Change] = if plan.is_written() { &plan.changes } else { &[] };
    let tells = users::tells_access(matched);
    let groups = live.trust.groups.is_whole();
    Some(HeadCounts {
        users: whole(matched, changes, ResourceKind::User, live.users.len()),
        active: tells.then(|| active(matched, changes)),
        groups: groups.then(|| whole(matched, changes, ResourceKind::Group, live.groups.len())),
    })
}

fn number(changes: &[Change], test: impl Fn(&Change) -> bool) -> u64 {
    changes.iter().filter(|change| test(change)).count() as u64
}

fn whole(matched: &MatchedTarget<'_>, changes: &[Change], kind: ResourceKind, there: usize) -> Heads {
    let facts = &matched.input.target.profile.capabilities;
    // What only deactivates leaves the account there.
    let deletion = if kind == ResourceKind::User { facts.deletion } else { facts.group_deletion };
    let of = |action: Action| number(changes, |change| change.resource == kind && change.action == action);
    let gone = if deletion == Deletion::Deactivates { 0 } else { of(Action::Delete) };
    let before = there as u64;
    Heads { before, after: (before + of(Action::Create)).saturating_sub(gone) }
}

fn active(matched: &MatchedTarget<'_>, changes: &[Change]) -> Heads {
    let kind = ResourceKind::User;
    let before = matched.live(kind).iter().filter(|live| users::is_active(matched, live)).count() as u64;
    let was_active = |change: &Change| {
        let live = change.id.as_deref().and_then(|id| matched.find(kind, id));
        live.is_some_and(|live| users::is_active(matched, live))
    };
    let ours = |change: &Change| change.resource == kind;
    let come = number(changes, |one| ours(one) && matches!(one.action, Action::Create | Action::Reactivate));
    let gone = number(changes, |one| {
        ours(one) && matches!(one.action, Action::Deactivate | Action::Delete) && was_active(one)
    });
    Heads { before, after: (before + come).saturating_sub(gone) }
}

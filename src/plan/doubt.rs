//! Lists that call themselves whole and show much less than last time. Nothing in the answer itself is wrong, so what
//! they lead to is confirmed one by one.

use std::collections::BTreeSet;

use crate::ledger::{Seen, TargetLedger};
use crate::live::{Completeness, Live};
use crate::scim::ResourceKind;

use super::diff::diff;
use super::diff::scene::Scene;
use super::{Action, PlanInput, TargetPlan};

/// Fewer lost than this never raise a doubt.
const FEW: u64 = 3;
/// More lost than this, and than [`PERCENT`], raise one.
const COUNT: u64 = 10;
/// Percent of what was there.
const PERCENT: u64 = 10;

/// A list that is much shorter than it was at the last apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plan) struct Shrunken {
    pub(in crate::plan) kind: ResourceKind,
    /// How many there were, less what that apply took away itself.
    pub(in crate::plan) was: u64,
    pub(in crate::plan) now: u64,
}

impl Shrunken {
    /// Both counts in words.
    pub(in crate::plan) fn text(self) -> String {
        let Self { kind, was, now } = self;
        format!("the list of {kind}s holds {now}, and at the last apply it held {was}")
    }
}

fn sides(live: &Live, kind: ResourceKind) -> (u64, &Completeness) {
    match kind {
        ResourceKind::User => (live.users.len() as u64, &live.users_complete),
        ResourceKind::Group => (live.groups.len() as u64, &live.groups_complete),
    }
}

/// The lists of a target that are much shorter than they were: by more than ten and more than ten percent, or by more
/// than half. A list that was never whole, or is not now, is not judged.
pub(in crate::plan) fn doubts(ledger: &TargetLedger, live: &Live) -> Vec<Shrunken> {
    let Some(seen) = ledger.seen else { return Vec::new() };
    let kinds = [(ResourceKind::User, seen.users), (ResourceKind::Group, seen.groups)];
    let judged = kinds.into_iter().filter_map(|(kind, was)| {
        let (now, complete) = sides(live, kind);
        let lost = was.saturating_sub(now);
        let much = lost > COUNT && lost * 100 > was * PERCENT;
        let half = lost > FEW && now * 2 < was;
        (*complete == Completeness::Complete && (much || half)).then_some(Shrunken { kind, was, now })
    });
    judged.collect()
}

/// Kinds of resources whose list is much shorter than at the last apply.
pub fn shrunken(ledger: &TargetLedger, live: &Live) -> Vec<ResourceKind> {
    doubts(ledger, live).into_iter().map(|doubt| doubt.kind).collect()
}

/// What the ledger is to say of this read, to hold the next one against: how many resources of each kind were listed,
/// less those whom this plan deletes, or deactivates and the target may hide. A list that was not whole leaves the
/// earlier count in place, and so does one in doubt as long as that held anything back, or where a plan narrowed to a
/// part of what is declared had not all of it to confirm.
pub fn seen(ledger: &TargetLedger, live: &Live, plan: &TargetPlan, narrowed: bool) -> Option<Seen> {
    if plan.read.unconfirmed > 0 || (narrowed && !doubts(ledger, live).is_empty()) {
        return ledger.seen;
    }
    let earlier = ledger.seen.unwrap_or_default();
    let count = |kind: ResourceKind, earlier: u64| {
        let (listed, complete) = sides(live, kind);
        let goes = plan
            .changes
            .iter()
            .filter(|change| change.resource == kind && matches!(change.action, Action::Delete | Action::Deactivate));
        match complete {
            Completeness::Complete => listed.saturating_sub(goes.count() as u64),
            Completeness::Incomplete(_) | Completeness::NotListed => earlier,
        }
    };
    let users = count(ResourceKind::User, earlier.users);
    let groups = count(ResourceKind::Group, earlier.groups);
    (users + groups > 0 || ledger.seen.is_some()).then_some(Seen { users, groups })
}

/// Where a list is in doubt, what the plan would take away because of it: whom it would deactivate or delete, groups
/// that would lose members, and what it would give up as gone. Each is to be asked for by its id, and what came noted
/// in [`Live::confirmed`]; what is not noted there is held back. Empty where nothing is in doubt.
pub fn suspects(input: &PlanInput<'_>) -> Vec<(ResourceKind, String)> {
    if doubts(input.ledger, input.live).is_empty() {
        return Vec::new();
    }
    let scene = Scene::trusting(*input);
    let found = diff(&scene);
    let removes = |action: Action| matches!(action, Action::Deactivate | Action::Delete | Action::Forget);
    let ids: BTreeSet<(ResourceKind, String)> = found
        .changes
        .iter()
        .chain(&found.suppressed)
        .filter(|change| removes(change.action) || !change.members.remove.is_empty())
        .filter_map(|change| Some((change.resource, change.id.clone()?)))
        .collect();
    let noted = &input.live.confirmed;
    ids.into_iter().filter(|(kind, id)| !noted.is_there(*kind, id) && !noted.is_gone(*kind, id)).collect()
}

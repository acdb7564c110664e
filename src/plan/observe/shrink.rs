//! Lists that call themselves whole and show much less than last time. Nothing in the answer itself is wrong, so what
//! they lead to is confirmed one by one.

use crate::ledger::{Seen, TargetLedger};
use crate::live::{ListTrust, Live};
use crate::plan::{Action, TargetPlan};
use crate::scim::ResourceKind;

/// Fewer lost than this never raise a doubt.
const FEW: u64 = 3;
/// More lost than this, and than [`PERCENT`], raise one.
const COUNT: u64 = 10;
/// Percent of what was there.
const PERCENT: u64 = 10;

/// Marks the lists that call themselves whole and are much shorter than at the last apply: by more than ten and more than
/// ten percent, or by more than half.
pub(in crate::plan) fn judge(ledger: &TargetLedger, live: &mut Live) {
    let Some(seen) = ledger.seen else { return };
    for (kind, was) in [(ResourceKind::User, seen.users), (ResourceKind::Group, seen.groups)] {
        let now = live.of(kind).len() as u64;
        let lost = was.saturating_sub(now);
        let much = lost > COUNT && lost * 100 > was * PERCENT;
        let half = lost > FEW && now * 2 < was;
        let trust = live.trust.of_mut(kind);
        if *trust == ListTrust::Whole && (much || half) {
            *trust = ListTrust::Shrunken { was, now };
        }
    }
}

/// Each list that shrank, in words.
pub(in crate::plan) fn shrunken(live: &Live) -> Vec<String> {
    let told = |kind: ResourceKind| match live.trust.of(kind) {
        ListTrust::Shrunken { was, now } => {
            Some(format!("the list of {kind}s holds {now}, and at the last apply it held {was}"))
        }
        ListTrust::Whole | ListTrust::Short(_) | ListTrust::NotAsked => None,
    };
    ResourceKind::ALL.into_iter().filter_map(told).collect()
}

/// What the ledger is to say of this read, to hold the next one against: how many resources of each kind were listed,
/// less those whom this plan deletes, or deactivates and the target may hide. A list that was not whole leaves the
/// earlier count in place, and so does one in doubt as long as that held anything back, or where a plan narrowed to a
/// part of what is declared had not all of it to confirm.
pub fn seen(ledger: &TargetLedger, live: &Live, plan: &TargetPlan, narrowed: bool) -> Option<Seen> {
    if plan.read.unconfirmed > 0 || (narrowed && !shrunken(live).is_empty()) {
        return ledger.seen;
    }
    let earlier = ledger.seen.unwrap_or_default();
    let count = |kind: ResourceKind, earlier: u64| {
        let listed = live.of(kind).len() as u64;
        let goes = plan
            .changes
            .iter()
            .filter(|change| change.resource == kind && matches!(change.action, Action::Delete | Action::Deactivate));
        if live.trust.of(kind).is_whole() { listed.saturating_sub(goes.count() as u64) } else { earlier }
    };
    let users = count(ResourceKind::User, earlier.users);
    let groups = count(ResourceKind::Group, earlier.groups);
    (users + groups > 0 || ledger.seen.is_some()).then_some(Seen { users, groups })
}

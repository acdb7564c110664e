//! What a draft of a plan rests on that nothing has shown yet.

use std::collections::BTreeSet;

use super::{Need, Observed, Purpose, wanted};
use crate::diag::NoticeCode;
use crate::live::ListTrust;
use crate::live::normal::is_blank;
use crate::plan::diff::matched_target::MatchedTarget;
use crate::plan::diff::{Diff, diff};
use crate::plan::undo::{State, UndoTarget};
use crate::plan::{Action, Change, PlanProblem};
use crate::profile::Obstacle;
use crate::scim::{PerKind, ResourceKind, Value};

/// Removals that rest on a list that shrank are confirmed by this many reads in one run at most; the rest waits.
const MOST_CONFIRMED: usize = 200;

type Ids = PerKind<BTreeSet<String>>;

/// Resources that are to be read by their ids.
pub(super) fn by_id(seen: &Observed<'_>, matched: &MatchedTarget<'_>, draft: &Diff) -> Vec<Need> {
    let mut ids: Ids = draft.unread.clone();
    ids.extend(left_out(seen, draft));
    ids.extend(suspects(matched).items().take(MOST_CONFIRMED).map(|(kind, id)| (kind, id.clone())));
    match &seen.purpose {
        Purpose::Plan => {}
        Purpose::Everything(_) => ids.extend(unshown(seen)),
        Purpose::Undo(undo) => ids.extend(touched(seen, undo)),
    }
    let new = |kind| ids.of(kind).difference(seen.asked.by_id.of(kind)).cloned().collect::<BTreeSet<String>>();
    let needs = ResourceKind::ALL.into_iter().map(|kind| (kind, new(kind))).filter(|(_, ids)| !ids.is_empty());
    needs.map(|(kind, ids)| Need::ById(kind, ids)).collect()
}

/// Who is known by id and was not listed, before anything is created a second time or given up as gone.
fn left_out(seen: &Observed<'_>, draft: &Diff) -> Vec<(ResourceKind, String)> {
    let facts = &seen.basis.target.profile;
    let hides_inactive = !(facts.capabilities.inactive_listed && facts.is_verified("capabilities.inactiveListed"));
    let deletes = seen.basis.target.on_remove.delete_after.is_some();
    // Someone whom we deactivated may well be hidden, and nothing is lost with the entry.
    let matters = |change: &Change| {
        let entry = seen.ledger.of(change.resource).get(&change.key);
        hides_inactive || deletes || entry.is_none_or(|entry| entry.deactivated.is_none())
    };
    let changes = || draft.changes.iter().chain(&draft.suppressed);
    let given_up = changes()
        .filter(|change| change.action == Action::Forget && seen.live.trust.of(change.resource).is_whole())
        .filter(|change| matters(change))
        .filter_map(|change| Some((change.resource, change.id.clone()?)));
    let again = changes()
        .filter(|change| change.action == Action::Create && *seen.live.trust.of(change.resource) != ListTrust::NotAsked)
        .filter_map(|change| Some((change.resource, wanted::known_id(&seen.draft(), change.resource, &change.key)?)));
    again.chain(given_up).filter(|(kind, id)| seen.live.find(*kind, id).is_none()).collect()
}

/// What would be removed because of a list that shrank.
pub(in crate::plan) fn suspects(matched: &MatchedTarget<'_>) -> Ids {
    if !matched.is_in_doubt() {
        return Ids::default();
    }
    let found = diff(&matched.trusting(), &BTreeSet::new());
    let removes = |action: Action| matches!(action, Action::Deactivate | Action::Delete | Action::Forget);
    let live = matched.input.live;
    found
        .changes
        .iter()
        .chain(&found.suppressed)
        .filter(|change| removes(change.action) || !change.members.remove.is_empty())
        .filter_map(|change| Some((change.resource, change.id.clone()?)))
        .filter(|(kind, id)| !live.is_confirmed(*kind, id) && !live.is_gone(*kind, id))
        .collect()
}

/// Whatever is listed without what says who has access to what.
fn unshown(seen: &Observed<'_>) -> Vec<(ResourceKind, String)> {
    let matched = seen.matched();
    let users = seen.live.users.iter().filter(|user| crate::plan::diff::users::hides_access(&matched, user));
    let groups = seen.live.groups.iter().filter(|group| crate::plan::diff::members::hides_members(&matched, group));
    users.chain(groups).map(|one| (one.kind, one.id.clone())).collect()
}

/// Whatever an apply changed that is to be taken back, and whoever comes back into a group.
fn touched(seen: &Observed<'_>, undo: &UndoTarget) -> Vec<(ResourceKind, String)> {
    let mut ids = Vec::new();
    for change in &undo.changes {
        if change.state != State::NotDone {
            ids.extend(change.id.clone().map(|id| (change.resource, id)));
        }
        let back = change.members.remove.iter().filter(|one| !seen.live.trust.of(one.resource).is_whole());
        ids.extend(back.filter_map(|one| Some((one.resource, one.id.clone()?))));
    }
    ids.into_iter().filter(|(kind, id)| seen.live.find(*kind, id).is_none()).collect()
}

/// Declared resources that are to be looked up before they are created: their list may not show them, or an earlier apply
/// may have created them, which a list can show late.
pub(super) fn look_ups(seen: &Observed<'_>, draft: &Diff) -> Vec<Need> {
    let of = |kind: ResourceKind| {
        let trust = seen.live.trust.of(kind);
        let in_doubt = matches!(trust, ListTrust::Short(_) | ListTrust::Shrunken { .. });
        let pending: BTreeSet<&str> =
            seen.ledger.pending.iter().filter(|one| one.resource == kind).map(|one| one.key.as_str()).collect();
        let creates = draft.changes.iter().filter(|change| change.action == Action::Create && change.resource == kind);
        let keys = creates
            .map(|change| &change.key)
            .filter(|key| in_doubt || pending.contains(key.as_str()))
            .filter(|key| !seen.asked.look_ups.of(kind).contains(*key));
        let look_ups = wanted::look_ups(&seen.draft(), kind, keys.cloned());
        (!look_ups.is_empty()).then_some(Need::LookUp(look_ups))
    };
    ResourceKind::ALL.into_iter().filter_map(of).collect()
}

impl Observed<'_> {
    /// Takes out of a draft what rests on something that could not be read, and says so.
    pub(super) fn hold_back(&self, matched: &MatchedTarget<'_>, draft: &mut Diff) {
        let blind =
            |change: &Change| change.id.as_ref().is_some_and(|id| draft.unread.of(change.resource).contains(id));
        let (held, kept): (Vec<Change>, Vec<Change>) = std::mem::take(&mut draft.changes).into_iter().partition(blind);
        draft.changes = kept;
        let mut problems: Vec<PlanProblem> = Vec::new();
        for (kind, id) in draft.unread.items() {
            let why = self.unread.of(kind).get(id).map_or("it is not there any more", String::as_str);
            let key = held.iter().find(|change| change.id.as_ref() == Some(id)).map(|change| change.key.as_str());
            let key = key.or_else(|| matched.owner(Some(kind), id).key()).unwrap_or(id);
            let target = matched.input.target;
            let obstacle = match kind {
                ResourceKind::User => Obstacle::HiddenAccess,
                ResourceKind::Group => Obstacle::HiddenMembers,
            };
            let way_out = obstacle.way_out(&target.profile, Some(target.name.as_str()));
            problems.push(PlanProblem {
                resource: kind,
                key: key.to_owned(),
                code: NoticeCode::ReadFailed,
                message: format!(
                    "its list does not show all that is managed, and it could not be read by its id ({id}): {why}; held back; \
                     {way_out}"
                ),
                origin: matched.input.origin(target.origin),
            });
        }
        let why =
            "not everything was read, and it could not be looked up by name: it is not created, for it may be there";
        problems.extend(self.unsure.iter().map(|key| PlanProblem {
            resource: ResourceKind::Group,
            key: key.clone(),
            code: NoticeCode::NotLookedUp,
            message: why.to_owned(),
            origin: None,
        }));
        draft.problems.extend(problems);
    }
}

/// Whether a value that a list shows may be less than what there is: nothing, or a compound of which parts may be hidden.
pub(in crate::plan) fn may_hide(value: &Value) -> bool {
    is_blank(value) || matches!(value, Value::Array(_) | Value::Object(_))
}

//! One declared person against the live account.

use crate::desired::{Asserted, DesiredResource, Presence};
use crate::diag::NoticeCode;
use crate::ledger::Entry;
use crate::live::normal::Handling;
use crate::live::{AccountState, LiveResource};
use crate::plan::{Action, AttributeChange, Change, Reason};
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKind, Value};

use super::matched_target::MatchedTarget;
use super::notes::Note;
use super::outcome::{self, Outcome, draft};
use super::{attributes, protect, reasons, words};

/// What is to be done about one declared person.
pub(super) fn plan(matched: &MatchedTarget<'_>, resource: &DesiredResource) -> Outcome {
    if matched.is_held(resource.kind, &resource.key) {
        return Outcome::default();
    }
    let Some(live) = matched.live_of(resource.kind, &resource.key) else {
        return match &resource.presence {
            Presence::Active if !matched.takes_new(resource.kind) => {
                Outcome::note(Note::new(NoticeCode::CannotCreate, &resource.kind.to_string(), &resource.key))
            }
            Presence::Active => create(matched, resource),
            Presence::Inactive(_) => Outcome::note(Note::new(NoticeCode::InactiveAbsent, "", &resource.key)),
        };
    };
    let hidden = access_note(matched, live, &resource.key);
    let mut outcome = match &resource.presence {
        Presence::Inactive(why) => deactivate(matched, resource, live, why),
        Presence::Active => update(matched, resource, live),
    };
    outcome.notes.extend(hidden);
    outcome.adopted = matched.entry(resource).is_none();
    outcome.unchanged = outcome.change.is_none();
    if let Some(change) = &mut outcome.change {
        change.adopted = outcome.adopted;
        change.id = Some(live.id.clone());
    }
    outcome
}

fn create(matched: &MatchedTarget<'_>, resource: &DesiredResource) -> Outcome {
    let mut change = draft(Action::Create, resource.kind, &resource.key, &resource.name);
    let mut notes = Vec::new();
    change.attributes = attributes::created(matched, resource, &mut notes);
    if matched.input.target.profile.attributes.pending_until_password {
        notes.push(Note::new(NoticeCode::PendingPassword, "", &resource.key));
    }
    change.reason = reasons::created(matched.entry(resource));
    change.because = words::not_there(matched.entry(resource).is_some());
    change.origin = matched.input.origin(resource.origin);
    Outcome { change: Some(change), notes, ..Outcome::default() }
}

fn state(matched: &MatchedTarget<'_>, live: &LiveResource) -> AccountState {
    matched.accounts.state(&live.attributes)
}

/// Whether a live account has access, as far as the target says; of one whose access it does not show, as far as the
/// ledger says.
pub(in crate::plan) fn is_active(matched: &MatchedTarget<'_>, live: &LiveResource) -> bool {
    let ended = || matched.entry_of(live).is_some_and(|entry| entry.deactivated.is_some());
    match state(matched, live) {
        AccountState::NotShown => !ended(),
        state => state.has_access(),
    }
}

/// Whether a list leaves open who has access: the target takes `active`, and the list does not show it of this account.
pub(in crate::plan) fn hides_access(matched: &MatchedTarget<'_>, live: &LiveResource) -> bool {
    !live.by_id
        && !matched.leaves_out(ResourceKind::User)
        && can_deactivate(matched)
        && state(matched, live) == AccountState::NotShown
}

/// What is to be said where the target does not show who has access: that it is to be read by its id, or that nothing
/// shows it.
pub(super) fn access_note(matched: &MatchedTarget<'_>, live: &LiveResource, key: &str) -> Option<Note> {
    if hides_access(matched, live) {
        return Some(Note::unread(live));
    }
    let hidden = live.by_id && tells_access(matched) && state(matched, live) == AccountState::NotShown;
    hidden.then(|| Note::new(NoticeCode::AccessNotShown, "", key))
}

/// Whether a live account may have access: one that may only wait for a password is not taken for suspended until we have
/// said so once.
pub(in crate::plan) fn may_have_access(
    matched: &MatchedTarget<'_>,
    live: &LiveResource,
    entry: Option<&Entry>,
) -> bool {
    let taken_by_us = entry.is_some_and(|entry| entry.deactivated.is_some());
    match state(matched, live) {
        AccountState::NotShown => is_active(matched, live),
        state => state.may_have_access(taken_by_us),
    }
}

/// Whether the target takes `active` at all.
pub(in crate::plan) fn can_deactivate(matched: &MatchedTarget<'_>) -> bool {
    !matches!(matched.accounts.handling(), Handling::Silent | Handling::Hidden | Handling::CreateOnly)
}

/// Whether the target shows who has access: it takes `active` and shows what it was given.
pub(in crate::plan) fn tells_access(matched: &MatchedTarget<'_>) -> bool {
    can_deactivate(matched) && matched.accounts.handling() != Handling::Derived
}

fn deactivate(matched: &MatchedTarget<'_>, resource: &DesiredResource, live: &LiveResource, why: &str) -> Outcome {
    if !may_have_access(matched, live, matched.entry(resource)) {
        // A server may blank or change the values of an inactive account (E48): nothing else is compared.
        return Outcome::default();
    }
    if !can_deactivate(matched) {
        return Outcome::note(Note::new(NoticeCode::CannotDeactivate, "", &resource.key));
    }
    let reason = reasons::inactive(matched, &resource.key);
    let (entry, has_access) = (matched.entry(resource), is_active(matched, live));
    let assertion = resource.assertions.iter().find(|assertion| matched.accounts.reads(&assertion.path));
    let origin = matched.input.origin(assertion.map_or(resource.origin, |assertion| assertion.origin));
    let mut change = draft(Action::Deactivate, resource.kind, &resource.key, &resource.name);
    let moved = reasons::loses_access(entry, has_access, reason);
    change.attributes = vec![outcome::access(matched.accounts.value(&live.attributes), false, moved, origin.clone())];
    change.reason = reason;
    change.because = words::and(why, reasons::active_again(entry, has_access));
    change.origin = origin;
    protect::unless_forbidden(matched, live, "deactivation", change)
}

/// What becomes of `active` for a person who should have access.
enum Access {
    /// It is as it should be, or not asserted.
    Same,
    /// It is given again.
    Again(AttributeChange),
    /// It can't be given.
    Never(NoticeCode),
}

fn access(matched: &MatchedTarget<'_>, resource: &DesiredResource, live: &LiveResource) -> Access {
    let asserted = resource.assertions.iter().find(|assertion| matched.accounts.reads(&assertion.path));
    let prepared = matched.prepared(resource.kind, &AttrPath::attribute("active"));
    let (Some(assertion), Some(prepared)) = (asserted, prepared) else {
        return Access::Same;
    };
    if is_active(matched, live) || assertion.value != Asserted::Value(Value::Bool(true)) || !can_deactivate(matched) {
        return Access::Same;
    }
    if !matched.input.target.profile.capabilities.reactivation {
        return Access::Never(NoticeCode::CannotReactivate);
    }
    let sent = attributes::asserted_hash(matched, prepared, assertion);
    let before = matched.entry(resource).and_then(|entry| entry.asserted.get("active"));
    if matched.accounts.handling() == Handling::Derived && before == Some(sent) {
        return Access::Never(NoticeCode::Derived);
    }
    let reason = reasons::gains_access(matched.entry(resource), sent);
    let (before, origin) = (matched.accounts.value(&live.attributes), matched.input.origin(assertion.origin));
    Access::Again(outcome::access(before, true, reason, origin))
}

fn update(matched: &MatchedTarget<'_>, resource: &DesiredResource, live: &LiveResource) -> Outcome {
    let mut notes = Vec::new();
    let reactivated = match access(matched, resource, live) {
        Access::Same => None,
        Access::Again(change) => Some(change),
        Access::Never(code) => {
            let pending = code == NoticeCode::Derived && matched.input.target.profile.attributes.pending_until_password;
            let code = if pending { NoticeCode::PendingPassword } else { code };
            let note = Note::new(code, if code == NoticeCode::Derived { "active" } else { "" }, &resource.key);
            if code == NoticeCode::CannotReactivate {
                return Outcome::note(note);
            }
            notes.push(note);
            None
        }
    };
    let action = if reactivated.is_some() { Action::Reactivate } else { Action::Update };
    let activity = match reactivated {
        Some(_) => attributes::Activity::Reactivated,
        None if is_active(matched, live) => attributes::Activity::Active,
        None => attributes::Activity::Inactive,
    };
    let mut attributes = attributes::compared(matched, resource, live, activity, &mut notes);
    let access = reactivated.as_ref().map(|change| change.reason);
    attributes.extend(reactivated);
    let change = (!attributes.is_empty()).then(|| updated(matched, resource, action, attributes, access));
    Outcome { change, notes, ..Outcome::default() }
}

fn updated(
    matched: &MatchedTarget<'_>,
    resource: &DesiredResource,
    action: Action,
    mut attributes: Vec<AttributeChange>,
    access: Option<Reason>,
) -> Change {
    attributes.sort_by_cached_key(|one| one.path.to_string());
    let mut change = draft(action, resource.kind, &resource.key, &resource.name);
    change.reason = access.unwrap_or_else(|| words::reason(&attributes));
    change.because = words::because(&attributes, &change.members);
    change.origin = words::first_origin(&attributes).or_else(|| matched.input.origin(resource.origin));
    change.attributes = attributes;
    change
}

//! Who is no longer declared: entries of the ledger without a declaration and, where this repository is the only
//! source, live objects that nobody declared. Objects that are unmanaged or protected never get here as a removal.

use crate::diag::NoticeCode;
use crate::directory::{Manage, RemoveGroups, RemoveUsers};
use crate::ledger::Entry;
use crate::live::{AccountState, LiveResource};
use crate::plan::{Action, Change, Origin, Reason};
use crate::profile::Deletion;
use crate::scim::ResourceKind;
use crate::source::Span;

use super::matched_target::{MatchedTarget, Owner};
use super::notes::Note;
use super::outcome::{Outcome, access, draft};
use super::{members, only, protect, reasons, users, words};

/// What a notice calls a change that is held back.
const REMOVAL: &str = "removal";

/// An object that is no longer wanted, and why.
pub(super) struct Leaver<'s> {
    pub(super) kind: ResourceKind,
    pub(super) key: &'s str,
    pub(super) live: &'s LiveResource,
    pub(super) entry: Option<&'s Entry>,
    pub(super) reason: Reason,
    pub(super) because: &'static str,
    pub(super) origin: Option<Origin>,
}

/// What is to be done about the ledger's entries, in order of keys; those of whom another part of the diff speaks say
/// nothing here.
pub(super) fn known<'s>(
    matched: &'s MatchedTarget<'_>,
    kind: ResourceKind,
) -> impl Iterator<Item = (&'s str, Outcome)> {
    let entries = matched.input.ledger.of(kind);
    let meant = entries.iter().filter(move |(key, _)| only::concerns(matched, kind, std::iter::once(*key)));
    meant.map(move |(key, entry)| (key.as_str(), entered(matched, kind, key, entry)))
}

/// What is to be done about what nobody declared and no ledger knows; the count is of those that are left alone.
pub(super) fn strangers(matched: &MatchedTarget<'_>, kind: ResourceKind) -> (Vec<Outcome>, u64) {
    let mut outcomes = Vec::new();
    let mut unmanaged = 0;
    for live in matched.live(kind) {
        if matched.owner(Some(kind), &live.id) != Owner::Nobody {
            continue;
        }
        match stranger(matched, live) {
            Some(outcome) => outcomes.push(outcome),
            None => unmanaged += 1,
        }
    }
    (outcomes, unmanaged)
}

/// An entry of the ledger.
fn entered(matched: &MatchedTarget<'_>, kind: ResourceKind, key: &str, entry: &Entry) -> Outcome {
    let inherited = |resource: &crate::desired::DesiredResource| resource.previously.iter().any(|former| former == key);
    let owner = matched.owner(Some(kind), &entry.id);
    if matched.desired(kind, key).is_some() || matched.is_held(kind, key) {
        return Outcome::default();
    }
    if let Owner::Held(_) = owner {
        return Outcome::note(Note::new(NoticeCode::InConflict, "", key));
    }
    if let Owner::Declared(_, other) = owner {
        if matched.desired(kind, other).is_some_and(inherited) {
            return Outcome::default();
        }
        // The object goes on under another key: the old entry is all that ends.
        return Outcome::change(forgotten(matched, kind, key, entry, "the object is now declared under another key"));
    }
    let Some(live) = matched.find(kind, &entry.id) else {
        return if matched.leaves_unread(kind) {
            Outcome::note(Note::new(NoticeCode::NotRead, kind.name(), key))
        } else if !matched.absence_is_known(kind) {
            Outcome::note(Note::new(NoticeCode::NotSeen, "", key))
        } else if matched.is_certain(kind, &entry.id, false) {
            let mut change = forgotten(matched, kind, key, entry, "no longer declared, and gone from the target");
            if entry.deactivated.is_none() {
                change.reason = Reason::ChangedOnBothSides;
            }
            Outcome::change(change)
        } else {
            Outcome::note(Note::new(NoticeCode::Unconfirmed, "", key))
        };
    };
    let (declared, because) = why(matched, kind, key);
    let reason = if declared.is_some() { Reason::NoLongerAssigned } else { Reason::NoLongerDeclared };
    let origin = matched.input.origin(declared.unwrap_or(matched.input.target.origin));
    remove(matched, &Leaver { kind, key, live, entry: Some(entry), reason, because, origin })
}

/// Where a key is still declared, though not for this target, and the reason in words.
fn why(matched: &MatchedTarget<'_>, kind: ResourceKind, key: &str) -> (Option<Span>, &'static str) {
    let declared = matched.declared(kind, key);
    let because = match (declared, kind) {
        (None, _) => "no longer declared",
        (Some(_), ResourceKind::User) => "no longer assigned to this target",
        (Some(_), ResourceKind::Group) => "no longer pushed to this target",
    };
    (declared, because)
}

fn forgotten(matched: &MatchedTarget<'_>, kind: ResourceKind, key: &str, entry: &Entry, because: &str) -> Change {
    let (declared, _) = why(matched, kind, key);
    let live = matched.find(kind, &entry.id);
    let mut change = draft(Action::Forget, kind, key, &live.map_or_else(|| key.to_owned(), LiveResource::name));
    change.id = Some(entry.id.clone());
    change.reason = if declared.is_some() { Reason::NoLongerAssigned } else { Reason::NoLongerDeclared };
    because.clone_into(&mut change.because);
    change.origin = matched.input.origin(declared.unwrap_or(matched.input.target.origin));
    change
}

/// A live object that nobody declared and no ledger knows; `None` leaves it alone.
fn stranger(matched: &MatchedTarget<'_>, live: &LiveResource) -> Option<Outcome> {
    let kind = live.kind;
    if matched.input.target.manage != Manage::All {
        return None;
    }
    if matched.input.target.on_remove.ignores(kind) {
        return None;
    }
    if let Some(rule) = protect::rule(matched, live) {
        return Some(Outcome::note(Note::new(NoticeCode::Protected, &rule, &live.id)));
    }
    if !matched.is_complete(kind) {
        return None;
    }
    if !matched.knows_all_held(kind) {
        return Some(Outcome::note(Note::new(NoticeCode::UnknownPeople, kind.name(), &live.id)));
    }
    let origin = matched.input.origin(matched.input.target.origin);
    let because = "not declared, and this repository is the only source";
    Some(remove(
        matched,
        &Leaver { kind, key: &live.id, live, entry: None, reason: Reason::NotDeclared, because, origin },
    ))
}

/// The removal, as `onRemove` of the target has it.
pub(super) fn remove(matched: &MatchedTarget<'_>, leaver: &Leaver<'_>) -> Outcome {
    match leaver.kind {
        ResourceKind::User => remove_user(matched, leaver),
        ResourceKind::Group => remove_group(matched, leaver),
    }
}

/// What DELETE of a user does: what the profile says, unless an earlier DELETE showed that the account stays.
pub(super) fn deletion(matched: &MatchedTarget<'_>) -> Deletion {
    match matched.input.target.profile.capabilities.deletion {
        Deletion::Hard if matched.input.ledger.learned.deletion_deactivates => Deletion::Deactivates,
        said => said,
    }
}

fn remove_user(matched: &MatchedTarget<'_>, leaver: &Leaver<'_>) -> Outcome {
    let deletion = deletion(matched);
    // Nothing would remember that a stranger was deactivated, so of one the target's word is taken.
    let active = match leaver.entry {
        Some(entry) => users::may_have_access(matched, leaver.live, Some(entry)),
        None => users::is_active(matched, leaver.live),
    };
    let mut notes: Vec<Note> = users::access_note(matched, leaver.live, leaver.key).into_iter().collect();
    let delete = match matched.input.target.on_remove.users {
        RemoveUsers::Ignore => return ignore(matched, leaver),
        RemoveUsers::Deactivate => false,
        RemoveUsers::Delete if deletion == Deletion::None => {
            notes.push(Note::new(NoticeCode::CannotDelete, "user", leaver.key));
            false
        }
        RemoveUsers::Delete => active || deletion != Deletion::Deactivates,
    };
    if !delete && !active {
        let unsure = leaver.entry.is_none() && users::may_have_access(matched, leaver.live, None);
        let mut outcome = grace(matched, leaver);
        outcome.notes.append(&mut notes);
        return if unsure { outcome.with(Note::new(NoticeCode::MayBeActive, "", leaver.key)) } else { outcome };
    }
    if !delete && !users::can_deactivate(matched) {
        return Outcome::unchanged().with(Note::new(NoticeCode::CannotDeactivate, "", leaver.key));
    }
    let mut change = removal(if delete { Action::Delete } else { Action::Deactivate }, leaver);
    if !delete {
        let before = matched.accounts.value(&leaver.live.attributes);
        let has_access = users::is_active(matched, leaver.live);
        let moved = reasons::loses_access(leaver.entry, has_access, leaver.reason);
        change.attributes = vec![access(before, false, moved, leaver.origin.clone())];
        change.because = words::and(leaver.because, reasons::active_again(leaver.entry, has_access));
    }
    let mut outcome = protect::unless_forbidden(matched, leaver.live, REMOVAL, change);
    outcome.notes.extend(notes);
    outcome
}

/// Someone who has no access any more: deleted once the days of `onRemove.deleteAfter` since our deactivation are over.
fn grace(matched: &MatchedTarget<'_>, leaver: &Leaver<'_>) -> Outcome {
    let days = matched.input.target.on_remove.delete_after;
    let deactivated = leaver.entry.and_then(|entry| entry.deactivated);
    let (Some(days), Some(deactivated)) = (days, deactivated) else { return Outcome::unchanged() };
    let span = jiff::Span::new().try_days(i64::from(days));
    let Ok(due) = span.and_then(|span| deactivated.checked_add(span)) else { return Outcome::unchanged() };
    if matches!(deletion(matched), Deletion::None | Deletion::Deactivates) {
        return Outcome::unchanged().with(Note::new(NoticeCode::CannotDelete, "user", leaver.key));
    }
    if matched.input.as_of < due {
        return Outcome::unchanged().with(Note::new(NoticeCode::DeletesLater, &due.to_string(), leaver.key));
    }
    // To show nothing is not enough to be deleted, whatever is concluded from it.
    if !matches!(matched.accounts.state(&leaver.live.attributes), AccountState::Inactive | AccountState::Waiting) {
        return Outcome::unchanged();
    }
    let mut change = removal(Action::Delete, leaver);
    change.because =
        format!("{}; deactivated on {deactivated}, and to be deleted after {days} days, from {due} on", leaver.because);
    protect::unless_forbidden(matched, leaver.live, REMOVAL, change)
}

fn remove_group(matched: &MatchedTarget<'_>, leaver: &Leaver<'_>) -> Outcome {
    let mut notes: Vec<Note> =
        members::hides_members(matched, leaver.live).then(|| Note::unread(leaver.live)).into_iter().collect();
    let delete = match matched.input.target.on_remove.groups {
        RemoveGroups::Ignore => return ignore(matched, leaver),
        RemoveGroups::Empty => false,
        RemoveGroups::Delete if matched.input.target.profile.capabilities.group_deletion == Deletion::None => {
            notes.push(Note::new(NoticeCode::CannotDelete, "group", leaver.key));
            false
        }
        RemoveGroups::Delete => true,
    };
    let mut outcome = if delete {
        protect::unless_forbidden(matched, leaver.live, REMOVAL, removal(Action::Delete, leaver))
    } else {
        let cause = members::Cause { reason: leaver.reason, origin: leaver.origin.as_ref() };
        let members = members::emptied(matched, leaver.live, leaver.entry, cause, (leaver.key, &mut notes));
        match leaver.entry {
            // Whoever is put into it from now on is nobody's business.
            Some(entry) if members.remove.is_empty() && !members.holds_ours && matched.may_remove() => {
                if !matched.is_certain(leaver.kind, &leaver.live.id, true) {
                    return Outcome::unchanged().with(Note::new(NoticeCode::Unconfirmed, "", leaver.key));
                }
                let because = format!("{}, and none of ours is in it", leaver.because);
                Outcome::change(forgotten(matched, leaver.kind, leaver.key, entry, &because))
            }
            _ if members.remove.is_empty() => Outcome::unchanged(),
            _ => {
                let mut change = removal(Action::Update, leaver);
                change.members.remove = members.remove;
                protect::unless_forbidden(matched, leaver.live, REMOVAL, change)
            }
        }
    };
    outcome.notes.extend(notes);
    outcome
}

/// Stops managing what `onRemove: ignore` leaves alone; there is nothing to stop where nothing was managed.
fn ignore(matched: &MatchedTarget<'_>, leaver: &Leaver<'_>) -> Outcome {
    match leaver.entry {
        None => Outcome::default(),
        Some(entry) => Outcome::change(forgotten(matched, leaver.kind, leaver.key, entry, leaver.because)),
    }
}

fn removal(action: Action, leaver: &Leaver<'_>) -> Change {
    let mut change = draft(action, leaver.kind, leaver.key, &leaver.live.name());
    change.id = Some(leaver.live.id.clone());
    change.reason = leaver.reason;
    leaver.because.clone_into(&mut change.because);
    change.origin.clone_from(&leaver.origin);
    change
}

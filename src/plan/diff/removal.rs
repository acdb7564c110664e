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

use super::notes::Note;
use super::outcome::{Outcome, Refusal, draft, inactivated, live_name};
use super::scene::{Owner, Scene};
use super::{members, protect, reasons, users, words};

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
pub(super) fn known<'s>(scene: &'s Scene<'_>, kind: ResourceKind) -> impl Iterator<Item = (&'s str, Outcome)> {
    let entries = scene.input.ledger.of(kind);
    entries.iter().map(move |(key, entry)| (key.as_str(), entered(scene, kind, key, entry)))
}

/// What is to be done about what nobody declared and no ledger knows; the count is of those that are left alone.
pub(super) fn strangers(scene: &Scene<'_>, kind: ResourceKind) -> (Vec<Outcome>, u64) {
    let mut outcomes = Vec::new();
    let mut unmanaged = 0;
    for live in scene.live(kind) {
        if scene.owner(Some(kind), &live.id) != Owner::Nobody {
            continue;
        }
        match stranger(scene, live) {
            Some(outcome) => outcomes.push(outcome),
            None => unmanaged += 1,
        }
    }
    (outcomes, unmanaged)
}

/// An entry of the ledger.
fn entered(scene: &Scene<'_>, kind: ResourceKind, key: &str, entry: &Entry) -> Outcome {
    let inherited = |resource: &crate::desired::DesiredResource| resource.previously.iter().any(|former| former == key);
    let owner = scene.owner(Some(kind), &entry.id);
    if scene.desired(kind, key).is_some() || scene.is_held(kind, key) {
        return Outcome::default();
    }
    if let Owner::Held(_) = owner {
        return Outcome::note(Note::new(NoticeCode::InConflict, "", key));
    }
    if let Owner::Declared(_, other) = owner {
        if scene.desired(kind, other).is_some_and(inherited) {
            return Outcome::default();
        }
        // The object goes on under another key: the old entry is all that ends.
        return Outcome::change(forgotten(scene, kind, key, entry, "the object is now declared under another key"));
    }
    let Some(live) = scene.place(kind, &entry.id).and_then(|place| scene.live(kind).get(place)) else {
        return if scene.leaves_unread(kind) {
            Outcome::note(Note::new(NoticeCode::NotRead, kind.name(), key))
        } else if !scene.absence_is_known(kind) {
            Outcome::note(Note::new(NoticeCode::NotSeen, "", key))
        } else if scene.is_certain(kind, &entry.id, false) {
            let mut change = forgotten(scene, kind, key, entry, "no longer declared, and gone from the target");
            if entry.deactivated.is_none() {
                change.reason = Reason::ChangedOnBothSides;
            }
            Outcome::change(change)
        } else {
            Outcome::note(Note::new(NoticeCode::Unconfirmed, "", key))
        };
    };
    let (declared, because) = why(scene, kind, key);
    let reason = if declared.is_some() { Reason::NoLongerAssigned } else { Reason::NoLongerDeclared };
    let origin = scene.input.origin(declared.unwrap_or(scene.input.target.origin));
    remove(scene, &Leaver { kind, key, live, entry: Some(entry), reason, because, origin })
}

/// Where a key is still declared, though not for this target, and the reason in words.
fn why(scene: &Scene<'_>, kind: ResourceKind, key: &str) -> (Option<Span>, &'static str) {
    let declared = scene.declared(kind, key);
    let because = match (declared, kind) {
        (None, _) => "no longer declared",
        (Some(_), ResourceKind::User) => "no longer assigned to this target",
        (Some(_), ResourceKind::Group) => "no longer pushed to this target",
    };
    (declared, because)
}

fn forgotten(scene: &Scene<'_>, kind: ResourceKind, key: &str, entry: &Entry, because: &str) -> Change {
    let (declared, _) = why(scene, kind, key);
    let live = scene.place(kind, &entry.id).and_then(|place| scene.live(kind).get(place));
    let mut change = draft(Action::Forget, kind, key, &live.map_or_else(|| key.to_owned(), live_name));
    change.id = Some(entry.id.clone());
    change.reason = if declared.is_some() { Reason::NoLongerAssigned } else { Reason::NoLongerDeclared };
    because.clone_into(&mut change.because);
    change.origin = scene.input.origin(declared.unwrap_or(scene.input.target.origin));
    change
}

/// A live object that nobody declared and no ledger knows; `None` leaves it alone.
fn stranger(scene: &Scene<'_>, live: &LiveResource) -> Option<Outcome> {
    let kind = live.kind;
    if scene.input.target.manage != Manage::All {
        return None;
    }
    if scene.input.target.on_remove.ignores(kind) {
        return None;
    }
    if let Some(rule) = protect::rule(scene, live) {
        return Some(Outcome::note(Note::new(NoticeCode::Protected, &rule, &live.id)));
    }
    if !scene.is_complete(kind) {
        return None;
    }
    if !scene.knows_all_held(kind) {
        return Some(Outcome::note(Note::new(NoticeCode::UnknownPeople, kind.name(), &live.id)));
    }
    let origin = scene.input.origin(scene.input.target.origin);
    let because = "not declared, and this repository is the only source";
    Some(remove(
        scene,
        &Leaver { kind, key: &live.id, live, entry: None, reason: Reason::NotDeclared, because, origin },
    ))
}

/// The removal, as `onRemove` of the target has it.
pub(super) fn remove(scene: &Scene<'_>, leaver: &Leaver<'_>) -> Outcome {
    match leaver.kind {
        ResourceKind::User => remove_user(scene, leaver),
        ResourceKind::Group => remove_group(scene, leaver),
    }
}

/// What DELETE of a user does: what the profile says, unless an earlier DELETE showed that the account stays.
pub(super) fn deletion(scene: &Scene<'_>) -> Deletion {
    match scene.input.target.profile.capabilities.deletion {
        Deletion::Hard if scene.input.ledger.learned.deletion_deactivates => Deletion::Deactivates,
        said => said,
    }
}

fn remove_user(scene: &Scene<'_>, leaver: &Leaver<'_>) -> Outcome {
    let deletion = deletion(scene);
    // Nothing would remember that a stranger was deactivated, so of one the target's word is taken.
    let active = match leaver.entry {
        Some(entry) => users::may_have_access(scene, leaver.live, Some(entry)),
        None => users::is_active(scene, leaver.live),
    };
    let mut notes: Vec<Note> = users::access_note(scene, leaver.live, leaver.key).into_iter().collect();
    let delete = match scene.input.target.on_remove.users {
        RemoveUsers::Ignore => return ignore(scene, leaver),
        RemoveUsers::Deactivate => false,
        RemoveUsers::Delete if deletion == Deletion::None => {
            notes.push(Note::new(NoticeCode::CannotDelete, "user", leaver.key));
            false
        }
        RemoveUsers::Delete => active || deletion != Deletion::Deactivates,
    };
    if !delete && !active {
        let unsure = leaver.entry.is_none() && users::may_have_access(scene, leaver.live, None);
        let mut outcome = grace(scene, leaver);
        outcome.notes.append(&mut notes);
        return if unsure { outcome.with(Note::new(NoticeCode::MayBeActive, "", leaver.key)) } else { outcome };
    }
    if !delete && !users::can_deactivate(scene) {
        return Outcome::unchanged().with(Note::new(NoticeCode::CannotDeactivate, "", leaver.key));
    }
    let mut outcome = refusable(scene, leaver, || {
        let mut change = removal(if delete { Action::Delete } else { Action::Deactivate }, leaver);
        if !delete {
            let before = scene.accounts.value(&leaver.live.attributes);
            let has_access = users::is_active(scene, leaver.live);
            let moved = reasons::loses_access(leaver.entry, has_access, leaver.reason);
            change.attributes = vec![inactivated(before, moved, leaver.origin.clone())];
            change.because = words::and(leaver.because, reasons::active_again(leaver.entry, has_access));
        }
        change
    });
    outcome.notes.extend(notes);
    outcome
}

/// Someone who has no access any more: deleted once the days of `onRemove.deleteAfter` since our deactivation are over.
fn grace(scene: &Scene<'_>, leaver: &Leaver<'_>) -> Outcome {
    let days = scene.input.target.on_remove.delete_after;
    let deactivated = leaver.entry.and_then(|entry| entry.deactivated);
    let (Some(days), Some(deactivated)) = (days, deactivated) else { return Outcome::unchanged() };
    let span = jiff::Span::new().try_days(i64::from(days));
    let Ok(due) = span.and_then(|span| deactivated.checked_add(span)) else { return Outcome::unchanged() };
    if matches!(deletion(scene), Deletion::None | Deletion::Deactivates) {
        return Outcome::unchanged().with(Note::new(NoticeCode::CannotDelete, "user", leaver.key));
    }
    if scene.input.as_of < due {
        return Outcome::unchanged().with(Note::new(NoticeCode::DeletesLater, &due.to_string(), leaver.key));
    }
    // To show nothing is not enough to be deleted, whatever is concluded from it.
    if !matches!(scene.accounts.state(&leaver.live.attributes), AccountState::Inactive | AccountState::Waiting) {
        return Outcome::unchanged();
    }
    refusable(scene, leaver, || {
        let mut change = removal(Action::Delete, leaver);
        change.because = format!(
            "{}; deactivated on {deactivated}, and to be deleted after {days} days, from {due} on",
            leaver.because
        );
        change
    })
}

fn remove_group(scene: &Scene<'_>, leaver: &Leaver<'_>) -> Outcome {
    let mut notes: Vec<Note> =
        members::hides_members(scene, leaver.live).then(|| Note::unread(leaver.live)).into_iter().collect();
    let delete = match scene.input.target.on_remove.groups {
        RemoveGroups::Ignore => return ignore(scene, leaver),
        RemoveGroups::Empty => false,
        RemoveGroups::Delete if scene.input.target.profile.capabilities.group_deletion == Deletion::None => {
            notes.push(Note::new(NoticeCode::CannotDelete, "group", leaver.key));
            false
        }
        RemoveGroups::Delete => true,
    };
    let mut outcome = if delete {
        refusable(scene, leaver, || removal(Action::Delete, leaver))
    } else {
        let cause = members::Cause { reason: leaver.reason, origin: leaver.origin.as_ref() };
        let members = members::emptied(scene, leaver.live, leaver.entry, cause, (leaver.key, &mut notes));
        match leaver.entry {
            // Whoever is put into it from now on is nobody's business.
            Some(entry) if members.remove.is_empty() && !members.holds_ours && scene.may_remove() => {
                if !scene.is_certain(leaver.kind, &leaver.live.id, true) {
                    return Outcome::unchanged().with(Note::new(NoticeCode::Unconfirmed, "", leaver.key));
                }
                let because = format!("{}, and none of ours is in it", leaver.because);
                Outcome::change(forgotten(scene, leaver.kind, leaver.key, entry, &because))
            }
            _ if members.remove.is_empty() => Outcome::unchanged(),
            _ => refusable(scene, leaver, || {
                let mut change = removal(Action::Update, leaver);
                change.members.remove = members.remove;
                change
            }),
        }
    };
    outcome.notes.extend(notes);
    outcome
}

/// The change, unless a protection, or an incomplete or doubtful read forbids it.
fn refusable(scene: &Scene<'_>, leaver: &Leaver<'_>, change: impl FnOnce() -> Change) -> Outcome {
    if !scene.may_remove() {
        return Outcome::unchanged().with(Note::new(NoticeCode::RemovalsOff, "removal", leaver.key));
    }
    let change = change();
    // What is switched off anyway is no breach of a protection.
    if scene.allows(change.resource, change.action)
        && let Some(rule) = protect::rule(scene, leaver.live)
    {
        let refusal = Refusal { kind: leaver.kind, key: leaver.key.to_owned(), name: live_name(leaver.live), rule };
        return Outcome { refused: Some(refusal), ..Outcome::unchanged() };
    }
    if !scene.is_certain(leaver.kind, &leaver.live.id, true) {
        return Outcome::unchanged().with(Note::new(NoticeCode::Unconfirmed, "", leaver.key));
    }
    Outcome::change(change)
}

/// Stops managing what `onRemove: ignore` leaves alone; there is nothing to stop where nothing was managed.
fn ignore(scene: &Scene<'_>, leaver: &Leaver<'_>) -> Outcome {
    match leaver.entry {
        None => Outcome::default(),
        Some(entry) => Outcome::change(forgotten(scene, leaver.kind, leaver.key, entry, leaver.because)),
    }
}

fn removal(action: Action, leaver: &Leaver<'_>) -> Change {
    let mut change = draft(action, leaver.kind, leaver.key, &live_name(leaver.live));
    change.id = Some(leaver.live.id.clone());
    change.reason = leaver.reason;
    leaver.because.clone_into(&mut change.because);
    change.origin.clone_from(&leaver.origin);
    change
}

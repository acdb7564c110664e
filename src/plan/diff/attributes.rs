//! Attributes of one resource: what is asserted against what is live, told apart by who moved.

use std::sync::Arc;

use crate::desired::{Apply, Asserted, Assertion, DesiredResource};
use crate::diag::NoticeCode;
use crate::ledger::{Entry, Mark};
use crate::live::LiveResource;
use crate::live::matching::former_texts;
use crate::live::normal::{Found, Handling, is_blank};
use crate::plan::observe::may_hide;
use crate::plan::{AttributeChange, Reason};
use crate::scim::{Object, ResourceKind, Value};

use super::matched_target::{MatchedTarget, Prepared, Resolved};
use super::notes::Note;
use super::reasons;

/// The attributes of a new resource.
pub(super) fn created(
    matched: &MatchedTarget<'_>,
    resource: &DesiredResource,
    notes: &mut Vec<Note>,
) -> Vec<AttributeChange> {
    let mut changes = Vec::with_capacity(resource.assertions.len());
    for assertion in &resource.assertions {
        let Some(prepared) = matched.prepared(resource.kind, &assertion.path) else {
            continue;
        };
        if !prepared.comparison.handling().is_created() {
            continue;
        }
        match wanted(matched, assertion) {
            Wanted::Absent => notes.push(Note::new(NoticeCode::UnresolvedReference, &prepared.text, &resource.key)),
            Wanted::Value(value) if is_blank(value) => {}
            _ if is_led(resource, prepared, assertion, None) => {
                // Sent all the same: the target may want some value at creation.
                notes.push(Note::new(NoticeCode::Coupled, &prepared.text, &resource.key));
                changes.push(change(matched, assertion, Value::Null, Reason::NotThere));
            }
            _ => changes.push(change(matched, assertion, Value::Null, Reason::NotThere)),
        }
    }
    changes
}

/// What differs between a declared resource and the live one, `active` aside. `activity` says whether the live one is a
/// person without access, who may be shown in disguise.
pub(super) fn compared(
    matched: &MatchedTarget<'_>,
    resource: &DesiredResource,
    live: &LiveResource,
    activity: Activity,
    notes: &mut Vec<Note>,
) -> Vec<AttributeChange> {
    let entry = matched.entry(resource);
    let mut changes = Vec::new();
    for assertion in &resource.assertions {
        // The actions themselves speak about it.
        if resource.kind == ResourceKind::User && matched.accounts.reads(&assertion.path) {
            continue;
        }
        let Some(prepared) = matched.prepared(resource.kind, &assertion.path) else {
            continue;
        };
        let handling = prepared.comparison.handling();
        // What could be sent later and is asked for at creation alone may differ in peace.
        let at_creation = assertion.apply == Apply::OnCreate && handling != Handling::CreateOnly;
        if at_creation || matches!(handling, Handling::Silent | Handling::Hidden) {
            continue;
        }
        if activity != Activity::Active && prepared.comparison.is_disguised() {
            changes.extend(undisguised(matched, prepared, assertion, activity, entry));
            continue;
        }
        let found = prepared.comparison.find(&live.attributes);
        let same = is_same(matched, prepared, assertion, &found);
        if !live.by_id && is_unsure(matched, prepared, assertion, (&found, same), entry) {
            notes.push(Note::unread(live));
        }
        if same {
            continue;
        }
        if is_led(resource, prepared, assertion, Some(live)) {
            notes.push(Note::new(NoticeCode::Coupled, &prepared.text, &resource.key));
            continue;
        }
        match verdict(matched, resource, prepared, assertion, &found, entry) {
            Ok(reason) => {
                changes.push(change(matched, assertion, found.to_value(), reason));
            }
            Err(code) => notes.push(Note::new(code, &prepared.text, &resource.key)),
        }
    }
    changes
}

/// Whether a live resource has access, and whether it is about to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activity {
    /// It has.
    Active,
    /// It has none.
    Inactive,
    /// It has none and gets it again.
    Reactivated,
}

/// Whether what a list shows of an attribute may not be all there is: nothing, or a compound whose parts may be hidden,
/// where the plan would change it; nothing, unless an earlier apply left nothing there.
fn is_unsure(
    matched: &MatchedTarget<'_>,
    prepared: &Prepared,
    assertion: &Assertion,
    (found, same): (&Found<'_>, bool),
    entry: Option<&Entry>,
) -> bool {
    if !same {
        return may_hide(&found.value());
    }
    let before = || entry.and_then(|entry| entry.asserted.get(&prepared.text));
    found.is_blank() && before() != Some(asserted_hash(matched, prepared, assertion))
}

/// What is to be sent of an attribute that can't be seen while a person is inactive (E48): what was not sent before, and
/// only to those who get access again. What was there before is not known.
fn undisguised(
    matched: &MatchedTarget<'_>,
    prepared: &Prepared,
    assertion: &Assertion,
    activity: Activity,
    entry: Option<&Entry>,
) -> Option<AttributeChange> {
    let writable = matches!(prepared.comparison.handling(), Handling::Compared | Handling::Derived);
    if activity != Activity::Reactivated || !writable || matches!(wanted(matched, assertion), Wanted::Absent) {
        return None;
    }
    let before = entry.and_then(|entry| entry.asserted.get(&prepared.text));
    if before == Some(asserted_hash(matched, prepared, assertion)) {
        return None;
    }
    let reason = if before.is_some() { Reason::ChangedInRepository } else { Reason::Differs };
    Some(change(matched, assertion, Value::Null, reason))
}

/// Whether the target keeps an attribute equal to another one that is to have another value (E28), so that what is
/// asserted for this one can't come to be.
fn is_led(resource: &DesiredResource, prepared: &Prepared, assertion: &Assertion, live: Option<&LiveResource>) -> bool {
    let (Some(leader), Asserted::Value(value)) = (prepared.comparison.leader(), &assertion.value) else {
        return false;
    };
    let mut object = Object::new();
    for other in &resource.assertions {
        let named = other.path.attribute.eq_ignore_ascii_case(&leader.path().attribute);
        if let (Asserted::Value(value), true) = (&other.value, named) {
            other.path.assign(&mut object, value.clone());
        }
    }
    let leading = leader.leading(&leader.find(&object));
    let leading = leading.or_else(|| leader.leading(&leader.find(&live?.attributes)));
    leading.is_some_and(|leading| !prepared.comparison.same(&leading, &Found::One(value)))
}

/// What an assertion wants, ids of people looked up.
enum Wanted<'s> {
    Value(&'s Value),
    Id(Value),
    Created,
    Absent,
    Secret,
}

fn wanted<'s>(matched: &'s MatchedTarget<'_>, assertion: &'s Assertion) -> Wanted<'s> {
    match &assertion.value {
        Asserted::Value(value) => Wanted::Value(value),
        Asserted::User(key) => match matched.resolve(ResourceKind::User, key.as_str()) {
            Resolved::Id(id) | Resolved::Held(id) => Wanted::Id(Value::from(id)),
            Resolved::Created => Wanted::Created,
            Resolved::Absent => Wanted::Absent,
        },
        Asserted::Secret(_) => Wanted::Secret,
    }
}

fn is_same(matched: &MatchedTarget<'_>, prepared: &Prepared, assertion: &Assertion, found: &Found<'_>) -> bool {
    match wanted(matched, assertion) {
        Wanted::Value(value) => prepared.comparison.same(value, found),
        Wanted::Id(id) => prepared.comparison.same(&id, found),
        Wanted::Created | Wanted::Absent | Wanted::Secret => false,
    }
}

/// Why a difference is a change, or which note it is instead.
fn verdict(
    matched: &MatchedTarget<'_>,
    resource: &DesiredResource,
    prepared: &Prepared,
    assertion: &Assertion,
    found: &Found<'_>,
    entry: Option<&Entry>,
) -> Result<Reason, NoticeCode> {
    let handling = prepared.comparison.handling();
    if matches!(wanted(matched, assertion), Wanted::Absent) {
        return Err(NoticeCode::UnresolvedReference);
    }
    if handling == Handling::CreateOnly {
        return Err(NoticeCode::CreateOnly);
    }
    if is_group_name(resource, assertion) && !matched.input.target.profile.capabilities.rename_groups {
        return Err(NoticeCode::CannotRename);
    }
    let nothing = matches!(wanted(matched, assertion), Wanted::Value(value) if is_blank(value));
    if nothing && prepared.comparison.is_default(found) {
        return Err(NoticeCode::Defaulted);
    }
    // What a former key left there is ours.
    let former = || former_texts(resource, &assertion.path).iter().map(|key| Value::from(key.as_str()));
    let is_ours = || {
        let names_one = || matches!(&*found.value(), Value::String(text) if matched.is_key(resource.kind, text));
        noted(prepared, entry) || former().any(|value| prepared.comparison.same(&value, found)) || names_one()
    };
    if assertion.gives_way && !found.is_blank() && !is_ours() {
        return Err(NoticeCode::ForeignExternalId);
    }
    let sent = asserted_hash(matched, prepared, assertion);
    if entry.is_some_and(|entry| is_kept(matched, entry, &prepared.text, sent, found)) {
        return Err(NoticeCode::Normalised);
    }
    let before = entry.and_then(|entry| entry.asserted.get(&prepared.text));
    if handling == Handling::Derived && before == Some(sent) {
        return Err(NoticeCode::Derived);
    }
    Ok(reason(matched, prepared, assertion, found, entry, sent))
}

/// Whether the attribute was ours at an earlier apply.
fn noted(prepared: &Prepared, entry: Option<&Entry>) -> bool {
    entry.is_some_and(|entry| entry.asserted.contains_key(&prepared.text))
}

/// Who moved since the last apply, by the ledger's hashes.
fn reason(
    matched: &MatchedTarget<'_>,
    prepared: &Prepared,
    assertion: &Assertion,
    found: &Found<'_>,
    entry: Option<&Entry>,
    sent: Mark,
) -> Reason {
    let Some(entry) = entry else {
        return Reason::Differs;
    };
    let Some(before) = entry.asserted.get(&prepared.text) else {
        return Reason::ChangedInRepository;
    };
    let hash = |value: &Value| matched.input.hasher.hash(&prepared.text, value);
    // A person may have been noted under a former key.
    let formerly = |key: &str| {
        reasons::former_keys(matched, key).iter().any(|former| hash(&Value::from(former.as_str())) == before)
    };
    if before == sent || matches!(&assertion.value, Asserted::User(key) if formerly(key.as_str())) {
        return Reason::ChangedAtTarget;
    }
    let as_sent = match &assertion.value {
        Asserted::Value(value) => hash(&prepared.comparison.project(value, found)) == before,
        // A person is noted by key, live is an id: the ledger knows whose.
        Asserted::User(_) => {
            let live = person(matched, found.to_value());
            hash(&live) == before || live.as_str().is_some_and(formerly)
        }
        Asserted::Secret(_) => false,
    };
    let as_kept = || is_kept(matched, entry, &prepared.text, before, found);
    if as_sent || hash(&found.value()) == before || as_kept() {
        Reason::ChangedInRepository
    } else {
        Reason::ChangedOnBothSides
    }
}

/// Whether what is found is the target's own form of what was sent, by the ledger's witness. `sent` is a hash.
pub(super) fn is_kept(matched: &MatchedTarget<'_>, entry: &Entry, path: &str, sent: Mark, found: &Found<'_>) -> bool {
    let kept = || matched.input.hasher.hash(path, &found.value());
    entry.witnesses.get(path).is_some_and(|witness| witness.sent == sent && witness.kept == kept())
}

/// The ledger's hash of an asserted value; a person is noted by key.
pub(super) fn asserted_hash(matched: &MatchedTarget<'_>, prepared: &Prepared, assertion: &Assertion) -> Mark {
    crate::plan::asserted_hash(matched.input.hasher, &prepared.text, &assertion.value)
}

fn is_group_name(resource: &DesiredResource, assertion: &Assertion) -> bool {
    resource.kind == ResourceKind::Group && assertion.path.is_within("displayName")
}

fn change(matched: &MatchedTarget<'_>, assertion: &Assertion, before: Value, reason: Reason) -> AttributeChange {
    let (after, reference) = match &assertion.value {
        Asserted::Value(value) if is_blank(value) => (Value::Null, None),
        Asserted::Value(value) => (value.clone(), None),
        Asserted::User(key) => (Value::from(key.as_str()), Some(key.to_string())),
        Asserted::Secret(_) => (Value::Null, None),
    };
    let before = if reference.is_some() { person(matched, before) } else { before };
    let shown = |value: Value| {
        if assertion.sensitive { Value::Null } else { value }
    };
    AttributeChange {
        path: Arc::clone(&assertion.path),
        before: shown(before),
        after: shown(after),
        reference,
        sensitive: assertion.sensitive,
        reason,
        origin: matched.input.origin(assertion.origin),
    }
}

/// A live reference to one of our people, by key; any other as it is.
fn person(matched: &MatchedTarget<'_>, before: Value) -> Value {
    let id = before.as_str().or_else(|| before.get("value").and_then(Value::as_str));
    let key = id.and_then(|id| matched.owner(Some(ResourceKind::User), id).key().map(str::to_owned));
    key.map_or(before, Value::from)
}

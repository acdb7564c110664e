//! The restriction to some keys (`--only`), and what has to wait where something is not created.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::diag::NoticeCode;
use crate::directory::{GroupKey, UserKey};
use crate::plan::{Action, AttributeChange, Change, MemberRef};
use crate::scim::{PerKind, ResourceKind};

use super::matched_target::{MatchedTarget, Resolved};
use super::notes::Note;
use super::{Diff, words};

/// The keys that the diff is restricted to: as asked for, and without the groups that are held back.
pub(super) fn keys<'a>(matched: &MatchedTarget<'a>, held: &BTreeSet<String>) -> Option<Cow<'a, BTreeSet<String>>> {
    let input = &matched.input;
    if held.is_empty() {
        return input.only.map(Cow::Borrowed);
    }
    let users = input.desired.users.keys().map(UserKey::as_str);
    let desired = users.chain(input.desired.groups.keys().map(GroupKey::as_str));
    let known = input.ledger.users.keys().chain(input.ledger.groups.keys()).map(String::as_str);
    let all = desired.chain(known).filter(|key| input.only.is_none_or(|only| only.contains(*key)));
    Some(Cow::Owned(all.filter(|key| !held.contains(*key)).map(str::to_owned).collect()))
}

/// Whether a resource is compared. People to whom the plan is not restricted may not have been read; groups hold those to
/// whom it is. A person has a key and maybe former ones.
pub(super) fn concerns<'k>(
    matched: &MatchedTarget<'_>,
    kind: ResourceKind,
    mut keys: impl Iterator<Item = &'k String>,
) -> bool {
    kind == ResourceKind::Group || matched.input.only.is_none_or(|only| keys.any(|key| only.contains(key)))
}

/// Keeps what concerns the keys: changes of these, and their comings and goings in the groups of others.
pub(super) fn restrict(keys: &BTreeSet<String>, diff: &mut Diff) {
    diff.notes.retain(keys);
    diff.adoptions.retain(|adoption| keys.contains(&adoption.key));
    diff.suppressed =
        std::mem::take(&mut diff.suppressed).into_iter().filter_map(|change| of_keys(keys, change)).collect();
    diff.changes = std::mem::take(&mut diff.changes).into_iter().filter_map(|change| of_keys(keys, change)).collect();
    diff.refusals.retain(|refusal| keys.contains(&refusal.key));
}

/// Takes out what would need a resource that the plan does not create after all, with a note.
pub(super) fn leave_waiting(matched: &MatchedTarget<'_>, diff: &mut Diff) {
    let created: PerKind<BTreeSet<String>> = diff
        .changes
        .iter()
        .filter(|change| change.action == Action::Create)
        .map(|change| (change.resource, change.key.clone()))
        .collect();
    let is_created = |kind: ResourceKind, key: &String| created.of(kind).contains(key);
    for change in &mut diff.changes {
        let (group, mut notes) = (change.key.clone(), Vec::new());
        change.members.add.retain(|member| {
            let stays = member.id.is_some() || member.key.as_ref().is_some_and(|key| is_created(member.resource, key));
            if !stays {
                notes.push(Note::new(NoticeCode::LeftOut, "members", &group));
            }
            stays
        });
        change.attributes.retain(|attribute| {
            let stays = !waits(matched, attribute)
                || attribute.reference.as_ref().is_some_and(|key| is_created(ResourceKind::User, key));
            if !stays {
                notes.push(Note::new(NoticeCode::LeftOut, &attribute.path.to_string(), &group));
            }
            stays
        });
        for note in notes {
            diff.notes.add(note);
        }
    }
    diff.changes.retain(|change| {
        change.action != Action::Update || !change.attributes.is_empty() || !change.members.is_empty()
    });
}

/// Whether an attribute refers to a person who is not at the target yet.
fn waits(matched: &MatchedTarget<'_>, attribute: &AttributeChange) -> bool {
    let person = attribute.reference.as_deref();
    person.is_some_and(|key| matched.resolve(ResourceKind::User, key) == Resolved::Created)
}

fn of_keys(keys: &BTreeSet<String>, mut change: Change) -> Option<Change> {
    if keys.contains(&change.key) {
        return Some(change);
    }
    let is_of = |member: &MemberRef| member.key.as_ref().is_some_and(|key| keys.contains(key));
    if change.resource != ResourceKind::Group || change.action != Action::Update {
        return None;
    }
    change.attributes.clear();
    change.members.add.retain(is_of);
    change.members.remove.retain(is_of);
    change.because = words::because(&change.attributes, &change.members);
    change.reason = words::reason(&change.attributes);
    (!change.members.is_empty()).then_some(change)
}

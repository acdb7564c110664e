//! From a plan and what was read to the way back.

use crate::directory::Target;
use crate::ledger::{Entry, TargetLedger};
use crate::live::normal::Comparison;
use crate::live::{AccountReader, Live, LiveResource};
use crate::plan::{Action, AttributeChange, Change, MemberChange, MemberRef, TargetPlan};
use crate::profile::{Deletion, Profile};
use crate::scim::path::AttrPath;
use crate::scim::schema::{Mutability, Schemas};
use crate::scim::{Object, ResourceKind, Value};

use super::{NotRestored, Reversal, ReversedAttribute, State, UndoTarget};

/// What `plan` is about to do at a target, with the values before. Nothing sensitive is in it.
pub fn record(plan: &TargetPlan, live: &Live, ledger: &TargetLedger, target: &Target) -> UndoTarget {
    let profile = &*target.profile;
    let find = |change: &Change| live.find(change.resource, change.id.as_deref()?);
    let changes = plan.changes.iter().filter_map(|change| {
        let entry = ledger.of(change.resource).get(&change.key).filter(|entry| Some(&entry.id) == change.id.as_ref());
        reversal(change, find(change), entry, profile)
    });
    UndoTarget { name: plan.name.clone(), changes: changes.collect(), ..UndoTarget::default() }
}

fn reversal(
    change: &Change,
    live: Option<&LiveResource>,
    entry: Option<&Entry>,
    profile: &Profile,
) -> Option<Reversal> {
    let mut made = Reversal {
        action: change.action,
        resource: change.resource,
        key: change.key.clone(),
        id: change.id.clone(),
        name: change.name.clone(),
        managed: entry.is_some(),
        state: State::Planned,
        attributes: Vec::new(),
        members: members(&change.members),
        entry: None,
        lost: Vec::new(),
    };
    match change.action {
        Action::Create => {
            (made.id, made.managed) = (None, false);
            made.attributes =
                change.attributes.iter().filter(|one| !one.sensitive).map(|one| side(one, Value::Null)).collect();
        }
        Action::Update | Action::Reactivate | Action::Deactivate => {
            sides(&mut made, change, live, profile);
            if change.action == Action::Deactivate && !profile.capabilities.reactivation {
                made.lost.push(NotRestored {
                    at: None,
                    why: "the target gives no deactivated account access again".to_owned(),
                });
            }
        }
        Action::Delete if comes_back(change, profile) => {
            made.action = Action::Deactivate;
            let (before, after) = (Value::Bool(true), Value::Bool(false));
            made.attributes = vec![ReversedAttribute { path: "active".to_owned(), before, after, reference: None }];
        }
        Action::Delete => {
            let why = format!(
                "a deleted {} does not come back: made again, it would be another one with a new id",
                change.resource
            );
            made.lost.push(NotRestored { at: None, why });
        }
        // What is gone from the target needs no entry.
        Action::Forget => {
            live?;
            made.entry = Some(entry?.clone());
        }
        Action::Adopt => {}
    }
    Some(made)
}

/// Whether DELETE only takes access away, which can be given again.
fn comes_back(change: &Change, profile: &Profile) -> bool {
    change.resource == ResourceKind::User
        && profile.capabilities.deletion == Deletion::Deactivates
        && profile.capabilities.reactivation
}

/// Both sides of what is changed, or why there is no way back.
fn sides(made: &mut Reversal, change: &Change, live: Option<&LiveResource>, profile: &Profile) {
    let accounts = AccountReader::new(profile);
    for one in &change.attributes {
        let lose = |why: &str| NotRestored { at: Some(one.path.to_string()), why: why.to_owned() };
        if one.sensitive {
            made.lost.push(lose("its value is never shown, so the former one is not known"));
            continue;
        }
        let comparison = Comparison::new(profile, change.resource, &one.path);
        if change.action == Action::Reactivate && comparison.is_disguised() {
            made.lost
                .push(lose("the target does not show it of someone without access, so the former value is not known"));
            continue;
        }
        let before = match live {
            Some(live) if change.resource == ResourceKind::User && accounts.reads(&one.path) => {
                Value::Bool(accounts.state(&live.attributes).has_access())
            }
            Some(live) => comparison.find(&live.attributes).to_value(),
            None => one.before.clone(),
        };
        made.attributes.push(side(one, writable(change.resource, &one.path, before)));
    }
}

fn side(one: &AttributeChange, before: Value) -> ReversedAttribute {
    ReversedAttribute { path: one.path.to_string(), before, after: one.after.clone(), reference: one.reference.clone() }
}

/// A value without the parts that only the server writes (RFC 7643 section 7), which can't be sent back.
pub(in crate::plan) fn writable(kind: ResourceKind, path: &AttrPath, value: Value) -> Value {
    let definition = Schemas::core(kind).attribute(&path.parent());
    let server = |name: &str| {
        definition.and_then(|attribute| attribute.sub(name)).is_some_and(|sub| sub.mutability == Mutability::ReadOnly)
    };
    let cut = |mut object: Object| {
        object.retain(|name, _| !server(name));
        Value::Object(object)
    };
    match value {
        Value::Object(object) if path.sub.is_none() => cut(object),
        Value::Array(items) if path.sub.is_none() => Value::Array(
            items
                .into_iter()
                .map(|item| match item {
                    Value::Object(object) => cut(object),
                    other => other,
                })
                .collect(),
        ),
        other => other,
    }
}

fn members(members: &MemberChange) -> MemberChange {
    let plain = |members: &[MemberRef]| {
        members.iter().map(|one| MemberRef { reason: None, origin: None, ..one.clone() }).collect()
    };
    MemberChange { add: plain(&members.add), remove: plain(&members.remove) }
}

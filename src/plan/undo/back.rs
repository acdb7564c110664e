//! The former state as something to be wanted.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::desired::{Apply, Asserted, Assertion, Desired, DesiredResource, MemberKey, Presence};
use crate::plan::{Action, MemberRef};
use crate::scim::path::AttrPath;
use crate::scim::schema::Schemas;
use crate::scim::{Object, ResourceKind, Value};
use crate::source::Span;

use super::{Reversal, ReversedAttribute, State, UndoTarget};

/// What an undo wants of a target: the resources that the apply changed, with the values that they had. `managed` leaves
/// out those that are not to be managed afterwards, as they were not before.
pub fn goal(undo: &UndoTarget, managed: bool) -> Desired {
    let mut desired = Desired::default();
    let changed = undo.changes.iter().filter(|change| {
        matches!(change.action, Action::Update | Action::Reactivate | Action::Deactivate)
            && !matches!(change.state, State::NotDone | State::TakenOver)
            && (change.managed || !managed)
    });
    for change in changed {
        desired.insert(resource(change));
    }
    desired
}

fn resource(change: &Reversal) -> DesiredResource {
    let mut assertions: Vec<Assertion> = change
        .attributes
        .iter()
        .filter_map(|attribute| {
            Some(Assertion {
                path: Arc::new(attribute.path.parse::<AttrPath>().ok()?),
                value: Asserted::Value(former(change.resource, attribute)),
                apply: Apply::Always,
                origin: Span::default(),
                sensitive: false,
                gives_way: false,
            })
        })
        .collect();
    assertions.sort_by(|a, b| a.path.cmp(&b.path));
    let presence = match change.action {
        Action::Reactivate => Presence::Inactive("without access before".to_owned()),
        _ => Presence::Active,
    };
    DesiredResource {
        kind: change.resource,
        key: change.key.clone(),
        previously: Vec::new(),
        name: change.name.clone(),
        origin: Span::default(),
        presence,
        assertions,
        members: (change.resource == ResourceKind::Group).then(|| members(&change.members.remove)),
        additive: false,
    }
}

fn members(removed: &[MemberRef]) -> BTreeMap<MemberKey, Span> {
    let key = |member: &MemberRef| Some(MemberKey::new(member.resource, member.key.as_deref()?));
    removed.iter().filter_map(key).map(|key| (key, Span::default())).collect()
}

/// The value to send for what was before. Parts that the apply gave and that were not there are cleared.
pub(in crate::plan) fn former(kind: ResourceKind, attribute: &ReversedAttribute) -> Value {
    let (Value::Object(before), Value::Object(after)) = (&attribute.before, &attribute.after) else {
        return attribute.before.clone();
    };
    let known = attribute.path.parse::<AttrPath>().ok();
    let part = |name: &str| {
        let path = known.as_ref()?;
        Schemas::core(kind).attribute(&path.parent())?.sub(name)
    };
    let mut whole: Object = before.clone();
    for (name, _) in after.iter().filter(|(name, _)| before.get(name).is_none() && part(name).is_some()) {
        whole.insert(name, Value::Null);
    }
    Value::Object(whole)
}

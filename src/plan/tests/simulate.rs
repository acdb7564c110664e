//! A server that does what it is told, and the ledger after that.

use crate::desired::{Asserted, DesiredResource};
use crate::ledger::Entry;
use crate::live::{LiveMember, LiveResource, Members};
use crate::plan::{Action, Change, TargetPlan, asserted_hash};
use crate::scim::patch::{self, PatchOp};
use crate::scim::schema::Schemas;
use crate::scim::{Object, ResourceKind, Value};

use super::world::World;

impl World {
    /// Carries a plan out.
    pub(super) fn apply(&mut self, plan: &TargetPlan) {
        for change in plan.changes.iter().filter(|change| change.action == Action::Create) {
            let id = made(change.resource, &change.key);
            let (kind, attributes) = (change.resource, Object::new());
            let members = if kind == ResourceKind::Group { Members::Known(vec![]) } else { Members::Unknown };
            self.list(kind).push(LiveResource {
                kind,
                id,
                version: None,
                attributes,
                members,
                by_id: false,
                unkept: crate::live::Unkept::default(),
            });
        }
        for change in &plan.changes {
            self.carry_out(change);
        }
        self.live.users.sort_by(|a, b| a.id.cmp(&b.id));
        self.live.groups.sort_by(|a, b| a.id.cmp(&b.id));
        self.record();
    }

    fn list(&mut self, kind: ResourceKind) -> &mut Vec<LiveResource> {
        match kind {
            ResourceKind::User => &mut self.live.users,
            ResourceKind::Group => &mut self.live.groups,
        }
    }

    fn carry_out(&mut self, change: &Change) {
        let id = change.id.clone().unwrap_or_else(|| made(change.resource, &change.key));
        if matches!(change.action, Action::Forget | Action::Delete) {
            self.list(change.resource).retain(|live| change.action == Action::Forget || live.id != id);
            self.ledger.of_mut(change.resource).remove(&change.key);
            return;
        }
        let ids: Vec<(String, String)> = self.ids();
        let id_of = |key: &str| ids.iter().find(|(known, _)| known == key).map(|(_, id)| id.clone());
        let ops: Vec<PatchOp> = change
            .attributes
            .iter()
            .map(|attribute| match &attribute.reference {
                Some(key) => PatchOp::replace(
                    (*attribute.path).clone(),
                    Value::Object([("value", Value::from(id_of(key).unwrap()))].into_iter().collect()),
                ),
                None if attribute.after == Value::Null => PatchOp::remove((*attribute.path).clone()),
                None => PatchOp::replace((*attribute.path).clone(), attribute.after.clone()),
            })
            .collect();
        let added: Vec<String> = change
            .members
            .add
            .iter()
            .map(|member| member.id.clone().or_else(|| id_of(member.key.as_ref()?)).unwrap())
            .collect();
        let gone: Vec<&String> = change.members.remove.iter().filter_map(|member| member.id.as_ref()).collect();
        let live = self.list(change.resource).iter_mut().find(|live| live.id == id).unwrap();
        patch::apply(&mut live.attributes, &ops, Schemas::core(change.resource)).unwrap();
        if let Members::Known(members) = &mut live.members {
            members.retain(|member| !gone.contains(&&member.id));
            members.extend(added.iter().map(|id| LiveMember { id: id.clone(), kind: None, display: None }));
            members.sort();
        }
        if change.resource == ResourceKind::Group && !self.desired.groups.contains_key(change.key.as_str()) {
            let ours = self.ledger.groups.get_mut(&change.key).map(|entry| &mut entry.members);
            if ours.is_some_and(|ours| {
                ours.retain(|id| !gone.contains(&id));
                ours.is_empty()
            }) {
                self.ledger.groups.remove(&change.key);
            }
        }
    }

    /// Ids of declared people, by key.
    fn ids(&self) -> Vec<(String, String)> {
        let live = |key: &str| {
            let of_key = |live: &&LiveResource| {
                live.attributes.get("externalId") == Some(&Value::from(key)) || live.id == made(ResourceKind::User, key)
            };
            self.live.users.iter().find(of_key).map(|live| live.id.clone())
        };
        self.desired.users.keys().filter_map(|key| Some((key.to_string(), live(key.as_str())?))).collect()
    }

    /// Writes everything declared that is there into the ledger.
    pub(super) fn record(&mut self) {
        let ids = self.ids();
        let users: Vec<(&DesiredResource, String)> = self
            .desired
            .users
            .values()
            .filter_map(|user| Some((user, ids.iter().find(|(key, _)| *key == user.key)?.1.clone())))
            .collect();
        for (user, id) in users {
            let entry = entry_of(&self.hasher, user, id);
            self.ledger.users.insert(user.key.clone(), entry);
        }
        for group in self.desired.groups.values() {
            let named =
                |live: &&LiveResource| live.attributes.get("displayName") == Some(&Value::from(group.key.as_str()));
            let Some(live) = self.live.groups.iter().find(named) else {
                continue;
            };
            let entry = entry_of(&self.hasher, group, live.id.clone());
            self.ledger.groups.insert(group.key.clone(), entry);
        }
    }
}

fn entry_of(hasher: &crate::ledger::Hasher, resource: &DesiredResource, id: String) -> Entry {
    let hash = |value: &Asserted, at: &str| asserted_hash(hasher, at, value);
    let asserted = resource
        .assertions
        .iter()
        .map(|assertion| (assertion.path.to_string(), hash(&assertion.value, &assertion.path.to_string())))
        .collect();
    Entry { id, asserted, ..Entry::default() }
}

fn made(kind: ResourceKind, key: &str) -> String {
    format!("made-{}-{key}", kind.name())
}

//! All resources of one kind, in their order, with indexes.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use super::record::{Members, Record};

/// One resource with its members and, while stale reads are asked for, its state before the last change.
#[derive(Clone, Debug)]
pub(in crate::sandbox) struct Slot {
    /// The present version.
    pub(in crate::sandbox) record: Arc<Record>,
    /// The members of a group; empty for users.
    pub(in crate::sandbox) members: Arc<Members>,
    /// When it was changed last, for stale reads; `None` after a start.
    pub(super) changed: Option<Instant>,
    /// The state before, if it was kept.
    pub(super) before: Option<(Arc<Record>, Arc<Members>)>,
}

impl Slot {
    /// The state that a read sees which does not see changes after `horizon`; `None` if it did not exist then.
    pub(in crate::sandbox) fn as_of(&self, horizon: Option<Instant>) -> Option<(&Arc<Record>, &Arc<Members>)> {
        match (horizon, self.changed) {
            (Some(horizon), Some(changed)) if changed > horizon => {
                self.before.as_ref().map(|(record, members)| (record, members))
            }
            _ => Some((&self.record, &self.members)),
        }
    }
}

/// All resources of one kind.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct Table {
    slots: HashMap<Arc<str>, Slot>,
    order: Vec<(u64, Arc<str>)>,
    by_name: HashMap<String, BTreeSet<Arc<str>>>,
    by_external: HashMap<String, BTreeSet<Arc<str>>>,
}

impl Table {
    /// How many.
    pub(in crate::sandbox) fn len(&self) -> usize {
        self.order.len()
    }

    /// The resource of an id.
    pub(in crate::sandbox) fn get(&self, id: &str) -> Option<&Slot> {
        self.slots.get(id)
    }

    /// Everything from a place on, in the order of creation.
    pub(in crate::sandbox) fn starting_at(&self, index: usize) -> impl Iterator<Item = &Slot> {
        self.order.get(index..).unwrap_or_default().iter().filter_map(|(_, id)| self.slots.get(id))
    }

    /// The place of the first resource whose number is greater.
    pub(in crate::sandbox) fn index_after(&self, seq: u64) -> usize {
        self.order.partition_point(|(known, _)| *known <= seq)
    }

    /// Those of a name, compared without case.
    pub(in crate::sandbox) fn by_name(&self, canonical: &str) -> impl Iterator<Item = &Slot> {
        self.by_name.get(canonical).into_iter().flatten().filter_map(|id| self.slots.get(id))
    }

    /// Those of an `externalId`.
    pub(in crate::sandbox) fn by_external(&self, external: &str) -> impl Iterator<Item = &Slot> {
        self.by_external.get(external).into_iter().flatten().filter_map(|id| self.slots.get(id))
    }

    /// Puts a version in place of the one before, if any; `history` keeps that one for stale reads.
    pub(super) fn put(&mut self, record: Arc<Record>, members: Arc<Members>, history: bool, now: Option<Instant>) {
        let id = Arc::clone(&record.id);
        let before = self.slots.remove(&id);
        if let Some(slot) = &before {
            self.unindex(&slot.record);
        } else {
            let at = self.order.partition_point(|(known, _)| *known < record.seq);
            self.order.insert(at, (record.seq, Arc::clone(&id)));
        }
        if let Some(name) = &record.keys.name {
            self.by_name.entry(name.clone()).or_default().insert(Arc::clone(&id));
        }
        if let Some(external) = &record.keys.external {
            self.by_external.entry(external.clone()).or_default().insert(Arc::clone(&id));
        }
        let before = before.filter(|_| history).map(|slot| (slot.record, slot.members));
        self.slots.insert(id, Slot { record, members, changed: now, before });
    }

    /// The members of a group, to change them in place.
    pub(super) fn members_mut(&mut self, id: &str) -> Option<&mut Arc<Members>> {
        self.slots.get_mut(id).map(|slot| &mut slot.members)
    }

    /// Takes one out.
    pub(super) fn remove(&mut self, id: &str) -> Option<Slot> {
        let slot = self.slots.remove(id)?;
        self.unindex(&slot.record);
        let at = self.order.partition_point(|(known, _)| *known < slot.record.seq);
        if self.order.get(at).is_some_and(|(known, _)| *known == slot.record.seq) {
            self.order.remove(at);
        }
        Some(slot)
    }

    fn unindex(&mut self, record: &Record) {
        if let Some(name) = &record.keys.name {
            forget(&mut self.by_name, name, &record.id);
        }
        if let Some(external) = &record.keys.external {
            forget(&mut self.by_external, external, &record.id);
        }
    }
}

fn forget(index: &mut HashMap<String, BTreeSet<Arc<str>>>, key: &str, id: &str) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}

//! The sandbox's store. Everything is in memory, indexed; with a file, every change is written through to it before the
//! request that made it is answered.

mod journal;
mod record;
mod table;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

pub(super) use journal::Progress;
use journal::{Change, Contents, Journal};
pub(super) use record::{Joined, Keys, Members, Record};
pub(super) use table::{Slot, Table};

use super::options::{SandboxError, Store};
use crate::scim::ResourceKind;

/// How the members of a group change.
#[derive(Clone, Debug, Default)]
pub(super) struct MemberChange {
    /// Leave first.
    pub(super) leave: Vec<Arc<str>>,
    /// Join then.
    pub(super) join: Vec<Joined>,
}

/// Everything that is stored.
#[derive(Debug)]
pub(super) struct State {
    users: Table,
    groups: Table,
    member_of: HashMap<Arc<str>, BTreeSet<Arc<str>>>,
    reserved: HashSet<String>,
    next_seq: u64,
    journal: Option<Journal>,
    pending: Vec<Change>,
    /// Whether the state before a change is kept, for stale reads.
    pub(super) history: bool,
}

impl State {
    /// Opens a store.
    pub(super) fn open(store: &Store) -> Result<Self, SandboxError> {
        let mut state = Self {
            users: Table::default(),
            groups: Table::default(),
            member_of: HashMap::new(),
            reserved: HashSet::new(),
            next_seq: 1,
            journal: None,
            pending: Vec::new(),
            history: false,
        };
        if let Store::File(path) = store {
            let failed = |reason: String| SandboxError::Store { path: path.display().to_string(), reason };
            let (journal, contents) = Journal::open(path).map_err(|error| failed(error.to_string()))?;
            state.load(contents).map_err(|error| failed(error.to_string()))?;
            state.journal = Some(journal);
        }
        Ok(state)
    }

    fn load(&mut self, contents: Contents) -> Result<(), serde_json::Error> {
        let mut members: HashMap<String, Members> = HashMap::new();
        for (group, member, order) in contents.members {
            self.member_of.entry(Arc::clone(&member.id)).or_default().insert(group.as_str().into());
            members.entry(group).or_default().join_at(&member, order);
        }
        let mut records = contents
            .resources
            .into_iter()
            .map(|(kind, id, bytes)| Ok((kind, Record::from_bytes(kind, &id, &bytes)?)))
            .collect::<Result<Vec<_>, serde_json::Error>>()?;
        // In the order of creation every one goes to the end of the table's order.
        records.sort_by_key(|(_, record)| record.seq);
        for (kind, record) in records {
            self.next_seq = self.next_seq.max(record.seq + 1);
            let joined = members.remove(&*record.id).unwrap_or_default();
            self.table_mut(kind).put(Arc::new(record), Arc::new(joined), false, None);
        }
        self.reserved = contents.reserved.into_iter().collect();
        Ok(())
    }

    /// What to wait on for changes to be durable, if the store is.
    pub(super) fn progress(&self) -> Option<Arc<Progress>> {
        self.journal.as_ref().map(Journal::progress)
    }

    /// All resources of a kind.
    pub(super) fn table(&self, kind: ResourceKind) -> &Table {
        match kind {
            ResourceKind::User => &self.users,
            ResourceKind::Group => &self.groups,
        }
    }

    fn table_mut(&mut self, kind: ResourceKind) -> &mut Table {
        match kind {
            ResourceKind::User => &mut self.users,
            ResourceKind::Group => &mut self.groups,
        }
    }

    /// The stored id and the kind of a resource.
    pub(super) fn kind_of(&self, id: &str) -> Option<(Arc<str>, ResourceKind)> {
        [ResourceKind::User, ResourceKind::Group]
            .into_iter()
            .find_map(|kind| self.table(kind).get(id).map(|slot| (Arc::clone(&slot.record.id), kind)))
    }

    /// The groups that list this id themselves.
    pub(super) fn groups_of(&self, id: &str) -> impl Iterator<Item = &Slot> {
        self.member_of.get(id).into_iter().flatten().filter_map(|group| self.groups.get(group))
    }

    /// Whether a name was used by something that was deleted for good.
    pub(super) fn is_reserved(&self, canonical: &str) -> bool {
        self.reserved.contains(canonical)
    }

    /// The next number in the order of creation.
    pub(super) fn take_seq(&mut self) -> u64 {
        self.next_seq += 1;
        self.next_seq - 1
    }

    /// Stores a version of a resource and changes its members.
    pub(super) fn put(&mut self, kind: ResourceKind, record: Record, change: &MemberChange) -> Arc<Record> {
        let record = Arc::new(record);
        if self.journal.is_some()
            && let Some(bytes) = record.to_bytes()
        {
            self.pending.push(Change::Put(kind, Arc::clone(&record.id), bytes));
        }
        let history = self.history;
        // Without history nothing else holds these members, so they are changed in place.
        let mut members = if history {
            self.table(kind).get(&record.id).map(|slot| Arc::clone(&slot.members))
        } else {
            self.table_mut(kind).members_mut(&record.id).map(std::mem::take)
        }
        .unwrap_or_default();
        if !change.leave.is_empty() || !change.join.is_empty() {
            let inner = Arc::make_mut(&mut members);
            for id in &change.leave {
                if inner.leave(id) {
                    self.left(&record.id, id);
                }
            }
            for member in &change.join {
                if let Some(order) = inner.join(member) {
                    self.joined(&record.id, member, order);
                }
            }
        }
        self.table_mut(kind).put(Arc::clone(&record), members, history, Some(Instant::now()));
        record
    }

    /// Takes a resource out, also from the groups that list it, which get a new version (RFC 7644 section 3.6).
    pub(super) fn remove(&mut self, kind: ResourceKind, id: &str, now: Timestamp) {
        let listed: Vec<Arc<Record>> = self.groups_of(id).map(|slot| Arc::clone(&slot.record)).collect();
        for group in listed {
            let change = MemberChange { leave: vec![Arc::from(id)], join: Vec::new() };
            let next = Record { version: group.version + 1, tag: None, modified: now, ..(*group).clone() };
            self.put(ResourceKind::Group, next, &change);
        }
        let Some(slot) = self.table_mut(kind).remove(id) else { return };
        for member in slot.members.iter() {
            self.left(&slot.record.id, &member.id);
        }
        if self.journal.is_some() {
            self.pending.push(Change::Remove(kind, Arc::clone(&slot.record.id)));
        }
    }

    /// Gives a resource another id; the groups that list it list the new one and get a new version.
    pub(super) fn rekey(&mut self, kind: ResourceKind, id: &str, new: &Arc<str>, now: Timestamp) {
        let Some(slot) = self.table(kind).get(id).cloned() else { return };
        let display = |group: &Slot| group.members.get(id).and_then(|member| member.display.clone());
        let groups: Vec<(Arc<str>, Option<Arc<str>>)> =
            self.groups_of(id).map(|group| (Arc::clone(&group.record.id), display(group))).collect();
        self.remove(kind, id, now);
        let join = slot.members.iter().cloned().collect();
        let moved = Record { id: Arc::clone(new), ..Record::clone(&slot.record) };
        self.put(kind, moved, &MemberChange { leave: Vec::new(), join });
        for (group, display) in groups {
            let Some(listing) = self.groups.get(&group).map(|slot| Record::clone(&slot.record)) else { continue };
            let join = vec![Joined { id: Arc::clone(new), kind, display }];
            self.put(ResourceKind::Group, listing, &MemberChange { leave: Vec::new(), join });
        }
    }

    /// Makes a name unusable for ever.
    pub(super) fn reserve(&mut self, canonical: String) {
        if self.journal.is_some() {
            self.pending.push(Change::Reserve(canonical.clone()));
        }
        self.reserved.insert(canonical);
    }

    /// Hands the changes since the last call to the file; the number to wait for, if there is something to wait for.
    pub(super) fn submit(&mut self) -> Option<u64> {
        if self.pending.is_empty() {
            return None;
        }
        let batch = std::mem::take(&mut self.pending);
        self.journal.as_mut().map(|journal| journal.submit(batch))
    }

    /// Writes what is left and closes the file.
    pub(super) fn close(&mut self) {
        self.journal = None;
    }

    fn joined(&mut self, group: &Arc<str>, member: &Joined, order: u64) {
        self.member_of.entry(Arc::clone(&member.id)).or_default().insert(Arc::clone(group));
        if self.journal.is_some() {
            self.pending.push(Change::Join(Arc::clone(group), member.clone(), order));
        }
    }

    fn left(&mut self, group: &Arc<str>, member: &Arc<str>) {
        if let Some(groups) = self.member_of.get_mut(member) {
            groups.remove(group);
            if groups.is_empty() {
                self.member_of.remove(member);
            }
        }
        if self.journal.is_some() {
            self.pending.push(Change::Leave(Arc::clone(group), Arc::clone(member)));
        }
    }
}

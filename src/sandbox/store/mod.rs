//! The sandbox's store. Everything is in memory, indexed; with a file, every change is written through to it before the
//! request that made it is answered.

mod journal;
mod record;
mod table;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use journal::{Change, Journal};
pub(super) use record::{Joined, Keys, Members, Record};
pub(super) use table::{Slot, Table};

use super::options::{SandboxError, Store};
use crate::scim::{PerKind, ResourceKind};

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
    tables: PerKind<Table>,
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
            tables: PerKind::default(),
            member_of: HashMap::new(),
            reserved: HashSet::new(),
            next_seq: 1,
            journal: None,
            pending: Vec::new(),
            history: false,
        };
        if let Store::File(path) = store {
            let (journal, changes) = Journal::open(path)
                .map_err(|error| SandboxError::Store { path: path.display().to_string(), reason: error.to_string() })?;
            for change in changes {
                state.redo(change);
            }
            state.journal = Some(journal);
        }
        Ok(state)
    }

    fn redo(&mut self, change: Change) {
        match change {
            Change::Put { kind, id, stored, leave, join } => {
                let record = Record::new(kind, &id, stored);
                self.next_seq = self.next_seq.max(record.seq + 1);
                let members = MemberChange { leave: leave.into_iter().map(Arc::from).collect(), join };
                self.store(kind, Arc::new(record), &members, None);
            }
            Change::Remove(kind, id) => self.remove(kind, &id, Timestamp::UNIX_EPOCH),
            Change::Reserve(name) => self.reserve(name),
        }
    }

    /// All resources of a kind.
    pub(super) fn table(&self, kind: ResourceKind) -> &Table {
        self.tables.of(kind)
    }

    fn table_mut(&mut self, kind: ResourceKind) -> &mut Table {
        self.tables.of_mut(kind)
    }

    /// The stored id and the kind of a resource.
    pub(super) fn kind_of(&self, id: &str) -> Option<(Arc<str>, ResourceKind)> {
        ResourceKind::ALL
            .into_iter()
            .find_map(|kind| self.table(kind).get(id).map(|slot| (Arc::clone(&slot.record.id), kind)))
    }

    /// The groups that list this id themselves.
    pub(super) fn groups_of(&self, id: &str) -> impl Iterator<Item = &Slot> {
        self.member_of.get(id).into_iter().flatten().filter_map(|group| self.tables.groups.get(group))
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
        if self.journal.is_some() {
            let stored = Change::put(kind, &record, change);
            self.pending.push(stored);
        }
        self.store(kind, Arc::clone(&record), change, Some(Instant::now()));
        record
    }

    fn store(&mut self, kind: ResourceKind, record: Arc<Record>, change: &MemberChange, now: Option<Instant>) {
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
                if inner.join(member) {
                    self.member_of.entry(Arc::clone(&member.id)).or_default().insert(Arc::clone(&record.id));
                }
            }
        }
        self.table_mut(kind).put(record, members, history, now);
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
            self.pending.push(Change::Remove(kind, slot.record.id.to_string()));
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
            let Some(listing) = self.tables.groups.get(&group).map(|slot| Record::clone(&slot.record)) else {
                continue;
            };
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

    /// Writes the changes since the last call to the file.
    pub(super) fn flush(&mut self) {
        let changes = std::mem::take(&mut self.pending);
        if let Some(journal) = &mut self.journal {
            journal.write(&changes);
        }
    }

    /// Why the file could not be written.
    pub(super) fn failure(&self) -> Option<&str> {
        self.journal.as_ref()?.failure.as_deref()
    }

    /// Closes the file.
    pub(super) fn close(&mut self) {
        self.journal = None;
    }

    fn left(&mut self, group: &Arc<str>, member: &Arc<str>) {
        if let Some(groups) = self.member_of.get_mut(member) {
            groups.remove(group);
            if groups.is_empty() {
                self.member_of.remove(member);
            }
        }
    }
}

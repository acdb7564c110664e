//! What a run that was cut off did and could no longer write into the ledger, taken from its journal.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{FailureCode, Kept, Noted, Subject};
use super::journal::{Entry, Line};
use crate::ledger::{Marks, Pending, TargetLedger};
use crate::plan::Action;
use crate::scim::{ResourceKey, ResourceKind};

/// What was taken from a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// The target.
    pub target: String,
    /// When the run began, by the clock of its machine.
    pub began: Option<jiff::Timestamp>,
    /// Who ran it, and where.
    pub by: String,
    /// Requests that it set out to send.
    pub steps: u64,
    /// Those of them whose end it saw, well or not.
    pub ended: u64,
    /// Entries of the ledger that are other than before.
    pub changed: usize,
}

/// Takes what the journal of an unfinished run tells into the ledger: all that it made, changed, adopted or gave up, as
/// the run itself would have noted it. What it was creating when it was cut off is pending from now on. Doing it twice is
/// doing it once. `None` where the journal does not even say what it is of.
pub fn recover(entries: &mut TargetLedger, lines: &[Line]) -> Option<Recovered> {
    let mut recovered = lines.iter().find_map(|line| match &line.entry {
        Entry::Started { target, by, steps, .. } => Some(Recovered {
            target: target.clone(),
            began: Some(line.time),
            by: by.clone(),
            steps: *steps,
            ..Recovered::default()
        }),
        _ => None,
    })?;
    let mark = entries.hasher().mark().to_string();
    let before = entries.clone();
    let mut taking = Taking {
        same_ledger: false,
        members: BTreeMap::new(),
        flying: BTreeMap::new(),
        set_out: BTreeSet::new(),
        unsure: BTreeSet::new(),
    };
    for line in lines {
        if let Entry::Started { hashes, .. } = &line.entry {
            taking.same_ledger = *hashes == mark;
        }
        if matches!(line.entry, Entry::Done { .. } | Entry::Failed { step: Some(_), .. }) {
            recovered.ended += 1;
        }
        taking.take(entries, &line.entry);
        taking.follow(&line.entry);
    }
    taking.finish(entries);
    let changed = ResourceKind::ALL.into_iter().map(|kind| {
        let (old, new) = (before.of(kind), entries.of(kind));
        let gone = old.keys().filter(|key| !new.contains_key(*key)).count();
        gone + new.iter().filter(|(key, entry)| old.get(*key) != Some(entry)).count()
    });
    recovered.changed = changed.sum();
    Some(recovered)
}

/// The state of a reading.
struct Taking {
    /// Whether the hashes are those of this ledger; of another one they mean nothing.
    same_ledger: bool,
    /// Members of groups, as sets until the end: a large group is filled in many steps.
    members: BTreeMap<String, BTreeSet<String>>,
    /// Creations whose end is not seen yet, by step.
    flying: BTreeMap<usize, ResourceKey>,
    /// All that the run was to create.
    set_out: BTreeSet<ResourceKey>,
    /// Creations of which nobody knows.
    unsure: BTreeSet<ResourceKey>,
}

impl Taking {
    fn take(&mut self, entries: &mut TargetLedger, entry: &Entry) {
        match entry {
            Entry::Done { subject, id: Some(id), ledger: Noted::Managed, kept, .. }
            | Entry::Failed { subject, managed: Some(id), kept, .. } => {
                self.managed(entries, subject, id, kept.as_deref());
            }
            Entry::Adopted { subject, id } => {
                entries.record(subject.resource, &subject.key, id);
            }
            Entry::Members { subject, present, absent, .. } => self.change(entries, &subject.key, present, absent),
            Entry::Done { subject, ledger: Noted::Forgotten, .. }
            | Entry::Changed { subject: subject @ Subject { action: Action::Forget, .. } } => {
                entries.forget(subject.resource, &subject.key);
                if subject.resource == ResourceKind::Group {
                    self.members.remove(&subject.key);
                }
            }
            _ => {}
        }
    }

    fn managed(&mut self, entries: &mut TargetLedger, subject: &Subject, id: &str, kept: Option<&Kept>) {
        let (kind, key) = (subject.resource, &subject.key);
        if let Some(former) = kept.and_then(|kept| kept.former.as_ref()) {
            entries.rekey(kind, key, former, id);
            let groups = entries.groups.iter_mut().map(|(_, group)| &mut group.members);
            for member in groups.flatten().filter(|member| *member == former) {
                id.clone_into(member);
            }
            for members in self.members.values_mut() {
                if members.remove(former) {
                    members.insert(id.to_owned());
                }
            }
        }
        let entry = entries.record(kind, key, id);
        let Some(kept) = kept else { return };
        entry.deactivated = kept.deactivated;
        if self.same_ledger {
            entry.asserted.clone_from(&kept.asserted);
            entry.witnesses.clone_from(&kept.witnesses);
        }
        if kind == ResourceKind::Group {
            self.change(entries, key, &kept.present, &kept.absent);
        }
    }

    fn change(&mut self, entries: &TargetLedger, key: &str, present: &[String], absent: &[String]) {
        if present.is_empty() && absent.is_empty() {
            return;
        }
        let members = self.members.entry(key.to_owned()).or_insert_with(|| {
            entries.groups.get(key).map(|entry| entry.members.iter().cloned().collect()).unwrap_or_default()
        });
        members.extend(present.iter().cloned());
        for id in absent {
            members.remove(id);
        }
    }

    /// Which creations are in flight.
    fn follow(&mut self, entry: &Entry) {
        match entry {
            Entry::Creating { users, groups } => {
                self.set_out.extend(users.iter().map(ResourceKey::user));
                self.set_out.extend(groups.iter().map(ResourceKey::group));
            }
            Entry::Sending { step, subject, method, .. } if method == "POST" => {
                self.flying.insert(*step, ResourceKey::new(subject.resource, &*subject.key));
            }
            Entry::Done { step, .. } => {
                if let Some(named) = self.flying.remove(step) {
                    self.unsure.remove(&named);
                }
            }
            Entry::Failed { step: Some(step), code, managed, .. } => {
                let open = matches!(code, FailureCode::OutcomeUnknown | FailureCode::Unauthorized) && managed.is_none();
                match self.flying.remove(step) {
                    Some(named) if open => {
                        self.unsure.insert(named);
                    }
                    Some(named) => {
                        self.unsure.remove(&named);
                    }
                    None => {}
                }
            }
            _ => {}
        }
    }

    fn finish(mut self, entries: &mut TargetLedger) {
        for (key, members) in self.members {
            // A group that was only begun has no entry; its members are in the target alone.
            if let Some(entry) = entries.groups.get_mut(&key) {
                entry.members = members.into_iter().collect();
            }
        }
        self.unsure.extend(self.flying.into_values());
        // What it was to create and never sent is not there; what earlier runs left stays.
        let known: BTreeMap<ResourceKey, Pending> = std::mem::take(&mut entries.pending)
            .into_iter()
            .map(|one| (ResourceKey::new(one.resource, &*one.key), one))
            .collect();
        let stays = |named: &ResourceKey| self.unsure.contains(named) || !self.set_out.contains(named);
        let all: BTreeSet<ResourceKey> =
            known.keys().filter(|named| stays(named)).chain(&self.unsure).cloned().collect();
        let pending = all.into_iter().map(|of| {
            known.get(&of).cloned().unwrap_or(Pending { resource: of.kind, key: of.key, matches: Marks::default() })
        });
        entries.pending = pending.collect();
    }
}

#[cfg(test)]
mod tests;

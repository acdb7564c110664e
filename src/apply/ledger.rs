//! What a finished step leaves in the ledger.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Due, Kept};
use super::job::{Done, Job};
use super::verify::Verdict;
use crate::desired::Asserted;
use crate::ledger::{Hasher, TargetLedger, Witness};
use crate::plan::{Effect, asserted_hash};
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKind, Value};

/// The ledger during a run. Members are kept as sets until they are written back, so that a large group that is
/// filled in many batches costs no more than its members.
pub(super) struct Keeper<'a> {
    pub(super) ledger: &'a mut TargetLedger,
    pub(super) hasher: &'a Hasher,
    members: BTreeMap<String, BTreeSet<String>>,
    /// New ids of people by their former ones, not yet put into the groups that list them.
    moved: BTreeMap<String, String>,
    dirty: usize,
    /// Whether what changed must not wait.
    urgent: bool,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(ledger: &'a mut TargetLedger, hasher: &'a Hasher) -> Self {
        Self { ledger, hasher, members: BTreeMap::new(), moved: BTreeMap::new(), dirty: 0, urgent: false }
    }

    /// Notes what a job did and what was found to be so. What did not take is not noted: the next plan shows it again.
    pub(super) fn record(&mut self, job: &Job, done: &Done) {
        self.dirty += 1;
        if let Some(former) = &done.moved {
            self.ledger.rekey(job.kind, &job.key, former, &done.id);
            self.moved.insert(former.clone(), done.id.clone());
        }
        let entry = self.ledger.record(job.kind, &job.key, &done.id);
        for (effect, verdict) in job.effects.iter().zip(&done.verdicts) {
            let ours = !matches!(verdict, Verdict::Refused | Verdict::Foreign);
            if *verdict == Verdict::Settled && gives_access(job, effect) {
                // Whatever becomes of the rest: a later suspension is another one, with a grace of its own.
                entry.deactivated = None;
            }
            if !effect.lasting || !ours || done.unchecked.is_some() {
                continue;
            }
            let path = effect.path.to_string();
            let sent = asserted_hash(self.hasher, &path, &effect.asserted);
            match verdict {
                Verdict::Own(kept) => {
                    let kept = self.hasher.hash(&path, kept);
                    entry.witnesses.insert(path.clone(), Witness { sent, kept });
                }
                _ => {
                    entry.witnesses.remove(&path);
                }
            }
            entry.asserted.insert(&path, sent);
        }
        let members = &done.members.done;
        let absent = gone(job, done);
        if !members.present.is_empty() || !absent.is_empty() {
            self.change_members(&job.key, &members.present, absent);
        }
    }

    /// Notes what a second look at a job found: what was refused after all is not asserted.
    pub(super) fn refuted(&mut self, job: &Job, done: &Done) {
        self.record(job, done);
        let refused = job.effects.iter().zip(&done.verdicts).filter(|(_, verdict)| **verdict == Verdict::Refused);
        if let Some(entry) = self.ledger.of_mut(job.kind).get_mut(&job.key) {
            for (effect, _) in refused {
                entry.asserted.remove(&effect.path.to_string());
            }
        }
    }

    /// Takes out what a write took away: the next plan is to see it.
    pub(super) fn taken_away(&mut self, job: &Job, paths: &[AttrPath]) {
        let Some(entry) = self.ledger.of_mut(job.kind).get_mut(&job.key) else { return };
        for path in paths.iter().map(ToString::to_string) {
            entry.asserted.remove(&path);
            entry.witnesses.remove(&path);
        }
    }

    /// Notes that a person was deleted and is kept there without access.
    pub(super) fn switched_off(&mut self, key: &str, day: jiff::civil::Date) {
        self.dirty += 1;
        if let Some(entry) = self.ledger.users.get_mut(key) {
            entry.deactivated = Some(day);
            let active = Asserted::Value(Value::Bool(false));
            entry.asserted.insert("active", asserted_hash(self.hasher, "active", &active));
        }
    }

    /// Declared members who were there before the run.
    pub(super) fn claim_members(&mut self, key: &str, present: &[String]) {
        if !present.is_empty() {
            self.change_members(key, present, &[]);
        }
    }

    fn change_members(&mut self, key: &str, present: &[String], absent: &[String]) {
        let set = self.members.entry(key.to_owned()).or_insert_with(|| {
            self.ledger.groups.get(key).map(|entry| entry.members.iter().cloned().collect()).unwrap_or_default()
        });
        set.extend(present.iter().cloned());
        for id in absent {
            set.remove(id);
        }
    }

    /// What the ledger knows of a resource after a job.
    pub(super) fn kept(&self, job: &Job, done: &Done) -> Option<Box<Kept>> {
        let entry = self.ledger.of(job.kind).get(&job.key)?;
        let members = &done.members.done;
        Some(Box::new(Kept {
            former: done.moved.clone(),
            asserted: entry.asserted.clone(),
            witnesses: entry.witnesses.clone(),
            deactivated: entry.deactivated,
            present: members.present.clone(),
            absent: gone(job, done).to_vec(),
        }))
    }

    pub(super) fn deactivated(&mut self, key: &str, day: Option<jiff::civil::Date>) {
        if let Some(entry) = self.ledger.users.get_mut(key) {
            entry.deactivated = day;
        }
    }

    pub(super) fn forget(&mut self, kind: ResourceKind, key: &str) {
        self.dirty += 1;
        self.ledger.forget(kind, key);
        if kind == ResourceKind::Group {
            self.members.remove(key);
        }
    }

    /// Whether a group that is no longer declared has none of our members left.
    pub(super) fn is_empty_group(&self, key: &str) -> bool {
        match self.members.get(key) {
            Some(members) => members.is_empty(),
            None => self.ledger.groups.get(key).is_none_or(|entry| entry.members.is_empty()),
        }
    }

    /// Whether a checkpoint is due: at once where that was asked for; else once as much changed as the ledger holds, so that
    /// all checkpoints of a run together write no more than twice its size. The journal holds what came in between.
    pub(super) fn due(&self) -> Option<Due> {
        let soon = self.dirty >= 50.max(self.ledger.users.len() + self.ledger.groups.len());
        if self.urgent { Some(Due::Now) } else { soon.then_some(Due::Soon) }
    }

    /// Has the next checkpoint made at once.
    pub(super) const fn make_due(&mut self) {
        self.urgent = true;
    }

    /// The ledger with all that is noted so far.
    pub(super) fn settled(&mut self) -> &TargetLedger {
        (self.dirty, self.urgent) = (0, false);
        for (key, members) in &self.members {
            if let Some(entry) = self.ledger.groups.get_mut(key) {
                entry.members = members.iter().cloned().collect();
            }
        }
        self.follow_moved();
        self.ledger
    }

    /// Puts new ids into the groups that list former ones.
    fn follow_moved(&mut self) {
        if self.moved.is_empty() {
            return;
        }
        let moved = std::mem::take(&mut self.moved);
        let renewed = |id: String| moved.get(&id).cloned().unwrap_or(id);
        for entry in self.ledger.groups.values_mut() {
            let members: BTreeSet<String> = std::mem::take(&mut entry.members).into_iter().map(renewed).collect();
            entry.members = members.into_iter().collect();
        }
        for members in self.members.values_mut() {
            *members = std::mem::take(members).into_iter().map(renewed).collect();
        }
    }
}

/// Members who are no longer ours after a job. Whether those who were taken out are gone is looked at after the last batch
/// of a change: until then they are ours.
fn gone<'a>(job: &Job, done: &'a Done) -> &'a [String] {
    if job.check.is_some() { done.members.done.absent.as_slice() } else { &[] }
}

/// Whether an effect is that a person has access.
fn gives_access(job: &Job, effect: &Effect) -> bool {
    let active = effect.path.is("active");
    job.kind == ResourceKind::User && active && effect.value == Value::Bool(true)
}

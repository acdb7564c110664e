//! What became of each change, for the way back: told by the events of a run, or by the journal of one that was cut off.

use std::collections::BTreeMap;

use super::event::{Event, Observer, Subject};
use super::journal::{Entry, Line};
use super::known::Known;
use crate::desired::Desired;
use crate::ledger::TargetLedger;
use crate::plan::Action;
use crate::plan::undo::{NewlyManaged, Reversal, State, UndoTarget};
use crate::scim::ResourceKind;

/// Watches a run.
#[derive(Clone, Debug, Default)]
pub struct Trace(BTreeMap<(ResourceKind, String, Action), Fate>);

#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is told by an event of its own")]
struct Fate {
    sent: bool,
    failed: bool,
    done: bool,
    id: Option<String>,
    taken_over: bool,
}

impl Trace {
    /// What a journal tells.
    pub fn of_journal(lines: &[Line]) -> Self {
        let mut trace = Self::default();
        for line in lines {
            trace.line(&line.entry);
        }
        trace
    }

    /// Writes into a way back what became of its changes. Before each request a line was written, so what was not told of
    /// was not sent.
    pub fn settle(&self, undo: &mut UndoTarget) {
        for change in &mut undo.changes {
            let fate = self.fate(change);
            change.state = match fate {
                Some(fate) if fate.taken_over => State::TakenOver,
                Some(fate) if fate.done && !fate.failed => State::Done,
                Some(fate) if fate.sent => State::Partly,
                _ => State::NotDone,
            };
            if change.action == Action::Create {
                change.id = fate.and_then(|fate| fate.id.clone());
            }
        }
        undo.settled = true;
    }

    fn fate(&self, change: &Reversal) -> Option<&Fate> {
        let of = |action: Action| self.0.get(&(change.resource, change.key.clone(), action));
        // A deletion that only takes access away is told as what it comes to.
        of(change.action).or_else(|| (change.action == Action::Deactivate).then(|| of(Action::Delete)).flatten())
    }

    fn of(&mut self, subject: &Subject) -> &mut Fate {
        self.0.entry((subject.resource, subject.key.clone(), subject.action)).or_default()
    }

    fn ended(&mut self, subject: &Subject, id: Option<&String>) {
        let fate = self.of(subject);
        if let Some(id) = id {
            fate.id = Some(id.clone());
        }
    }

    fn failed(&mut self, subject: &Subject, managed: Option<&String>) {
        self.of(subject).failed = true;
        self.ended(subject, managed);
    }

    fn adopted(&mut self, subject: &Subject, id: &String) {
        if subject.action == Action::Create {
            self.of(subject).taken_over = true;
            self.ended(subject, Some(id));
        }
    }

    fn line(&mut self, entry: &Entry) {
        match entry {
            Entry::Sending { subject, .. } => self.of(subject).sent = true,
            Entry::Done { subject, id, .. } => self.ended(subject, id.as_ref()),
            Entry::Failed { subject, managed, .. } => self.failed(subject, managed.as_ref()),
            Entry::Adopted { subject, id } => self.adopted(subject, id),
            Entry::NotConverged { subject, .. } | Entry::Skipped { subject, .. } => self.failed(subject, None),
            Entry::Changed { subject } => self.of(subject).done = true,
            _ => {}
        }
    }
}

impl Observer for Trace {
    fn event(&mut self, event: &Event) -> std::io::Result<()> {
        match event {
            Event::StepStarted(sending) => self.of(&sending.subject).sent = true,
            Event::StepDone { subject, id, .. } => self.ended(subject, id.as_ref()),
            Event::StepFailed { failure, managed, .. } => self.failed(&failure.subject, managed.as_ref()),
            Event::MemberFailed(failure) => self.failed(&failure.subject, None),
            Event::Adopted { subject, id } => self.adopted(subject, id),
            Event::NotConverged { subject, .. } | Event::Skipped { subject, .. } => self.failed(subject, None),
            Event::ChangeDone { subject } => self.of(subject).done = true,
            _ => {}
        }
        Ok(())
    }
}

/// Who is as declared and is managed from now on, without any other change.
pub fn adopted(known: &Known, desired: &Desired, ledger: &TargetLedger) -> Vec<NewlyManaged> {
    let is_new = |kind: ResourceKind, key: &str| {
        let formers = desired.find(kind, key).into_iter().flat_map(|resource| &resource.previously);
        !ledger.of(kind).contains_key(key) && !formers.into_iter().any(|former| ledger.of(kind).contains_key(former))
    };
    let fresh = known.in_sync.items().filter(|(kind, key)| is_new(*kind, key));
    fresh
        .filter_map(|(kind, key)| {
            let id = known.ids.of(kind).get(key)?.clone();
            let name = desired.find(kind, key).map_or_else(|| key.clone(), |resource| resource.name.clone());
            Some(NewlyManaged { resource: kind, key: key.clone(), id, name })
        })
        .collect()
}

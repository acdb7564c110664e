//! What happens right before a step is sent.

use super::outcome::HALTED;
use super::{Driver, subject};
use crate::apply::event::{Event, Sending, SkipCode};
use crate::apply::job::{Guard, Job, Work};
use crate::apply::prepare::{Prepared, prepare};
use crate::apply::service::Service;
use crate::desired::Asserted;
use crate::ledger::Entry;
use crate::live::normal::{Handling, is_blank};
use crate::plan::schedule::effect;
use crate::plan::{Change, Effect, IdRef, Step, StepBody};

impl<S: Service> Driver<'_, S> {
    /// Whether a further step may begin.
    pub(super) fn may_go_on(&mut self) -> bool {
        if self.stop.is_none() {
            self.stop = match self.teller.broken.take() {
                Some(broken) => Some(broken),
                None if self.run.cancel.is_cancelled() => Some("interrupted".to_owned()),
                None => None,
            };
        }
        self.stop.is_none()
    }

    /// Makes a step ready and tells that it is about to be sent. `None` where it is left.
    pub(super) fn launch(&mut self, step: &Step) -> Option<Job> {
        let change = self.context.plan.changes.get(step.change)?;
        if let Some(because) = self.progress.get_mut(step.change).and_then(|progress| progress.blocked.take()) {
            // Said once, for all steps that are left.
            if !because.is_empty() {
                self.skip(step, SkipCode::Dependency, because);
            }
            return self.leave(step, Some(String::new()));
        }
        if matches!(step.body, StepBody::Members(_)) && self.context.trust.is_broken() {
            self.skip(step, SkipCode::RemovedTooMuch, HALTED.to_owned());
            return self.leave(step, Some(String::new()));
        }
        if let Some(holder) = self.name_holder(step) {
            self.skip(step, SkipCode::Dependency, format!("it needs the name of `{holder}`, which still has it"));
            let is_made_here = matches!(step.body, StepBody::Post(_));
            return self.leave(step, is_made_here.then(String::new));
        }
        let guard = self.guard(step);
        let Prepared { mut job, missing, needed } = match prepare(step, &self.ids, &self.moved, guard) {
            Ok(prepared) => prepared,
            Err(key) => {
                self.skip(step, SkipCode::Dependency, format!("it needs `{key}`, which is not at the target"));
                return self.leave(step, None);
            }
        };
        for key in needed {
            self.skip(step, SkipCode::Dependency, format!("it needs `{key}`, which is not at the target"));
        }
        if !missing.is_empty() {
            let names: Vec<String> = missing.into_iter().map(|name| format!("`{name}`")).collect();
            let because = format!("members that are not at the target were left out: {}", names.join(", "));
            self.skip(step, SkipCode::Dependency, because);
        }
        if job.work.is_empty() {
            return self.leave(step, None);
        }
        if self.progress.get(step.change).is_some_and(|progress| progress.last_members == Some(step.id)) {
            job.check = Some(self.batches.remove(&step.change).unwrap_or_default());
        }
        self.teller.tell(Event::StepStarted(sending(step, change, &job)));
        // A journal that can't be written must not be outrun.
        if !self.may_go_on() {
            return None;
        }
        if matches!(job.work, Work::Post(_)) {
            self.unsure.of_mut(job.kind).insert(job.key.clone());
        }
        let known = self.keeper.ledger.of(job.kind).get(&job.key);
        let asserted = |effect: &Effect| {
            let path = effect.path.to_string();
            // Where the target put something of its own in before, what stays may be that.
            let ours = |entry: &Entry| entry.asserted.contains_key(&path) && !entry.witnesses.contains_key(&path);
            known.is_some_and(ours).then_some(path)
        };
        job.ours = job.effects.iter().filter_map(asserted).collect();
        job.seen = self.shown.of(job.kind).get(&job.key).cloned();
        Some(self.completed(job))
    }

    /// A create with what is to be empty, for the check: an account that was there before may have a value.
    pub(super) fn completed(&self, mut job: Job) -> Job {
        if !matches!(job.work, Work::Post(_)) {
            return job;
        }
        let declared = self.run.desired.find(job.kind, &job.key).into_iter().flat_map(|one| &one.assertions);
        let empty = declared.filter(|one| matches!(&one.value, Asserted::Value(value) if is_blank(value)));
        for assertion in empty {
            let comparison = self.context.comparisons.get(&(job.kind, assertion.path.as_ref().clone()));
            let writable = comparison.filter(|comparison| comparison.handling() == Handling::Compared);
            let named = job.effects.iter().any(|effect| effect.path.same(&assertion.path));
            if let Some(comparison) = writable.filter(|_| !named) {
                job.effects.push(effect(assertion, comparison.handling()));
            }
        }
        job
    }

    /// What must still hold: the plan's word for the first write of a resource, our own last `ETag` for the others.
    fn guard(&self, step: &Step) -> Guard {
        let made_here = matches!(step.body, StepBody::Post(_)) || matches!(step.on, Some(IdRef::Created(..)));
        if let Some(etag) = self.written.of(step.kind).get(&step.key) {
            return Guard { etag: etag.clone(), ..Guard::default() };
        }
        let Some(change) = self.context.plan.changes.get(step.change).filter(|_| !made_here) else {
            return Guard::default();
        };
        let age = self.run.timing.read_age + self.begun.elapsed();
        Guard {
            etag: change.precondition.etag.clone(),
            fingerprint: change.precondition.fingerprint.clone(),
            stale: age >= self.run.timing.stale_after,
        }
    }

    /// Key of the one who should have freed a name that a step takes, and did not.
    fn name_holder(&self, step: &Step) -> Option<&str> {
        let failed = |change: &&usize| self.progress.get(**change).is_none_or(|progress| progress.failed);
        let holder = step.frees_first.iter().find(failed)?;
        self.context.plan.changes.get(*holder).map(|change| change.key.as_str())
    }

    fn skip(&mut self, step: &Step, code: SkipCode, because: String) {
        if let Some(change) = self.context.plan.changes.get(step.change) {
            self.teller.tell(Event::Skipped { subject: subject(change), code, because, attributes: Vec::new() });
        }
        if let Some(progress) = self.progress.get_mut(step.change) {
            progress.failed = true;
        }
    }

    /// Ends a step that is not sent.
    fn leave(&mut self, step: &Step, blocked: Option<String>) -> Option<Job> {
        if let Some(progress) = self.progress.get_mut(step.change) {
            progress.failed = true;
            progress.blocked = blocked;
        }
        self.close(step.change);
        None
    }
}

/// The event that announces a step.
fn sending(step: &Step, change: &Change, job: &Job) -> Sending {
    let (add, remove) = match &job.work {
        Work::Members { items, .. } => {
            let add = items.iter().filter(|item| item.comes).count();
            (add, items.len() - add)
        }
        _ => (0, 0),
    };
    Sending {
        step: step.id,
        subject: subject(change),
        id: (!job.id.is_empty()).then(|| job.id.clone()),
        method: step.body.method(),
        paths: job.effects.iter().map(|effect| effect.path.to_string()).collect(),
        add,
        remove,
    }
}

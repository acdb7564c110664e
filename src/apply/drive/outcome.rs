//! What happens after a step ended.

use super::pending::is_settled;
use super::{Driver, SILENT, subject};
use crate::apply::TargetReport;
use crate::apply::event::{Due, Event, Failure, FailureCode, Noted, SkipCode, Subject};
use crate::apply::hints;
use crate::apply::job::{Done, Ended, Job, Work};
use crate::apply::known::{note_others, shown};
use crate::apply::managed::Lost;
use crate::apply::service::{Fault, Service};
use crate::apply::verify::Verdict;
use crate::live::LiveResource;
use crate::plan::Action;
use crate::profile::Obstacle;
use crate::scim::{ResourceKind, Value};

/// Members lost that are named one by one.
const MOST_NAMED: usize = 1000;

/// Why no further membership is changed.
pub(super) const HALTED: &str =
    "the target took out members that were to stay, so no further membership is changed there in this run";

impl<S: Service> Driver<'_, S> {
    /// Takes in how a step ended.
    pub(super) fn ended(&mut self, job: &Job, ended: Ended) {
        let Some(change) = self.context.plan.changes.get(job.change) else { return };
        let named = subject(change);
        match ended {
            Ended::Unwritten(why) => {
                // As if it had never been launched.
                self.stop.get_or_insert(why);
                self.unsure.of_mut(job.kind).remove(&job.key);
                return;
            }
            Ended::Done(done) => {
                self.silent = 0;
                self.done(job, &named, *done);
            }
            Ended::Failed(code, fault) => self.failed(job, named, code, fault),
            Ended::Moved(because, attributes) => {
                self.silent = 0;
                self.teller.tell(Event::Skipped { subject: named, code: SkipCode::Moved, because, attributes });
                self.block(job.change, String::new());
            }
            Ended::Halted => {
                self.teller.tell(Event::Skipped {
                    subject: named,
                    code: SkipCode::RemovedTooMuch,
                    because: HALTED.to_owned(),
                    attributes: Vec::new(),
                });
                self.block(job.change, String::new());
            }
        }
        if !self.etags_told && self.context.etags && !self.context.sends_etags() {
            self.etags_told = true;
            self.teller.tell(Event::Noticed(hints::etags_refused(self.context)));
        }
        self.close(job.change);
    }

    fn failed(&mut self, job: &Job, subject: Subject, code: FailureCode, fault: Fault) {
        let fault = hints::of_refusal(self.context, job, fault);
        if is_settled(code) {
            self.settled(job);
        }
        self.silent = match fault.status {
            None if code == FailureCode::Request => self.silent + 1,
            // The reader or writer has waited and tried again for as long as one request may take.
            Some(429 | 502 | 503 | 504) => self.silent + 2,
            _ => 0,
        };
        if self.stop.is_none() {
            if code == FailureCode::Unauthorized {
                self.stop = Some(format!("the credentials are refused: {}", fault.message));
            } else if self.silent >= SILENT {
                self.stop = Some(format!("the target does not answer: {}", fault.message));
            }
        }
        let blocked = match (&job.work, code) {
            (Work::Post(_), _) => format!("the {} was not made", job.kind),
            (_, FailureCode::Gone) => String::new(),
            _ => {
                self.mark(job.change);
                let failure = failure(subject, code, fault);
                self.teller.tell(Event::StepFailed { step: job.step, failure, managed: None, kept: None });
                return;
            }
        };
        let failure = failure(subject, code, fault);
        self.teller.tell(Event::StepFailed { step: job.step, failure, managed: None, kept: None });
        self.block(job.change, blocked);
    }

    fn done(&mut self, job: &Job, subject: &Subject, mut done: Done) {
        let kind = job.kind;
        if matches!(job.work, Work::Post(_)) {
            self.ids.of_mut(kind).insert(job.key.clone(), done.id.clone());
        }
        self.settled(job);
        let mut noted = Noted::Nothing;
        if matches!(job.work, Work::Delete) && kind == ResourceKind::User && (done.gone || done.switched_off) {
            self.keeper.ledger.learned.deletion_deactivates = done.switched_off;
        }
        if done.switched_off {
            let known = self.keeper.ledger.users.contains_key(&job.key);
            noted = if known { Noted::Managed } else { Noted::Nothing };
            self.keeper.switched_off(&job.key, self.run.as_of);
        } else if done.gone {
            noted = Noted::Forgotten;
            self.keeper.forget(kind, &job.key);
            self.batches.remove(&job.change);
        } else if !matches!(job.work, Work::Delete) {
            if let Some(former) = &done.moved {
                self.moved.of_mut(kind).insert(former.clone(), done.id.clone());
                self.ids.of_mut(kind).insert(job.key.clone(), done.id.clone());
            }
            self.written.of_mut(kind).insert(job.key.clone(), done.etag.clone());
            self.batches.entry(job.change).or_default().extend(&done.members.done);
            if self.is_ours(kind, &job.key) {
                noted = Noted::Managed;
                self.keeper.record(job, &done);
                self.note_unsent(job.change);
                self.keeper.taken_away(job, &done.lost.paths);
            }
            if self.progress.get(job.change).is_some_and(|progress| progress.open > 1) {
                self.shown.of_mut(kind).extend(done.shown.take().map(|shown| (job.key.clone(), shown)));
            } else {
                self.shown.of_mut(kind).remove(&job.key);
            }
        }
        if done.adopted {
            self.teller.tell(Event::Adopted { subject: subject.clone(), id: done.id.clone() });
        }
        self.verdicts(job, subject, &done);
        self.taken_away(job, subject, &done.lost);
        self.lost(job, subject, &done.members.lost);
        if done.members.unseen {
            self.teller.tell(Event::Unchecked { subject: subject.clone(), path: "members".to_owned() });
        }
        for (name, fault) in std::mem::take(&mut done.members.failed) {
            self.mark(job.change);
            let failure = Failure { at: Some(name), ..failure(subject.clone(), FailureCode::Member, fault) };
            self.teller.tell(Event::MemberFailed(failure));
        }
        self.end(job, subject, done, noted);
    }

    /// Tells how a step ended that was sent.
    fn end(&mut self, job: &Job, subject: &Subject, mut done: Done, mut noted: Noted) {
        if let Some(fault) = done.unchecked.take() {
            let kept = if noted == Noted::Managed { self.keeper.kept(job, &done) } else { None };
            self.mark(job.change);
            if fault.unauthorized {
                self.stop.get_or_insert_with(|| format!("the credentials are refused: {}", fault.message));
            }
            let failure = failure(subject.clone(), FailureCode::Request, fault);
            let managed = (noted == Noted::Managed).then_some(done.id);
            self.teller.tell(Event::StepFailed { step: job.step, failure, managed, kept });
        } else {
            if self.ends(job.change) && self.settle(job.change) {
                noted = Noted::Forgotten;
            }
            let kept = if noted == Noted::Managed { self.keeper.kept(job, &done) } else { None };
            let Done { id, status, request, .. } = done;
            let (id, subject) = (Some(id), subject.clone());
            self.teller.tell(Event::StepDone { step: job.step, subject, id, status, ledger: noted, kept, request });
        }
    }

    /// Whether the last step of a change is just ending well.
    fn ends(&self, change: usize) -> bool {
        self.progress.get(change).is_some_and(|progress| progress.open == 1 && !progress.failed)
    }

    /// Says whom the target took out though nobody asked. They are not put back: a target that does other than asked
    /// gets no further request about members in this run.
    fn lost(&mut self, job: &Job, subject: &Subject, lost: &[String]) {
        if lost.is_empty() {
            return;
        }
        self.block(job.change, HALTED.to_owned());
        // Told to the ledger at once: the next run must not begin with it again.
        let form = self.context.form.to_string();
        if self.keeper.ledger.learned.harmful_member_forms.insert(form) {
            self.keeper.make_due();
        }
        for id in lost.iter().take(MOST_NAMED) {
            let fault = Fault {
                message: "the target took it out of the group, and nobody had asked for that".to_owned(),
                hint: Some(format!(
                    "Put it back at the target. {}",
                    hints::way_out(self.context, &Obstacle::LostMembers)
                )),
                ..Fault::default()
            };
            let failure = failure(subject.clone(), FailureCode::RemovedTooMuch, fault);
            self.teller.tell(Event::MemberFailed(Failure { at: Some(self.name(id)), ..failure }));
        }
        if let Some(more) = lost.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
            let message = format!("the target took {more} more members out of the group that were to stay");
            let fault = Fault { message, ..Fault::default() };
            self.teller.tell(Event::MemberFailed(failure(subject.clone(), FailureCode::RemovedTooMuch, fault)));
        }
    }

    /// Says what an update took away though it was not about it.
    pub(super) fn taken_away(&mut self, job: &Job, subject: &Subject, lost: &Lost) {
        let members = lost.members.iter().take(MOST_NAMED).map(|id| (self.name(id), None));
        let paths = lost.paths.iter().map(|path| (path.to_string(), Some(path)));
        for (at, path) in members.chain(paths).collect::<Vec<_>>() {
            self.mark(job.change);
            let failure = failure(subject.clone(), FailureCode::Lost, hints::lost(self.context, job.kind, path));
            self.teller.tell(Event::MemberFailed(Failure { at: Some(at), ..failure }));
        }
    }

    /// What people know a member by, with its id.
    fn name(&self, id: &str) -> String {
        let owner = ResourceKind::ALL
            .into_iter()
            .find_map(|kind| self.context.owners.of(kind).get(id).map(|key| (*key).to_owned()));
        let text =
            |live: &LiveResource, name: &str| live.attributes.get(name).and_then(Value::as_str).map(str::to_owned);
        let shown = |side: &[LiveResource]| {
            let place = side.binary_search_by(|live| live.id.as_str().cmp(id)).ok()?;
            let live = side.get(place)?;
            text(live, "userName").or_else(|| text(live, "displayName"))
        };
        let live = self.run.live;
        match owner.or_else(|| shown(&live.users)).or_else(|| shown(&live.groups)) {
            Some(name) => format!("{name}, id {id}"),
            None => format!("id {id}"),
        }
    }

    /// Says what the target made of what was written.
    pub(super) fn verdicts(&mut self, job: &Job, subject: &Subject, done: &Done) {
        if done.unchecked.is_some() {
            return;
        }
        let mut refused: Vec<String> = Vec::new();
        for (effect, verdict) in job.effects.iter().zip(&done.verdicts) {
            let path = effect.path.to_string();
            match verdict {
                Verdict::Settled | Verdict::Foreign => {}
                Verdict::Unseen => self.teller.tell(Event::Unchecked { subject: subject.clone(), path }),
                Verdict::Own(_) | Verdict::Derived => {
                    self.teller.tell(Event::Normalised { subject: subject.clone(), path });
                }
                Verdict::Refused => refused.push(path),
            }
        }
        if done.members.unsettled {
            refused.push("members".to_owned());
        }
        if matches!(job.work, Work::Delete) && !done.gone && !done.switched_off {
            refused.push("id".to_owned());
        }
        for path in refused {
            self.mark(job.change);
            let hint = hints::not_kept(self.context, job, &path);
            self.teller.tell(Event::NotConverged { subject: subject.clone(), path, hint });
        }
    }

    /// Whether the ledger is to know of a resource: what is declared, and what it knows already.
    pub(super) fn is_ours(&self, kind: ResourceKind, key: &str) -> bool {
        self.run.desired.find(kind, key).is_some() || self.keeper.ledger.of(kind).contains_key(key)
    }

    pub(super) fn mark(&mut self, change: usize) {
        if let Some(progress) = self.progress.get_mut(change) {
            progress.failed = true;
        }
    }

    pub(super) fn block(&mut self, change: usize, because: String) {
        if let Some(progress) = self.progress.get_mut(change) {
            progress.failed = true;
            progress.blocked = Some(because);
        }
    }

    /// Counts a step as ended, and ends its change with the last one.
    pub(super) fn close(&mut self, index: usize) {
        let Some(progress) = self.progress.get_mut(index) else { return };
        progress.open = progress.open.saturating_sub(1);
        if progress.open > 0 || progress.failed {
            return;
        }
        let Some(change) = self.context.plan.changes.get(index) else { return };
        self.teller.tell(Event::ChangeDone { subject: subject(change) });
    }

    /// Notes what needed no request and is as declared too, whatever became of the rest: by these values an account is
    /// known again.
    fn note_unsent(&mut self, index: usize) {
        let Some(change) = self.context.plan.changes.get(index) else { return };
        let (kind, key) = (change.resource, change.key.as_str());
        if let (Action::Update | Action::Reactivate, Some(id)) = (change.action, &change.id)
            && let Some(wanted) = self.run.desired.find(kind, key)
            && let Some(entry) = self.keeper.ledger.of_mut(kind).get_mut(key)
        {
            let sent = change.attributes.iter().map(|attribute| attribute.path.as_ref()).collect();
            let (live, disguise) = (shown(self.run.live, kind, id), &self.context.disguise);
            note_others(entry, wanted, live, disguise, self.keeper.hasher, &sent);
        }
    }

    /// What a change leaves in the ledger once all of it is done. True where its resource is managed no more.
    fn settle(&mut self, index: usize) -> bool {
        let Some(change) = self.context.plan.changes.get(index) else { return false };
        let (kind, key) = (change.resource, change.key.as_str());
        match (kind, change.action) {
            (ResourceKind::User, Action::Deactivate) => self.keeper.deactivated(key, Some(self.run.as_of)),
            (ResourceKind::User, Action::Create | Action::Reactivate) => self.keeper.deactivated(key, None),
            // A group that is no longer pushed and holds none of ours any more is nobody's business.
            (ResourceKind::Group, Action::Update)
                if self.run.desired.find(kind, key).is_none() && self.keeper.is_empty_group(key) =>
            {
                self.keeper.forget(kind, key);
                return true;
            }
            _ => {}
        }
        false
    }

    /// Hands the ledger to the observer, once the journal has what it is to keep. False where it could not be saved.
    pub(super) async fn checkpoint(&mut self, due: Due) -> bool {
        self.teller.flush().await;
        let ledger = self.keeper.settled();
        let saved = self.teller.observer.checkpoint(self.run.target, ledger, due);
        if let Err(error) = &saved {
            self.stop.get_or_insert_with(|| format!("the ledger can't be saved: {error}"));
        }
        saved.is_ok()
    }

    /// Ends the run.
    pub(super) async fn finish(mut self, requests_before: u64) -> TargetReport {
        self.come_back();
        let saved = self.checkpoint(Due::Now).await;
        if self.stop.is_none() {
            // A journal that broke with the last step.
            self.stop = self.teller.broken.take();
        }
        let not_run = self.progress.iter().filter(|progress| progress.open > 0).count() as u64;
        let requests = self.context.service.requests().saturating_sub(requests_before);
        let milliseconds = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.teller.tell(Event::Finished { requests, milliseconds, stopped: self.stop.take(), not_run, saved });
        self.teller.flush().await;
        self.teller.report
    }
}

pub(super) fn failure(subject: Subject, code: FailureCode, fault: Fault) -> Failure {
    Failure { subject, at: None, code, message: fault.message, hint: fault.hint, status: fault.status }
}

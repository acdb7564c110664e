//! The loop of an apply: phase by phase, resources side by side, the steps of one resource one after the other.
//!
//! It decides what is sent next and what the end of one step means for the others. A step is carried out elsewhere
//! ([`carry_out`]): it gets a job and returns how it ended, and changes nothing that is kept. The ledger, the ids and the
//! report change here alone, one ended step at a time. The invariants:
//!
//! - **The journal comes first.** What is about to be sent is on disk before the request; a journal that can't be written
//!   ends the run. What is to be created is in the ledger before the first POST. What the ledger keeps, and what is said to
//!   be finished, stands in the journal before.
//! - **Nothing builds on a bare answer.** What a phase knows from answers only is read again before the next phase.
//! - **Failures stay apart.** A failed step blocks what depends on it and nothing else. Refused credentials, a silent
//!   target, a broken journal and a cancelled run stop everything; what is in flight still ends and is noted.
//! - **Harm is not repeated.** After a request that removed members who were to stay, no further membership is changed.
//!
//! To read it: `Driver::phases` and `Driver::phase` below, `launch` (right before a step), `apply/write.rs` (the request),
//! `outcome` (after a step), `confirm` (between phases), `pending` (creations of this run and earlier ones).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use rustc_hash::FxHashMap;

use super::disguise::Disguise;
use super::event::{Due, Event, Observer, Subject};
use super::hidden::hides;
use super::job::{Context, Ended, Expected, Job};
use super::journal::Durable;
use super::known::{note_assertions, shown};
use super::ledger::Keeper;
use super::prepare::{Ids, Moved};
use super::roster::Rosters;
use super::service::Service;
use super::trust::Trust;
use super::write::carry_out;
use super::{Run, TargetReport};
use crate::live::normal::Comparison;
use crate::plan::schedule::{MemberForm, verb};
use crate::plan::{Action, Change, Step, StepBody};
use crate::scim::path::AttrPath;
use crate::scim::{Object, PerKind, ResourceKind};

mod confirm;
mod launch;
mod outcome;
mod pending;

/// Unbroken failures without an answer after which the target is taken to be down; one that says it is too busy, again
/// and again, counts twice.
const SILENT: u32 = 5;

/// Where a change stands.
#[derive(Debug, Default)]
struct Progress {
    /// Steps that have not ended.
    open: usize,
    /// Whether something of it failed or was left.
    failed: bool,
    /// Why its further steps are left.
    blocked: Option<String>,
    /// Its last step that changes members.
    last_members: Option<usize>,
}

/// Tells observers and counts; remembers when they fail.
struct Teller<'a> {
    observer: &'a mut dyn Observer,
    report: TargetReport,
    broken: Option<String>,
}

impl Teller<'_> {
    fn tell(&mut self, event: Event) {
        self.report.fold(&event);
        if let Err(error) = self.observer.event(&event)
            && self.broken.is_none()
        {
            self.broken = Some(unwritten(&error));
        }
    }

    /// Waits until all that was told is on disk.
    async fn flush(&mut self) {
        if let Some(durable) = self.observer.durable()
            && let Err(error) = durable.wait().await
        {
            self.broken.get_or_insert_with(|| unwritten(&error));
        }
    }
}

/// What is said where the journal fails.
fn unwritten(error: &std::io::Error) -> String {
    format!("the journal can't be written: {error}")
}

struct Driver<'a, S> {
    context: &'a Context<'a, S>,
    run: Shared<'a>,
    keeper: Keeper<'a>,
    teller: Teller<'a>,
    ids: Ids,
    /// New ids by former ones.
    moved: Moved,
    /// What this run wrote already, with the `ETag` it then had.
    written: PerKind<BTreeMap<String, Option<String>>>,
    /// Resources as they were after the last write, where more is written to them.
    shown: PerKind<BTreeMap<String, Object>>,
    progress: Vec<Progress>,
    /// What was sent to be created in this run, and nobody knows yet whether it was.
    unsure: PerKind<BTreeSet<String>>,
    /// What answers alone told.
    believed: Vec<confirm::Believed<'a>>,
    /// Whether an answer was found to be untrue.
    caught: bool,
    /// What the batches of a change did so far.
    batches: BTreeMap<usize, Expected>,
    /// Whether it was told that the target refuses its own `ETag`s.
    etags_told: bool,
    stop: Option<String>,
    silent: u32,
    begun: tokio::time::Instant,
}

/// The parts of a run that stay as they are.
struct Shared<'a> {
    target: &'a str,
    steps: &'a [Step],
    desired: &'a crate::desired::Desired,
    live: &'a crate::live::Live,
    known: &'a super::Known,
    as_of: jiff::civil::Date,
    timing: &'a super::Timing,
    cancel: &'a super::Cancel,
}

/// How what is sent and what is managed is compared.
fn comparisons<S>(run: &Run<'_, S>) -> FxHashMap<(ResourceKind, AttrPath), Comparison> {
    let mut comparisons = FxHashMap::default();
    let sent = run.steps.iter().flat_map(|step| step.effects.iter().map(move |effect| (step.kind, &effect.path)));
    let changed = run.plan.changes.iter().filter_map(|one| run.desired.find(one.resource, &one.key));
    let managed = changed.flat_map(|one| one.assertions.iter().map(|assertion| (one.kind, assertion.path.as_ref())));
    for (kind, path) in sent.chain(managed) {
        comparisons.entry((kind, path.clone())).or_insert_with(|| Comparison::new(run.profile, kind, path));
    }
    comparisons
}

pub(super) async fn drive<S: Service>(run: Run<'_, S>, observer: &mut dyn Observer) -> TargetReport {
    let before = run.service.requests();
    let context = Context {
        target: run.target,
        service: run.service,
        plan: run.plan,
        profile: run.profile,
        matching: run.matching,
        desired: run.desired,
        live: run.live,
        verbs: PerKind::new(|kind| verb(&run.profile.capabilities, &run.live.discovery, kind)),
        form: MemberForm::new(&run.profile.capabilities, &run.live.discovery),
        etags: run.profile.capabilities.etag.or(run.live.discovery.etag) == Some(true),
        etags_refused: AtomicBool::new(false),
        members_hidden: hides(&run.profile.capabilities),
        waits: &run.timing.waits,
        owners: run.known.ids.items().map(|(kind, (key, id))| (kind, (id.as_str(), key.as_str()))).collect(),
        comparisons: comparisons(&run),
        noted: noted(&run),
        taken: Mutex::default(),
        disguise: Disguise::new(run.profile),
        dropped: Mutex::default(),
        truthful: Mutex::default(),
        trust: Trust::default(),
        refusals: Mutex::default(),
        rosters: Rosters::new(run.live),
    };
    let mut driver = Driver {
        context: &context,
        run: Shared {
            target: run.target,
            steps: run.steps,
            desired: run.desired,
            live: run.live,
            known: run.known,
            as_of: run.as_of,
            timing: &run.timing,
            cancel: &run.cancel,
        },
        keeper: Keeper::new(run.ledger, run.hasher),
        teller: Teller { observer, report: TargetReport::default(), broken: None },
        ids: run.known.ids.clone(),
        moved: Moved::default(),
        written: PerKind::default(),
        shown: PerKind::default(),
        progress: progress(run.plan.changes.len(), run.steps),
        unsure: PerKind::default(),
        believed: Vec::new(),
        caught: false,
        batches: BTreeMap::new(),
        etags_told: false,
        stop: None,
        silent: 0,
        begun: tokio::time::Instant::now(),
    };
    driver.start().await;
    driver.phases().await;
    driver.finish(before).await
}

/// Whose is which id by the ledger, where something is created.
fn noted<S>(run: &Run<'_, S>) -> PerKind<FxHashMap<String, String>> {
    if !run.steps.iter().any(|step| matches!(step.body, StepBody::Post(_))) {
        return PerKind::default();
    }
    PerKind::new(|kind| run.ledger.of(kind).iter().map(|(key, entry)| (entry.id.clone(), key.clone())).collect())
}

fn progress(changes: usize, steps: &[Step]) -> Vec<Progress> {
    let mut progress: Vec<Progress> = std::iter::repeat_with(Progress::default).take(changes).collect();
    for step in steps {
        if let Some(change) = progress.get_mut(step.change) {
            change.open += 1;
            if matches!(step.body, StepBody::Members(_)) {
                change.last_members = Some(step.id);
            }
        }
    }
    progress
}

impl<'a, S: Service> Driver<'a, S> {
    /// What needs no request: former keys, what is as declared, changes of the ledger alone.
    async fn start(&mut self) {
        let (changes, steps) = (self.context.plan.changes.len() as u64, self.run.steps.len() as u64);
        self.teller.tell(Event::Started { target: self.run.target.to_owned(), changes, steps });
        let desired = self.run.desired;
        for resource in desired.users.values().chain(desired.groups.values()) {
            if !resource.previously.is_empty() {
                self.keeper.ledger.rename(resource.kind, &resource.key, &resource.previously);
            }
        }
        let (disguise, plan) = (&self.context.disguise, self.context.plan);
        self.run.known.note(self.keeper.ledger, &plan.adoptions, desired, self.run.live, disguise, self.keeper.hasher);
        let (keeper, live) = (&mut self.keeper, self.run.live);
        self.run.known.begin_grace(keeper.ledger, desired, live, (plan, disguise), keeper.hasher, self.run.as_of);
        for (index, change) in plan.changes.iter().enumerate() {
            match (change.action, &change.id) {
                (Action::Forget, _) => self.keeper.forget(change.resource, &change.key),
                (Action::Adopt, Some(id)) => {
                    let entry = self.keeper.ledger.record(change.resource, &change.key, id);
                    if let Some(resource) = desired.find(change.resource, &change.key) {
                        let live = shown(self.run.live, change.resource, id);
                        note_assertions(entry, resource, live, disguise, self.keeper.hasher);
                    }
                    self.teller.tell(Event::Adopted { subject: subject(change), id: id.clone() });
                }
                (_, Some(id)) if change.resource == ResourceKind::Group => self.claim(change, id),
                _ => {}
            }
            if self.progress.get(index).is_some_and(|progress| progress.open == 0) {
                self.teller.tell(Event::ChangeDone { subject: subject(change) });
            }
        }
        self.set_out();
        self.checkpoint(Due::Now).await;
    }

    /// Declared members who are in a group already are ours.
    fn claim(&mut self, change: &Change, id: &str) {
        let Some(group) = self.run.desired.find(change.resource, &change.key) else { return };
        let members = self.run.known.members(group, self.run.live, id);
        if !members.is_empty() {
            self.keeper.ledger.record(change.resource, &change.key, id);
            self.keeper.claim_members(&change.key, &members);
        }
    }

    async fn phases(&mut self) {
        let steps = self.run.steps;
        let mut waves = steps.chunk_by(|a, b| (a.phase, a.wave) == (b.phase, b.wave)).peekable();
        while let Some(wave) = waves.next() {
            self.phase(wave).await;
            // A POST is no worse for the manager that it names; a name that was not freed is another person's.
            let follows = |a: &Step, b: &Step| a.phase == b.phase && b.frees_first.is_empty();
            let goes_on = |next: &&[Step]| wave.first().is_some_and(|a| next.iter().all(|b| follows(a, b)));
            if self.stop.is_none() && waves.peek().is_some_and(goes_on) {
                continue;
            }
            self.confirm().await;
            if self.stop.is_some() {
                return;
            }
        }
    }

    async fn phase(&mut self, steps: &'a [Step]) {
        // Steps are sorted by resource within a phase.
        let chains = steps.chunk_by(|a, b| (a.kind, &a.key) == (b.kind, &b.key));
        let mut ready: VecDeque<&[Step]> = chains.collect();
        let limit = usize::try_from(self.context.profile.capabilities.concurrency).unwrap_or(usize::MAX).max(1);
        let context = self.context;
        let mut flying = FuturesUnordered::new();
        loop {
            while flying.len() < limit && self.may_go_on() {
                let Some(chain) = ready.pop_front() else { break };
                let Some((step, rest)) = chain.split_first() else { continue };
                match self.launch(step) {
                    Some(job) => {
                        let durable = self.teller.observer.durable();
                        flying.push(async move { (step, rest, announced(context, job, durable).await) });
                    }
                    None => ready.push_front(rest),
                }
            }
            let Some((step, rest, (job, mut ended))) = flying.next().await else { break };
            if let Ended::Done(done) = &mut ended
                && done.believed
            {
                let (id, ours) = (done.id.clone(), job.ours.clone());
                self.believed.push(confirm::Believed { step, id, judged: done.judged.take(), ours });
            }
            self.ended(&job, ended);
            if let Some(due) = self.keeper.due() {
                self.checkpoint(due).await;
            }
            ready.push_front(rest);
        }
    }
}

/// Carries out a job once the journal's line about it is on disk.
async fn announced<S: Service>(context: &Context<'_, S>, job: Job, durable: Option<Durable>) -> (Job, Ended) {
    if let Some(durable) = durable
        && let Err(error) = durable.wait().await
    {
        return (job, Ended::Unwritten(unwritten(&error)));
    }
    carry_out(context, job).await
}

fn subject(change: &Change) -> Subject {
    Subject { resource: change.resource, key: change.key.clone(), action: change.action }
}

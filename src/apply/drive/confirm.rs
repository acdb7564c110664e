//! What answers alone told in a phase, looked at again before the next phase builds on it.
//!
//! An answer that shows all that was written judges the write. That answers tell what is stored is shown by a sample of
//! each kind of request and each attribute, or by a list of all where that takes fewer requests. A target that was caught
//! once is taken at its word no more: then everything is looked at, in this phase and in all later ones.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;

use super::outcome::failure;
use super::{Driver, SILENT, subject};
use crate::apply::check::{Checked, check};
use crate::apply::event::{Event, FailureCode};
use crate::apply::job::{Done, Guard, Job, Work};
use crate::apply::prepare::prepare;
use crate::apply::service::Service;
use crate::apply::verify::Verdict;
use crate::plan::Step;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind};

/// Believed answers about an attribute that are looked at again; all where there are no more.
const SAMPLE: usize = 8;

/// Resources on a page where the profile does not say.
const PAGE: usize = 100;

/// A step whose answer was taken at its word.
pub(super) struct Believed<'a> {
    pub(super) step: &'a Step,
    pub(super) id: String,
    /// The step as it was judged, where that is not as it was prepared.
    pub(super) judged: Option<Box<Job>>,
    /// Paths of attributes that the ledger knew to be ours before.
    pub(super) ours: BTreeSet<String>,
}

impl<S: Service> Driver<'_, S> {
    /// Looks at what was believed since the last time.
    pub(super) async fn confirm(&mut self) {
        let believed = std::mem::take(&mut self.believed);
        for kind in ResourceKind::ALL {
            let of: Vec<&Believed<'_>> = believed.iter().filter(|one| one.step.kind == kind).collect();
            let (some, rest) = sample(of);
            let all = self.caught || self.lists_are_cheaper(kind, some.len(), some.len() + rest.len());
            let (some, rest) = if all { (some.into_iter().chain(rest).collect(), Vec::new()) } else { (some, rest) };
            self.look_at(kind, some).await;
            if self.caught {
                self.look_at(kind, rest).await;
            }
        }
    }

    /// Looks at each of these; one list of all where that takes fewer requests than a GET of each.
    async fn look_at(&mut self, kind: ResourceKind, of: Vec<&Believed<'_>>) {
        if of.is_empty() || self.stop.is_some() {
            return;
        }
        let shown =
            if self.lists_are_cheaper(kind, of.len(), of.len()) { self.list(kind, &of).await } else { BTreeMap::new() };
        let context = self.context;
        let settled = |job: &Job, object: &Object| {
            job.effects.iter().all(|effect| context.judge(job, effect, object) == Verdict::Settled)
        };
        let doubtful: Vec<Job> = of
            .into_iter()
            .filter_map(|one| self.again(one))
            .filter(|job| !shown.get(&job.id).is_some_and(|object| settled(job, object)))
            .collect();
        let limit = usize::try_from(context.profile.capabilities.concurrency).unwrap_or(usize::MAX).max(1);
        let look = |job: Job| async move {
            let checked = check(context, &job, &job.id, None, None).await;
            (job, checked)
        };
        let mut looks = futures::stream::iter(doubtful.into_iter().map(look)).buffer_unordered(limit);
        while let Some((job, checked)) = looks.next().await {
            self.caught |= checked.unchecked.is_some() || !checked.is_settled();
            self.confirmed(&job, checked);
            if self.stop.is_some() {
                break;
            }
        }
    }

    /// Whether a list, with what was believed in it, takes fewer requests than a GET of so many.
    fn lists_are_cheaper(&self, kind: ResourceKind, gets: usize, believed: usize) -> bool {
        let live = self.run.live.of(kind).len();
        let page = self.context.profile.capabilities.page_size.and_then(|size| usize::try_from(size).ok());
        gets > 1 + (live + believed) / page.unwrap_or(PAGE).max(1)
    }

    async fn list(&self, kind: ResourceKind, of: &[&Believed<'_>]) -> BTreeMap<String, Object> {
        let effects = of.iter().flat_map(|one| &one.step.effects);
        let paths: BTreeMap<String, AttrPath> =
            effects.map(|effect| (effect.path.key(), effect.path.clone())).collect();
        let paths: Vec<AttrPath> = paths.into_values().collect();
        // What can't be listed is asked for one by one.
        self.context.service.list(kind, &paths).await.unwrap_or_default().into_iter().collect()
    }

    /// The step as it was sent.
    fn again(&self, one: &Believed<'_>) -> Option<Job> {
        let job = match &one.judged {
            Some(judged) => Job::clone(judged),
            None => self.completed(prepare(one.step, &self.ids, &self.moved, Guard::default()).ok()?.job),
        };
        Some(Job { id: one.id.clone(), ours: one.ours.clone(), ..job })
    }

    fn confirmed(&mut self, job: &Job, checked: Checked) {
        let Some(change) = self.context.plan.changes.get(job.change) else { return };
        let named = subject(change);
        if let Some(fault) = checked.unchecked {
            self.silent = if fault.status.is_none() { self.silent + 1 } else { 0 };
            if fault.unauthorized {
                self.stop.get_or_insert_with(|| format!("the credentials are refused: {}", fault.message));
            } else if self.silent >= SILENT {
                self.stop.get_or_insert_with(|| format!("the target does not answer: {}", fault.message));
            }
            let unmade = matches!(job.work, Work::Post(_)) && fault.status == Some(404);
            let code = if unmade { FailureCode::OutcomeUnknown } else { FailureCode::Request };
            if unmade {
                self.keeper.forget(job.kind, &job.key);
                self.ids.of_mut(job.kind).remove(&job.key);
                self.block(job.change, format!("the {} was not made", job.kind));
            } else {
                self.mark(job.change);
            }
            let managed = (!unmade && self.is_ours(job.kind, &job.key)).then(|| job.id.clone());
            let failure = failure(named, code, fault);
            self.teller.tell(Event::StepFailed { step: job.step, failure, managed, kept: None });
            return;
        }
        self.silent = 0;
        let done = Done { id: job.id.clone(), verdicts: checked.verdicts, lost: checked.lost, ..Done::default() };
        if self.is_ours(job.kind, &job.key) {
            self.keeper.refuted(job, &done);
        }
        self.verdicts(job, &named, &done);
        self.taken_away(job, &named, &done.lost);
    }
}

/// Parts what was believed into a sample, spread over all, that holds enough of each kind of request and attribute, and
/// the rest.
fn sample<'b, 's>(of: Vec<&'b Believed<'s>>) -> (Vec<&'b Believed<'s>>, Vec<&'b Believed<'s>>) {
    let stride = of.len().div_ceil(SAMPLE).max(1);
    let spread = (0..stride).flat_map(|first| of.iter().copied().skip(first).step_by(stride));
    let mut seen: BTreeMap<(&str, &AttrPath), usize> = BTreeMap::new();
    spread.partition(|one| {
        let mut is_new = false;
        for effect in &one.step.effects {
            let times = seen.entry((one.step.body.method(), &effect.path)).or_default();
            is_new |= *times < SAMPLE;
            *times += 1;
        }
        is_new
    })
}

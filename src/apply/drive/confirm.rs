//! What answers alone told in a phase, looked at again before the next phase builds on it: a target that is true nine
//! times may lie the tenth. One list of all where that takes fewer requests than a GET of each.

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
    /// Looks at all that was believed since the last time.
    pub(super) async fn confirm(&mut self) {
        let believed = std::mem::take(&mut self.believed);
        for kind in ResourceKind::ALL {
            let of: Vec<&Believed<'_>> = believed.iter().filter(|one| one.step.kind == kind).collect();
            if of.is_empty() || self.stop.is_some() {
                continue;
            }
            let shown =
                if self.lists_are_cheaper(kind, of.len()) { self.list(kind, &of).await } else { BTreeMap::new() };
            let context = self.context;
            let doubtful: Vec<Job> = of
                .into_iter()
                .filter_map(|one| self.again(one))
                .filter(|job| {
                    let settled = |object: &Object| {
                        job.effects.iter().all(|effect| context.judge(job, effect, object) == Verdict::Settled)
                    };
                    !shown.get(&job.id).is_some_and(settled)
                })
                .collect();
            let limit = usize::try_from(context.profile.capabilities.concurrency).unwrap_or(usize::MAX).max(1);
            let look = |job: Job| async move {
                let checked = check(context, &job, &job.id, None, None).await;
                (job, checked)
            };
            let mut looks = futures::stream::iter(doubtful.into_iter().map(look)).buffer_unordered(limit);
            while let Some((job, checked)) = looks.next().await {
                self.confirmed(&job, checked);
                if self.stop.is_some() {
                    break;
                }
            }
        }
    }

    fn lists_are_cheaper(&self, kind: ResourceKind, believed: usize) -> bool {
        let live = self.run.live.of(kind).len();
        let page = self.context.profile.capabilities.page_size.and_then(|size| usize::try_from(size).ok());
        believed > 1 + (live + believed) / page.unwrap_or(PAGE).max(1)
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

//! What a run set out to create, so that a run that vanishes leaves a trace of it.

use std::collections::{BTreeMap, BTreeSet};

use super::Driver;
use crate::apply::event::{Event, FailureCode};
use crate::apply::job::Job;
use crate::apply::service::Service;
use crate::ledger::Pending;
use crate::live::normal::Comparison;
use crate::plan::{Step, StepBody, match_marks};
use crate::scim::PerKind;

/// Whether a create that failed so was surely not carried out.
pub(super) const fn is_settled(code: FailureCode) -> bool {
    // Credentials may be refused to the look-up after a create whose answer was lost.
    !matches!(code, FailureCode::OutcomeUnknown | FailureCode::Unauthorized)
}

impl<S: Service> Driver<'_, S> {
    /// Notes in the ledger what is to be created, before any of it is sent. What earlier runs left stays until it is
    /// known, or the target showed everything and nothing of the kind.
    pub(super) fn set_out(&mut self) {
        let earlier = std::mem::take(&mut self.keeper.ledger.pending);
        let mut pending: PerKind<BTreeMap<String, Pending>> = earlier
            .into_iter()
            .filter(|one| self.is_open(one))
            .map(|one| (one.resource, (one.key.clone(), one)))
            .collect();
        let comparisons = PerKind::new(|kind| {
            let of = |rule| Comparison::new(self.context.profile, kind, rule);
            self.context.matching.of(kind).iter().map(of).collect::<Vec<_>>()
        });
        let mut new: PerKind<Vec<String>> = PerKind::default();
        for step in self.run.steps {
            let Step { kind, key, body: StepBody::Post(body), .. } = step else { continue };
            new.of_mut(*kind).push(key.clone());
            let matches = match_marks(self.keeper.hasher, comparisons.of(*kind), body);
            pending.of_mut(*kind).insert(key.clone(), Pending { resource: *kind, key: key.clone(), matches });
        }
        self.keeper.ledger.pending = pending.users.into_values().chain(pending.groups.into_values()).collect();
        if new.iter().any(|(_, keys)| !keys.is_empty()) {
            self.teller.tell(Event::Creating(new));
        }
    }

    /// Whether it is still open what became of a creation of an earlier run.
    fn is_open(&self, one: &Pending) -> bool {
        let (kind, live) = (one.resource, self.run.live);
        if self.keeper.ledger.of(kind).contains_key(&one.key) {
            return false;
        }
        self.run.desired.find(kind, &one.key).is_some() || !live.trust.of(kind).is_whole()
    }

    /// Notes that it is known what became of a create.
    pub(super) fn settled(&mut self, job: &Job) {
        self.unsure.of_mut(job.kind).remove(&job.key);
    }

    /// At the end only that stays pending which was sent and not seen, and what earlier runs left open.
    pub(super) fn come_back(&mut self) {
        let posted = self.run.steps.iter().filter(|step| matches!(step.body, StepBody::Post(_)));
        let ours: PerKind<BTreeSet<&str>> = posted.map(|step| (step.kind, step.key.as_str())).collect();
        let pending = std::mem::take(&mut self.keeper.ledger.pending);
        let ledger = &self.keeper.ledger;
        let stays = |one: &Pending| {
            if ours.of(one.resource).contains(one.key.as_str()) {
                self.unsure.of(one.resource).contains(&one.key)
            } else {
                !ledger.of(one.resource).contains_key(&one.key)
            }
        };
        self.keeper.ledger.pending = pending.into_iter().filter(stays).collect();
    }
}

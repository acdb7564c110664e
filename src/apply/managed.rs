//! What a write must not take away: everything that we manage of a resource beside what the write sends.
//!
//! Servers rewrite more than they are asked to: a PATCH of the title that drops roles, a PUT that resets `active`, a rename
//! that empties a group. The answer to such a write looks well for what was sent. So what stood there before is held
//! against the same object that the check looks at, and what our own write removed is reported and not recorded as ours.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use rustc_hash::FxHashSet;

use super::job::{Context, Job, Work};
use super::known::shown;
use super::overlay::member_id;
use super::trust::others;
use super::verify::holds;
use crate::desired::{Apply, Asserted, Assertion};
use crate::live::normal::{Comparison, Handling, is_blank};
use crate::plan::Effect;
use crate::plan::schedule::effect;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value};

/// What stood at a resource before a write and is to stand after it.
#[derive(Debug, Default)]
pub(super) struct Standing<'c> {
    values: Vec<(&'c Comparison, Value)>,
    members: BTreeSet<String>,
}

/// What a write took away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lost {
    pub(super) paths: Vec<AttrPath>,
    /// Ids of members.
    pub(super) members: Vec<String>,
}

impl Lost {
    pub(super) fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.members.is_empty()
    }
}

impl<'c> Standing<'c> {
    /// What stands beside what a job sends. Of someone who leaves, a server may take away what it likes.
    pub(super) fn of<S>(context: &'c Context<'_, S>, job: &Job) -> Self {
        let before = job.seen.as_ref().or_else(|| shown(context.live, job.kind, &job.id));
        let is_new = matches!(job.work, Work::Post(_)) && job.seen.is_none();
        let (Some(before), false) = (before, is_new || context.is_leaving(job)) else {
            return Self::default();
        };
        let values = assertions(context, job, before).filter_map(|(assertion, comparison)| {
            standing(assertion, comparison, before).map(|value| (comparison, value))
        });
        let counts = job.kind == ResourceKind::Group && !context.profile.attributes.id_is_external_id;
        let members = if counts { others(context, job) } else { BTreeSet::new() };
        Self { values: values.collect(), members }
    }

    /// Whether there is nothing to lose.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.members.is_empty()
    }

    /// What is not there any more. `hidden`: a group without `members` says nothing.
    pub(super) fn lost(&self, object: &Object, hidden: bool) -> Lost {
        let gone = self.values.iter().filter(|(comparison, value)| !holds(comparison, value, &comparison.find(object)));
        let paths = gone.map(|(comparison, _)| comparison.path().clone()).collect();
        let silent = hidden && object.get("members").is_none_or(Value::is_unassigned);
        if self.members.is_empty() || silent {
            return Lost { paths, members: Vec::new() };
        }
        let there = object.get("members").and_then(Value::as_array).unwrap_or_default();
        let there: FxHashSet<&str> = there.iter().filter_map(member_id).collect();
        Lost { paths, members: self.members.iter().filter(|id| !there.contains(id.as_str())).cloned().collect() }
    }
}

/// Effects that go along with an update because earlier writes of this run were seen to take them away.
pub(super) fn carried<S>(context: &Context<'_, S>, job: &Job) -> Vec<Effect> {
    let dropped = context.dropped.lock().unwrap_or_else(PoisonError::into_inner);
    let before = job.seen.as_ref().or_else(|| shown(context.live, job.kind, &job.id));
    let Some(before) = before.filter(|_| !dropped.is_empty() && !context.is_leaving(job)) else { return Vec::new() };
    assertions(context, job, before)
        .filter(|(assertion, comparison)| {
            dropped.contains(&(job.kind, assertion.path.as_ref().clone()))
                && matches!(assertion.value, Asserted::Value(_))
                && comparison.handling() == Handling::Compared
        })
        .map(|(assertion, comparison)| effect(assertion, comparison.handling()))
        .filter(|effect| !effect.value.is_unassigned())
        .collect()
}

/// What is asserted for good and can be seen, but for what the change itself is about.
fn assertions<'c, S>(
    context: &'c Context<'_, S>,
    job: &Job,
    before: &Object,
) -> impl Iterator<Item = (&'c Assertion, &'c Comparison)> {
    let resource = context.desired.find(job.kind, &job.key);
    let planned: Vec<&AttrPath> = match (context.change(job), &job.seen) {
        (Some(change), None) => change.attributes.iter().map(|attribute| attribute.path.as_ref()).collect(),
        _ => Vec::new(),
    };
    resource.into_iter().flat_map(|resource| resource.assertions.iter().map(move |one| (resource, one))).filter_map(
        move |(resource, assertion)| {
            let comparison = context.comparisons.get(&(job.kind, assertion.path.as_ref().clone()))?;
            let sent = job.effects.iter().any(|effect| effect.path.same(&assertion.path))
                || planned.contains(&assertion.path.as_ref());
            let seen = matches!(comparison.handling(), Handling::Compared | Handling::CreateOnly);
            let ours = assertion.apply == Apply::Always && !assertion.sensitive && !sent && seen;
            (ours && context.disguise.compares(resource, assertion, Some(before))).then_some((assertion, comparison))
        },
    )
}

/// The value that stands at an asserted path: the asserted one where the target shows it, else what it shows in its place.
fn standing(assertion: &Assertion, comparison: &Comparison, before: &Object) -> Option<Value> {
    let found = comparison.find(before);
    match &assertion.value {
        Asserted::Value(value) if is_blank(value) => None,
        Asserted::Value(value) if comparison.same(value, &found) => Some(value.clone()),
        Asserted::Value(value) => Some(comparison.project(value, &found)).filter(|value| !is_blank(value)),
        Asserted::User(_) | Asserted::Secret(_) => Some(found.to_value()).filter(|value| !is_blank(value)),
    }
}

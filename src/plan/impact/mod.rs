//! What a target's plan means for people: who gains and loses what, what of it is privileged, how many there are after.

mod graph;
mod heads;
mod model;
mod people;
mod roles;

#[cfg(test)]
mod tests;

pub use model::{AccountChange, HeadCounts, Heads, LimitUse, Person, PersonAtTarget};
pub use roles::{is_held, is_value};

use super::TargetPlan;
use super::diff::matched_target::MatchedTarget;

/// Fills in the impact on people, the head-counts and what is privileged.
pub(super) fn fill(matched: &MatchedTarget<'_>, plan: &mut TargetPlan) {
    plan.heads = heads::count(matched, plan);
    let found = people::impact(matched, &plan.changes);
    for (change, privileged) in plan.changes.iter_mut().zip(found.privileged) {
        change.privileged = privileged;
    }
    plan.people = found.people;
}

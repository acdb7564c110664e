//! What a rehearsal showed.

use std::collections::HashMap;

use crate::apply::TargetReport;
use crate::desired::{Asserted, Desired, DesiredResource};
use crate::ledger::TargetLedger;
use crate::live::normal::{Comparison, Handling};
use crate::live::{AccountReader, Live};
use crate::plan::{Action, Altered, AttributeChange, Change, LeftChange, Rehearsal, RehearsalFailure, TargetPlan};
use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKind, Value};

/// The copy after the apply.
pub(super) struct Seen<'a> {
    pub(super) desired: &'a Desired,
    pub(super) ledger: &'a TargetLedger,
    pub(super) live: &'a Live,
    pub(super) profile: &'a Profile,
}

/// Puts it all together: the plan, the report of its apply, what a second plan would still do, requests that wrote and read.
pub(super) fn of(
    plan: &TargetPlan,
    report: &TargetReport,
    again: &TargetPlan,
    seen: &Seen<'_>,
    (requests, reads): (u64, u64),
) -> Rehearsal {
    let mut failures = failures(report);
    // Whom the apply left so that they can't be planned any more.
    let new = again.errors.iter().filter(|problem| !plan.errors.contains(problem));
    failures.extend(new.map(|problem| RehearsalFailure {
        resource: Some(problem.resource),
        key: Some(problem.key.clone()),
        at: None,
        message: problem.message.clone(),
    }));
    failures.sort();
    let mut left: Vec<LeftChange> = again.changes.iter().map(left_change).collect();
    left.sort();
    Rehearsal {
        converges: failures.is_empty() && left.is_empty() && report.is_clean(),
        requests,
        reads,
        failures,
        altered: altered(plan, seen),
        left,
        unknown: Vec::new(),
    }
}

fn failures(report: &TargetReport) -> Vec<RehearsalFailure> {
    let failed = report.failures.iter().map(|failure| RehearsalFailure {
        resource: Some(failure.subject.resource),
        key: Some(failure.subject.key.clone()),
        at: failure.at.clone(),
        message: failure.message.clone(),
    });
    let refused = report.not_converged.iter().map(|place| RehearsalFailure {
        resource: Some(place.subject.resource),
        key: Some(place.subject.key.clone()),
        at: Some(place.path.clone()),
        message: "accepted, and not done".to_owned(),
    });
    let skipped = report.skipped.iter().map(|skipped| RehearsalFailure {
        resource: Some(skipped.subject.resource),
        key: Some(skipped.subject.key.clone()),
        at: None,
        message: skipped.because.clone(),
    });
    let stopped =
        report.stopped.iter().map(|why| RehearsalFailure { resource: None, key: None, at: None, message: why.clone() });
    failed.chain(refused).chain(skipped).chain(stopped).collect()
}

fn left_change(change: &Change) -> LeftChange {
    LeftChange {
        resource: change.resource,
        key: change.key.clone(),
        action: change.action,
        paths: change.attributes.iter().map(|attribute| attribute.path.to_string()).collect(),
        members: (change.members.add.len() + change.members.remove.len()) as u64,
    }
}

/// Every value that was written and is shown otherwise. What the server shows nowhere, or in disguise, is not known.
fn altered(plan: &TargetPlan, seen: &Seen<'_>) -> Vec<Altered> {
    let accounts = AccountReader::new(seen.profile);
    let mut comparisons: HashMap<(ResourceKind, &AttrPath), Comparison> = HashMap::new();
    let mut altered = Vec::new();
    let writes = |change: &&Change| !matches!(change.action, Action::Delete | Action::Forget | Action::Adopt);
    for change in plan.changes.iter().filter(writes) {
        let entry = seen.ledger.of(change.resource).get(&change.key);
        let id = entry.map(|entry| entry.id.as_str()).or(change.id.as_deref());
        let Some(live) = id.and_then(|id| seen.live.find(change.resource, id)) else { continue };
        let inactive = !accounts.state(&live.attributes).has_access();
        let declared = seen.desired.find(change.resource, &change.key);
        for attribute in &change.attributes {
            let comparison = comparisons
                .entry((change.resource, &attribute.path))
                .or_insert_with(|| Comparison::new(seen.profile, change.resource, &attribute.path));
            let hidden = matches!(comparison.handling(), Handling::Hidden | Handling::Silent);
            if hidden || (inactive && comparison.is_disguised()) {
                continue;
            }
            let Some(sent) = sent(seen, declared, attribute) else { continue };
            let found = comparison.find(&live.attributes);
            if comparison.same(&sent, &found) {
                continue;
            }
            let withhold = |value: Value| if attribute.sensitive { Value::Null } else { value };
            altered.push(Altered {
                resource: change.resource,
                key: change.key.clone(),
                path: attribute.path.to_string(),
                sent: withhold(sent),
                kept: withhold(found.to_value()),
                sensitive: attribute.sensitive,
            });
        }
    }
    altered.sort_by(|a, b| (a.resource, &a.key, &a.path).cmp(&(b.resource, &b.key, &b.path)));
    altered
}

/// The value that was sent; none of a secret, or of a person who is not there.
fn sent(seen: &Seen<'_>, declared: Option<&DesiredResource>, attribute: &AttributeChange) -> Option<Value> {
    if let Some(key) = &attribute.reference {
        return seen.ledger.users.get(key).map(|entry| Value::from(entry.id.as_str()));
    }
    if !attribute.sensitive {
        return Some(attribute.after.clone());
    }
    let assertions = declared.map(|resource| resource.assertions.as_slice()).unwrap_or_default();
    match assertions.iter().find(|assertion| assertion.path == attribute.path).map(|one| &one.value) {
        Some(Asserted::Value(value)) => Some(value.clone()),
        _ => None,
    }
}

//! What moved at a target since the last apply while the repository did not: a part of what a plan found.

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::diag::NoticeCode;
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKind, Value};

use super::{
    Action, AttributeChange, Change, MemberRef, Mode, Origin, Plan, PlanNotice, PlanProblem, ReadSummary, Reason,
    TargetPlan,
};

/// Name of the published format; it only grows.
pub const DRIFT_FORMAT: &str = "scimform.drift/v1";

/// What moved outside the repository, over all targets of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    /// `scimform.drift/v1`.
    pub format: String,
    /// `scimform 0.1.0`.
    pub tool: String,
    /// When it was looked at, RFC 3339 UTC.
    pub created_at: String,
    /// The day for which `starts`, `ends` and `until` were evaluated.
    #[schemars(with = "String")]
    pub as_of: Date,
    /// The git revision of the repository, where there is one.
    pub revision: Option<String>,
    /// Whether the targets are embedded servers.
    #[serde(default)]
    pub sandbox: bool,
    /// The keys to which it was narrowed; none where it covers everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// One part per target, by name.
    pub targets: Vec<TargetDrift>,
}

/// What moved at one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetDrift {
    /// The target.
    pub name: String,
    /// Its profile.
    pub profile: String,
    /// Whether it is written to; a disabled one is not looked at.
    #[serde(default)]
    pub mode: Mode,
    /// What was read.
    pub read: ReadSummary,
    /// Users and groups that moved there alone, users before groups, by key.
    pub drifted: Vec<Drifted>,
    /// Differences of which both sides moved; `plan` shows them.
    pub both: u64,
    /// Differences that come from the repository or from a date; `plan` shows them.
    pub repository: u64,
    /// Differences of which no earlier apply is known, so that nobody can say who moved.
    pub unknown: u64,
    /// Whether the ledger knows nothing of what is declared here: it was lost, or nothing was applied yet. Then no drift
    /// can be seen.
    #[serde(default)]
    pub no_ledger: bool,
    /// What can't be seen there, so that nobody knows whether it moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<PlanNotice>,
    /// People or groups that can't be compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<PlanProblem>,
    /// Why the target could not be read at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// A user or group that moved at the target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Drifted {
    /// User or group.
    #[schemars(with = "String")]
    pub resource: ResourceKind,
    /// Our key.
    pub key: String,
    /// The server's id; none where it is gone.
    pub id: Option<String>,
    /// The readable name.
    pub name: String,
    /// What became of it as a whole.
    pub event: DriftEvent,
    /// Attributes that have another value, by path; `active` is told by the event.
    pub attributes: Vec<DriftedAttribute>,
    /// Members that someone put into the group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<MemberRef>,
    /// Members that someone took out of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<MemberRef>,
    /// The place in the files that says otherwise.
    pub origin: Option<Origin>,
}

/// What became of a user or group as a whole. The list is open-ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DriftEvent {
    /// It is there, with other values or members.
    Changed,
    /// We created or adopted it, and it is not there any more.
    Gone,
    /// A person whom we left with access has none.
    Deactivated,
    /// A person whose access we ended has it again.
    Reactivated,
}

/// An attribute that has another value than we left it with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DriftedAttribute {
    /// SCIM attribute path.
    #[serde(with = "crate::scim::path::shared")]
    #[schemars(with = "String")]
    pub path: Arc<AttrPath>,
    /// What we last applied and the repository still says; null where it was cleared.
    #[schemars(with = "serde_json::Value")]
    pub applied: Value,
    /// What is there; null where there is nothing.
    #[schemars(with = "serde_json::Value")]
    pub live: Value,
    /// Key of the person who was applied (manager).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Values are withheld.
    pub sensitive: bool,
    /// The place in the files that says otherwise.
    pub origin: Option<Origin>,
}

impl TargetDrift {
    /// Whether nothing is known to have moved there alone.
    pub fn is_none(&self) -> bool {
        self.drifted.is_empty()
    }
}

/// The part of a plan that moved at the targets. What a target's `actions` or mode keep an apply from bringing back has
/// moved all the same.
pub fn drift(plan: Plan) -> Drift {
    Drift {
        format: DRIFT_FORMAT.to_owned(),
        tool: plan.tool,
        created_at: plan.created_at,
        as_of: plan.as_of,
        revision: plan.revision,
        sandbox: plan.sandbox,
        only: plan.only,
        targets: plan.targets.into_iter().map(of_target).collect(),
    }
}

fn of_target(plan: TargetPlan) -> TargetDrift {
    let mut drift = TargetDrift {
        name: plan.name,
        profile: plan.profile,
        mode: plan.mode,
        read: plan.read,
        drifted: Vec::new(),
        both: 0,
        repository: 0,
        unknown: 0,
        no_ledger: plan.notices.iter().any(|notice| notice.code == NoticeCode::NoLedger)
            && (plan.summary.adopted > 0 || !plan.changes.is_empty()),
        notices: plan.notices.into_iter().filter(|notice| notice.code.leaves_unknown()).collect(),
        errors: plan.errors,
        failed: plan.failed,
    };
    for change in plan.changes.into_iter().chain(plan.suppressed) {
        drift.take(change);
    }
    drift.drifted.sort_by(|a, b| (a.resource, &a.key).cmp(&(b.resource, &b.key)));
    drift
}

impl TargetDrift {
    fn take(&mut self, change: Change) {
        if matches!(change.action, Action::Create | Action::Delete | Action::Forget | Action::Adopt) {
            return match change.reason {
                Reason::ChangedAtTarget if change.action == Action::Create => self.drifted.push(gone(change)),
                reason => self.count(reason),
            };
        }
        let mut drifted = Drifted {
            resource: change.resource,
            key: change.key,
            id: change.id,
            name: change.name,
            event: DriftEvent::Changed,
            attributes: Vec::new(),
            joined: Vec::new(),
            left: Vec::new(),
            origin: change.origin,
        };
        for attribute in change.attributes {
            match event(drifted.resource, &attribute) {
                _ if attribute.reason != Reason::ChangedAtTarget => self.count(attribute.reason),
                Some(event) => drifted.event = event,
                None => drifted.attributes.push(DriftedAttribute::from(attribute)),
            }
        }
        // What a plan takes out again came, and what it puts in again went.
        let moved = |member: &MemberRef| member.reason == Some(Reason::ChangedAtTarget);
        for (members, gone) in [(change.members.add, true), (change.members.remove, false)] {
            let (theirs, others): (Vec<_>, Vec<_>) = members.into_iter().partition(moved);
            others.iter().filter_map(|member| member.reason).for_each(|reason| self.count(reason));
            if gone { drifted.left = theirs } else { drifted.joined = theirs }
        }
        let members = drifted.joined.len() + drifted.left.len();
        if drifted.event != DriftEvent::Changed || !drifted.attributes.is_empty() || members > 0 {
            self.drifted.push(drifted);
        }
    }

    fn count(&mut self, reason: Reason) {
        match reason {
            Reason::ChangedOnBothSides => self.both += 1,
            Reason::Differs | Reason::NotDeclared => self.unknown += 1,
            _ => self.repository += 1,
        }
    }
}

fn gone(change: Change) -> Drifted {
    Drifted {
        resource: change.resource,
        key: change.key,
        id: None,
        name: change.name,
        event: DriftEvent::Gone,
        attributes: Vec::new(),
        joined: Vec::new(),
        left: Vec::new(),
        origin: change.origin,
    }
}

/// What the change of `active` says of a person.
fn event(resource: ResourceKind, attribute: &AttributeChange) -> Option<DriftEvent> {
    let active = resource == ResourceKind::User && attribute.path.is("active");
    match &attribute.after {
        Value::Bool(true) if active => Some(DriftEvent::Deactivated),
        Value::Bool(false) if active => Some(DriftEvent::Reactivated),
        _ => None,
    }
}

impl From<AttributeChange> for DriftedAttribute {
    fn from(change: AttributeChange) -> Self {
        Self {
            path: change.path,
            applied: change.after,
            live: change.before,
            reference: change.reference,
            sensitive: change.sensitive,
            origin: change.origin,
        }
    }
}

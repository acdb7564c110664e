//! Types of a plan. They serialise as `scimform.plan/v1`; fields are only ever added.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::diag::NoticeCode;
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKind, Value};

use super::{Base, HeadCounts, Horizon, LimitUse, Person, Rehearsal};

/// A plan over all targets of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// `scimform.plan/v1`.
    pub format: String,
    /// `scimform 0.1.0`.
    pub tool: String,
    /// When it was made, RFC 3339 UTC.
    pub created_at: String,
    /// The day for which `starts`, `ends` and `until` were evaluated.
    #[schemars(with = "String")]
    pub as_of: Date,
    /// The git revision of the repository, where there is one.
    pub revision: Option<String>,
    /// Hash of the paths and texts of all files, 32 hex digits; shown, never enforced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<String>,
    /// Whether it was made against the embedded sandbox; such a plan is refused on real targets.
    #[serde(default)]
    pub sandbox: bool,
    /// The keys to which the plan was narrowed; none where it covers everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// The apply that it takes back; none where it brings about what the repository says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<super::undo::UndoOf>,
    /// The files that it was held against in place of live targets; such a plan can't be applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Base>,
    /// What time alone will change, where that was asked for; no part of the digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<Horizon>,
    /// What was withheld when it was printed; a plan of which something was withheld can't be applied.
    #[serde(default, skip_serializing_if = "Redaction::is_none")]
    pub redacted: Redaction,
    /// Hash of the plan's meaning: no times, no ids of ours.
    pub digest: String,
    /// One part per target, by name.
    pub targets: Vec<TargetPlan>,
    /// Access impact per person over all targets, by key.
    pub people: Vec<Person>,
}

/// What is withheld from a printed plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Redaction {
    /// Nothing but what is sensitive.
    #[default]
    None,
    /// Attribute values.
    Values,
    /// Attribute values and everything that names a person.
    Names,
}

impl Redaction {
    /// Whether nothing is withheld.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "asked so when a plan is written")]
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// What is planned for one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetPlan {
    /// The target.
    pub name: String,
    /// Its profile.
    pub profile: String,
    /// Whether it is written to.
    #[serde(default)]
    pub mode: Mode,
    /// What was read.
    pub read: ReadSummary,
    /// Counts.
    pub summary: Summary,
    /// What the apply will ask of the target.
    pub cost: Cost,
    /// Changes in canonical order: users before groups, then by action order, then by key.
    pub changes: Vec<Change>,
    /// Changes that `actions` of the target switches off: shown, never made, and no part of limits or digest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppressed: Vec<Change>,
    /// Resources that are there already and are managed from now on. No request is made for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adoptions: Vec<Adoption>,
    /// People or groups that can't be planned; they are neither written nor removed.
    pub errors: Vec<PlanProblem>,
    /// Limits and policies that the plan breaks.
    pub violations: Vec<Violation>,
    /// How much of each limit is used; none where nothing changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<LimitUse>,
    /// How many are there before and after, where all were listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heads: Option<HeadCounts>,
    /// The impact on each person here, until [`assemble`](super::assemble()) joins it with that at other targets.
    #[serde(skip)]
    pub people: Vec<Person>,
    /// What a reviewer should know.
    pub notices: Vec<PlanNotice>,
    /// How the plan went in a copy of what was read, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsal: Option<Rehearsal>,
    /// Why the target could not be read at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// Whether a target is written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// Compared and written.
    #[default]
    Sync,
    /// Compared, never written: its changes are shown and not made, and its limits only warn.
    ReadOnly,
    /// Neither read nor written.
    Disabled,
}

impl TargetPlan {
    /// Whether an apply makes what is planned here.
    pub fn is_written(&self) -> bool {
        self.mode == Mode::Sync
    }
}

/// What was read from a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadSummary {
    /// Users seen.
    pub users: u64,
    /// Groups seen.
    pub groups: u64,
    /// Whether the read can justify removals.
    pub complete: bool,
    /// Why it can't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete_because: Option<String>,
    /// Removals held back because a list is much shorter than at the last apply and a look-up by id has not confirmed
    /// them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unconfirmed: u64,
    /// Requests it took.
    pub requests: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "asked so when a plan is written")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Counts of a target's plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Changes by action.
    pub actions: BTreeMap<Action, u64>,
    /// Managed resources without a change (adopted ones among them).
    pub unchanged: u64,
    /// Live resources that are left alone because they are not ours.
    pub unmanaged: u64,
    /// Live resources that would be removed if they were not protected.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub protected: u64,
    /// Resources matched for the first time.
    pub adopted: u64,
    /// Removals as the guard counts them: deactivations, deletions, groups that lose all their members.
    #[serde(default)]
    pub removals: u64,
    /// Changes that `actions` of the target switches off.
    #[serde(default)]
    pub suppressed: u64,
}

/// Predicted requests and time of an apply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// Requests that write; reads that check them come on top.
    pub requests: u64,
    /// Seconds at the target's rate limit; 0 where none is known.
    pub seconds: u64,
}

/// What is done to a resource. The published list is open-ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// POST.
    Create,
    /// Start managing; no request.
    Adopt,
    /// Change attributes or members.
    Update,
    /// `active: true` again, with whatever else differs.
    Reactivate,
    /// `active: false`.
    Deactivate,
    /// DELETE.
    Delete,
    /// Stop managing; no request.
    Forget,
}

impl Action {
    /// The word for it in `actions` of a target.
    pub(super) fn switch(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update | Self::Reactivate => "update",
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
            Self::Adopt => "adopt",
            Self::Forget => "forget",
        }
    }
}

/// Why a change is planned. It explains; it never drives an apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Declared and assigned, but not there.
    NotThere,
    /// The repository changed since the last apply.
    ChangedInRepository,
    /// The target changed since the last apply.
    ChangedAtTarget,
    /// Both changed.
    ChangedOnBothSides,
    /// Differs, and nothing is known of an earlier apply.
    Differs,
    /// No longer declared.
    NoLongerDeclared,
    /// Declared, but no longer assigned to this target.
    NoLongerAssigned,
    /// Not declared, and this repository is the only source.
    NotDeclared,
    /// Declared inactive.
    DeclaredInactive,
    /// Before the first or after the last day.
    OutsideDates,
    /// Access begins again.
    AccessAgain,
    /// A member's last day is over, or membership changed.
    MembersDiffer,
    /// An apply is taken back.
    TakenBack,
}

/// One planned change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What is done.
    pub action: Action,
    /// Hash of the change's own meaning: action, object, before, after.
    pub digest: String,
    /// User or group.
    #[schemars(with = "String")]
    pub resource: ResourceKind,
    /// Our key; the id where the object was never ours (`manage: all`).
    pub key: String,
    /// The server's id; none for a create.
    pub id: Option<String>,
    /// The readable name.
    pub name: String,
    /// Attribute changes by path.
    pub attributes: Vec<AttributeChange>,
    /// Member changes.
    #[serde(default, skip_serializing_if = "MemberChange::is_empty")]
    pub members: MemberChange,
    /// Whether the object is matched for the first time.
    pub adopted: bool,
    /// Whether privileged access comes or goes by it: the group, or one that it is within, says `privileged`, or `protect`
    /// of the target holds it; of a person, whether the account comes or goes and such a group with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub privileged: bool,
    /// Why.
    pub reason: Reason,
    /// The reason in words, with dates or names.
    pub because: String,
    /// The place in the files that caused it.
    pub origin: Option<Origin>,
    /// What must still hold when it is applied.
    pub precondition: Precondition,
}

/// A resource that is matched for the first time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Adoption {
    /// User or group.
    #[schemars(with = "String")]
    pub resource: ResourceKind,
    /// Our key.
    pub key: String,
    /// The server's id.
    pub id: String,
    /// The readable name.
    pub name: String,
    /// Attribute path of the match rule that found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Hash of the adoption's own meaning: key and id.
    pub digest: String,
}

/// One attribute's two sides. `before` is what the target holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttributeChange {
    /// SCIM attribute path.
    #[serde(with = "crate::scim::path::shared")]
    #[schemars(with = "String")]
    pub path: Arc<AttrPath>,
    /// What is live; null where unassigned or not readable.
    #[schemars(with = "serde_json::Value")]
    pub before: Value,
    /// What it becomes; null where it is cleared. A manager is shown by key.
    #[schemars(with = "serde_json::Value")]
    pub after: Value,
    /// Key of the person whose id is sent (manager).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Values are withheld.
    pub sensitive: bool,
    /// Why, where it differs from the change's reason.
    pub reason: Reason,
    /// The place in the files that caused it.
    pub origin: Option<Origin>,
}

/// Members that come and go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberChange {
    /// Added.
    pub add: Vec<MemberRef>,
    /// Removed.
    pub remove: Vec<MemberRef>,
}

impl MemberChange {
    /// Whether no member comes or goes.
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }
}

/// A member by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberRef {
    /// User or group.
    #[schemars(with = "String")]
    pub resource: ResourceKind,
    /// Our key, where it is ours.
    pub key: Option<String>,
    /// The id; none where it is created by the same plan.
    pub id: Option<String>,
    /// The readable name.
    pub name: String,
    /// Why it comes or goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The place in the files that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// A place in the repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// Path from the repository root.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
}

/// What must still hold when a change is applied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Precondition {
    /// The `ETag` as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Hash of the managed attributes as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// Why one person or group can't be planned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanProblem {
    /// User or group.
    #[schemars(with = "String")]
    pub resource: ResourceKind,
    /// The key.
    pub key: String,
    /// Stable name.
    #[serde(deserialize_with = "NoticeCode::problem")]
    #[schemars(with = "String")]
    pub code: NoticeCode,
    /// What is wrong and the way out.
    pub message: String,
    /// Where it comes from.
    pub origin: Option<Origin>,
}

/// What a reviewer should know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanNotice {
    /// Stable name.
    #[serde(deserialize_with = "NoticeCode::remark")]
    #[schemars(with = "String")]
    pub code: NoticeCode,
    /// The text.
    pub message: String,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// A limit or policy that the plan breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    /// Stable name: `removals`, `creates`, …, `protected`, `policy`.
    #[serde(deserialize_with = "NoticeCode::violation")]
    #[schemars(with = "String")]
    pub code: NoticeCode,
    /// What is broken.
    pub message: String,
    /// What would allow it.
    pub allow: String,
    /// Whether it only warns.
    pub warn: bool,
    /// Where the rule stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

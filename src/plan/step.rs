//! Steps: one HTTP request each, derived from a plan.

use crate::scim::{Object, ResourceKind};
use crate::scim::patch::PatchOp;

/// Place of a step in its schedule.
pub type StepId = usize;

/// The id of a resource that a step writes to or refers to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdRef {
    /// Known from the read.
    Id(String),
    /// Made by an earlier create of this key.
    Created(ResourceKind, String),
}

/// One request.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its place; steps only refer to earlier ones.
    pub id: StepId,
    /// Index of the change in the target's `changes` that it belongs to.
    pub change: usize,
    /// Kind of the resource written.
    pub kind: ResourceKind,
    /// Key of the resource written.
    pub key: String,
    /// The resource; `None` for a POST.
    pub on: Option<IdRef>,
    /// Steps with a lower phase are all done before: 0 users, 1 managers, 2 groups, 3 memberships,
    /// 4 deactivations, 5 deletions.
    pub phase: u8,
    /// What is sent.
    pub body: StepBody,
}

/// What a step sends. Values that refer to a resource of the same plan hold a placeholder string made by
/// `plan::placeholder(kind, key)`; apply puts the id in just before sending.
#[derive(Clone, Debug)]
pub enum StepBody {
    /// POST of a whole resource.
    Post(Object),
    /// PUT: apply overlays this on a fresh read (live + overlay), `null` and `[]` clear.
    Put(Vec<PatchOp>),
    /// PATCH.
    Patch(Vec<PatchOp>),
    /// DELETE.
    Delete,
}

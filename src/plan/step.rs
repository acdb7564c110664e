//! Steps: one HTTP request each, derived from a plan.

use crate::desired::Asserted;
use crate::scim::patch::PatchOp;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKey, ResourceKind, Value};

/// Place of a step in its schedule.
pub type StepId = usize;

/// The id of a resource that a step writes to or refers to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdRef {
    /// Known from the read.
    Id(String),
    /// Made by an earlier create of this key.
    Created(ResourceKey),
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
    /// Steps of one phase with a lower wave are done before: they free a name that this one takes.
    pub wave: u32,
    /// Indexes of the changes that free a name which this step takes.
    pub frees_first: Vec<usize>,
    /// What is sent.
    pub body: StepBody,
    /// What should be so afterwards, for the apply to check and to note; members aside.
    pub effects: Vec<Effect>,
}

/// An attribute and the value that a step gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// The attribute, as asserted.
    pub path: AttrPath,
    /// Its value, placeholders included.
    pub value: Value,
    /// The value as declared, for the ledger's hash.
    pub asserted: Asserted,
    /// Whether it is asserted from now on and not at creation alone.
    pub lasting: bool,
    /// Whether the target can be expected to show it.
    pub shown: bool,
    /// Whether a value that is there already stays (`Assertion::gives_way`).
    pub gives_way: bool,
}

/// What a step sends. Values that refer to a resource of the same plan hold a placeholder string made by
/// `plan::placeholder(key)`; apply puts the id in just before sending.
#[derive(Clone, Debug)]
pub enum StepBody {
    /// POST of a whole resource.
    Post(Object),
    /// PUT: apply overlays this on a fresh read (live + overlay), `null` and `[]` clear.
    Put(Vec<PatchOp>),
    /// PATCH.
    Patch(Vec<PatchOp>),
    /// Members of a group that come and go, one request; the profile says in which words.
    Members(Membership),
    /// DELETE.
    Delete,
}

/// The verb of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// PATCH (RFC 7644 section 3.5.2).
    Patch,
    /// PUT of live + overlay (section 3.5.1).
    Put,
}

/// Members that come and go in one request.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The verb.
    pub verb: Verb,
    /// Whether all members of the group are sent, and not only those who come and go.
    pub all: bool,
    /// Changes of the group's own attributes that go in the same request, in front.
    pub attributes: Vec<PatchOp>,
    /// Who comes.
    pub add: Vec<StepMember>,
    /// Who goes.
    pub remove: Vec<StepMember>,
}

/// A member of a [`Membership`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StepMember {
    /// User or group.
    pub kind: ResourceKind,
    /// The member's id.
    pub id: IdRef,
    /// Our key, else the readable name, for reports.
    pub name: String,
}

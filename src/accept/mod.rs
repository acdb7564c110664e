//! What moved at a target, taken into the files: which declaration says otherwise, and what it has to say then.
//!
//! Whether a value comes back as it is there is not reasoned about: the files are edited in memory, and the plan that they
//! give is made by the code that makes every plan ([`settle()`]). What it would still change is left, with the reason.

mod propose;
mod row;
mod settle;

pub use propose::propose;
pub use settle::{Consequence, Settled, settle};

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;

use crate::directory::{Directory, Target};
use crate::edit::Edit;
use crate::ledger::{Hasher, TargetLedger};
use crate::live::Live;
use crate::plan::{TargetDrift, TargetPlan};
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKey, ResourceKind, Value};
use crate::source::SourceMap;

/// A repository and what was seen at its targets.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The files.
    pub sources: &'a SourceMap,
    /// What they declare.
    pub directory: &'a Directory,
    /// The day for which dates are evaluated.
    pub as_of: Date,
    /// Keys to which the run is narrowed.
    pub only: Option<&'a BTreeSet<String>>,
    /// The targets that were read.
    pub targets: Vec<Looked<'a>>,
}

/// One target that was read.
#[derive(Debug)]
pub struct Looked<'a> {
    /// The target.
    pub target: &'a Target,
    /// What it answered.
    pub live: &'a Live,
    /// What is managed there.
    pub ledger: &'a TargetLedger,
    /// Makes the ledger's hashes.
    pub hasher: &'a Hasher,
    /// The plan as the files are.
    pub plan: &'a TargetPlan,
    /// What moved there alone.
    pub drift: &'a TargetDrift,
}

/// One change of a file that takes over what is at a target.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The targets at which it moved so.
    pub targets: Vec<String>,
    /// User or group.
    pub resource: ResourceKind,
    /// Its key.
    pub key: String,
    /// The declared place, as `users.ada.title`.
    pub place: String,
    /// What is declared now.
    pub before: Value,
    /// What will be; nothing where a declaration is taken out.
    pub after: Option<Value>,
    /// Whether values are an item that comes into or goes out of a list.
    pub item: bool,
    /// The file.
    pub file: String,
    /// How the file is changed.
    pub edit: Edit,
    /// What must not be planned any more.
    pub(crate) moved: Moved,
}

/// What moved, in the words of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Moved {
    /// An attribute, by path.
    Attribute(Arc<AttrPath>),
    /// A member of a group.
    Member(ResourceKey),
}

/// What moved at a target and is not taken over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// The target.
    pub target: String,
    /// User or group.
    pub resource: ResourceKind,
    /// Its key.
    pub key: String,
    /// What moved: a path, `active`, or a member.
    pub what: String,
    /// Why it is left.
    pub why: String,
    /// The way out.
    pub hint: String,
}

/// Changes of files, and what is left.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// By file and place.
    pub accepted: Vec<Accepted>,
    /// By target and key.
    pub left: Vec<Left>,
}

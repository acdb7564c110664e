//! What the diff says about one resource.

use std::sync::Arc;

use crate::plan::{Action, AttributeChange, Change, MemberChange, Origin, Precondition, Reason};
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKind, Value};

use super::notes::Note;

/// The result for one resource.
#[derive(Debug, Default)]
pub(in crate::plan) struct Outcome {
    /// What is done, if anything.
    pub(in crate::plan) change: Option<Change>,
    pub(in crate::plan) notes: Vec<Note>,
    /// Whether it was matched for the first time.
    pub(in crate::plan) adopted: bool,
    /// Whether it is managed and stays as it is.
    pub(in crate::plan) unchanged: bool,
    /// A removal that is refused because the object is protected: kind, key, name and the rule.
    pub(in crate::plan) refused: Option<Refusal>,
}

/// A refused removal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) struct Refusal {
    pub(in crate::plan) kind: ResourceKind,
    pub(in crate::plan) key: String,
    pub(in crate::plan) name: String,
    pub(in crate::plan) rule: String,
}

impl Outcome {
    pub(super) fn note(note: Note) -> Self {
        Self { notes: vec![note], ..Self::default() }
    }

    pub(super) fn unchanged() -> Self {
        Self { unchanged: true, ..Self::default() }
    }

    pub(super) fn change(change: Change) -> Self {
        Self { change: Some(change), ..Self::default() }
    }

    pub(super) fn with(mut self, note: Note) -> Self {
        self.notes.push(note);
        self
    }
}

/// A change before its reasons are filled in; the digest is made at the end.
pub(super) fn draft(action: Action, kind: ResourceKind, key: &str, name: &str) -> Change {
    Change {
        action,
        digest: String::new(),
        resource: kind,
        key: key.to_owned(),
        id: None,
        name: name.to_owned(),
        attributes: Vec::new(),
        members: MemberChange::default(),
        adopted: false,
        privileged: false,
        reason: Reason::NotThere,
        because: String::new(),
        origin: None,
        precondition: Precondition::default(),
    }
}

/// A change of an attribute that is neither sensitive nor names a person.
pub(super) fn plain(
    path: Arc<AttrPath>,
    before: Value,
    after: Value,
    reason: Reason,
    origin: Option<Origin>,
) -> AttributeChange {
    AttributeChange { path, before, after, reference: None, sensitive: false, reason, origin }
}

/// A change of `active`.
pub(super) fn access(before: Value, after: bool, reason: Reason, origin: Option<Origin>) -> AttributeChange {
    plain(Arc::new(AttrPath::attribute("active")), before, after.into(), reason, origin)
}

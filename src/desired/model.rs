//! Types of the desired side.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::NoticeCode;
use crate::directory::{GroupKey, Secret, UserKey};
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKey, ResourceKind, Value};
use crate::source::Span;

pub use crate::mapping::Apply;

/// A member of a pushed group: a person or a nested group.
pub type MemberKey = ResourceKey<Arc<str>>;

/// What one target should hold, as far as the repository says.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    /// Everyone in scope, by key.
    pub users: BTreeMap<UserKey, DesiredResource>,
    /// Pushed groups, by key.
    pub groups: BTreeMap<GroupKey, DesiredResource>,
    /// Who can't be projected, and why; such a key is neither written nor removed.
    pub problems: Vec<Problem>,
    /// What a reviewer should know.
    pub notices: Vec<Notice>,
}

impl Desired {
    /// The resources of a kind, by key.
    pub fn of(&self, kind: ResourceKind) -> Box<dyn Iterator<Item = &DesiredResource> + '_> {
        match kind {
            ResourceKind::User => Box::new(self.users.values()),
            ResourceKind::Group => Box::new(self.groups.values()),
        }
    }

    /// Takes a resource in.
    pub fn insert(&mut self, resource: DesiredResource) {
        match resource.kind {
            ResourceKind::User => drop(self.users.insert(resource.key.as_str().into(), resource)),
            ResourceKind::Group => drop(self.groups.insert(resource.key.as_str().into(), resource)),
        }
    }

    /// The resource of a key.
    pub fn find(&self, kind: ResourceKind, key: &str) -> Option<&DesiredResource> {
        match kind {
            ResourceKind::User => self.users.get(key),
            ResourceKind::Group => self.groups.get(key),
        }
    }
}

/// One desired resource.
#[derive(Clone, Debug)]
pub struct DesiredResource {
    /// User or group.
    pub kind: ResourceKind,
    /// Our key.
    pub key: String,
    /// Former keys, for the ledger.
    pub previously: Vec<String>,
    /// A name that people read: the asserted displayName, else names, else userName, else the key.
    pub name: String,
    /// Where it is declared.
    pub origin: Span,
    /// Whether it should have access. Groups are always active.
    pub presence: Presence,
    /// What the mapping asserts, in order of paths; `active` included.
    pub assertions: Vec<Assertion>,
    /// Members of a pushed group with the place that caused each; `None` for users.
    pub members: Option<BTreeMap<MemberKey, Span>>,
    /// Whether members only come: every binding that pushes the group says `membership: additive`.
    pub additive: bool,
}

/// Whether a person should have access on the day of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Yes.
    Active,
    /// No: deactivate if there, do not create if not. The text says why ("ended 2026-06-30").
    Inactive(String),
}

/// One asserted attribute.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// The SCIM attribute; one allocation for everyone whom the row gives a value.
    pub path: Arc<AttrPath>,
    /// What it should be.
    pub value: Asserted,
    /// When it is sent.
    pub apply: Apply,
    /// Where the value comes from: the declared attribute if one is named alone, else the mapping row.
    pub origin: Span,
    /// Never shown (password).
    pub sensitive: bool,
    /// An `externalId` that nobody wrote down: a profile's row made it of the key alone. It gives way to the one that
    /// another client left.
    pub gives_way: bool,
}

/// An asserted value.
#[derive(Clone, Debug, PartialEq)]
pub enum Asserted {
    /// A value of our own.
    Value(Value),
    /// The id that a person has at the target (manager).
    User(UserKey),
    /// What is looked up when it is sent (password).
    Secret(Secret),
}

/// Why one declared person or group can't be planned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// User or group.
    pub kind: ResourceKind,
    /// The key.
    pub key: String,
    /// Stable name.
    pub code: NoticeCode,
    /// What is wrong and the way out.
    pub message: String,
    /// Where it comes from.
    pub origin: Option<Span>,
}

/// What a reviewer should know, short of an error.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// Stable name.
    pub code: NoticeCode,
    /// The text.
    pub message: String,
    /// Where it comes from.
    pub origin: Option<Span>,
}

//! What an apply of a reviewed plan leaves, and why. Part of `scimform.report/v1`; fields are only ever added.

use serde::{Deserialize, Serialize};

use crate::plan::{Action, Change};
use crate::scim::{ResourceKind, Value};

/// What came of holding a fresh plan against the reviewed one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    /// What is not done.
    pub left: Vec<Left>,
    /// What was reviewed and is so already.
    pub in_effect: Vec<InEffect>,
}

impl Held {
    /// Adds what came of another target.
    pub fn extend(&mut self, other: Self) {
        self.left.extend(other.left);
        self.in_effect.extend(other.in_effect);
        self.sort();
    }

    pub(super) fn sort(&mut self) {
        self.left.sort_by(|a, b| a.place().cmp(&b.place()));
        self.in_effect.sort();
    }
}

/// Why something is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LeftCode {
    /// It is planned, but not as it was reviewed.
    Moved,
    /// It is planned and was not reviewed.
    New,
    /// It was reviewed, and neither files nor target ask for it any more.
    NoLongerNeeded,
    /// It was reviewed and can't be planned now.
    HeldBack,
}

/// A change or adoption that is left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Left {
    /// The target.
    pub target: String,
    /// Why, as a stable name.
    pub code: LeftCode,
    /// User or group.
    #[schemars(with = "String")]
    pub resource: ResourceKind,
    /// The key.
    pub key: String,
    /// The readable name.
    pub name: String,
    /// What would be done; where that is nothing now, what was reviewed.
    pub action: Action,
    /// Why, in words.
    pub because: String,
    /// The attributes concerned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Sides>,
    /// The members concerned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberSides>,
}

impl Left {
    pub(super) fn of(target: &str, change: &Change, code: LeftCode, because: String) -> Self {
        Self {
            target: target.to_owned(),
            code,
            resource: change.resource,
            key: change.key.clone(),
            name: change.name.clone(),
            action: change.action,
            because,
            attributes: Vec::new(),
            members: Vec::new(),
        }
    }

    fn place(&self) -> (&str, ResourceKind, Action, &str, LeftCode) {
        (&self.target, self.resource, self.action, &self.key, self.code)
    }
}

/// One attribute as it was reviewed, as it is live and as it is wanted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sides {
    /// SCIM attribute path.
    pub path: String,
    /// What was live when it was reviewed; left out where no change of it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub reviewed_before: Option<Value>,
    /// What it was to become; left out where no change of it was reviewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub reviewed_after: Option<Value>,
    /// What is live; null where unassigned.
    #[schemars(with = "serde_json::Value")]
    pub live: Value,
    /// What the files want now; left out where they say nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub wanted: Option<Value>,
    /// Values are withheld.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
}

/// Whether a member comes or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MemberMove {
    /// It comes.
    Joins,
    /// It goes.
    Leaves,
}

/// One member as it was reviewed, as it is live and as it is wanted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberSides {
    /// User or group.
    #[schemars(with = "String")]
    pub resource: ResourceKind,
    /// Our key, where it is ours.
    pub key: Option<String>,
    /// The readable name.
    pub name: String,
    /// What was reviewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<MemberMove>,
    /// Whether it is a member now, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<bool>,
    /// What would be done now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<MemberMove>,
}

/// A reviewed change that is so already.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InEffect {
    /// The target.
    pub target: String,
    /// User or group.
    #[schemars(with = "String")]
    pub resource: ResourceKind,
    /// The key.
    pub key: String,
    /// What was reviewed.
    pub action: Action,
}

impl InEffect {
    pub(super) fn of(target: &str, change: &Change) -> Self {
        Self { target: target.to_owned(), resource: change.resource, key: change.key.clone(), action: change.action }
    }
}

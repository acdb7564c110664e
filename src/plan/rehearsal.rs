//! What a rehearsal found: the plan applied to a copy of what was read, at an embedded server of the target's profile.

use serde::{Deserialize, Serialize};

use crate::scim::{ResourceKind, Value};

use super::Action;

/// How a plan went in a copy. The copy follows the profile and holds what was read; the target itself may differ.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rehearsal {
    /// Whether everything planned was done there and a second plan was empty.
    pub converges: bool,
    /// Requests that wrote.
    pub requests: u64,
    /// Requests that read during the apply: looks at what was written, and at what is sent as a whole.
    pub reads: u64,
    /// What was refused there or not done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<RehearsalFailure>,
    /// Values that were written and that the server shows otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub altered: Vec<Altered>,
    /// What a second plan would still change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<LeftChange>,
    /// What the copy had to guess or could not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
}

/// Something that did not come to be in a rehearsal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RehearsalFailure {
    /// User or group; none where the whole apply ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub resource: Option<ResourceKind>,
    /// The key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The attribute or member concerned, where it is one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What is wrong.
    pub message: String,
}

/// A value that the server shows otherwise than it was sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Altered {
    /// User or group.
    #[schemars(with = "String")]
    pub resource: ResourceKind,
    /// The key.
    pub key: String,
    /// SCIM attribute path.
    pub path: String,
    /// What was sent; null where it was cleared or is withheld.
    #[schemars(with = "serde_json::Value")]
    pub sent: Value,
    /// What the server shows; null where it shows nothing, or withheld.
    #[schemars(with = "serde_json::Value")]
    pub kept: Value,
    /// Values are withheld.
    pub sensitive: bool,
}

/// A change that a second plan still has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeftChange {
    /// User or group.
    #[schemars(with = "String")]
    pub resource: ResourceKind,
    /// The key.
    pub key: String,
    /// What would be done.
    pub action: Action,
    /// Attributes that would change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Members that would come or go.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub members: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "asked so when it is written")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

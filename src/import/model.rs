//! What an import found and did. Serialises as `scimform.import/v1`; fields are only ever added.

use serde::Serialize;

use crate::scim::{ResourceKind, Value};

/// Name of the published format.
pub const FORMAT: &str = "scimform.import/v1";

/// The JSON Schema of the published format.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Import).to_value()
}

/// An import from one target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// [`FORMAT`].
    pub format: String,
    /// `scimform 0.1.0`.
    pub tool: String,
    /// The target.
    pub target: String,
    /// Whether its embedded server stood in.
    pub sandbox: bool,
    /// Whether nothing was written on purpose.
    pub dry_run: bool,
    /// Requests that the read took.
    pub requests: u64,
    /// Whether everything was read.
    pub complete: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete_because: Option<String>,
    /// Counts.
    pub summary: Summary,
    /// Everyone and every group that was seen: New before Imported, people before groups, by name.
    pub entries: Vec<Item>,
    /// Files that were written, or would be, by path.
    pub files: Vec<File>,
    /// The binding by which those who are imported are managed, where one was made or added to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<String>,
    /// What else should be known.
    pub notices: Vec<String>,
    /// What to do next.
    pub next: Vec<String>,
}

/// Counts of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Seen and not declared before.
    pub new: u64,
    /// Seen and declared before.
    pub imported: u64,
    /// New ones that are declared now.
    pub written: u64,
    /// New ones that were chosen and can't be declared.
    pub left: u64,
    /// Those written for whom the next plan is not empty.
    pub differing: u64,
    /// Declared people and groups here that no binding gives to the target.
    pub unmanaged: u64,
}

/// Whether a live resource is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
pub enum Status {
    /// It was not.
    New,
    /// It is, and the match rules or the ledger find it.
    Imported,
}

/// One live person or group.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// User or group.
    #[schemars(with = "String")]
    pub resource: ResourceKind,
    /// Whether it was declared before.
    pub status: Status,
    /// Its key, or the one that it would have.
    pub key: String,
    /// The server's id.
    pub id: String,
    /// `userName`, or `displayName` of a group.
    pub name: String,
    /// Whether this import declares it.
    pub written: bool,
    /// The file of its declaration, where this import writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Whether a binding gives it to the target, after this import.
    pub managed: bool,
    /// What the next plan would change of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<Difference>,
    /// What should be known of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Why it can't be declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
}

/// One attribute that the next plan would change.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// SCIM attribute path.
    pub path: String,
    /// What the target holds.
    #[schemars(with = "serde_json::Value")]
    pub live: Value,
    /// What the mapping makes of the declaration.
    #[schemars(with = "serde_json::Value")]
    pub sent: Value,
}

/// A file of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct File {
    /// Path from the repository's root.
    pub path: String,
    /// Whether it was there before.
    pub existed: bool,
}

//! Types of an explanation. They serialise as `scimform.explain/v1`; fields are only ever added.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::access::Place;
use crate::plan::Action;
use crate::scim::{ResourceKind, Value};

/// All there is to say of a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// `scimform.explain/v1`.
    pub format: String,
    /// `scimform 0.1.0`.
    pub tool: String,
    /// The day for which `starts`, `ends` and `until` were evaluated.
    #[schemars(with = "String")]
    pub as_of: Date,
    /// Whether the targets are embedded sandboxes.
    #[serde(default)]
    pub sandbox: bool,
    /// The person and the group of that key.
    pub subjects: Vec<Subject>,
}

/// One person or group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// User or group.
    #[schemars(with = "String")]
    pub resource: ResourceKind,
    /// The key.
    pub key: String,
    /// Step 1: where it is declared; none where only the ledger knows it.
    pub declared: Option<Declared>,
    /// Steps 2 to 5, by target.
    pub targets: Vec<AtTarget>,
}

/// Where something is declared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Declared {
    /// Where the key stands.
    pub place: Place,
    /// Where each declared attribute of a person stands.
    #[serde(default)]
    pub attributes: BTreeMap<String, Place>,
    /// First day of access.
    #[schemars(with = "Option<String>")]
    pub since: Option<Date>,
    /// Last day of access.
    #[schemars(with = "Option<String>")]
    pub until: Option<Date>,
    /// Declared `active`.
    pub active: Option<bool>,
    /// Former keys.
    #[serde(default)]
    pub previously: Vec<String>,
}

/// One person or group at one target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AtTarget {
    /// The target.
    pub name: String,
    /// Its profile.
    pub profile: String,
    /// Why the target could not be read, though it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// Whether a binding gives it.
    pub assigned: bool,
    /// Step 2: every binding of the target, and why it does or does not give it.
    pub scope: Vec<Bound>,
    /// Whether a person has access on that day, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presence: Option<String>,
    /// Why it can't be projected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
    /// Step 3: which live resource it is; none where the target was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<Matched>,
    /// Step 4: every row of the mapping.
    pub values: Vec<ValueRow>,
    /// Members of a pushed group, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberRow>,
    /// What is planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Step 5: the requests that an apply would make.
    pub requests: Vec<Request>,
    /// Why none is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nothing_because: Option<String>,
}

/// A binding and one person or group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Bound {
    /// The binding.
    pub binding: String,
    /// Whether it gives the person or pushes the group.
    pub holds: bool,
    /// Why, in words.
    pub why: String,
    /// The places that make it so: the binding, each nested group, the entry or rule.
    pub places: Vec<Place>,
}

/// How a live resource was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Matched {
    /// In which way.
    pub found: Found,
    /// The server's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// In words: the ledger, the rule and its value, what was looked for.
    pub words: String,
}

/// Ways to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// Under the id that the ledger has.
    Ledger,
    /// By a match rule.
    Rule,
    /// Not at all.
    Nothing,
    /// Not told apart: an error of this key.
    Error,
}

/// Where a row's value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// The expression or the constant, as text.
    pub expression: String,
    /// Whether a row of a mapping gives it; otherwise the person's days and `active` do.
    pub mapped: bool,
    /// Where the row stands; none for a profile's default mapping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<Place>,
    /// Where the value stands: the declared attribute if one is named alone, else the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// One row of the mapping.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ValueRow {
    /// SCIM attribute path.
    pub path: String,
    /// What is asserted; none where the row asserts nothing. A manager is shown by key.
    #[schemars(with = "Option<serde_json::Value>")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Where it comes from.
    pub source: Source,
    /// Whether it is sent at creation alone.
    pub on_create: bool,
    /// What is live; none where it was not read.
    #[schemars(with = "Option<serde_json::Value>")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Value>,
    /// How the two stand to each other.
    pub state: State,
}

/// How an asserted value stands to the live one. The published list is open-ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The row's value is undefined: it asserts nothing.
    Undefined,
    /// The target was not asked, or has no such resource yet.
    NotCompared,
    /// The same.
    Same,
    /// The same, though written in another way.
    Normalised,
    /// Differs, and is changed.
    Differs,
    /// Differs, and is left: the target kept it so when it was sent what is declared.
    Witness,
    /// Differs, and is left: it is sent at creation alone, or the plan leaves it for a reason that it tells.
    Left,
    /// Never sent: the target decides.
    ServerOwned,
    /// Sent, and can't be read.
    Hidden,
}

/// A member of a pushed group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberRow {
    /// User or group.
    #[schemars(with = "String")]
    pub resource: ResourceKind,
    /// The key.
    pub key: String,
    /// The entry that names it, or the rule that matches.
    pub place: Place,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path below the target's base address.
    pub path: String,
    /// The body; of a PUT what is laid over the resource as it is then. Secrets are withheld.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<serde_json::Value>,
    /// What is to be known besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

//! What a test of a connection found. Serialises as `scimform.probe/v1`; fields are only ever added.

use serde::Serialize;

use super::learned::Learned;
use crate::live::disagreement::{Doubt, Fact};
use crate::mapping::{Apply, Mapping, Row, RowValue};
use crate::profile::{Confidence, Profile, Quirk};
use crate::scim::{ResourceKind, Value};
use crate::wording::list;

/// Name of the published format.
pub const FORMAT: &str = "scimform.probe/v1";

/// What a test of a connection found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Probe {
    /// [`FORMAT`].
    pub format: &'static str,
    /// The target.
    pub target: String,
    /// Its profile.
    pub profile: String,
    /// The profile's name for people.
    pub title: String,
    /// Whether the embedded server stood in.
    pub sandbox: bool,
    /// Last day of the token, and how long that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Expiry>,
    /// What was tried, in order.
    pub steps: Vec<Tried>,
    /// What discovery can speak about.
    pub facts: Vec<Fact>,
    /// Rows of the mappings in force that the server's schemas doubt.
    pub doubts: Vec<Doubt>,
    /// Facts of the profile that nobody read in the vendor's own text.
    pub unverified: Vec<Unverified>,
    /// The profile's quirks.
    pub quirks: Vec<Quirk>,
    /// The mappings in force.
    pub mappings: Vec<InForce>,
    /// Whether marked users and groups were made, so that what was learned was tried and not only read.
    pub written: bool,
    /// What the target does otherwise than the profile in force says, with what was seen of it.
    #[serde(flatten)]
    pub learned: Learned,
    /// A user that was made and could not be removed; none where nothing was written or all users are gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stayed: Option<Stayed>,
    /// All that was made and could not be removed, users and groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Left>,
    /// Requests sent.
    pub requests: u64,
    /// Whether scimform can work with the target.
    pub usable: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// When a token ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Expiry {
    /// Its last day.
    pub date: String,
    /// Days from today; negative once it is over.
    pub days: i32,
}

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tried {
    /// What.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What was seen.
    pub says: String,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// As it should be.
    Good,
    /// Worth knowing.
    Odd,
    /// The target can't be used so.
    Bad,
    /// Not tried.
    Left,
}

/// A fact of the profile that is not verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unverified {
    /// Its dotted name.
    pub fact: String,
    /// What the profile says; of a whole group of facts only that.
    pub value: String,
    /// How sure that is.
    pub confidence: Confidence,
}

/// A mapping in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InForce {
    /// The bindings that use it; none where the target has no binding.
    pub bindings: Vec<String>,
    /// Its name.
    pub mapping: String,
    /// Rows of users.
    pub user: Vec<Written>,
    /// Rows of groups.
    pub group: Vec<Written>,
    /// Ordered match attributes of users.
    pub match_users: Vec<String>,
    /// Ordered match attributes of groups.
    pub match_groups: Vec<String>,
}

/// A row in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Written {
    /// The SCIM attribute.
    pub path: String,
    /// Where its value comes from.
    pub from: String,
    /// What stands in for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Whether it is sent at creation alone.
    pub on_create: bool,
}

/// What is left of the probe user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stayed {
    /// The server's id, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its userName.
    pub user_name: String,
    /// In which state, in words.
    pub state: String,
}

/// A resource that was made and could not be removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Left {
    /// User or group.
    pub kind: ResourceKind,
    /// The server's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// In which state, in words.
    pub state: String,
    /// Why it stayed.
    pub because: String,
}

impl Probe {
    /// Adds what was tried.
    pub fn tried(&mut self, name: impl Into<String>, outcome: Outcome, says: impl Into<String>) {
        self.steps.push(Tried { name: name.into(), outcome, says: says.into() });
    }

    /// What failed or was not tried, so that not all is known.
    pub fn failed(&self) -> impl Iterator<Item = &Tried> {
        // A note of these is that nothing of it worked.
        let needed = |step: &&Tried| matches!(step.name.as_str(), "create" | "update" | "read" | "deactivate");
        self.steps.iter().filter(move |step| match step.outcome {
            Outcome::Good => false,
            Outcome::Odd => needed(step),
            Outcome::Bad | Outcome::Left => true,
        })
    }

    /// Whether it was tried to take access away and nobody was seen to lose it.
    pub fn deactivation_failed(&self) -> bool {
        let mut tries = self.steps.iter().filter(|step| step.name == "deactivate").peekable();
        tries.peek().is_some() && tries.all(|step| step.outcome == Outcome::Odd)
    }
}

impl InForce {
    /// A mapping with the bindings that use it.
    pub fn new(mapping: &Mapping, bindings: Vec<String>) -> Self {
        let rows = |rows: &[Row]| rows.iter().map(Written::of).collect();
        let paths =
            |paths: &[crate::scim::path::AttrPath]| paths.iter().map(ToString::to_string).collect::<Vec<String>>();
        Self {
            bindings,
            mapping: mapping.name.clone(),
            user: rows(&mapping.rows.users),
            group: rows(&mapping.rows.groups),
            match_users: paths(&mapping.matching.users),
            match_groups: paths(&mapping.matching.groups),
        }
    }
}

impl Written {
    fn of(row: &Row) -> Self {
        let from = match &row.value {
            RowValue::Expression(expression) => expression.text().trim().to_owned(),
            RowValue::Const(Value::String(text)) => format!("\"{text}\""),
            RowValue::Const(value) => value.to_string(),
            RowValue::Secret(_) => "a secret".to_owned(),
        };
        let default = row.default.as_ref().map(|default| default.text().trim().to_owned());
        Self { path: row.path.to_string(), from, default, on_create: row.apply == Apply::OnCreate }
    }
}

/// The facts that a profile does not vouch for, with what it says of each.
pub fn unverified(profile: &Profile) -> Vec<Unverified> {
    let whole = serde_json::to_value(profile).unwrap_or_default();
    let doubtful = profile.confidence.iter().filter(|(_, confidence)| **confidence != Confidence::Verified);
    doubtful
        .map(|(fact, confidence)| Unverified {
            fact: fact.clone(),
            value: told(&whole, fact).unwrap_or_default(),
            confidence: *confidence,
        })
        .collect()
}

/// What stands at a dotted name. The rest of a name may be an entry of a list or a key with dots of its own.
fn told(value: &serde_json::Value, name: &str) -> Option<String> {
    let Some(object) = value.as_object() else { return Some(plain(value)) };
    if let Some(found) = object.get(name) {
        return Some(plain(found));
    }
    let dots = name.char_indices().filter(|(_, character)| *character == '.').map(|(at, _)| at);
    for at in dots {
        let (head, tail) = name.split_at(at);
        if let (Some(inner), Some(tail)) = (object.get(head), tail.strip_prefix('.')) {
            return match inner {
                serde_json::Value::Array(_) => Some("listed".to_owned()),
                inner => told(inner, tail),
            };
        }
    }
    None
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => "not said".to_owned(),
        serde_json::Value::Array(items) if items.is_empty() => "none".to_owned(),
        serde_json::Value::Array(items) if items.iter().all(serde_json::Value::is_string) => {
            list(items.iter().map(plain))
        }
        serde_json::Value::Array(items) => format!("{} listed", items.len()),
        serde_json::Value::Object(_) => "all of it".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::builtin;

    #[test]
    fn unverified_facts_are_told_with_their_value() {
        let mut profile = (*builtin("lattice").unwrap()).clone();
        profile.confidence.clear();
        for (fact, confidence) in [
            ("capabilities.deletion", Confidence::Unverified),
            ("capabilities.filterUsers", Confidence::Secondary),
            ("attributes.createOnly.name.formatted", Confidence::Unverified),
            ("capabilities.etag", Confidence::Verified),
        ] {
            profile.confidence.insert(fact.to_owned(), confidence);
        }
        let told: Vec<(String, String)> =
            unverified(&profile).into_iter().map(|fact| (fact.fact, fact.value)).collect();
        let pair = |fact: &str, value: &str| (fact.to_owned(), value.to_owned());
        assert_eq!(
            told,
            [
                pair("attributes.createOnly.name.formatted", "listed"),
                pair("capabilities.deletion", "none"),
                pair("capabilities.filterUsers", "userName, externalId"),
            ]
        );
    }
}

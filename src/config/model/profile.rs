//! Profiles of the user's own.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Declared, Row, transform};
use crate::profile::{AttributeRules, AuthForm, Capabilities, Confidence, Hints, Quirk};
use crate::source::Spanned;

/// What a server can do and how it treats attributes, for a vendor that scimform does not know. What is left out is
/// taken from the profile that it extends.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "Profile", rename = "OwnProfile", transform = transform::not_null, transform = transform::no_defaults)]
pub struct Profile {
    /// The profile that this one builds on: one that comes with scimform, or one declared here. `generic` if left out.
    #[schemars(with = "String", example = &"slack")]
    pub extends: Option<Spanned<String>>,
    /// Name for people. The profile's name if left out.
    #[schemars(with = "String", example = &"Acme HR")]
    pub title: Option<Spanned<String>>,
    /// Default base URL, where all tenants have the same.
    #[schemars(with = "String", regex(pattern = "^https?://"), extend("patternErrorMessage" = "this is not the address of a web server: it starts with `https://`"), example = &"https://api.acme.example/scim/v2")]
    pub url: Option<Spanned<String>>,
    /// What the base URL of a tenant looks like, with `{name}` for each part of its own.
    #[schemars(with = "String", example = &"https://{tenant}.acme.example/scim/v2")]
    pub url_form: Option<Spanned<String>>,
    /// How the vendor wants to be logged in to.
    #[schemars(with = "AuthForm")]
    pub auth: Option<Spanned<serde_json::Value>>,
    /// Facts that are different from those of the profile that this one extends.
    #[schemars(with = "Capabilities", example = serde_json::json!({ "patch": true, "membersPerPatch": 50 }))]
    pub capabilities: Option<Spanned<Facts>>,
    /// How the server treats single attributes. A list takes the place of the one in the profile that this one extends;
    /// what has names of its own is merged by name.
    #[schemars(with = "AttributeRules", example = serde_json::json!({ "serverOwned": ["displayName"] }))]
    pub attributes: Option<Spanned<Facts>>,
    /// Rows over those of the profile that this one extends, used where a binding names no mapping.
    #[schemars(with = "ProfileMapping")]
    pub mapping: Option<ProfileMapping>,
    /// Known oddities in words.
    #[schemars(with = "Vec<Quirk>", example = serde_json::json!([{ "text": "Tokens end after a year.", "source": "Acme's handbook" }]))]
    pub quirks: Option<Spanned<serde_json::Value>>,
    /// What to look at after an answer that refuses a request.
    #[schemars(with = "Hints")]
    pub hints: Option<Spanned<serde_json::Value>>,
    /// Facts that are not sure, by dotted name.
    #[schemars(with = "BTreeMap<String, Confidence>", example = serde_json::json!({ "capabilities.deletion": "unverified" }))]
    pub confidence: Option<BTreeMap<String, Declared<serde_json::Value>>>,
}

/// The default mapping of a profile.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "Default mapping", transform = transform::not_null, transform = transform::no_defaults)]
pub struct ProfileMapping {
    /// Rows for users: a SCIM attribute path, and where its value comes from.
    #[schemars(with = "BTreeMap<String, Row>", extend("propertyNames" = transform::path_names()))]
    pub user: BTreeMap<String, Declared<Row>>,
    /// Rows for groups: a SCIM attribute path, and where its value comes from.
    #[schemars(with = "BTreeMap<String, Row>", extend("propertyNames" = transform::path_names()))]
    pub group: BTreeMap<String, Declared<Row>>,
    /// Ordered match attributes of users.
    #[schemars(with = "Vec<String>", length(min = 1), example = ["userName", "externalId"])]
    pub match_users: Option<Vec<Spanned<String>>>,
    /// Ordered match attributes of groups.
    #[schemars(with = "Vec<String>", length(min = 1), example = ["displayName"])]
    pub match_groups: Option<Vec<Spanned<String>>>,
}

/// Any value, each part with its place.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "$scimform::Shape", rename_all = "camelCase")]
pub enum Facts {
    /// Nothing.
    Null(()),
    /// Text, a number, a flag.
    Scalar(serde_json::Value),
    /// A list.
    Sequence(Vec<Spanned<Facts>>),
    /// Names and values.
    Mapping(BTreeMap<String, Declared<Facts>>),
}

impl Facts {
    /// The value without places.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null(()) => serde_json::Value::Null,
            Self::Scalar(value) => value.clone(),
            Self::Sequence(items) => items.iter().map(|item| item.value.to_json()).collect(),
            Self::Mapping(facts) => facts.iter().map(|(name, fact)| (name.clone(), fact.value.to_json())).collect(),
        }
    }

    /// What stands under a name.
    pub fn get(&self, name: &str) -> Option<&Declared<Self>> {
        if let Self::Mapping(facts) = self { facts.get(name) } else { None }
    }
}

impl Default for Facts {
    fn default() -> Self {
        Self::Null(())
    }
}

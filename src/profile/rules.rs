//! How a profile says that single attributes are treated. Paths are read with the profile: an invalid path is an error.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Form, Setting};
use crate::scim::path::AttrPath;

/// How a server treats single attributes. Names are SCIM attribute paths as mapping rows write them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that users override by name")]
pub struct AttributeRules {
    /// Other places of standard user attributes: standard path to the vendor's path.
    #[schemars(with = "std::collections::BTreeMap<String, String>")]
    pub aliases: IndexMap<AttrPath, AttrPath>,
    /// The server decides; sent never, compared never.
    pub server_owned: Vec<AttrPath>,
    /// Taken at creation alone; a later difference is a notice.
    pub create_only: Vec<AttrPath>,
    /// Computed from what is sent; after one write that did not take, a notice.
    pub derived: Vec<AttrPath>,
    /// Accepted and dropped without a word.
    pub ignored: Vec<AttrPath>,
    /// Not known to the server at all.
    pub unsupported: Vec<AttrPath>,
    /// Dropped by the server with any update that leaves them out, and therefore sent again with each.
    pub resent: Vec<AttrPath>,
    /// Multi-valued attributes of which the server keeps one value.
    pub single_valued: Vec<AttrPath>,
    /// Rules of values.
    #[serde(deserialize_with = "with_paths")]
    pub rules: Vec<AttributeRule>,
    /// Schema URNs of the vendor's own extensions; any attribute under them is allowed.
    pub extensions: Vec<String>,
    /// Attributes that the server keeps equal to another one, whatever is sent.
    pub coupled: Vec<Coupling>,
    /// Attributes that the server stores in a form of its own.
    pub normalised: Vec<Normalised>,
    /// What the server fills in where nothing is sent, by path.
    #[schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")]
    pub defaults: IndexMap<AttrPath, serde_json::Value>,
    /// What the server shows in place of nothing, by path; read as nothing.
    #[schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")]
    pub placeholders: IndexMap<AttrPath, serde_json::Value>,
    /// Shown in disguise while the user is inactive.
    pub disguised_when_inactive: Vec<AttrPath>,
    /// Whether the server's `id` is the `externalId`, so that a new `externalId` makes a new `id`.
    pub id_is_external_id: bool,
    /// Whether booleans are shown as text.
    pub text_booleans: bool,
    /// Whether unassigned attributes are shown as `null`.
    pub explicit_nulls: bool,
    /// Whether a new user is shown as inactive until it has a password, whatever `active` is sent.
    pub pending_until_password: bool,
}

/// An attribute that follows another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Coupling {
    /// The attribute that follows.
    pub path: AttrPath,
    /// The attribute that leads.
    pub to: AttrPath,
}

/// An attribute that the server stores in a form of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Normalised {
    /// The attribute.
    pub path: AttrPath,
    /// The form.
    pub form: Form,
}

/// A rule that an asserted value must keep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AttributeRule {
    /// The attribute.
    pub path: AttrPath,
    /// Must be asserted.
    pub required: bool,
    /// Must look like an e-mail address.
    pub email: bool,
    /// Text that must not occur in it.
    pub forbid: Option<String>,
    /// Letters, digits, `.`, `_` and `-` alone are known to be taken; whether the server refuses others is not known.
    pub plain: bool,
    /// Most characters.
    pub max_length: Option<u64>,
    /// Why, in words.
    pub because: Option<String>,
}

impl AttributeRules {
    /// Whether a path lies in an extension of the vendor's own, of which any attribute is allowed.
    pub fn is_extension(&self, path: &AttrPath) -> bool {
        let listed = |schema: &String| self.extensions.iter().any(|known| known.eq_ignore_ascii_case(schema));
        path.schema.as_ref().is_some_and(listed)
    }

    /// The list of this name; nothing where there is none.
    pub fn list(&self, name: &str) -> &[AttrPath] {
        match name {
            "serverOwned" => &self.server_owned,
            "createOnly" => &self.create_only,
            "derived" => &self.derived,
            "ignored" => &self.ignored,
            "unsupported" => &self.unsupported,
            "singleValued" => &self.single_valued,
            "resent" => &self.resent,
            _ => &[],
        }
    }

    /// The setting of one of the lists without a path, for a target that has the attribute after all.
    pub fn without(&self, list: &str, path: &str) -> Setting {
        let others = self.list(list).iter().map(ToString::to_string).filter(|known| !known.eq_ignore_ascii_case(path));
        Setting::attribute(list, others.collect::<Vec<_>>())
    }

    /// Attributes that the vendor is known to have, as far as the lists and rules name them.
    pub fn named(&self) -> impl Iterator<Item = &AttrPath> {
        let lists = [
            &self.server_owned,
            &self.create_only,
            &self.derived,
            &self.ignored,
            &self.unsupported,
            &self.resent,
            &self.single_valued,
        ];
        lists.into_iter().flatten().chain(self.rules.iter().map(|rule| &rule.path))
    }
}

impl Default for AttributeRule {
    fn default() -> Self {
        Self {
            path: AttrPath::attribute(""),
            required: false,
            email: false,
            forbid: None,
            plain: false,
            max_length: None,
            because: None,
        }
    }
}

/// Rules of values, each with the path that it is about.
fn with_paths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<AttributeRule>, D::Error> {
    let rules: Vec<AttributeRule> = Deserialize::deserialize(deserializer)?;
    if rules.iter().any(|rule| rule.path.attribute.is_empty()) {
        return Err(serde::de::Error::custom("a rule has no `path`"));
    }
    Ok(rules)
}

impl JsonSchema for AttrPath {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "AttrPath".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

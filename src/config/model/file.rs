//! A file as a whole.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Binding, Group, Mapping, Policy, Profile, Target, UserForm, transform};
use crate::source::Spanned;

/// A file of a scimform repository: any of these sections, in any number of files. All keys are camelCase.
#[derive(JsonSchema)]
#[schemars(title = "scimform", rename_all = "camelCase", deny_unknown_fields, transform = transform::optional)]
pub struct File {
    /// Version of the file language. Required in `scimform.yaml`.
    #[schemars(with = "Version")]
    pub version: Option<Version>,
    /// Where the record of what is managed at each target is kept.
    #[schemars(with = "Ledger")]
    pub ledger: Option<Ledger>,
    /// JSON Schemas of your own for `custom`.
    #[schemars(with = "CustomSchemas")]
    pub custom_schema: Option<CustomSchemas>,
    /// The SCIM service providers that are written to, by name.
    #[schemars(extend("propertyNames" = transform::names()))]
    pub targets: Option<BTreeMap<String, Target>>,
    /// People, by a key that never changes. It is sent nowhere unless a mapping sends it.
    #[schemars(extend("propertyNames" = transform::names()))]
    pub users: Option<BTreeMap<String, UserForm>>,
    /// Groups, by a key that never changes.
    #[schemars(extend("propertyNames" = transform::names()))]
    pub groups: Option<BTreeMap<String, Group>>,
    /// Who gets access to which target, by name.
    #[schemars(extend("propertyNames" = transform::names()))]
    pub bindings: Option<BTreeMap<String, Binding>>,
    /// Rules from attributes here to attributes of a target, by name.
    #[schemars(extend("propertyNames" = transform::names()))]
    pub mappings: Option<BTreeMap<String, Mapping>>,
    /// Profiles of your own, for vendors that scimform does not know, by name.
    #[schemars(extend("propertyNames" = transform::names()))]
    pub profiles: Option<BTreeMap<String, Profile>>,
    /// Rules of your own, which plans must keep.
    pub policies: Option<Vec<Policy>>,
}

/// Version of the file language.
#[derive(Clone, Copy, Debug, Default)]
pub struct Version;

impl JsonSchema for Version {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "const": 1 })
    }
}

/// Where the ledger is kept: one of these. The directory `.scimform` if left out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Ledger", transform = transform::one_key)]
pub enum Ledger {
    /// A directory below the repository root.
    Dir(#[schemars(with = "String", length(min = 1), example = &".scimform")] Spanned<String>),
    /// A ref of the same git repository.
    Git(GitLedger),
    /// An object store.
    Url(
        #[schemars(with = "String", regex(pattern = "^[a-z][a-z0-9+.-]*://"), extend("patternErrorMessage" = "this is not the address of an object store, such as `s3://bucket/prefix`"), example = &"s3://bucket/prefix")]
        Spanned<String>,
    ),
}

/// A ref of the same git repository.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "Ledger in git", transform = transform::not_null)]
pub struct GitLedger {
    /// The full name of the ref.
    #[serde(rename = "ref")]
    #[schemars(with = "String", regex(pattern = "^refs/[^ ~^:?*\\[\\\\]+$"), extend("patternErrorMessage" = "this is not the full name of a ref: it starts with `refs/`"), example = &"refs/scimform/ledger")]
    pub reference: Spanned<String>,
    /// The name of the remote that holds the ref, as `git remote` lists it; `.` keeps the ref in this clone alone.
    /// `origin` if left out.
    #[serde(default)]
    #[schemars(with = "String", regex(pattern = "^(\\.|[A-Za-z0-9][A-Za-z0-9_.-]*)$"), extend("patternErrorMessage" = "this is not the name of a remote, such as `origin`"), example = &"origin")]
    pub remote: Option<Spanned<String>>,
}

/// JSON Schemas of your own. Each must accept what stands under `custom`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "Schemas of custom attributes", transform = transform::not_null, transform = transform::no_defaults)]
pub struct CustomSchemas {
    /// For `custom` of users.
    #[schemars(
        schema_with = "transform::object",
        example = serde_json::json!({ "type": "object", "properties": { "teeShirtSize": { "enum": ["S", "M", "L"] } } })
    )]
    pub user: Option<Spanned<serde_json::Value>>,
    /// For `custom` of groups.
    #[schemars(schema_with = "transform::object")]
    pub group: Option<Spanned<serde_json::Value>>,
}

//! Targets.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Expression, Facts, transform};
use crate::profile::{AttributeRules, Capabilities};
use crate::source::Spanned;

/// A SCIM service provider that is written to.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "Target", transform = transform::not_null, transform = transform::no_defaults, extend("required" = ["profile"]))]
pub struct Target {
    /// The vendor's profile: default url, form of the login, mapping, quirks. `generic` for any other server.
    #[schemars(with = "String", example = &"lattice", example = &"generic")]
    pub profile: Option<Spanned<String>>,
    /// Base URL of the SCIM endpoint, without `/Users`. The profile's if left out.
    #[schemars(with = "String", regex(pattern = "^https?://"), extend("patternErrorMessage" = "this is not the address of a web server: it starts with `https://`"), example = &"https://acme.scalekit.example/scim/v2")]
    pub url: Option<Spanned<String>>,
    /// How to log in. Secrets are named here, never written.
    #[schemars(with = "Auth")]
    pub auth: Option<Spanned<Auth>>,
    /// Which live objects are ours: those that we created or adopted (`owned`, the default), or every one (`all`,
    /// this repository is the only source: what is not declared here is removed).
    #[schemars(with = "Manage")]
    pub manage: Option<Spanned<Manage>>,
    /// Whether it is written to: `sync` (the default), `readOnly` (compared, never written), `disabled` (left alone).
    #[schemars(with = "Mode")]
    pub mode: Option<Spanned<Mode>>,
    /// What may be done to users and groups; the rest is shown as suppressed. Everything if left out. New members and
    /// leaving ones are an `update` of their group, and so is access that is given again one of the person.
    #[schemars(with = "Vec<Action>", example = ["create", "update"])]
    pub actions: Option<Vec<Spanned<Action>>>,
    /// Last day on which the token works. From 30 days before, every plan says so.
    #[schemars(schema_with = "transform::date")]
    pub expires: Option<Spanned<jiff::civil::Date>>,
    /// What happens to people and groups that are no longer declared.
    pub on_remove: OnRemove,
    /// A plan that passes a limit is refused until it is confirmed.
    pub limits: Limits,
    /// Who and what is never removed.
    pub protect: Protect,
    /// Facts of the profile that are different at this target.
    #[schemars(schema_with = "capabilities", example = serde_json::json!({ "patch": false, "pageSize": 50 }))]
    pub capabilities: Option<Spanned<Facts>>,
    /// What the target is for. Never sent.
    #[schemars(with = "String")]
    pub description: Option<Spanned<String>>,
}

/// How to log in: one of these forms.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Login", transform = transform::one_key)]
pub enum Auth {
    /// `Authorization: Bearer …`
    Bearer(Spanned<Secret>),
    /// A header of the vendor's own.
    Header(Header),
    /// `Authorization: Basic …`
    Basic(Basic),
    /// OAuth 2.0 client credentials.
    #[serde(rename = "oauth2")]
    OAuth2(OAuth2),
}

/// A header of the vendor's own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "Header", transform = transform::not_null)]
pub struct Header {
    /// The header's name.
    #[schemars(with = "String", regex(pattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"), extend("patternErrorMessage" = "this is not the name of an HTTP header"), example = &"x-api-key")]
    pub name: Spanned<String>,
    /// Where its value comes from.
    #[schemars(with = "Secret")]
    pub value: Spanned<Secret>,
}

/// User name and password.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "Basic login", transform = transform::not_null)]
pub struct Basic {
    /// The user name.
    #[schemars(with = "String")]
    pub username: Spanned<String>,
    /// Where the password comes from.
    #[schemars(with = "Secret")]
    pub password: Spanned<Secret>,
}

/// OAuth 2.0 client credentials (RFC 6749 section 4.4).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "OAuth 2.0 client", transform = transform::not_null, transform = transform::no_defaults)]
pub struct OAuth2 {
    /// The token endpoint.
    #[schemars(with = "String", regex(pattern = "^https?://"), extend("patternErrorMessage" = "this is not the address of a web server: it starts with `https://`"), example = &"https://login.acme.example/oauth2/token")]
    pub token_url: Spanned<String>,
    /// The client id.
    #[schemars(with = "String")]
    pub client_id: Spanned<String>,
    /// Where the client secret comes from.
    #[schemars(with = "Secret")]
    pub client_secret: Spanned<Secret>,
    /// Scopes to ask for.
    #[serde(default)]
    #[schemars(with = "Vec<String>", example = ["scim"])]
    pub scopes: Vec<Spanned<String>>,
}

/// Where a secret comes from: one of these. The secret itself is never written in a file of the repository.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Secret", transform = transform::one_key)]
pub enum Secret {
    /// An environment variable.
    Env(#[schemars(with = "String", length(min = 1), example = &"LATTICE_API_KEY")] Spanned<String>),
    /// A file, relative to the repository root unless absolute.
    File(#[schemars(with = "String", length(min = 1), example = &"/run/secrets/lattice")] Spanned<String>),
    /// A command that prints the secret, as a list of words; it runs in the repository root, without a shell.
    Command(
        #[schemars(with = "Vec<String>", length(min = 1), example = ["op", "read", "op://scim/lattice/token"])]
        Vec<Spanned<String>>,
    ),
}

/// Which live objects are ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "What is managed", inline)]
pub enum Manage {
    /// Those that we created or adopted.
    #[default]
    Owned,
    /// Every one: what is not declared here is removed.
    All,
}

/// Whether a target is written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Mode of a target", inline)]
pub enum Mode {
    /// Compared and written.
    #[default]
    Sync,
    /// Compared, never written.
    ReadOnly,
    /// Neither read nor written.
    Disabled,
}

/// What may be done at a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Action", inline)]
pub enum Action {
    /// Make users and groups.
    Create,
    /// Change users and groups, and give access again.
    Update,
    /// Take access away.
    Deactivate,
    /// Delete users and groups.
    Delete,
}

/// What happens to what is no longer declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "On removal", transform = transform::no_defaults)]
pub struct OnRemove {
    /// People: `deactivate` (the default), `delete` or `ignore`.
    pub users: RemoveUsers,
    /// Groups: `empty` (the default), `delete` or `ignore`.
    pub groups: RemoveGroups,
    /// Days after our deactivation from which the account of someone who is no longer declared is deleted, where the
    /// target deletes at all. Never if left out.
    #[schemars(with = "u32", range(min = 1))]
    pub delete_after: Option<u32>,
}

/// What happens to people who are no longer declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum RemoveUsers {
    /// They are set inactive.
    #[default]
    Deactivate,
    /// They are deleted.
    Delete,
    /// They are left as they are and forgotten.
    Ignore,
}

/// What happens to groups that are no longer pushed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum RemoveGroups {
    /// Managed members are taken out, the group stays.
    #[default]
    Empty,
    /// They are deleted.
    Delete,
    /// They are left as they are and forgotten.
    Ignore,
}

/// Limits by risk class. A plan that passes one is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "Limits", transform = transform::not_null, transform = transform::no_defaults)]
pub struct Limits {
    /// Deactivations, deletions, and groups that lose all their members. Without a limit here: more than 3, and more
    /// than 10 or more than 10 percent, is refused.
    #[schemars(with = "Limit")]
    pub removals: Option<Limit>,
    /// Creations.
    #[schemars(with = "Limit")]
    pub creates: Option<Limit>,
    /// Updates.
    #[schemars(with = "Limit")]
    pub updates: Option<Limit>,
    /// New user names, and new names of groups.
    #[schemars(with = "Limit")]
    pub renames: Option<Limit>,
    /// Members removed, in each group.
    #[schemars(with = "Limit")]
    pub member_removals: Option<Limit>,
}

/// A limit: passing either number trips it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(
    title = "Limit",
    transform = transform::not_null,
    transform = transform::no_defaults,
    extend("minProperties" = 1),
    example = serde_json::json!({ "count": 10, "percent": 5 })
)]
pub struct Limit {
    /// The most that is allowed.
    #[schemars(with = "u64")]
    pub count: Option<u64>,
    /// The largest share of what is managed, in percent.
    #[schemars(with = "f64", range(min = 0, max = 100))]
    pub percent: Option<f64>,
}

/// Who and what is never removed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "Protection", transform = transform::not_null, transform = transform::no_defaults)]
pub struct Protect {
    /// Conditions over `user`, which holds the live attributes.
    #[schemars(example = ["user.userName == \"root@acme.example\""])]
    pub users: Vec<Expression>,
    /// Conditions over `group`, which holds the live attributes.
    #[schemars(example = ["group.displayName == \"Administrators\""])]
    pub groups: Vec<Expression>,
    /// The account that the credentials belong to, by its `userName` or id at the target. A plan that would take its
    /// access, its `userName` or its place in a protected group away is refused. If left out, the target is asked
    /// (`/Me`), and not all of them know.
    #[serde(rename = "self")]
    #[schemars(with = "String", length(min = 1), example = &"scim-admin@acme.example")]
    pub identity: Option<Spanned<String>>,
}

/// Every fact of a profile that may be overridden: its capabilities, and how it treats single attributes.
fn capabilities(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let mut schema = <Capabilities as schemars::JsonSchema>::json_schema(generator);
    let rules = generator.subschema_for::<AttributeRules>();
    if let Some(serde_json::Value::Object(properties)) = schema.get_mut("properties") {
        let mut rules = rules.to_value();
        let about = "How the server treats single attributes, in place of what the profile says.";
        if let serde_json::Value::Object(rules) = &mut rules {
            rules.insert("description".to_owned(), about.into());
        }
        properties.insert("attributes".to_owned(), rules);
    }
    schema
}

//! Types of a profile file.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AttributeRules;

/// A vendor's capabilities and quirks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Profile {
    /// Name as used in `profile:`.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Name of the profile on which this one builds: whatever is not said here is taken from there. Files that come
    /// with scimform are whole.
    #[serde(default)]
    pub extends: Option<String>,
    /// Name of the profile among those that come with scimform on which this one builds in the end. No file says it.
    #[serde(skip)]
    pub vendor: Option<String>,
    /// Default base URL, where the vendor has one for all tenants.
    #[serde(default)]
    pub url: Option<String>,
    /// What the base URL of a tenant looks like, with `{name}` for each part of its own.
    #[serde(default)]
    pub url_form: Option<String>,
    /// How the vendor wants to be logged in to.
    #[serde(default)]
    pub auth: AuthForm,
    /// What the server can do.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// How it treats single attributes.
    #[serde(default)]
    pub attributes: AttributeRules,
    /// Mapping used where a binding names none. `extends: generic` takes the generic rows first.
    #[serde(default)]
    pub mapping: DefaultMapping,
    /// Known oddities in words.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
    /// What to look at after an answer that refuses a request.
    #[serde(default)]
    pub hints: Hints,
    /// Facts above that are not verified, by dotted name (`capabilities.deletion`,
    /// `attributes.createOnly.externalId`). What is written above and not named here was read in the vendor's own text;
    /// what is left out above is as RFC 7643 and RFC 7644 have it.
    #[serde(default)]
    pub confidence: BTreeMap<String, Confidence>,
}

/// Ways out of refusals, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Hints {
    /// After 401.
    pub unauthorized: Option<String>,
    /// After 403.
    pub forbidden: Option<String>,
    /// After 404 on the base URL.
    pub not_found: Option<String>,
}

/// Form of the login.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum AuthForm {
    /// `Authorization: Bearer`.
    #[default]
    Bearer,
    /// A header of this name.
    Header(String),
    /// User name and password.
    Basic,
    /// OAuth 2.0 client credentials.
    #[serde(rename = "oauth2")]
    OAuth2,
}

/// What a server can do. Every field may be overridden in `targets.<t>.capabilities`; discovery fills what is `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that users override by name")]
pub struct Capabilities {
    /// Which kinds of resource there are.
    pub resources: Resources,
    /// Whether PATCH works; unknown means PUT unless discovery says yes.
    pub patch: Option<bool>,
    /// Whether PUT works on users, and on groups unless `putGroups` says otherwise.
    pub put: bool,
    /// Whether PUT works on groups, where that differs.
    pub put_groups: Option<bool>,
    /// Whether users can be created.
    pub create_users: bool,
    /// Whether groups can be created.
    pub create_groups: bool,
    /// The verb for updates; `auto` is PATCH where `patch` is known to work, else PUT.
    pub write: WriteVerb,
    /// Whether ETags are given and `If-Match` is honoured.
    pub etag: Option<bool>,
    /// How lists are paged.
    pub paging: Paging,
    /// `count` to ask for; the server's or 100 if unset.
    pub page_size: Option<u64>,
    /// Whether `count` and `startIndex` are accepted; if not they are not sent, and one answer holds everything, unless there
    /// are cursors.
    pub count_parameter: bool,
    /// Whether the `attributes` parameter is honoured.
    pub attributes_parameter: bool,
    /// Whether `totalResults` can be trusted, so that pages may be fetched concurrently.
    pub totals: bool,
    /// User attributes that `eq` filters work on.
    pub filter_users: Vec<String>,
    /// Group attributes that `eq` filters work on.
    pub filter_groups: Vec<String>,
    /// Whether an `eq` filter can be joined to another by `and`.
    pub filter_and: bool,
    /// Whether value filters in the paths of a PATCH are understood: `emails[type eq "work"].value` (RFC 7644 section 3.5.2).
    pub path_filters: bool,
    /// Where members of groups are shown.
    pub members: MembersShown,
    /// Most members per PATCH.
    pub members_per_patch: u64,
    /// Most bytes per PATCH.
    pub bytes_per_patch: Option<u64>,
    /// Whether a PATCH may replace all members at once.
    pub replace_members: bool,
    /// Whether two groups can't have one name.
    pub unique_group_names: bool,
    /// Whether PATCH answers with the resource; else 204 without one.
    pub patch_answers: bool,
    /// How an attribute is cleared by PATCH.
    pub clear: Clear,
    /// Whether lists show deactivated users; if not, they can only be read by id.
    pub inactive_listed: bool,
    /// Names of made-up resources that an unfiltered list shows in place of the real ones: the first in that of users, the
    /// last in that of groups.
    pub synthetic: Vec<String>,
    /// Name of the endpoint that describes the service (RFC 7644 section 4).
    pub config_endpoint: String,
    /// How members are removed by PATCH.
    pub member_removal: MemberRemoval,
    /// In which request members of groups come and go.
    pub member_write: MemberWrite,
    /// Whether members are sent with `$ref`, their URL, beside `value` (RFC 7643 section 2.4).
    pub member_reference: bool,
    /// Whether groups can hold groups; if not, they are flattened.
    pub nested_groups: bool,
    /// Whether a group can be renamed.
    pub rename_groups: bool,
    /// What DELETE of a user does.
    pub deletion: Deletion,
    /// What DELETE of a group does.
    pub group_deletion: Deletion,
    /// Whether a deactivated user can be activated again.
    pub reactivation: bool,
    /// Whether a user who is set inactive is gone: not found by id, not listed, and the name is free again.
    pub deactivation_removes: bool,
    /// Requests in flight at most.
    pub concurrency: u64,
    /// The vendor's rate limits; all that fit a request hold for it.
    pub rates: Vec<Rate>,
    /// `Content-Type` of our bodies.
    pub content_type: String,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self {
            resources: Resources::default(),
            patch: None,
            put: true,
            put_groups: None,
            create_users: true,
            create_groups: true,
            write: WriteVerb::Auto,
            etag: None,
            paging: Paging::Auto,
            page_size: None,
            count_parameter: true,
            attributes_parameter: false,
            totals: true,
            filter_users: vec!["userName".into(), "externalId".into()],
            filter_groups: vec!["displayName".into(), "externalId".into()],
            filter_and: true,
            path_filters: true,
            members: MembersShown::List,
            members_per_patch: 100,
            bytes_per_patch: None,
            replace_members: true,
            unique_group_names: false,
            patch_answers: true,
            clear: Clear::Remove,
            inactive_listed: true,
            synthetic: Vec::new(),
            config_endpoint: "ServiceProviderConfig".into(),
            member_removal: MemberRemoval::Filter,
            member_write: MemberWrite::Auto,
            member_reference: false,
            nested_groups: true,
            rename_groups: true,
            deletion: Deletion::Hard,
            group_deletion: Deletion::Hard,
            reactivation: true,
            deactivation_removes: false,
            concurrency: 4,
            rates: Vec::new(),
            content_type: "application/scim+json".into(),
        }
    }
}

/// Kinds of resource that a server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Resources {
    /// `/Users`. Without, people are still read, so that members are found, and nobody is made, changed or removed.
    pub users: bool,
    /// `/Groups`.
    pub groups: bool,
}

impl Default for Resources {
    fn default() -> Self {
        Self { users: true, groups: true }
    }
}

/// The verb for updates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum WriteVerb {
    /// PATCH where known to work, else PUT.
    #[default]
    Auto,
    /// PATCH.
    Patch,
    /// PUT.
    Put,
}

/// How lists are paged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Paging {
    /// By cursor where discovery or an answer offers it, else by index.
    #[default]
    Auto,
    /// `startIndex` and `count` (RFC 7644 section 3.4.2.4).
    Index,
    /// `cursor` (RFC 9865).
    Cursor,
    /// One answer holds everything.
    None,
}

/// Where members of groups are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MembersShown {
    /// In lists and by id.
    #[default]
    List,
    /// By id alone.
    ById,
    /// Nowhere: an empty answer says nothing, and memberships are found out by filters (`members.value` of groups,
    /// `groups.value` of users).
    Never,
}

/// How an attribute is cleared by PATCH.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Clear {
    /// `remove` (RFC 7644 section 3.5.2.2).
    #[default]
    Remove,
    /// `replace` by `null`, of many values by `[]` (RFC 7643 section 2.5).
    Null,
    /// `replace` by the empty text, of many values by `[]`.
    Empty,
}

/// How members are removed by PATCH.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MemberRemoval {
    /// `remove` of `members[value eq "id"]`, one operation per member (RFC 7644 section 3.5.2.2).
    #[default]
    Filter,
    /// `remove` of `members` with a value array (not in the RFC, widely understood).
    Value,
    /// `replace` of all members.
    Replace,
}

/// In which request members of groups come and go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MemberWrite {
    /// By the verb of groups.
    #[default]
    Auto,
    /// PATCH of those who come and go, those of a new group too, also where the attributes of groups go by PUT.
    Patch,
    /// PATCH that replaces all members by those who are to be in the group.
    Replace,
    /// PUT of the whole group, also where the attributes of groups go by PATCH.
    Put,
}

/// What DELETE does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Deletion {
    /// The resource is gone.
    #[default]
    Hard,
    /// It is only deactivated.
    Deactivates,
    /// It is gone and its name can never be used again.
    Irreversible,
    /// DELETE is not offered.
    None,
}

/// A rate limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rate {
    /// HTTP methods that count (`POST`); all if left out.
    #[serde(default)]
    pub methods: Vec<String>,
    /// The resources that count: `Users` or `Groups`; both if left out.
    #[serde(default)]
    pub resource: Option<String>,
    /// Requests allowed.
    pub requests: u64,
    /// In this many seconds.
    pub seconds: u64,
}

impl Rate {
    /// Whether it counts requests of this method to this endpoint (`Users`, `Groups` or one of discovery).
    pub fn counts(&self, method: &str, endpoint: &str) -> bool {
        let named = self.methods.is_empty() || self.methods.iter().any(|known| known.eq_ignore_ascii_case(method));
        named && self.resource.as_ref().is_none_or(|known| known.eq_ignore_ascii_case(endpoint))
    }
}

/// A form in which a server stores text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Form {
    /// In small letters.
    LowerCase,
    /// A telephone number as `+` and digits, without separators and `tel:` (RFC 3966).
    Phone,
    /// The part of an address before the `@`, in small letters, anything but letters and digits as `-`.
    Handle,
    /// Without white space around it.
    Trimmed,
}

/// A default mapping in the words of the file language.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DefaultMapping {
    /// Name of the profile whose rows come first; a row of `null` here takes one out.
    pub extends: Option<String>,
    /// Rows for users: path to expression, or to `{ value | const, default, apply }`.
    #[schemars(schema_with = "super::schema::rows")]
    pub user: IndexMap<String, serde_json::Value>,
    /// Rows for groups.
    #[schemars(schema_with = "super::schema::rows")]
    pub group: IndexMap<String, serde_json::Value>,
    /// Ordered match attributes of users.
    pub match_users: Vec<String>,
    /// Ordered match attributes of groups.
    pub match_groups: Vec<String>,
}

/// An oddity in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Quirk {
    /// What it is.
    pub text: String,
    /// Where that is known from.
    #[serde(default)]
    pub source: Option<String>,
    /// How sure it is.
    #[serde(default)]
    pub confidence: Confidence,
}

/// How sure a fact is. Unverified ones never justify a removal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Confidence {
    /// Read in the vendor's own text.
    #[default]
    Verified,
    /// From a third party.
    Secondary,
    /// Inferred.
    Unverified,
}

//! What discovery answers: the provider's configuration and its resource types (RFC 7643 sections 5 and 6).

use serde::{Deserialize, Deserializer, Serialize};

use super::lenient;
use crate::scim::{Object, Value, urn};

/// Whether something is supported; `None` where the server does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Feature {
    /// The server's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported: Option<bool>,
}

/// The `bulk` part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bulk {
    /// Whether there is bulk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported: Option<bool>,
    /// Most operations in a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_operations: Option<u64>,
    /// Largest request, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_payload_size: Option<u64>,
}

/// The `filter` part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Filtering {
    /// Whether there are filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported: Option<bool>,
    /// Most resources in an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_results: Option<u64>,
}

/// The `pagination` part (RFC 9865 section 4). Where it is missing nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    /// Whether there are cursors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<bool>,
    /// Whether there is `startIndex`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<bool>,
    /// `cursor` or `index`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_pagination_method: Option<String>,
    /// Resources in a page without `count`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_page_size: Option<u64>,
    /// Most resources in a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_page_size: Option<u64>,
    /// Seconds that a cursor lives at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor_timeout: Option<u64>,
}

/// One way to log in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticationScheme {
    /// As `oauthbearertoken`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What it is, in words.
    pub description: String,
    /// Where it is specified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec_uri: Option<String>,
}

/// What a server says that it can do. Servers are known that say wrong things here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceProviderConfig {
    /// Holds [`urn::SERVICE_PROVIDER_CONFIG`].
    pub schemas: Vec<String>,
    /// Where its documentation is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation_uri: Option<String>,
    /// PATCH.
    pub patch: Feature,
    /// Bulk.
    pub bulk: Bulk,
    /// Filters.
    pub filter: Filtering,
    /// Changing passwords.
    pub change_password: Feature,
    /// Sorting.
    pub sort: Feature,
    /// Entity tags.
    pub etag: Feature,
    /// Pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Ways to log in.
    pub authentication_schemes: Vec<AuthenticationScheme>,
}

impl Default for ServiceProviderConfig {
    fn default() -> Self {
        Self {
            schemas: vec![urn::SERVICE_PROVIDER_CONFIG.to_owned()],
            documentation_uri: None,
            patch: Feature::default(),
            bulk: Bulk::default(),
            filter: Filtering::default(),
            change_password: Feature::default(),
            sort: Feature::default(),
            etag: Feature::default(),
            pagination: None,
            authentication_schemes: Vec::new(),
        }
    }
}

impl ServiceProviderConfig {
    /// Reads an answer; what is missing or not understood is unknown. A list response of one is taken too.
    pub fn read(answer: &Value) -> Self {
        let listed = answer.get("Resources").and_then(Value::as_array).and_then(<[Value]>::first);
        let part = |name: &str| listed.unwrap_or(answer).get(name).unwrap_or(&Value::Null);
        let feature = |name: &str| Feature { supported: supported(part(name)) };
        let schemes = part("authenticationSchemes").as_array().unwrap_or_default();
        Self {
            documentation_uri: lenient::text(part("documentationUri")),
            patch: feature("patch"),
            bulk: Bulk {
                supported: supported(part("bulk")),
                max_operations: number(part("bulk"), "maxOperations"),
                max_payload_size: number(part("bulk"), "maxPayloadSize"),
            },
            filter: Filtering {
                supported: supported(part("filter")),
                max_results: number(part("filter"), "maxResults"),
            },
            change_password: feature("changePassword"),
            sort: feature("sort"),
            etag: feature("etag"),
            pagination: part("pagination").as_object().map(Pagination::read),
            authentication_schemes: schemes
                .iter()
                .filter_map(Value::as_object)
                .map(AuthenticationScheme::read)
                .collect(),
            ..Self::default()
        }
    }
}

impl Pagination {
    fn read(object: &Object) -> Self {
        let flag = |name: &str| object.get(name).and_then(Value::flag);
        let number = |name: &str| object.get(name).and_then(lenient::unsigned);
        Self {
            cursor: flag("cursor"),
            index: flag("index"),
            default_pagination_method: object.get("defaultPaginationMethod").and_then(lenient::text),
            default_page_size: number("defaultPageSize"),
            max_page_size: number("maxPageSize"),
            cursor_timeout: number("cursorTimeout"),
        }
    }
}

impl AuthenticationScheme {
    fn read(object: &Object) -> Self {
        Self {
            kind: text(object, "type"),
            name: text(object, "name"),
            description: text(object, "description"),
            spec_uri: object.get("specUri").and_then(lenient::text),
        }
    }
}

/// `supported` of a part, or the part itself where it is a boolean.
fn supported(part: &Value) -> Option<bool> {
    part.get("supported").unwrap_or(part).flag()
}

fn number(part: &Value, name: &str) -> Option<u64> {
    part.get(name).and_then(lenient::unsigned)
}

fn text(object: &Object, name: &str) -> String {
    object.get(name).and_then(lenient::text).unwrap_or_default()
}

/// A kind of resource that a server has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceType {
    /// Holds [`urn::RESOURCE_TYPE`].
    pub schemas: Vec<String>,
    /// Its id, mostly its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name, as in `meta.resourceType`.
    pub name: String,
    /// What it is, in words.
    pub description: String,
    /// Its endpoint below the base URL, with a slash in front.
    pub endpoint: String,
    /// URN of its core schema.
    pub schema: String,
    /// Its extensions.
    pub schema_extensions: Vec<SchemaExtension>,
}

/// An extension of a resource type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SchemaExtension {
    /// Its URN.
    pub schema: String,
    /// Whether every resource must have it.
    pub required: bool,
}

impl ResourceType {
    /// Reads an answer of `/ResourceTypes`: a list response, an array or one type. What has neither a name nor an
    /// endpoint is left out.
    pub fn read_all(answer: &Value) -> Vec<Self> {
        let resources = answer.get("Resources").unwrap_or(answer);
        let one = std::slice::from_ref(resources);
        let items = resources.as_array().unwrap_or(one);
        let types = items.iter().filter_map(Value::as_object).map(Self::read);
        types.filter(|kind| !kind.name.is_empty() || !kind.endpoint.is_empty()).collect()
    }

    /// Reads one; what is missing is empty.
    pub fn read(object: &Object) -> Self {
        let extensions = object.get("schemaExtensions").and_then(Value::as_array).unwrap_or_default();
        Self {
            schemas: vec![urn::RESOURCE_TYPE.to_owned()],
            id: object.get("id").and_then(lenient::text),
            name: text(object, "name"),
            description: text(object, "description"),
            endpoint: text(object, "endpoint"),
            schema: text(object, "schema"),
            schema_extensions: extensions
                .iter()
                .filter_map(Value::as_object)
                .map(|extension| SchemaExtension {
                    schema: text(extension, "schema"),
                    required: extension.get("required").and_then(Value::flag).unwrap_or(false),
                })
                .collect(),
        }
    }
}

impl<'de> Deserialize<'de> for ServiceProviderConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|answer| Self::read(&answer))
    }
}

impl<'de> Deserialize<'de> for ResourceType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Object::deserialize(deserializer).map(|object| Self::read(&object))
    }
}

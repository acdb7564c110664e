//! Asks a target what it can do (RFC 7644 section 4). No way it fails is fatal, nor
//! anything it says but to be SCIM 1.1: declared capabilities are often missing and sometimes wrong.

use serde_json::{Map, Value as Json};

use super::error::TargetError;
use super::getter::Getter;
use super::version::is_outdated;
use crate::live::{Discovery, Support};
use crate::scim::Value;
use crate::scim::schema::Schemas;

/// What the endpoints of discovery answered, one by one.
#[derive(Clone, Debug)]
pub struct Announced {
    /// Whether the provider's configuration could be read.
    pub config: Result<(), TargetError>,
    /// Whether the resource types could be read.
    pub types: Result<(), TargetError>,
    /// All that they said.
    pub discovery: Discovery,
}

/// Reads the provider's configuration, by the name that the profile has for it, and `/ResourceTypes`, each once, and the
/// plural name that some vendors use.
pub(super) async fn discover(getter: &Getter, config_endpoint: &str) -> Announced {
    let (config, types) = tokio::join!(config(getter, config_endpoint), glance(getter, "ResourceTypes"));
    let mut discovery = Discovery::default();
    match &config {
        Ok(config) => read_config(config, &mut discovery),
        Err(error) => discovery.notices.push(format!("{config_endpoint} can't be read: {}", brief(error))),
    }
    match &types {
        Ok(types) => discovery.groups = has_groups(types),
        Err(error) => discovery.notices.push(format!("ResourceTypes can't be read: {}", brief(error))),
    }
    Announced { config: config.map(drop), types: types.map(drop), discovery }
}

async fn config(getter: &Getter, endpoint: &str) -> Result<Json, TargetError> {
    match glance(getter, endpoint).await {
        Err(error) if error.status() == Some(404) && endpoint == "ServiceProviderConfig" => {
            glance(getter, "ServiceProviderConfigs").await.map_err(|_| error)
        }
        answer => answer,
    }
}

/// Reads `/Schemas`.
pub(super) async fn schemas(getter: &Getter) -> Result<Schemas, TargetError> {
    let answer = glance(getter, "Schemas").await?;
    Ok(Schemas::read(&Value::from(answer)))
}

async fn glance(getter: &Getter, endpoint: &str) -> Result<Json, TargetError> {
    let answer = getter.glance(&[endpoint]).await?;
    let body = answer.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&answer.body);
    serde_json::from_slice(body).map_err(|_| getter.unreadable(&[endpoint], answer.status, "the answer is no JSON"))
}

fn brief(error: &TargetError) -> String {
    let detail = if error.detail().is_empty() { "no reason given" } else { error.detail() };
    error.status().map_or_else(|| detail.to_owned(), |status| format!("{status}: {detail}"))
}

fn get<'a>(object: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The single object, also where it comes wrapped in a list.
fn object(json: &Json) -> Option<&Map<String, Json>> {
    match json {
        Json::Object(object) => match get(object, "Resources") {
            Some(Json::Array(items)) => items.first().and_then(Json::as_object),
            _ => Some(object),
        },
        Json::Array(items) => items.first().and_then(Json::as_object),
        _ => None,
    }
}

/// A flag in any form, also in place of the object that should hold it under `supported`.
fn flag(value: Option<&Json>) -> Support {
    match value? {
        Json::Object(object) => {
            get(object, "supported").filter(|inner| !inner.is_object()).and_then(|inner| flag(Some(inner)))
        }
        scalar => Value::from(scalar.clone()).flag(),
    }
}

fn count(value: Option<&Json>) -> Option<u64> {
    match value? {
        Json::Number(number) => number.as_u64(),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|count| *count > 0)
}

fn read_config(config: &Json, discovery: &mut Discovery) {
    let Some(config) = object(config) else {
        discovery.notices.push("ServiceProviderConfig is no object".to_owned());
        return;
    };
    let part = |name: &str| get(config, name);
    let inner = |name: &str, key: &str| part(name).and_then(Json::as_object).and_then(|part| get(part, key));
    discovery.outdated = match part("schemas") {
        Some(Json::Array(schemas)) => is_outdated(schemas.iter().filter_map(Json::as_str)),
        Some(Json::String(schema)) => is_outdated(std::iter::once(schema.as_str())),
        _ => false,
    };
    discovery.patch = flag(part("patch"));
    discovery.bulk = flag(part("bulk"));
    discovery.filter = flag(part("filter"));
    discovery.filter_max_results = count(inner("filter", "maxResults"));
    discovery.sort = flag(part("sort"));
    discovery.etag = flag(part("etag"));
    discovery.cursor = flag(inner("pagination", "cursor"));
    discovery.index = flag(inner("pagination", "index"));
    discovery.default_page_size = count(inner("pagination", "defaultPageSize"));
    discovery.max_page_size = count(inner("pagination", "maxPageSize"));
}

/// Whether a list of resource types names groups; an empty or unreadable one says nothing.
fn has_groups(types: &Json) -> Support {
    let items = match types {
        Json::Array(items) => items,
        Json::Object(object) => get(object, "Resources")?.as_array()?,
        _ => return None,
    };
    let types: Vec<_> = items.iter().filter_map(Json::as_object).collect();
    if types.is_empty() {
        return None;
    }
    let is_group = |object: &&Map<String, Json>| {
        let text = |name: &str| get(object, name).and_then(Json::as_str).unwrap_or_default().to_ascii_lowercase();
        text("endpoint").trim_end_matches('/').ends_with("groups")
            || text("name") == "group"
            || text("id") == "group"
            || text("schema").ends_with("core:2.0:group")
    };
    Some(types.iter().any(is_group))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn t95_flags_in_all_forms() {
        let mut discovery = Discovery::default();
        let config = json!({"patch": {"supported": "True"}, "bulk": {"Supported": 0}, "filter": {"supported": 0, "maxResults": "200"},
            "sort": true, "etag": {"supported": "maybe"}, "pagination": {"cursor": true, "maxPageSize": 0}});
        read_config(&json!({"Resources": [config]}), &mut discovery);
        assert_eq!(discovery.patch, Some(true));
        assert_eq!(discovery.bulk, Some(false));
        assert_eq!(discovery.filter, Some(false));
        assert_eq!(discovery.filter_max_results, Some(200));
        assert_eq!(discovery.sort, Some(true));
        assert_eq!(discovery.etag, None);
        assert_eq!(discovery.cursor, Some(true));
        assert_eq!(discovery.max_page_size, None);
        assert!(discovery.notices.is_empty());
    }

    #[test]
    fn groups_are_announced_denied_or_unknown() {
        assert_eq!(has_groups(&json!({"Resources": [{"endpoint": "/Users"}, {"endpoint": "/Groups/"}]})), Some(true));
        assert_eq!(has_groups(&json!([{"name": "User"}])), Some(false));
        assert_eq!(has_groups(&json!({"Resources": []})), None);
        assert_eq!(has_groups(&json!({"detail": "no"})), None);
    }
}

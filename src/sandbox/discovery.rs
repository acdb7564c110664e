//! `/ServiceProviderConfig`, `/Schemas` and `/ResourceTypes` (RFC 7643 sections 5 to 7, RFC 7644 section 4, RFC 9865
//! section 4).

use axum::http::StatusCode;
use serde_json::{Value as Json, json};

use super::app::Session;
use super::bulk::{MAX_OPERATIONS, MAX_PAYLOAD};
use super::params::Query;
use super::reply::{Failure, Reply};
use crate::scim::schema::Schema;
use crate::scim::{ResourceKind, urn};

/// Answers a GET; a filter is forbidden here (RFC 7644 section 4).
pub(super) fn answer(session: &Session<'_>, path: &str, query: &Query) -> Result<Reply, Failure> {
    if query.filter.is_some() {
        return Err(Failure::new(403, "these resources can't be filtered"));
    }
    let mut parts = path.trim_start_matches('/').splitn(2, '/');
    let (endpoint, id) = (parts.next().unwrap_or_default(), parts.next());
    let body = match (endpoint, id) {
        (endpoint, None) if endpoint == session.app.limits.can.config_endpoint => config(session),
        ("Schemas", None) => all(schemas(session)),
        ("ResourceTypes", None) => all(resource_types(session)),
        ("Schemas", Some(id)) => one(schemas(session), id)?,
        ("ResourceTypes", Some(id)) => one(resource_types(session), id)?,
        _ => return Err(Failure::new(404, format!("there is nothing at {path}"))),
    };
    Ok(Reply::json(StatusCode::OK, body.to_string()))
}

fn all(resources: Vec<Json>) -> Json {
    json!({
        "schemas": [urn::LIST_RESPONSE],
        "totalResults": resources.len(),
        "itemsPerPage": resources.len(),
        "startIndex": 1,
        "Resources": resources,
    })
}

fn one(resources: Vec<Json>, id: &str) -> Result<Json, Failure> {
    let same =
        |resource: &Json| resource.get("id").and_then(Json::as_str).is_some_and(|known| known.eq_ignore_ascii_case(id));
    resources.into_iter().find(same).ok_or_else(|| Failure::not_found(id))
}

fn config(session: &Session<'_>) -> Json {
    let limits = &session.app.limits;
    let header = session.app.auth_header.as_deref();
    let scheme = match header {
        None => json!({
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "The token in the header `Authorization: Bearer`",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }),
        Some(header) => json!({
            "type": "apikey",
            "name": "API key",
            "description": format!("The key in the header `{header}`"),
            "primary": true,
        }),
    };
    let mut config = json!({
        "schemas": [urn::SERVICE_PROVIDER_CONFIG],
        "patch": { "supported": limits.patch() },
        "bulk": { "supported": !limits.vendor, "maxOperations": MAX_OPERATIONS, "maxPayloadSize": MAX_PAYLOAD },
        "filter": { "supported": true, "maxResults": limits.largest_page().min(1_000_000) },
        "changePassword": { "supported": true },
        "sort": { "supported": true },
        "etag": { "supported": limits.etag() },
        "authenticationSchemes": [scheme],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{}/{}", session.base, limits.can.config_endpoint),
        },
    });
    if let Some(map) = config.as_object_mut()
        && (limits.by_index() || limits.by_cursor())
    {
        let method = if limits.by_index() { "index" } else { "cursor" };
        map.insert(
            "pagination".to_owned(),
            json!({
                "cursor": limits.by_cursor(),
                "index": limits.by_index(),
                "defaultPaginationMethod": method,
                "defaultPageSize": limits.default_page(),
                "maxPageSize": limits.largest_page(),
                "cursorTimeout": session.app.cursor_timeout.as_secs(),
            }),
        );
    }
    config
}

fn schemas(session: &Session<'_>) -> Vec<Json> {
    let kinds = session.app.limits.kinds();
    kinds
        .into_iter()
        .flat_map(|kind| session.app.model.kind(kind).schemas.iter())
        .filter_map(|schema| described(session, schema))
        .collect()
}

fn described(session: &Session<'_>, schema: &Schema) -> Option<Json> {
    let mut json = serde_json::to_value(schema).ok()?;
    let map = json.as_object_mut()?;
    map.insert("schemas".to_owned(), json!([urn::SCHEMA]));
    map.insert(
        "meta".to_owned(),
        json!({ "resourceType": "Schema", "location": format!("{}/Schemas/{}", session.base, schema.id) }),
    );
    Some(json)
}

fn resource_types(session: &Session<'_>) -> Vec<Json> {
    session.app.limits.kinds().into_iter().map(|kind| resource_type(session, kind)).collect()
}

fn resource_type(session: &Session<'_>, kind: ResourceKind) -> Json {
    let model = session.app.model.kind(kind);
    let extensions: Vec<Json> =
        model.extensions().map(|schema| json!({ "schema": schema.id, "required": false })).collect();
    json!({
        "schemas": [urn::RESOURCE_TYPE],
        "id": kind.name(),
        "name": kind.name(),
        "description": format!("{}s of this server", kind.name()),
        "endpoint": format!("/{}", kind.endpoint()),
        "schema": model.core,
        "schemaExtensions": extensions,
        "meta": {
            "resourceType": "ResourceType",
            "location": format!("{}/ResourceTypes/{}", session.base, kind.name()),
        },
    })
}

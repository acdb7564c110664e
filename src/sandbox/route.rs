//! From method and path to what is done (RFC 7644 section 3.2).

use super::app::Session;
use super::fault::Place;
use super::params::Query;
use super::reply::{Failure, Reply};
use super::{bulk, discovery, list, read, write};
use crate::scim::{Object, ResourceKind, Value, percent, urn};

/// A request, taken apart.
pub(super) struct Call<'a> {
    /// `GET`, `POST`, …
    pub(super) method: &'a str,
    /// Path below the base URL, starting with a slash.
    pub(super) path: &'a str,
    /// The URL's query.
    pub(super) query: Query,
    /// The body, if there is one.
    pub(super) body: Option<Value>,
    /// `If-Match`, or the `version` of a bulk operation.
    pub(super) if_match: Option<&'a str>,
    /// `If-None-Match`.
    pub(super) if_none_match: Option<&'a str>,
    /// The id that a POST's resource gets, if it was promised.
    pub(super) own_id: Option<&'a str>,
}

/// Which part of the server a path is of.
pub(super) fn place(path: &str) -> Place {
    match path.split('/').nth(1).unwrap_or_default() {
        "Users" => Place::Users,
        "Groups" => Place::Groups,
        "Bulk" => Place::Bulk,
        "ServiceProviderConfig" | "ServiceProviderConfigs" | "Schemas" | "ResourceTypes" => Place::Discovery,
        _ => Place::Other,
    }
}

/// The kind of resource that a path is of.
pub(super) fn kind(path: &str) -> Option<ResourceKind> {
    match place(path) {
        Place::Users => Some(ResourceKind::User),
        Place::Groups => Some(ResourceKind::Group),
        _ => None,
    }
}

/// The kind, if the path is that of all its resources.
pub(super) fn collection(path: &str) -> Option<ResourceKind> {
    kind(path).filter(|kind| path.trim_matches('/') == kind.endpoint())
}

/// Answers a request.
pub(super) fn call(session: &Session<'_>, call: Call<'_>) -> Result<Reply, Failure> {
    let path = call.path.trim_end_matches('/');
    let kinds = session.app.limits.kinds();
    let config = session.app.limits.can.config_endpoint.as_str();
    match path.split('/').nth(1).unwrap_or_default() {
        "Me" => Err(Failure::new(501, "this server has no /Me")),
        "Bulk" if session.app.limits.vendor => Err(Failure::new(501, "this server has no bulk requests")),
        "Bulk" if path == "/Bulk" => {
            only(&call, &["POST"])?;
            bulk::run(session, object(&call)?)
        }
        ".search" if path == "/.search" => {
            only(&call, &["POST"])?;
            search(session, &kinds, &call)
        }
        "" => {
            only(&call, &["GET"])?;
            list::list(session, &kinds, &call.query)
        }
        endpoint if endpoint == config || endpoint == "Schemas" || endpoint == "ResourceTypes" => {
            only(&call, &["GET"])?;
            discovery::answer(session, path, &call.query)
        }
        _ => match kind(path).filter(|kind| session.app.limits.has(*kind)) {
            Some(kind) => resource(session, kind, Call { path, ..call }),
            None => Err(Failure::new(404, format!("there is nothing at {path}"))),
        },
    }
}

/// Answers a request at `/Users` or `/Groups` or below.
pub(super) fn resource(session: &Session<'_>, kind: ResourceKind, call: Call<'_>) -> Result<Reply, Failure> {
    let rest = call.path.strip_prefix('/').and_then(|path| path.strip_prefix(kind.endpoint())).unwrap_or_default();
    let id = match rest.strip_prefix('/') {
        None if rest.is_empty() => {
            only(&call, &["GET", "POST"])?;
            return match call.method {
                "GET" => list::list(session, &[kind], &call.query),
                _ if !session.app.limits.create(kind) => {
                    Err(Failure::new(405, format!("this server lets nobody create a {kind}")))
                }
                _ => write::create(session, kind, object(&call)?, call.own_id, &call.query.projection),
            };
        }
        Some(".search") => {
            only(&call, &["POST"])?;
            return search(session, &[kind], &call);
        }
        Some(id) if !id.is_empty() && !id.contains('/') => percent::decode(id).into_owned(),
        _ => return Err(Failure::new(404, format!("there is nothing at {}", call.path))),
    };
    only(&call, &["GET", "PUT", "PATCH", "DELETE"])?;
    let projection = &call.query.projection;
    match call.method {
        "GET" => read::get(session, kind, &id, call.if_none_match, projection),
        "PUT" => write::replace(session, kind, &id, object(&call)?, call.if_match, projection),
        "PATCH" => write::modify(session, kind, &id, object(&call)?, call.if_match, projection),
        _ => read::delete(session, kind, &id, call.if_match),
    }
}

fn search(session: &Session<'_>, kinds: &[ResourceKind], call: &Call<'_>) -> Result<Reply, Failure> {
    let body = object(call)?;
    let declared = body.get("schemas").and_then(Value::as_array).unwrap_or_default();
    if !declared.iter().any(|name| name.as_str() == Some(urn::SEARCH_REQUEST)) {
        let detail = format!("`schemas` of a search must be [\"{}\"]", urn::SEARCH_REQUEST);
        return Err(Failure::bad("invalidSyntax", detail));
    }
    let query = Query::of_body(body, &session.app.limits)?;
    list::list(session, kinds, &query)
}

fn object<'a>(call: &'a Call<'_>) -> Result<&'a Object, Failure> {
    call.body
        .as_ref()
        .and_then(Value::as_object)
        .ok_or_else(|| Failure::bad("invalidSyntax", "the body must be a JSON object"))
}

fn only(call: &Call<'_>, methods: &[&str]) -> Result<(), Failure> {
    if methods.contains(&call.method) {
        return Ok(());
    }
    Err(Failure::new(405, format!("{} can't be used here, but {}", call.method, methods.join(", "))))
}

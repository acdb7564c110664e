//! Bulk requests (RFC 7644 section 3.7).
//!
//! Every resource that a request will make has its id from the start, so that references by `bulkId` work forwards,
//! backwards and in circles (section 3.7.1). References to what could not be made are taken back at the end.

use std::collections::HashMap;

use axum::http::{StatusCode, header};
use serde_json::{Value as Json, json};

use super::app::Session;
use super::params::Query;
use super::reply::{Failure, Reply};
use super::route::{self, Call};
use crate::scim::{Object, Value, urn};

/// Operations in one request at most.
pub(super) const MAX_OPERATIONS: usize = 1000;
/// Bytes of one request at most.
pub(super) const MAX_PAYLOAD: usize = 1_048_576;

/// Runs the operations of a bulk request in their order.
pub(super) fn run(session: &Session<'_>, body: &Object) -> Result<Reply, Failure> {
    let declared = body.get("schemas").and_then(Value::as_array).unwrap_or_default();
    if !declared.iter().any(|name| name.as_str() == Some(urn::BULK_REQUEST)) {
        return Err(Failure::bad(
            "invalidSyntax",
            format!("`schemas` of a bulk request must be [\"{}\"]", urn::BULK_REQUEST),
        ));
    }
    let Some(operations) = body.get("Operations").and_then(Value::as_array) else {
        return Err(Failure::bad("invalidSyntax", "a bulk request needs `Operations`"));
    };
    if operations.len() > MAX_OPERATIONS {
        let detail = format!("{} operations; this server takes {MAX_OPERATIONS}", operations.len());
        return Err(Failure::new(413, detail));
    }
    let tolerated = body.get("failOnErrors").and_then(Value::as_i64).filter(|count| *count > 0);
    let ids = promise(session, operations);
    let mut results = Vec::with_capacity(operations.len());
    let mut errors = 0;
    for operation in operations {
        let result = one(session, operation, &ids);
        errors += i64::from(result.1);
        results.push(result.0);
        if tolerated.is_some_and(|tolerated| errors >= tolerated) {
            break;
        }
    }
    take_back(session);
    let answer = json!({ "schemas": [urn::BULK_RESPONSE], "Operations": results });
    Ok(Reply::json(StatusCode::OK, answer.to_string()))
}

/// Gives every resource that a POST will make its id; the ids by `bulkId`.
fn promise(session: &Session<'_>, operations: &[Value]) -> HashMap<String, String> {
    let mut ids = HashMap::new();
    for operation in operations {
        let path = operation.get("path").and_then(Value::as_str).unwrap_or_default();
        if let (Some(bulk_id), Some(kind)) = (text(operation, "bulkId"), route::collection(path)) {
            let id = uuid::Uuid::new_v4().to_string();
            session.promised.borrow_mut().insert(id.clone(), kind);
            ids.insert(bulk_id.to_owned(), id);
        }
    }
    ids
}

/// One operation's result, and whether it is an error.
fn one(session: &Session<'_>, operation: &Value, ids: &HashMap<String, String>) -> (Json, bool) {
    let method = text(operation, "method").unwrap_or_default().to_ascii_uppercase();
    let bulk_id = text(operation, "bulkId");
    let mut result = json!({ "method": method });
    if let (Some(bulk_id), Some(map)) = (bulk_id, result.as_object_mut()) {
        map.insert("bulkId".to_owned(), bulk_id.into());
    }
    let outcome = perform(session, operation, &method, ids);
    let (status, location, failure) = match outcome {
        Ok((reply, location)) => (reply.status.as_u16(), location, None),
        Err((failure, location)) => (failure.status, location, Some(failure)),
    };
    let failed = failure.is_some();
    if let Some(map) = result.as_object_mut() {
        map.insert("status".to_owned(), status.to_string().into());
        if let Some(location) = location {
            map.insert("location".to_owned(), location.into());
        }
        if let Some(failure) = failure {
            map.insert("response".to_owned(), failure.body());
        }
    }
    (result, failed)
}

type Performed = Result<(Reply, Option<String>), (Failure, Option<String>)>;

fn perform(session: &Session<'_>, operation: &Value, method: &str, ids: &HashMap<String, String>) -> Performed {
    let refuse = |detail: &str| Err((Failure::bad("invalidSyntax", detail), None));
    if !["POST", "PUT", "PATCH", "DELETE"].contains(&method) {
        return refuse("`method` must be POST, PUT, PATCH or DELETE");
    }
    let path = resolve_path(text(operation, "path").unwrap_or_default(), ids);
    let Some(kind) = route::kind(&path).filter(|kind| session.app.limits.has(*kind)) else {
        return refuse("`path` must be that of a resource, like /Users or /Users/{id}");
    };
    let own = text(operation, "bulkId").and_then(|bulk_id| ids.get(bulk_id)).map(String::as_str);
    if method == "POST" && own.is_none() {
        return refuse("a POST needs a `bulkId`, at /Users or /Groups");
    }
    let mut data = operation.get("data").cloned().unwrap_or_default();
    if let Some(unknown) = resolve(&mut data, ids) {
        let detail = format!("no operation has the bulkId \"{unknown}\"");
        return Err((Failure { status: 409, scim_type: None, detail }, None));
    }
    let call = Call {
        method,
        path: &path,
        query: Query::default(),
        body: Some(data),
        if_match: text(operation, "version"),
        if_none_match: None,
        own_id: own,
    };
    // The location of what exists is part of every result (section 3.7.3).
    let existing = (method != "POST").then(|| format!("{}{path}", session.base));
    match route::resource(session, kind, call) {
        Ok(reply) => {
            if let Some(own) = own.filter(|_| method == "POST") {
                session.promised.borrow_mut().remove(own);
            }
            let made = reply.headers.iter().find(|(name, _)| *name == header::LOCATION).map(|(_, value)| value.clone());
            Ok((reply, made.or(existing)))
        }
        Err(failure) => Err((failure, existing)),
    }
}

/// Takes members out of groups that were promised and never made.
fn take_back(session: &Session<'_>) {
    let broken = std::mem::take(&mut *session.promised.borrow_mut());
    if broken.is_empty() {
        return;
    }
    let now = session.app.now();
    session.write(|state| {
        for (id, kind) in broken {
            state.remove(kind, &id, now);
        }
    });
}

fn text<'a>(operation: &'a Value, name: &str) -> Option<&'a str> {
    operation.get(name).and_then(Value::as_str)
}

fn resolve_path(path: &str, ids: &HashMap<String, String>) -> String {
    match path.split_once("bulkId:") {
        Some((head, bulk_id)) => ids.get(bulk_id).map_or_else(|| path.to_owned(), |id| format!("{head}{id}")),
        None => path.to_owned(),
    }
}

/// Puts ids in place of `bulkId:` references; the first that is unknown, if any.
fn resolve(value: &mut Value, ids: &HashMap<String, String>) -> Option<String> {
    match value {
        Value::String(text) => {
            let bulk_id = text.strip_prefix("bulkId:")?;
            match ids.get(bulk_id) {
                Some(id) => {
                    *text = id.as_str().into();
                    None
                }
                None => Some(bulk_id.to_owned()),
            }
        }
        Value::Array(items) => items.iter_mut().find_map(|item| resolve(item, ids)),
        Value::Object(object) => {
            let mut unknown = None;
            object.retain(|_, value| {
                unknown = unknown.take().or_else(|| resolve(value, ids));
                true
            });
            unknown
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

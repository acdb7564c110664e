//! One resource: GET and DELETE (RFC 7644 sections 3.4.1 and 3.6).

use axum::http::StatusCode;

use super::app::Session;
use super::project::Projection;
use super::reply::{Failure, Reply};
use super::store::{MemberChange, Record, State};
use super::view::View;
use super::write::{matches, precondition, reserved_name, versioned};
use crate::profile::Deletion;
use crate::scim::{Object, ResourceKind, Value};

/// GET of a resource; `If-None-Match` of its version answers 304 (section 3.14).
pub(super) fn get(
    session: &Session<'_>,
    kind: ResourceKind,
    id: &str,
    if_none_match: Option<&str>,
    projection: &Projection,
) -> Result<Reply, Failure> {
    let state = session.app.state();
    let seen = state.table(kind).get(id).and_then(|slot| slot.as_of(session.horizon));
    let (record, members) = seen.ok_or_else(|| Failure::not_found(id))?;
    if session.app.limits.etag() && if_none_match.is_some_and(|tags| matches(tags, record)) {
        return Ok(versioned(session, Reply::empty(StatusCode::NOT_MODIFIED), record));
    }
    let view = View { app: session.app, state: &state, base: &session.base, projection, listed: false };
    Ok(versioned(session, Reply::json(StatusCode::OK, view.text(kind, record, members)), record))
}

/// DELETE, as the vendor has it.
pub(super) fn delete(
    session: &Session<'_>,
    kind: ResourceKind,
    id: &str,
    if_match: Option<&str>,
) -> Result<Reply, Failure> {
    let deletion = session.app.limits.deletion(kind);
    if deletion == Deletion::None {
        return Err(Failure::new(405, format!("this server deletes no {kind}s")));
    }
    session.write(|state| {
        let slot = state.table(kind).get(id).ok_or_else(|| Failure::not_found(id))?;
        precondition(session, if_match, &slot.record)?;
        if session.is_dry() {
            return Ok(());
        }
        let now = session.app.now();
        match deletion {
            Deletion::Deactivates if kind == ResourceKind::User => deactivate(state, id, now),
            Deletion::Irreversible => {
                let name = slot.record.keys.name.as_deref().map(|name| reserved_name(kind, name));
                state.remove(kind, id, now);
                if let Some(name) = name {
                    state.reserve(name);
                }
            }
            _ => state.remove(kind, id, now),
        }
        Ok::<_, Failure>(())
    })?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// A server that keeps who was deleted, as inactive.
fn deactivate(state: &mut State, id: &str, now: jiff::Timestamp) {
    let Some(slot) = state.table(ResourceKind::User).get(id) else { return };
    let mut object: Object = slot.record.object();
    if object.get("active").and_then(Value::as_bool) == Some(false) {
        return;
    }
    object.insert("active", Value::from(false));
    let next = Record {
        version: slot.record.version + 1,
        tag: None,
        modified: now,
        body: Value::Object(object).to_string().into(),
        ..Record::clone(&slot.record)
    };
    state.put(ResourceKind::User, next, &MemberChange::default());
}

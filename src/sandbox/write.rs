//! Creating and changing resources (RFC 7644 sections 3.3 and 3.5).

use std::borrow::Cow;
use std::sync::Arc;

use axum::http::{StatusCode, header};

use super::app::Session;
use super::check;
use super::members::Edit;
use super::patch;
use super::project::Projection;
use super::quirks::read_booleans;
use super::reply::{Failure, Reply};
use super::store::{Keys, MemberChange, Members, Record, Slot, State};
use super::view::{View, location};
use crate::scim::patch as scim_patch;
use crate::scim::{Object, ResourceKind, Value};

/// Answers to PATCH leave the resource out (204) if it has more members than this.
const SHOWN_MEMBERS: usize = 1000;

/// What a change makes of a resource.
struct Outcome {
    object: Object,
    members: MemberChange,
}

/// POST: makes a resource; `id` is one that was promised to the operations of a bulk request.
pub(super) fn create(
    session: &Session<'_>,
    kind: ResourceKind,
    body: &Object,
    id: Option<&str>,
    projection: &Projection,
) -> Result<Reply, Failure> {
    let app = session.app;
    let model = app.model.kind(kind);
    let mut object = check::accept(kind, model, &as_sent(session, kind, body))?;
    let wanted = object.remove("members");
    let has_password = object.get("password").is_some();
    settle(session, kind, &mut object, None)?;
    let made = || id.map_or_else(|| uuid::Uuid::new_v4().to_string().into(), Arc::from);
    let id: Arc<str> = own_id(session, kind, &object).unwrap_or_else(made);
    let record = session.write(|state| {
        let nobody = Members::default();
        let members = match (kind, &wanted) {
            (ResourceKind::Group, Some(value)) => {
                let mut edit = Edit::new(session, state, &id, &nobody);
                edit.add(value)?;
                edit.finish()
            }
            _ => MemberChange::default(),
        };
        unique(session, state, kind, &object, None)?;
        if state.kind_of(&id).is_some() {
            return Err(Failure::taken("the id is taken"));
        }
        let now = app.now();
        let seq = state.take_seq();
        let claimed = record(kind, Arc::clone(&id), seq, 1, (now, now), &object, has_password);
        store(session, state, kind, &claimed, None, &members);
        Ok::<_, Failure>(claimed)
    })?;
    let reply = show(session, kind, &record, projection, StatusCode::CREATED);
    Ok(reply.with(header::LOCATION, location(&session.base, kind, &record.id)))
}

/// PUT: puts a resource in place of another. What is not in the body is cleared.
pub(super) fn replace(
    session: &Session<'_>,
    kind: ResourceKind,
    id: &str,
    body: &Object,
    if_match: Option<&str>,
    projection: &Projection,
) -> Result<Reply, Failure> {
    if !session.app.limits.put(kind) {
        return Err(Failure::new(501, format!("this server has no PUT of a {kind}")));
    }
    let accepted = check::accept(kind, session.app.model.kind(kind), &as_sent(session, kind, body))?;
    let record = change(session, kind, id, if_match, |state, slot, _| {
        let mut object = accepted;
        let wanted = object.remove("members");
        let mut edit = Edit::new(session, state, id, &slot.members);
        match (kind, &wanted) {
            (ResourceKind::Group, Some(value)) => edit.replace(value)?,
            _ => edit.clear(),
        }
        Ok(Outcome { object, members: edit.finish() })
    })?;
    let reply = show(session, kind, &record, projection, StatusCode::OK);
    Ok(moved(session, kind, id, &record, reply))
}

/// PATCH: all operations or none.
pub(super) fn modify(
    session: &Session<'_>,
    kind: ResourceKind,
    id: &str,
    body: &Object,
    if_match: Option<&str>,
    projection: &Projection,
) -> Result<Reply, Failure> {
    if !session.app.limits.patch() {
        return Err(Failure::new(501, "this server has no PATCH"));
    }
    let operations = patch::read(body)?;
    if !session.app.limits.can.path_filters {
        patch::without_filters(&operations)?;
    }
    let model = session.app.model.kind(kind);
    let record = change(session, kind, id, if_match, |state, slot, old| {
        let (member_operations, operations) = match kind {
            ResourceKind::Group => patch::split(operations),
            ResourceKind::User => (Vec::new(), operations),
        };
        let mut edit = Edit::new(session, state, id, &slot.members);
        for operation in &member_operations {
            edit.apply(operation, &model.schemas)?;
        }
        let most = session.app.limits.members_per_patch();
        if edit.named() > most {
            let detail = format!("{} members in one PATCH; this server takes {most}", edit.named());
            return Err(Failure::new(413, detail));
        }
        let mut object = old.clone();
        if !operations.is_empty() {
            scim_patch::apply(&mut object, &operations, &model.schemas)?;
            object = check::clean(model, &as_sent(session, kind, &object))?;
        }
        Ok(Outcome { object, members: edit.finish() })
    })?;
    let members = session.app.state().table(kind).get(&record.id).map_or(0, |slot| slot.members.len());
    let hides_a_lie = kind == ResourceKind::Group && session.lie.is_some();
    let is_long = members > SHOWN_MEMBERS && *projection == Projection::default();
    let reply = if is_long || hides_a_lie || !session.app.limits.can.patch_answers {
        versioned(session, Reply::empty(StatusCode::NO_CONTENT), &record)
    } else {
        show(session, kind, &record, projection, StatusCode::OK)
    };
    Ok(moved(session, kind, id, &record, reply))
}

/// Changes a resource as `build` says; a change that changes nothing makes no new version. A vendor may take someone out
/// who is set inactive.
fn change(
    session: &Session<'_>,
    kind: ResourceKind,
    id: &str,
    if_match: Option<&str>,
    build: impl FnOnce(&State, &Slot, &Object) -> Result<Outcome, Failure>,
) -> Result<Arc<Record>, Failure> {
    session.write(|state| {
        let slot = state.table(kind).get(id).ok_or_else(|| Failure::not_found(id))?;
        precondition(session, if_match, &slot.record)?;
        let (before, old) = (Arc::clone(&slot.record), slot.record.object());
        let Outcome { mut object, members } = build(state, slot, &old)?;
        let password = object.get("password").is_some();
        let same_name = object.get("displayName") == old.get("displayName");
        if kind == ResourceKind::Group && !same_name && !session.app.limits.can.rename_groups {
            return Err(Failure::bad("mutability", "a group can't be renamed"));
        }
        check::unchanged(session.app.model.kind(kind), &old, &object)?;
        settle(session, kind, &mut object, Some(&old))?;
        if object == old && members.leave.is_empty() && members.join.is_empty() && !password {
            return Ok(before);
        }
        unique(session, state, kind, &object, Some(id))?;
        let own = own_id(session, kind, &object).unwrap_or_else(|| Arc::clone(&before.id));
        if own != before.id && state.kind_of(&own).is_some() {
            return Err(Failure::taken("the id is taken"));
        }
        let times = (before.created, session.app.now());
        let has_password = password || before.has_password;
        if own != before.id && session.lie.is_none() {
            state.rekey(kind, id, &own, times.1);
        }
        let claimed = record(kind, own, before.seq, before.version + 1, times, &object, has_password);
        let is_off = |object: &Object| object.get("active").and_then(Value::as_bool) == Some(false);
        let removes = kind == ResourceKind::User && session.app.limits.can.deactivation_removes;
        if removes && session.lie.is_none() && is_off(&object) && !is_off(&old) {
            state.remove(kind, &claimed.id, times.1);
        } else {
            store(session, state, kind, &claimed, Some(&old), &members);
        }
        Ok(claimed)
    })
}

/// What the server makes of an accepted object: passwords are taken and never kept, vendors' rules are applied.
fn settle(session: &Session<'_>, kind: ResourceKind, object: &mut Object, old: Option<&Object>) -> Result<(), Failure> {
    let model = session.app.model.kind(kind);
    object.remove("password");
    if kind == ResourceKind::User {
        session.app.quirks.shape(object, old, &model.schemas)?;
    }
    check::complete(model, object)?;
    check::declare(model, object);
    Ok(())
}

/// A body with real booleans in it, from clients that write them as a server shows them.
fn as_sent<'a>(session: &Session<'_>, kind: ResourceKind, body: &'a Object) -> Cow<'a, Object> {
    if !session.app.quirks.rules.text_booleans {
        return Cow::Borrowed(body);
    }
    let mut read = body.clone();
    read_booleans(&mut read, session.app.model.kind(kind));
    Cow::Owned(read)
}

/// The id that a resource has by its content.
fn own_id(session: &Session<'_>, kind: ResourceKind, object: &Object) -> Option<Arc<str>> {
    let by_content = kind == ResourceKind::User && session.app.quirks.rules.id_is_external_id;
    let external = object.get("externalId").and_then(Value::as_str).filter(|id| by_content && !id.is_empty());
    external.map(Arc::from)
}

/// Says where a resource is that has another id now.
fn moved(session: &Session<'_>, kind: ResourceKind, id: &str, record: &Record, reply: Reply) -> Reply {
    if &*record.id == id {
        return reply;
    }
    reply.with(header::LOCATION, location(&session.base, kind, &record.id))
}

/// How a name is kept that can't be used again.
pub(super) fn reserved_name(kind: ResourceKind, name: &str) -> String {
    match kind {
        ResourceKind::User => name.to_owned(),
        // No name in the form that is compared has white space before it.
        ResourceKind::Group => format!(" {name}"),
    }
}

/// `userName` is unique without regard to case (RFC 7643 section 4.1.1); group names are not, unless the vendor says so.
fn unique(
    session: &Session<'_>,
    state: &State,
    kind: ResourceKind,
    object: &Object,
    id: Option<&str>,
) -> Result<(), Failure> {
    let Some(name) = Keys::of(kind, object).name else { return Ok(()) };
    let matters = kind == ResourceKind::User || session.app.limits.can.unique_group_names;
    let taken = matters && state.table(kind).by_name(&name).any(|slot| Some(&*slot.record.id) != id);
    if taken || state.is_reserved(&reserved_name(kind, &name)) {
        return Err(Failure::taken(format!("the {} is taken", kind.name_attribute())));
    }
    Ok(())
}

fn record(
    kind: ResourceKind,
    id: Arc<str>,
    seq: u64,
    version: u64,
    (created, modified): (jiff::Timestamp, jiff::Timestamp),
    object: &Object,
    has_password: bool,
) -> Arc<Record> {
    let keys = Keys::of(kind, object);
    let body = Value::Object(object.clone()).to_string().into();
    Arc::new(Record { id, seq, version, tag: None, created, modified, body, keys, has_password })
}

/// Stores what is claimed, or what a lying server keeps of it.
fn store(
    session: &Session<'_>,
    state: &mut State,
    kind: ResourceKind,
    claimed: &Arc<Record>,
    old: Option<&Object>,
    members: &MemberChange,
) {
    let Some(names) = &session.lie else {
        state.put(kind, Record::clone(claimed), members);
        return;
    };
    if names.is_empty() {
        return;
    }
    let mut object = claimed.object();
    for name in names {
        object.remove(name);
        if let Some(value) = old.and_then(|old| old.get(name)) {
            object.insert(name.as_str(), value.clone());
        }
    }
    let times = (claimed.created, claimed.modified);
    let kept =
        record(kind, Arc::clone(&claimed.id), claimed.seq, claimed.version, times, &object, claimed.has_password);
    let nothing = MemberChange::default();
    let drops = names.iter().any(|name| name.eq_ignore_ascii_case("members"));
    state.put(kind, Record::clone(&kept), if drops { &nothing } else { members });
}

/// `If-Match` (RFC 7644 section 3.14).
pub(super) fn precondition(session: &Session<'_>, if_match: Option<&str>, record: &Record) -> Result<(), Failure> {
    let Some(tags) = if_match.filter(|_| session.app.limits.etag()) else { return Ok(()) };
    if matches(tags, record) {
        return Ok(());
    }
    Err(Failure::new(412, "the resource was changed; its version is another one"))
}

/// Whether a list of entity tags names a version, compared weakly (RFC 9110 section 8.8.3.2).
pub(super) fn matches(tags: &str, record: &Record) -> bool {
    let own = record.etag();
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    tags.split(',').any(|tag| tag.trim() == "*" || bare(tag) == bare(&own))
}

/// The answer that holds a resource.
pub(super) fn show(
    session: &Session<'_>,
    kind: ResourceKind,
    record: &Record,
    projection: &Projection,
    status: StatusCode,
) -> Reply {
    let state = session.app.state();
    let view = View { app: session.app, state: &state, base: &session.base, projection, listed: false };
    let nobody = Arc::default();
    let members = state.table(kind).get(&record.id).map_or(&nobody, |slot| &slot.members);
    versioned(session, Reply::json(status, view.text(kind, record, members)), record)
}

/// Adds the entity tag, if the server has them.
pub(super) fn versioned(session: &Session<'_>, reply: Reply, record: &Record) -> Reply {
    if session.app.limits.etag() { reply.with(header::ETAG, record.etag()) } else { reply }
}

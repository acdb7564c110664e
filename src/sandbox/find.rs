//! Which resources a filter keeps. `eq` on what there is an index for does not go through all of them.

use super::app::Session;
use super::project::Projection;
use super::store::{Members, Record, Slot, State};
use super::view::View;
use crate::scim::filter::{Comparison, Filter, Literal, Operator};
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKind, Value, fold};

/// A resource in the version that the client sees.
pub(super) struct Found<'a> {
    /// Its kind.
    pub(super) kind: ResourceKind,
    /// What is stored of it.
    pub(super) record: &'a Record,
    /// Its members, of a group.
    pub(super) members: &'a Members,
}

/// The resources of these kinds that a filter keeps, in the order of creation per kind.
pub(super) fn find<'a>(
    session: &Session<'_>,
    state: &'a State,
    kinds: &[ResourceKind],
    filter: Option<&Filter>,
) -> Vec<Found<'a>> {
    let projection = Projection::default();
    let unneeded = filter.map(computed_attributes);
    let view = View {
        app: session.app,
        state,
        base: &session.base,
        projection: unneeded.as_ref().unwrap_or(&projection),
        listed: false,
    };
    let mut found = Vec::new();
    for &kind in kinds {
        let schemas = &session.app.model.kind(kind).schemas;
        let hides_inactive = session.app.limits.hides_inactive(kind);
        // Stale reads see names that are no longer in the index.
        let indexed = filter.filter(|_| session.horizon.is_none()).and_then(|filter| {
            let mut slots = candidates(state, kind, filter)?;
            slots.extend(disguised(session, state, kind, filter));
            Some(slots)
        });
        let slots: Box<dyn Iterator<Item = &Slot>> = match indexed {
            Some(mut slots) => {
                slots.sort_by_key(|slot| slot.record.seq);
                slots.dedup_by_key(|slot| slot.record.seq);
                Box::new(slots.into_iter())
            }
            None => Box::new(state.table(kind).starting_at(0)),
        };
        for slot in slots {
            let Some((record, members)) = slot.as_of(session.horizon) else { continue };
            let seen = (filter.is_some() || hides_inactive).then(|| view.object(kind, record, members));
            let kept = seen.is_none_or(|object| {
                let shown = !hides_inactive || object.get("active").and_then(Value::as_bool) != Some(false);
                shown && filter.is_none_or(|filter| filter.matches(&object, schemas))
            });
            if kept {
                found.push(Found { kind, record, members });
            }
        }
    }
    found
}

/// The resources that can fulfil a filter, if an index knows them; each must still be checked.
fn candidates<'a>(state: &'a State, kind: ResourceKind, filter: &Filter) -> Option<Vec<&'a Slot>> {
    match filter {
        Filter::And(parts) => parts.iter().find_map(|part| candidates(state, kind, part)),
        Filter::Compare(comparison) => compared(state, kind, comparison),
        Filter::Element(path) => match path.filter.as_ref()? {
            Filter::Compare(inner) if inner.path.attribute.eq_ignore_ascii_case("value") => {
                referring(state, kind, path, equal(inner)?)
            }
            _ => None,
        },
        Filter::Or(_) | Filter::Not(_) | Filter::Present(_) => None,
    }
}

/// Those whose disguise a filter names: no index knows it, but it holds the id.
fn disguised<'a>(session: &Session<'_>, state: &'a State, kind: ResourceKind, filter: &Filter) -> Vec<&'a Slot> {
    let found = |comparison: &Comparison| {
        let id = session.app.quirks.shown.undisguised(equal(comparison)?)?;
        state.table(kind).get(id)
    };
    match filter {
        Filter::And(parts) => parts.iter().flat_map(|part| disguised(session, state, kind, part)).collect(),
        Filter::Compare(comparison) => found(comparison).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn equal(comparison: &Comparison) -> Option<&str> {
    match (&comparison.op, &comparison.value) {
        (Operator::Eq, Literal::String(text)) => Some(text),
        _ => None,
    }
}

fn compared<'a>(state: &'a State, kind: ResourceKind, comparison: &Comparison) -> Option<Vec<&'a Slot>> {
    let value = equal(comparison)?;
    let path = &comparison.path;
    if !path.is_core() {
        return None;
    }
    let table = state.table(kind);
    match (path.attribute.to_ascii_lowercase().as_str(), path.sub.as_deref()) {
        ("id", None) => Some(table.get(value).into_iter().collect()),
        ("externalid", None) => Some(table.by_external(value).collect()),
        ("username", None) if kind == ResourceKind::User => Some(table.by_name(&fold::canonical(value)).collect()),
        ("displayname", None) if kind == ResourceKind::Group => Some(table.by_name(&fold::canonical(value)).collect()),
        (_, None) => referring(state, kind, path, value),
        (_, Some(sub)) if sub.eq_ignore_ascii_case("value") => referring(state, kind, path, value),
        _ => None,
    }
}

/// The groups of a member, or the users of a group.
fn referring<'a>(state: &'a State, kind: ResourceKind, path: &AttrPath, value: &str) -> Option<Vec<&'a Slot>> {
    match kind {
        ResourceKind::Group if path.attribute.eq_ignore_ascii_case("members") => Some(state.groups_of(value).collect()),
        ResourceKind::User if path.attribute.eq_ignore_ascii_case("groups") => {
            let mut users = Vec::new();
            let mut open = vec![state.table(ResourceKind::Group).get(value)?];
            let mut seen = std::collections::HashSet::new();
            while let Some(group) = open.pop() {
                if !seen.insert(group.record.seq) {
                    continue;
                }
                for member in group.members.iter() {
                    let slot = state.table(member.kind).get(&member.id);
                    match member.kind {
                        ResourceKind::User => users.extend(slot),
                        ResourceKind::Group => open.extend(slot),
                    }
                }
            }
            users.sort_by_key(|slot| slot.record.seq);
            users.dedup_by_key(|slot| slot.record.seq);
            Some(users)
        }
        _ => None,
    }
}

/// Leaves out the computed attributes that a filter does not look at: they are what costs most.
fn computed_attributes(filter: &Filter) -> Projection {
    let unneeded: Vec<String> =
        ["members", "groups"].into_iter().filter(|name| !mentions(filter, name)).map(str::to_owned).collect();
    Projection::new(&[], &unneeded).unwrap_or_default()
}

fn mentions(filter: &Filter, name: &str) -> bool {
    let named = |path: &AttrPath| path.attribute.eq_ignore_ascii_case(name) || path.is_bare();
    match filter {
        Filter::Or(parts) | Filter::And(parts) => parts.iter().any(|part| mentions(part, name)),
        Filter::Not(inner) => mentions(inner, name),
        Filter::Compare(comparison) => named(&comparison.path),
        Filter::Present(path) | Filter::Element(path) => named(path),
    }
}

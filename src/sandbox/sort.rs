//! `sortBy` and `sortOrder` (RFC 7644 section 3.4.2.3).

use std::cmp::Ordering;

use super::app::Session;
use super::find::Found;
use super::project::Projection;
use super::store::State;
use super::view::View;
use crate::scim::path::AttrPath;
use crate::scim::{Object, Value, fold};

/// What resources are sorted by. Those without a value come last in ascending order.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Key {
    Flag(bool),
    Number(f64),
    Text(String),
    Missing,
}

/// Sorts resources; equal ones stay in the order of creation.
pub(super) fn sort(session: &Session<'_>, state: &State, found: &mut Vec<Found<'_>>, by: &AttrPath, descending: bool) {
    let wanted = |name: &str| by.attribute.eq_ignore_ascii_case(name);
    let unneeded: Vec<String> =
        ["members", "groups"].into_iter().filter(|name| !wanted(name)).map(str::to_owned).collect();
    let projection = Projection::new(&[], &unneeded).unwrap_or_default();
    let view = View { app: session.app, state, base: &session.base, projection: &projection, listed: false };
    let mut keyed: Vec<(Key, Found<'_>)> = found
        .drain(..)
        .map(|found| {
            let schemas = &session.app.model.kind(found.kind).schemas;
            let exact = wanted("id") || wanted("externalId") || {
                schemas.attribute(by).is_some_and(crate::scim::schema::Attribute::is_case_exact)
            };
            (key(&view.object(found.kind, found.record, found.members), by, exact), found)
        })
        .collect();
    keyed.sort_by(|(a, _), (b, _)| {
        let order = a.partial_cmp(b).unwrap_or(Ordering::Equal);
        if descending { order.reverse() } else { order }
    });
    found.extend(keyed.into_iter().map(|(_, found)| found));
}

/// The value to sort by: of many values the primary one, else the first.
fn key(object: &Object, by: &AttrPath, exact: bool) -> Key {
    let whole = by.parent();
    let found = whole.read(object);
    let primary = |value: &&&Value| value.get("primary").and_then(Value::as_bool) == Some(true);
    let items: Vec<&Value> = found
        .into_iter()
        .flat_map(|value| value.as_array().map_or(vec![value], |items| items.iter().collect()))
        .collect();
    let Some(item) = items.iter().find(primary).or(items.first()) else { return Key::Missing };
    let value = match item {
        Value::Object(_) => item.get(by.sub.as_deref().unwrap_or("value")),
        other => Some(*other),
    };
    match value {
        Some(Value::Bool(flag)) => Key::Flag(*flag),
        Some(Value::Number(number)) => number.as_f64().map_or(Key::Missing, Key::Number),
        Some(Value::String(text)) if exact => Key::Text(text.to_string()),
        Some(Value::String(text)) => Key::Text(fold::case_fold(text).into_owned()),
        _ => Key::Missing,
    }
}

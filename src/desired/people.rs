//! One person at one target.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;

use super::rows::{Ready, Rows, Unsendable};
use super::{Apply, Asserted, Assertion, DesiredResource, Presence, Problem};
use crate::directory::{User, UserKey};
use crate::mapping::{Context, Row, RowValue};
use crate::scim::name::{shown_name, text_of};
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKind, Value};
use crate::source::Span;

/// What a person's projection needs besides the person.
pub(super) struct ProjectionContext<'a> {
    /// Everyone who is given to the target.
    pub(super) assigned: &'a BTreeSet<&'a UserKey>,
    /// Whether a name is a declared person's key.
    pub(super) is_user: &'a (dyn Fn(&str) -> bool + Sync),
    /// The day.
    pub(super) as_of: Date,
}

/// A projected person.
pub(super) struct Projected {
    pub(super) resource: DesiredResource,
    /// The manager who is not at this target, with the place that names them.
    pub(super) absent_manager: Option<(UserKey, Span)>,
}

/// Whether a person should have access on a day, by what is declared, and the name of the attribute that decides.
pub fn presence(user: &User, as_of: Date) -> (Presence, Option<&'static str>) {
    let inactive = |why: String, place| (Presence::Inactive(why), Some(place));
    match (user.active, user.starts, user.ends) {
        (Some(false), _, _) => inactive("declared inactive".to_owned(), "active"),
        (_, Some(starts), _) if as_of < starts => inactive(format!("starts {starts}"), "starts"),
        (_, _, Some(ends)) if as_of > ends => inactive(format!("ended {ends}"), "ends"),
        _ => (Presence::Active, user.active.map(|_| "active")),
    }
}

/// Projects a person through the rows of a binding's mapping.
pub(super) fn project(user: &User, rows: &Rows<'_>, scene: &ProjectionContext<'_>) -> Result<Projected, Problem> {
    let context = Context::user(&user.attributes);
    let place = |name: &str| user.places.get(name);
    let mut absent_manager = None;
    let mut assertions = Vec::with_capacity(rows.sent.len() + 1);
    for ready in &rows.sent {
        let origin = ready.origin(place, user.origin);
        let evaluated =
            ready.evaluate(&context, user.key.as_str()).map_err(|wrong| problem(user, ready.row, wrong, origin))?;
        let value = match evaluated {
            None => match &ready.row.value {
                RowValue::Secret(secret) => Asserted::Secret(secret.clone()),
                RowValue::Expression(_) | RowValue::Const(_) => continue,
            },
            Some(Value::String(key)) if ready.manager && (scene.is_user)(&key) => {
                let key = UserKey::from(key);
                if !scene.assigned.contains(&key) {
                    absent_manager.get_or_insert((key, origin));
                    continue;
                }
                Asserted::User(key)
            }
            Some(value) => Asserted::Value(value),
        };
        let path = ready.path.clone();
        let gives_way = ready.gives_way(&user.attributes);
        assertions.push(Assertion { path, value, apply: ready.apply, origin, sensitive: ready.sensitive, gives_way });
    }
    let mut assertions = rows.without_parts(assertions);
    let (presence, cause) = joined_presence(user, rows.active.as_ref(), &context, scene.as_of)?;
    if let Some(path) = &rows.asserts_active {
        let origin = cause.or_else(|| rows.active.as_ref().and_then(|ready| ready.row.origin)).unwrap_or(user.origin);
        assertions.push(active(path.clone(), presence == Presence::Active, origin));
        assertions.sort_by(|a, b| a.path.cmp(&b.path));
    }
    // Most rows give most people nothing.
    assertions.shrink_to_fit();
    let resource = DesiredResource {
        kind: ResourceKind::User,
        key: user.key.to_string(),
        previously: user.previously.iter().map(ToString::to_string).collect(),
        name: name(user, &assertions),
        origin: user.origin,
        presence,
        assertions,
        members: None,
        additive: false,
    };
    Ok(Projected { resource, absent_manager })
}

/// Joins what is declared with a row for `active`: such a row can take access away, never give it.
fn joined_presence(
    user: &User,
    row: Option<&Ready<'_>>,
    context: &Context,
    as_of: Date,
) -> Result<(Presence, Option<Span>), Problem> {
    let (declared, place) = presence(user, as_of);
    let cause = place.and_then(|name| user.places.get(name));
    let Some(row) = row.filter(|_| declared == Presence::Active) else {
        return Ok((declared, cause));
    };
    let (ready, row) = (row, row.row);
    let origin = row.origin.unwrap_or(user.origin);
    match ready.evaluate(context, user.key.as_str()).map_err(|wrong| problem(user, row, wrong, origin))? {
        Some(Value::Bool(false)) => {
            Ok((Presence::Inactive("the mapping's row `active` is false".to_owned()), row.origin))
        }
        _ => Ok((declared, cause)),
    }
}

fn active(path: Arc<AttrPath>, value: bool, origin: Span) -> Assertion {
    let value = Asserted::Value(Value::Bool(value));
    Assertion { path, value, apply: Apply::Always, origin, sensitive: false, gives_way: false }
}

fn problem(user: &User, row: &Row, wrong: Unsendable, origin: Span) -> Problem {
    Problem {
        kind: ResourceKind::User,
        key: user.key.to_string(),
        code: wrong.code,
        message: wrong.message,
        origin: Some(row.origin.unwrap_or(origin)),
    }
}

/// The name for people, by what is asserted, else by what is declared; else the key.
fn name(user: &User, assertions: &[Assertion]) -> String {
    let text = |attribute: &str, sub: Option<&str>| {
        asserted_text(assertions, attribute, sub).or_else(|| {
            let value = user.attributes.get(attribute)?;
            text_of(value, sub)
        })
    };
    shown_name(text).unwrap_or_else(|| user.key.to_string())
}

pub(super) fn asserted_text(assertions: &[Assertion], attribute: &str, sub: Option<&str>) -> Option<String> {
    assertions.iter().find_map(|assertion| {
        let path = &assertion.path;
        let Asserted::Value(value) = &assertion.value else { return None };
        if !path.is_core() || path.filter.is_some() || !path.attribute.eq_ignore_ascii_case(attribute) {
            return None;
        }
        match (&path.sub, sub) {
            (Some(written), Some(wanted)) if written.eq_ignore_ascii_case(wanted) => text_of(value, None),
            (Some(_), _) => None,
            (None, _) => text_of(value, sub),
        }
    })
}

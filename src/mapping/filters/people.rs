//! Filters on the values of multi-valued attributes (RFC 7643 section 2.4).

use minijinja::value::ValueKind;
use minijinja::{Error, State, Value};

use super::{kind_of, text_for};
use crate::mapping::convert::wrong;

/// The element's `value`, or the element where it has none (an address, a plain text).
fn value_of(element: &Value) -> Value {
    if element.kind() != ValueKind::Map {
        return element.clone();
    }
    match element.get_attr("value") {
        Ok(value) if !value.is_undefined() => value,
        _ => element.clone(),
    }
}

fn is_primary(element: &Value) -> bool {
    element.kind() == ValueKind::Map && element.get_attr("primary").is_ok_and(|flag| flag.is_true())
}

/// The elements of a multi-valued attribute; a single complex value counts as one element.
fn elements(state: &State<'_, '_>, value: &Value, filter: &str) -> Result<Vec<Value>, Error> {
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            state.consume_fuel(1 + value.len().unwrap_or(0) as u64)?;
            Ok(value.try_iter()?.collect())
        }
        ValueKind::Map | ValueKind::String => Ok(vec![value.clone()]),
        _ => Err(wrong(format!("`{filter}` works on a list of values, not on {}", kind_of(value)))),
    }
}

pub(super) fn primary(state: &mut State<'_, '_>, value: Value) -> Result<Value, Error> {
    let all = elements(state, &value, "primary")?;
    let chosen = all.iter().find(|element| is_primary(element)).or(all.first());
    Ok(chosen.map_or(Value::UNDEFINED, value_of))
}

pub(super) fn of_type(state: &mut State<'_, '_>, value: Value, wanted: Value) -> Result<Value, Error> {
    let wanted = text_for(&wanted, "ofType")?;
    let mut all = elements(state, &value, "ofType")?;
    all.retain(|element| {
        let kind = (element.kind() == ValueKind::Map).then(|| element.get_attr("type").ok()).flatten();
        kind.is_some_and(|kind| kind.as_str().is_some_and(|kind| kind.eq_ignore_ascii_case(wanted)))
    });
    let chosen = all.iter().find(|element| is_primary(element)).or(all.first());
    Ok(chosen.map_or(Value::UNDEFINED, value_of))
}

pub(super) fn values(state: &mut State<'_, '_>, value: Value) -> Result<Value, Error> {
    Ok(elements(state, &value, "values")?.iter().map(value_of).collect())
}

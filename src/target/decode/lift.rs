//! Brings attributes into the shape that RFC 7643 gives them.

use super::{loose_flag, members};
use crate::scim::{Object, Value};

/// Multi-valued complex attributes of RFC 7643 section 4.1.2 and the sub-attribute that a bare text stands for.
const MULTI_VALUED: [(&str, &str); 8] = [
    ("emails", "value"),
    ("phoneNumbers", "value"),
    ("ims", "value"),
    ("photos", "value"),
    ("addresses", "formatted"),
    ("entitlements", "value"),
    ("roles", "value"),
    ("x509Certificates", "value"),
];

/// Lifts one top-level attribute of a whole resource, `members` among them.
pub(super) fn lift_any(name: &str, value: Value) -> Value {
    if !name.eq_ignore_ascii_case("members") {
        return lift(name, value);
    }
    match value {
        Value::Null => Value::Null,
        Value::Array(items) => Value::Array(items.into_iter().map(member).collect()),
        single => Value::Array(vec![member(single)]),
    }
}

/// A member whose `value` is its id as text, taken from `$ref` where it stands there alone. One that can't be read stays.
fn member(item: Value) -> Value {
    let mut object = match item {
        Value::Object(object) => object,
        Value::Number(number) => return Value::Object(Object::from_iter([("value", number.to_string().into())])),
        bare @ Value::String(_) => return Value::Object(Object::from_iter([("value", bare)])),
        other => return other,
    };
    let id = match object.get("value") {
        Some(Value::String(id)) if !id.is_empty() => return Value::Object(object),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => object.get("$ref").and_then(Value::as_str).and_then(|reference| members::place(reference).1),
    };
    if let Some(id) = id {
        object.insert("value", Value::String(id));
    }
    Value::Object(object)
}

/// Lifts one top-level attribute: flags in words, numbers where texts belong, single or bare values where an array
/// of complex values belongs.
pub(super) fn lift(name: &str, value: Value) -> Value {
    if name.eq_ignore_ascii_case("active") {
        return loose_flag(&value).map_or(value, Value::Bool);
    }
    if ["userName", "externalId", "displayName"].iter().any(|known| name.eq_ignore_ascii_case(known)) {
        return match value {
            Value::Number(number) => Value::String(number.to_string()),
            other => other,
        };
    }
    if let Some((_, inner)) = MULTI_VALUED.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)) {
        return match value {
            Value::Null => Value::Null,
            Value::Array(items) => Value::Array(items.into_iter().map(|item| element(item, inner)).collect()),
            single => Value::Array(vec![element(single, inner)]),
        };
    }
    value
}

fn element(item: Value, inner: &str) -> Value {
    match item {
        Value::Object(mut object) => {
            if let Some(flag) = object.get_mut("primary") {
                *flag = loose_flag(flag).map_or_else(|| std::mem::take(flag), Value::Bool);
            }
            Value::Object(object)
        }
        scalar @ (Value::String(_) | Value::Number(_)) => {
            let mut object = Object::new();
            object.insert(inner, scalar);
            Value::Object(object)
        }
        other => other,
    }
}

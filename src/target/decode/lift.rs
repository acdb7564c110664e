//! Brings attributes into the shape that RFC 7643 gives them.

use super::loose_flag;
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

//! Brings attributes into the shape that RFC 7643 gives them.

use super::members;
use crate::scim::path::AttrPath;
use crate::scim::schema::{Attribute, Schemas, Type};
use crate::scim::{Object, ResourceKind, Value};

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
        object.insert("value", Value::from(id));
    }
    Value::Object(object)
}

/// Words for `active` beside those of any flag.
const ACTIVE: [&str; 2] = ["active", "enabled"];
const INACTIVE: [&str; 4] = ["inactive", "disabled", "suspended", "deactivated"];

/// Lifts one top-level attribute: flags in words, numbers where texts belong, single or bare values where an array
/// of complex values belongs.
pub(super) fn lift(name: &str, value: Value) -> Value {
    if name.eq_ignore_ascii_case("active") {
        return value.flag_among(&ACTIVE, &INACTIVE).map_or(value, Value::Bool);
    }
    let value = texts(name, value);
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
                *flag = flag.flag().map_or_else(|| std::mem::take(flag), Value::Bool);
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

/// Numbers as texts wherever RFC 7643 wants a text, extensions included: a server may make a number of an
/// `employeeNumber` or a telephone number. Nearly all resources hold no number, and are left as they are.
fn texts(name: &str, mut value: Value) -> Value {
    if holds_number(&value) {
        // The attributes of groups that are texts are those of users too.
        let schemas = Schemas::core(ResourceKind::User);
        if let (Some(schema), Value::Object(extension)) = (schemas.schema(name), &mut value) {
            extension.retain(|name, value| {
                schema.attribute(name).into_iter().for_each(|attribute| to_text(attribute, value));
                true
            });
        } else if let Some(attribute) = schemas.attribute(&AttrPath::attribute(name)) {
            to_text(attribute, &mut value);
        }
    }
    value
}

fn holds_number(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Array(items) => items.iter().any(holds_number),
        Value::Object(object) => object.iter().any(|(_, value)| holds_number(value)),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

fn to_text(attribute: &Attribute, value: &mut Value) {
    match value {
        Value::Number(_) if matches!(attribute.kind, Type::String | Type::Reference | Type::Complex) => {
            *value = value.number_text().map_or(Value::Null, Value::from);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| to_text(attribute, item)),
        Value::Object(object) => object.retain(|name, value| {
            attribute.sub(name).into_iter().for_each(|sub| to_text(sub, value));
            true
        }),
        _ => {}
    }
}

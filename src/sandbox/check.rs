//! Bodies against their schemas: types, requirements, spelling.

use crate::scim::schema::{Attribute, Mutability, Type};
use crate::scim::{Object, ResourceKind, Value, urn};

use super::model::{Kind, is_common};
use super::reply::Failure;

/// What of a body is to be stored: the server's own attributes are left out (RFC 7644 sections 3.3 and 3.5.1), names are
/// in the schema's spelling, unassigned ones are gone (RFC 7643 section 2.5).
///
/// Attributes that no schema knows are refused, so that a typo is found in a rehearsal; whole extensions that are not
/// known are taken as they are.
pub(super) fn accept(kind: ResourceKind, model: &Kind, body: &Object) -> Result<Object, Failure> {
    declared(kind, model, body)?;
    clean(model, body)
}

/// `schemas` must be there and name the core schema (RFC 7643 section 3).
fn declared(kind: ResourceKind, model: &Kind, body: &Object) -> Result<(), Failure> {
    let Some(Value::Array(schemas)) = body.get("schemas") else {
        return Err(Failure::bad("invalidSyntax", "`schemas` is missing or is not an array"));
    };
    let mut names = schemas.iter().map(Value::as_str);
    if !names.any(|name| name.is_some_and(|name| name.eq_ignore_ascii_case(model.core))) {
        return Err(Failure::bad("invalidSyntax", format!("`schemas` of a {kind} must name {}", model.core)));
    }
    Ok(())
}

/// The attributes of an object, checked one by one.
pub(super) fn clean(model: &Kind, body: &Object) -> Result<Object, Failure> {
    let mut core = Object::new();
    let mut extensions = Object::new();
    for (name, value) in body.iter() {
        if name.eq_ignore_ascii_case("externalId") {
            if let Some(value) = text(name, value)? {
                core.insert("externalId", value);
            }
        } else if is_common(name) {
            // `id` and `meta` are the server's; `schemas` is made anew below.
        } else if urn::is_urn(name) {
            let (spelling, object) = extension(model, name, value)?;
            if !object.is_empty() {
                extensions.insert(spelling, Value::Object(object));
            }
        } else if let Some((spelling, value)) = attribute(model, None, name, value)? {
            core.insert(spelling, value);
        }
    }
    // `schemas` stands first.
    let mut accepted = Object::new();
    accepted.insert("schemas", Value::Array(Vec::new()));
    for (name, value) in core.into_iter().chain(extensions) {
        accepted.insert(name, value);
    }
    declare(model, &mut accepted);
    Ok(accepted)
}

/// Makes `schemas` say which schemas the object has attributes of (RFC 7643 section 3).
pub(super) fn declare(model: &Kind, object: &mut Object) {
    let mut schemas = vec![Value::from(model.core)];
    schemas.extend(object.iter().map(|(name, _)| name).filter(|name| urn::is_urn(name)).map(Value::from));
    object.insert("schemas", Value::Array(schemas));
}

/// Required attributes must be there (RFC 7644 section 3.12, `invalidValue`).
pub(super) fn complete(model: &Kind, object: &Object) -> Result<(), Failure> {
    let Some(schema) = model.schemas.schema(model.core) else { return Ok(()) };
    for attribute in schema.attributes.iter().filter(|attribute| attribute.required && !is_common(&attribute.name)) {
        let blank = match object.get(&attribute.name) {
            None => true,
            Some(Value::String(text)) => text.trim().is_empty(),
            Some(value) => value.is_unassigned(),
        };
        if blank {
            return Err(Failure::bad("invalidValue", format!("`{}` is required", attribute.name)));
        }
    }
    Ok(())
}

/// Immutable attributes keep their value once they have one (RFC 7644 section 3.5.1).
pub(super) fn unchanged(model: &Kind, old: &Object, new: &Object) -> Result<(), Failure> {
    for schema in model.schemas.iter() {
        let inside = |object: &Object| {
            let extension = || object.get(&schema.id).and_then(Value::as_object).cloned();
            if schema.id == model.core { Some(object.clone()) } else { extension() }
        };
        let fixed: Vec<_> =
            schema.attributes.iter().filter(|attribute| attribute.mutability == Mutability::Immutable).collect();
        if fixed.is_empty() {
            continue;
        }
        let (old, new) = (inside(old).unwrap_or_default(), inside(new).unwrap_or_default());
        for attribute in fixed {
            let before = old.get(&attribute.name).filter(|value| !value.is_unassigned());
            if before.is_some() && before != new.get(&attribute.name) {
                return Err(Failure::bad("mutability", format!("`{}` can't be changed", attribute.name)));
            }
        }
    }
    Ok(())
}

fn extension<'a>(model: &'a Kind, urn: &'a str, value: &Value) -> Result<(&'a str, Object), Failure> {
    let object = match value {
        Value::Null => return Ok((urn, Object::new())),
        Value::Object(object) => object,
        _ => return Err(Failure::bad("invalidSyntax", format!("`{urn}` must be an object"))),
    };
    let Some(schema) = model.schemas.schema(urn) else {
        return Ok((urn, without_nulls(object)));
    };
    let mut kept = Object::new();
    for (name, value) in object.iter() {
        // Some clients take an extension for a resource of its own and say its schema in it.
        if name.eq_ignore_ascii_case("schemas") {
            continue;
        }
        // An extension that only a profile names takes any attribute.
        if schema.attribute(name).is_none() && !is_standard(&schema.id) {
            if !value.is_unassigned() {
                kept.insert(name, value.clone());
            }
        } else if let Some((spelling, value)) = attribute(model, Some(&schema.id), name, value)? {
            kept.insert(spelling, value);
        }
    }
    Ok((&schema.id, kept))
}

/// Whether the schema is the RFC's, so that nobody may add to it.
fn is_standard(urn: &str) -> bool {
    urn.eq_ignore_ascii_case(urn::ENTERPRISE_USER)
}

fn without_nulls(object: &Object) -> Object {
    let mut kept = object.clone();
    kept.retain(|_, value| !value.is_unassigned());
    kept
}

fn attribute<'a>(
    model: &'a Kind,
    extension: Option<&str>,
    name: &str,
    value: &Value,
) -> Result<Option<(&'a str, Value)>, Failure> {
    let Some(attribute) = model.attribute(extension, name) else {
        let place = extension.map_or_else(String::new, |urn| format!(" in {urn}"));
        return Err(Failure::bad("invalidSyntax", format!("there is no attribute `{name}`{place}")));
    };
    let checked = if model.is_loose(extension, name) {
        Some(value.clone()).filter(|value| !value.is_unassigned())
    } else {
        values(attribute, name, value)?
    };
    Ok(checked.map(|value| (attribute.name.as_str(), value)))
}

/// The values of an attribute; `None` if it is unassigned or the server's own.
fn values(attribute: &Attribute, name: &str, value: &Value) -> Result<Option<Value>, Failure> {
    if attribute.mutability == Mutability::ReadOnly || value.is_unassigned() {
        return Ok(None);
    }
    if !attribute.multi_valued {
        return single(attribute, name, value);
    }
    let Value::Array(items) = value else {
        return Err(Failure::bad("invalidValue", format!("`{name}` has many values and must be an array")));
    };
    let mut kept: Vec<Value> = Vec::with_capacity(items.len());
    let mut primaries = 0_u32;
    for item in items {
        let Some(item) = single(attribute, name, item)? else { continue };
        primaries += u32::from(item.get("primary").and_then(Value::as_bool) == Some(true));
        kept.push(item);
    }
    if primaries > 1 {
        return Err(Failure::bad("invalidValue", format!("`{name}` has {primaries} primary values; one is allowed")));
    }
    Ok(Some(Value::Array(kept)).filter(|value| !value.is_unassigned()))
}

fn single(attribute: &Attribute, name: &str, value: &Value) -> Result<Option<Value>, Failure> {
    if value.is_unassigned() {
        return Ok(None);
    }
    let fits = match (attribute.kind, value) {
        (Type::String | Type::Reference, Value::String(_))
        | (Type::Boolean, Value::Bool(_))
        | (Type::Decimal, Value::Number(_)) => true,
        (Type::Integer, Value::Number(number)) => number.is_i64() || number.is_u64(),
        (Type::DateTime, Value::String(text)) => is_moment(text),
        (Type::Binary, Value::String(text)) => is_base64(text),
        (Type::Complex, Value::Object(object)) => return complex(attribute, name, object),
        _ => false,
    };
    if !fits {
        return Err(Failure::bad("invalidValue", format!("`{name}` must be {}", words(attribute.kind))));
    }
    Ok(Some(value.clone()))
}

fn complex(attribute: &Attribute, name: &str, object: &Object) -> Result<Option<Value>, Failure> {
    let mut kept = Object::new();
    for (sub, value) in object.iter() {
        let Some(known) = attribute.sub(sub) else {
            return Err(Failure::bad("invalidSyntax", format!("`{name}` has no sub-attribute `{sub}`")));
        };
        if let Some(value) = values(known, &format!("{name}.{}", known.name), value)? {
            kept.insert(known.name.as_str(), value);
        }
    }
    Ok(Some(Value::Object(kept)).filter(|value| !value.is_unassigned()))
}

fn text(name: &str, value: &Value) -> Result<Option<Value>, Failure> {
    match value {
        Value::Null => Ok(None),
        Value::String(_) => Ok(Some(value.clone())),
        _ => Err(Failure::bad("invalidValue", format!("`{name}` must be a string"))),
    }
}

/// Whether a text is an `xsd:dateTime` (RFC 7643 section 2.3.5), whose zone may be missing.
fn is_moment(text: &str) -> bool {
    text.contains('T') && (text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok())
}

/// Whether a text can be base 64 in either alphabet; padding may be missing (RFC 7643 section 2.3.6).
fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    text.len() - body.len() <= 2 && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_\r\n".contains(&byte))
}

fn words(kind: Type) -> &'static str {
    match kind {
        Type::String => "a string",
        Type::Boolean => "true or false",
        Type::Decimal => "a number",
        Type::Integer => "a whole number",
        Type::DateTime => "a date and time like 2026-01-31T08:00:00Z",
        Type::Binary => "base 64",
        Type::Reference => "a URI",
        Type::Complex => "an object",
    }
}

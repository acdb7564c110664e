//! Applies operations to a resource as a server does (RFC 7644 sections 3.5.2.1 to 3.5.2.3).

use super::change::{self, Target};
use super::{Op, PatchOp};
use crate::scim::path::AttrPath;
use crate::scim::path::place::object_at;
use crate::scim::schema::{Attribute, Mutability, Schemas};
use crate::scim::{Object, Value, urn};
use crate::scim::{ScimError, ScimType};

/// Applies operations in their order, all of them or none (section 3.5.2): on an error the resource is as it was.
/// Says whether anything changed; values that are there already change nothing (section 3.5.2.1).
///
/// What the schemas do not know is taken as it comes. `schemas` of the resource is kept in step with the extensions
/// that it has. Beside the RFC: `remove` of a multi-valued attribute with a `value` removes those elements only, as
/// clients that send it mean (Azure, JumpCloud), and keys of the form without path may be paths themselves.
///
/// # Errors
/// 400 with `noTarget`, `invalidPath`, `invalidValue` or `mutability`.
pub fn apply(resource: &mut Object, ops: &[PatchOp], schemas: &Schemas) -> Result<bool, ScimError> {
    let mut work = resource.clone();
    for op in ops {
        one(&mut work, op, schemas)?;
    }
    list_extensions(&mut work, resource);
    if work == *resource {
        return Ok(false);
    }
    *resource = work;
    Ok(true)
}

fn one(work: &mut Object, op: &PatchOp, schemas: &Schemas) -> Result<(), ScimError> {
    let Some(path) = &op.path else {
        // Section 3.5.2.2: remove needs a path.
        if op.op == Op::Remove {
            return Err(ScimError::new(ScimType::NoTarget, "remove needs a path"));
        }
        return whole(work, op.op, attributes(op.value.as_ref())?, schemas);
    };
    let path = schemas.resolve(path);
    match (&path.schema, path.is_bare()) {
        (Some(urn), true) => extension(work, op.op, urn, op.value.as_ref(), schemas),
        _ => at(work, op.op, &path, op.value.as_ref(), schemas),
    }
}

/// The form without path: `value` holds attributes.
fn whole(work: &mut Object, op: Op, attributes: &Object, schemas: &Schemas) -> Result<(), ScimError> {
    for (key, value) in attributes.iter() {
        if key.eq_ignore_ascii_case("schemas") {
            continue;
        }
        let path: AttrPath = key
            .parse()
            .map_err(|error| ScimError::new(ScimType::InvalidPath, format!("attribute `{key}`: {error}")))?;
        let path = schemas.resolve(&path);
        match (&path.schema, path.is_bare()) {
            (Some(urn), true) => extension(work, op, urn, Some(value), schemas)?,
            _ => at(work, op, &path, Some(value), schemas)?,
        }
    }
    Ok(())
}

/// A URN alone: all attributes of that schema.
fn extension(work: &mut Object, op: Op, urn: &str, value: Option<&Value>, schemas: &Schemas) -> Result<(), ScimError> {
    let removed = op == Op::Remove || (op == Op::Replace && value == Some(&Value::Null));
    if urn::is_core(urn) {
        if removed {
            return Err(ScimError::new(ScimType::NoTarget, "a core schema cannot be removed"));
        }
        return whole(work, op, attributes(value)?, schemas);
    }
    if removed {
        let Some(present) = work.get(urn).and_then(Value::as_object) else { return Ok(()) };
        let schema = schemas.schema(urn);
        for (name, _) in present.iter() {
            if let Some(attribute) = schema.and_then(|schema| schema.attribute(name)) {
                removable(attribute, &format!("{urn}:{name}"))?;
            }
        }
        work.remove(urn);
        return Ok(());
    }
    for (key, value) in attributes(value)?.iter() {
        let path = format!("{urn}:{key}").parse().unwrap_or_else(|_| AttrPath::extension(urn, key));
        at(work, op, &path, Some(value), schemas)?;
    }
    Ok(())
}

fn removable(attribute: &Attribute, path: &str) -> Result<(), ScimError> {
    if attribute.required || matches!(attribute.mutability, Mutability::ReadOnly | Mutability::Immutable) {
        return Err(ScimError::new(ScimType::Mutability, format!("`{path}` cannot be removed")));
    }
    Ok(())
}

fn attributes(value: Option<&Value>) -> Result<&Object, ScimError> {
    value
        .and_then(Value::as_object)
        .ok_or_else(|| ScimError::new(ScimType::InvalidValue, "without an attribute, value must be an object"))
}

/// An operation at an attribute.
fn at(work: &mut Object, op: Op, path: &AttrPath, value: Option<&Value>, schemas: &Schemas) -> Result<(), ScimError> {
    let (extension, name) = path.top();
    let definition = schemas.top_attribute(extension, name);
    let guarded = definition.filter(|d| matches!(d.mutability, Mutability::ReadOnly | Mutability::Immutable));
    let container = match extension {
        Some(urn) => object_at(work, schemas.schema(urn).map_or(urn, |schema| schema.id.as_str())),
        None => &mut *work,
    };
    let before = guarded.and_then(|_| container.get(name).cloned());
    change::change(container, &Target { op, path, name, definition }, value)?;
    // Nothing is left of what has no value (RFC 7643 section 2.5).
    if container.get(name).is_some_and(Value::is_unassigned) {
        container.remove(name);
    }
    let after = container.get(name);
    if definition.is_some_and(|definition| definition.required) && after.is_none() {
        return Err(ScimError::new(ScimType::Mutability, format!("`{path}` is required")));
    }
    if let Some(definition) = guarded {
        let first = definition.mutability == Mutability::Immutable && before.is_none();
        if !first && before.as_ref() != after {
            return Err(ScimError::new(ScimType::Mutability, format!("`{path}` cannot be changed")));
        }
    }
    if let Some(urn) = extension
        && work.get(urn).is_some_and(Value::is_unassigned)
    {
        work.remove(urn);
    }
    Ok(())
}

/// Section 3.5.2: `schemas` names each extension that a resource got, and none that it lost.
fn list_extensions(work: &mut Object, before: &Object) {
    let present: Vec<String> = work
        .iter()
        .filter(|(name, value)| urn::is_urn(name) && value.as_object().is_some())
        .map(|(name, _)| name.to_owned())
        .collect();
    let lost = |name: &str| before.get(name).is_some() && work.get(name).is_none();
    let mut listed: Vec<Value> = work.get("schemas").and_then(Value::as_array).unwrap_or_default().to_vec();
    let count = listed.len();
    listed.retain(|entry| !entry.as_str().is_some_and(|name| urn::is_urn(name) && lost(name)));
    let kept = listed.len();
    for name in present {
        // Only what this request brought: a server may have left out others on purpose.
        let known = listed.iter().any(|entry| entry.as_str().is_some_and(|entry| entry.eq_ignore_ascii_case(&name)));
        if !known && before.get(&name).is_none() {
            listed.push(name.into());
        }
    }
    if listed.len() != kept || kept != count {
        work.insert("schemas", Value::Array(listed));
    }
}

//! What an operation does to the attribute that its path names.

use super::Op;
use super::elements::{add_elements, keep_one_primary, lift, remove_elements};
use crate::scim::filter::Filter;
use crate::scim::path::AttrPath;
use crate::scim::path::place::{array_at, element_for};
use crate::scim::schema::{Attribute, Mutability, Type};
use crate::scim::{Object, Value};
use crate::scim::{ScimError, ScimType};

/// What an operation is at.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) op: Op,
    pub(super) path: &'a AttrPath,
    pub(super) name: &'a str,
    pub(super) definition: Option<&'a Attribute>,
}

enum Shape {
    Many,
    Complex,
    Simple,
}

impl Target<'_> {
    pub(super) fn error<T>(&self, kind: ScimType, message: &str) -> Result<T, ScimError> {
        Err(ScimError::new(kind, format!("`{}` {message}", self.path)))
    }

    /// By the schema, else by what is there and what comes.
    fn shape(&self, present: Option<&Value>, value: Option<&Value>) -> Shape {
        if let Some(definition) = self.definition {
            return match definition.kind {
                _ if definition.multi_valued => Shape::Many,
                Type::Complex => Shape::Complex,
                _ => Shape::Simple,
            };
        }
        let array = |value: &Value| value.as_array().is_some();
        // A value put at a part says nothing about the attribute.
        let many = present.is_some_and(array) || self.path.sub.is_none() && value.is_some_and(array);
        if self.path.filter.is_some() || many {
            Shape::Many
        } else if self.path.sub.is_some()
            || [present, value].into_iter().flatten().any(|value| value.as_object().is_some())
        {
            Shape::Complex
        } else {
            Shape::Simple
        }
    }
}

pub(super) fn change(container: &mut Object, target: &Target<'_>, value: Option<&Value>) -> Result<(), ScimError> {
    if target.op != Op::Remove && value.is_none() {
        return target.error(ScimType::InvalidValue, "needs a value");
    }
    // An unassigned value put in place of another removes it (RFC 7643 section 2.5); adding one adds nothing.
    let unassigned = value.is_some_and(Value::is_unassigned);
    let target = match target.op {
        Op::Add if unassigned => return Ok(()),
        // Who writes which values to remove, and then none, does not mean all of them.
        Op::Remove if value.is_some_and(|value| value.as_array().is_some_and(<[Value]>::is_empty)) => return Ok(()),
        Op::Replace if unassigned => &Target { op: Op::Remove, ..*target },
        _ => target,
    };
    let value = value.filter(|_| !unassigned);
    let shape = target.shape(container.get(target.name), value);
    match (&target.path.filter, target.path.sub.as_deref(), shape) {
        (Some(filter), sub, Shape::Many) => filtered(container, target, filter, sub, value),
        (Some(_), ..) => target.error(ScimType::InvalidPath, "is not multi-valued, so a value filter has no meaning"),
        (None, None, Shape::Many) => many(container, target, value),
        (None, Some(sub), Shape::Many) => part_of_each(container, target, sub, value),
        (None, Some(_), Shape::Simple) => target.error(ScimType::InvalidPath, "has no sub-attributes"),
        (None, Some(sub), Shape::Complex) => match (container.get(target.name), target.op) {
            (None, Op::Remove) => Ok(()),
            (Some(Value::Bool(_) | Value::Number(_) | Value::Array(_)), _) => {
                target.error(ScimType::InvalidPath, "has no sub-attributes")
            }
            _ => set_part(container.entry_or(target.name, Value::Null), sub, value, target),
        },
        (None, None, Shape::Complex) => complex(container, target, value),
        (None, None, Shape::Simple) => {
            match value {
                Some(value) if target.op != Op::Remove => container.insert(target.name, lift(value, target)?),
                _ => container.remove(target.name),
            };
            Ok(())
        }
    }
}

/// A multi-valued attribute as a whole.
fn many(container: &mut Object, target: &Target<'_>, value: Option<&Value>) -> Result<(), ScimError> {
    let elements = value.map(crate::scim::filter::matching::elements).unwrap_or_default();
    match target.op {
        Op::Remove if elements.is_empty() => {
            container.remove(target.name);
        }
        Op::Remove => remove_elements(array_at(container, target.name), elements, target.definition),
        // Section 3.5.2.1: values are added to those there are.
        Op::Add => {
            let new = elements.iter().map(|e| lift(e, target)).collect::<Result<Vec<_>, _>>()?;
            let items = array_at(container, target.name);
            let touched = add_elements(items, new, target.definition);
            keep_one_primary(items, &touched, target)?;
        }
        // Section 3.5.2.3: without a filter all values are replaced.
        Op::Replace => {
            let new = elements.iter().map(|e| lift(e, target)).collect::<Result<Vec<_>, _>>()?;
            let mut items = Vec::new();
            let touched = add_elements(&mut items, new, target.definition);
            keep_one_primary(&mut items, &touched, target)?;
            container.insert(target.name, Value::Array(items));
        }
    }
    Ok(())
}

/// A complex attribute with one value: what is given is set, the rest stays (sections 3.5.2.1 and 3.5.2.3).
fn complex(container: &mut Object, target: &Target<'_>, value: Option<&Value>) -> Result<(), ScimError> {
    let Some(value) = value.filter(|_| target.op != Op::Remove) else {
        container.remove(target.name);
        return Ok(());
    };
    let lifted = lift(value, target)?;
    let Value::Object(parts) = &lifted else {
        container.insert(target.name, lifted);
        return Ok(());
    };
    merge(container.entry_or(target.name, Value::Null), parts, target)
}

/// Elements that a value filter keeps, or a part of each of them.
fn filtered(
    container: &mut Object,
    target: &Target<'_>,
    filter: &Filter,
    sub: Option<&str>,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let items = array_at(container, target.name);
    let mut found = matching(items, filter, target.definition);
    match (target.op, sub, value) {
        // Section 3.5.2.2; what is not there needs no removal.
        (Op::Remove, None, _) => {
            let mut found = found.into_iter().peekable();
            let mut index = 0;
            items.retain(|_| {
                index += 1;
                found.next_if_eq(&(index - 1)).is_none()
            });
            Ok(())
        }
        (Op::Remove, Some(sub), _) => each(items, &found, |item| set_part(item, sub, None, target)),
        (Op::Replace, ..) if found.is_empty() => {
            // Section 3.5.2.3: nothing matches, so nothing can be replaced.
            target.error(ScimType::NoTarget, "matches no value")
        }
        (_, _, None) => target.error(ScimType::InvalidValue, "needs a value"),
        (Op::Replace, None, Some(value)) => {
            let new = lift(single(value, target)?, target)?;
            each(items, &found, |item| {
                *item = new.clone();
                Ok(())
            })?;
            keep_one_primary(items, &found, target)
        }
        (Op::Add | Op::Replace, sub, Some(value)) => {
            if found.is_empty() {
                let made = element_for(filter);
                if made.is_empty() {
                    return target.error(ScimType::NoTarget, "matches no value, and none can be made for it");
                }
                found.push(items.len());
                items.push(Value::Object(made));
            }
            each(items, &found, |item| match sub {
                Some(sub) => set_part(item, sub, Some(value), target),
                None => match lift(single(value, target)?, target)? {
                    Value::Object(parts) => merge(item, &parts, target),
                    plain => set_part(item, "value", Some(&plain), target),
                },
            })?;
            keep_one_primary(items, &found, target)
        }
    }
}

/// A part of every element of a multi-valued attribute.
fn part_of_each(
    container: &mut Object,
    target: &Target<'_>,
    sub: &str,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let items = array_at(container, target.name);
    if items.is_empty() && target.op != Op::Remove {
        items.push(Value::Object(Object::new()));
    }
    let all: Vec<usize> = (0..items.len()).collect();
    each(items, &all, |item| set_part(item, sub, value.filter(|_| target.op != Op::Remove), target))?;
    keep_one_primary(items, &all, target)
}

fn each(
    items: &mut [Value],
    places: &[usize],
    mut act: impl FnMut(&mut Value) -> Result<(), ScimError>,
) -> Result<(), ScimError> {
    places.iter().try_for_each(|&place| items.get_mut(place).map_or(Ok(()), &mut act))
}

/// Places of the elements that fulfil a filter, in order.
fn matching(items: &[Value], filter: &Filter, definition: Option<&Attribute>) -> Vec<usize> {
    let all = items.iter().enumerate();
    all.filter(|(_, item)| filter.matches_element(item, definition)).map(|(place, _)| place).collect()
}

/// One value, also where it comes as an array of one.
fn single<'a>(value: &'a Value, target: &Target<'_>) -> Result<&'a Value, ScimError> {
    match value.as_array() {
        None => Ok(value),
        Some([only]) => Ok(only),
        Some(_) => target.error(ScimType::InvalidValue, "takes one value"),
    }
}

fn merge(item: &mut Value, parts: &Object, target: &Target<'_>) -> Result<(), ScimError> {
    parts.iter().try_for_each(|(name, value)| set_part(item, name, Some(value), target))
}

/// Sets or removes a sub-attribute, as its mutability allows.
fn set_part(item: &mut Value, sub: &str, value: Option<&Value>, target: &Target<'_>) -> Result<(), ScimError> {
    if let Value::String(_) = item {
        let lifted = std::mem::take(item);
        *item = Value::Object([("value", lifted)].into_iter().collect());
    }
    let object = item.make_object();
    let definition = target.definition.and_then(|attribute| attribute.sub(sub));
    let value = value.filter(|value| !value.is_unassigned());
    if let Some(definition) = definition {
        let present = object.get(sub).filter(|present| !present.is_unassigned());
        let fixed = match definition.mutability {
            Mutability::ReadOnly => true,
            Mutability::Immutable => present.is_some(),
            Mutability::ReadWrite | Mutability::WriteOnly => false,
        };
        if fixed && present != value || definition.required && value.is_none() {
            return target.error(ScimType::Mutability, &format!("has a part `{sub}` that cannot be changed so"));
        }
        if let Some(value) = value {
            super::elements::fits(value, definition, target)?;
        }
    }
    match value {
        Some(value) => object.insert(sub, value.clone()),
        None => object.remove(sub),
    };
    Ok(())
}

//! Elements of multi-valued attributes: when two are the same one, and what a value must be to become one.

use std::borrow::Cow;
use std::collections::HashMap;

use super::change::Target;
use crate::scim::fold::case_fold;
use crate::scim::schema::{Attribute, Mutability, Type};
use crate::scim::{Object, Value};
use crate::scim::{ScimError, ScimType};

/// Up to so many new elements are looked for one by one, more of them through an index.
const FEW: usize = 4;

/// A value as the attribute takes it: a plain value of a complex attribute becomes its `value`, `null` parts are left
/// out.
pub(super) fn lift(value: &Value, target: &Target<'_>) -> Result<Value, ScimError> {
    let Some(definition) = target.definition else { return Ok(value.clone()) };
    match value {
        Value::Object(parts) if definition.kind == Type::Complex => {
            let assigned = parts.iter().filter(|(_, part)| !part.is_unassigned());
            let lifted = Value::Object(assigned.map(|(name, part)| (name, part.clone())).collect::<Object>());
            fits(&lifted, definition, target)?;
            Ok(lifted)
        }
        Value::String(_) if definition.kind == Type::Complex && definition.sub("value").is_some() => {
            Ok(Value::Object([("value", value.clone())].into_iter().collect::<Object>()))
        }
        _ => {
            fits(value, definition, target)?;
            Ok(value.clone())
        }
    }
}

/// Whether a single value is of the attribute's type (`invalidValue`, RFC 7644 Table 9).
pub(super) fn fits(value: &Value, definition: &Attribute, target: &Target<'_>) -> Result<(), ScimError> {
    let good = match (definition.kind, value) {
        (_, Value::Null)
        | (Type::Boolean, Value::Bool(_))
        | (Type::Decimal, Value::Number(_))
        | (Type::String | Type::DateTime | Type::Binary | Type::Reference, Value::String(_)) => true,
        (Type::Integer, Value::Number(number)) => number.is_i64() || number.is_u64(),
        (Type::Complex, Value::Object(parts)) => {
            return parts
                .iter()
                .try_for_each(|(name, part)| definition.sub(name).map_or(Ok(()), |sub| fits(part, sub, target)));
        }
        _ => false,
    };
    if good {
        return Ok(());
    }
    let (kind, name) = (definition.kind.name(), &definition.name);
    target.error(ScimType::InvalidValue, &format!("takes a value of type {kind} for `{name}`"))
}

/// Adds elements and says where they are. One that is there already is not added again (section 3.5.2.1); only its
/// `primary` may be new.
pub(super) fn add_elements(items: &mut Vec<Value>, new: Vec<Value>, definition: Option<&Attribute>) -> Vec<usize> {
    let mut index = Index::new(items, new.len(), definition);
    let mut touched = Vec::with_capacity(new.len());
    for element in new {
        let place = index.find(items, &element);
        touched.push(place.unwrap_or(items.len()));
        if let Some(present) = place.and_then(|place| items.get_mut(place)) {
            if let (Some(primary), Some(present)) = (element.get("primary"), present.as_object_mut()) {
                present.insert("primary", primary.clone());
            }
        } else {
            index.note(&element, items.len());
            items.push(element);
        }
    }
    touched
}

/// Takes elements out that are the same as those given.
pub(super) fn remove_elements(items: &mut Vec<Value>, gone: &[Value], definition: Option<&Attribute>) {
    let given: Vec<Value> = gone.to_vec();
    let index = Index::new(&given, items.len(), definition);
    items.retain(|item| index.find_by(&given, item, |given, item| same(item, given, definition)).is_none());
}

/// Elements by their `value`.
struct Index<'a> {
    places: Option<HashMap<String, Vec<usize>>>,
    definition: Option<&'a Attribute>,
}

impl<'a> Index<'a> {
    fn new(items: &[Value], lookups: usize, definition: Option<&'a Attribute>) -> Self {
        let mut index = Self { places: (lookups > FEW).then(HashMap::new), definition };
        for (place, item) in items.iter().enumerate() {
            index.note(item, place);
        }
        index
    }

    fn note(&mut self, item: &Value, place: usize) {
        if let Some(places) = &mut self.places {
            places.entry(identity(item, self.definition).into_owned()).or_default().push(place);
        }
    }

    fn find(&self, items: &[Value], new: &Value) -> Option<usize> {
        self.find_by(items, new, |present, new| same(present, new, self.definition))
    }

    fn find_by(&self, items: &[Value], wanted: &Value, test: impl Fn(&Value, &Value) -> bool) -> Option<usize> {
        match &self.places {
            None => items.iter().position(|item| test(item, wanted)),
            Some(places) => {
                let candidates = places.get(identity(wanted, self.definition).as_ref())?;
                candidates.iter().copied().find(|&place| items.get(place).is_some_and(|item| test(item, wanted)))
            }
        }
    }
}

/// A text that is equal for elements that are the same: the element's `value`, folded where case does not matter.
fn identity<'a>(item: &'a Value, definition: Option<&Attribute>) -> Cow<'a, str> {
    let exact = exact(definition.and_then(|d| d.sub("value")).or(definition));
    match item.get("value").unwrap_or(item) {
        Value::String(text) if exact => Cow::Borrowed(text),
        Value::String(text) => case_fold(text),
        Value::Object(_) => Cow::Borrowed(""),
        plain => Cow::Owned(plain.to_string()),
    }
}

/// Without a definition two spellings are two values.
fn exact(definition: Option<&Attribute>) -> bool {
    definition.is_none_or(Attribute::is_case_exact)
}

/// Whether a new element is there already. One with a `value` is if all its parts are (a server may have added
/// others), a member if its `value` is, since its parts cannot be changed; any other if it is equal. `primary` does
/// not count.
fn same(present: &Value, new: &Value, definition: Option<&Attribute>) -> bool {
    let part = |name: &str| definition.and_then(|definition| definition.sub(name));
    match (present, new) {
        (Value::Object(present), Value::Object(new)) => {
            let equal_at = |name: &str, value: &Value| {
                name.eq_ignore_ascii_case("primary")
                    || present.get(name).is_some_and(|present| equal(present, value, part(name)))
            };
            match new.get("value") {
                Some(value) if part("value").is_some_and(|p| p.mutability == Mutability::Immutable) => {
                    equal_at("value", value)
                }
                Some(_) => new.iter().all(|(name, value)| equal_at(name, value)),
                None => {
                    let counted =
                        |object: &Object| object.iter().filter(|(n, _)| !n.eq_ignore_ascii_case("primary")).count();
                    counted(new) > 0
                        && counted(new) == counted(present)
                        && new.iter().all(|(name, value)| equal_at(name, value))
                }
            }
        }
        (Value::Object(present), plain) => present.get("value").is_some_and(|value| equal(value, plain, part("value"))),
        (plain, Value::Object(new)) => new.len() == 1 && new.get("value").is_some_and(|value| value == plain),
        (one, other) => equal(one, other, definition),
    }
}

fn equal(one: &Value, other: &Value, definition: Option<&Attribute>) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) => {
            one == other || !exact(definition) && case_fold(one) == case_fold(other)
        }
        (one, other) => one == other,
    }
}

/// RFC 7643 section 2.4, RFC 7644 section 3.5.2: `primary` is true once at most, and setting it on one element takes
/// it from the others.
pub(super) fn keep_one_primary(items: &mut [Value], touched: &[usize], target: &Target<'_>) -> Result<(), ScimError> {
    let is_primary = |item: &Value| item.get("primary") == Some(&Value::Bool(true));
    let mut chosen: Vec<usize> =
        touched.iter().copied().filter(|&place| items.get(place).is_some_and(is_primary)).collect();
    chosen.sort_unstable();
    chosen.dedup();
    match chosen.as_slice() {
        [] => Ok(()),
        [chosen] => {
            for (place, item) in items.iter_mut().enumerate() {
                if place != *chosen && is_primary(item) {
                    item.make_object().insert("primary", Value::Bool(false));
                }
            }
            Ok(())
        }
        _ => target.error(ScimType::InvalidValue, "can have one primary value only"),
    }
}

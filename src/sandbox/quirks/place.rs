//! Values taken out of, copied to and changed at the place that a path addresses.

use crate::scim::path::AttrPath;
use crate::scim::schema::Schemas;
use crate::scim::{Object, Value};

/// The object that holds the attribute: the resource, or the extension's part of it.
fn home<'a>(object: &'a mut Object, path: &AttrPath) -> Option<&'a mut Object> {
    match path.top().0 {
        None => Some(object),
        Some(urn) => object.get_mut(urn).and_then(Value::as_object_mut),
    }
}

/// Takes out what a path addresses.
pub(super) fn take(object: &mut Object, path: &AttrPath, schemas: &Schemas) {
    if path.is_bare() {
        if let Some(urn) = path.top().0 {
            object.remove(urn);
        }
        return;
    }
    let attribute = schemas.attribute(&path.parent());
    let Some(home) = home(object, path) else { return };
    let (name, sub) = (&path.attribute, path.sub.as_deref());
    let hit = |item: &Value| path.filter.as_ref().is_none_or(|filter| filter.matches_element(item, attribute));
    match (home.get_mut(name), sub) {
        (None, _) => {}
        (Some(Value::Array(items)), None) if path.filter.is_some() => items.retain(|item| !hit(item)),
        (Some(_), None) => {
            home.remove(name);
        }
        (Some(Value::Array(items)), Some(sub)) => {
            for item in items.iter_mut().filter(|item| hit(item)) {
                if let Some(item) = item.as_object_mut() {
                    item.remove(sub);
                }
            }
            items.retain(|item| !item.is_unassigned());
        }
        (Some(value), Some(sub)) => {
            if let Some(value) = value.as_object_mut() {
                value.remove(sub);
            }
        }
    }
}

/// Copies what a path addresses from one object to another that does not have it.
pub(super) fn copy(from: &Object, to: &mut Object, path: &AttrPath, schemas: &Schemas) {
    let source = match path.top().0 {
        None => Some(from),
        Some(urn) => from.get(urn).and_then(Value::as_object),
    };
    let Some(value) = source.and_then(|source| source.get(&path.attribute)) else { return };
    match (value, &path.filter) {
        (Value::Array(items), Some(filter)) => {
            let attribute = schemas.attribute(&path.parent());
            let fits = |item: &&Value| filter.matches_element(item, attribute);
            let kept: Vec<Value> = items.iter().filter(fits).cloned().collect();
            let target = to.entry_or(&path.attribute, Value::Array(Vec::new()));
            if let Value::Array(there) = target {
                there.extend(kept);
            }
        }
        (Value::Object(parts), None) if path.sub.is_some() => {
            let sub = path.sub.as_deref().unwrap_or_default();
            if let Some(part) = parts.get(sub) {
                let bare = path.top().0.map_or_else(
                    || AttrPath::attribute(&path.attribute),
                    |urn| AttrPath::extension(urn, &path.attribute),
                );
                bare.with_sub(sub).assign(to, part.clone());
            }
        }
        // Parts of many values can't be told apart once they are gone: the values that were there stay.
        (whole, _) => path.parent().assign(to, whole.clone()),
    }
}

/// The server keeps the primary value, else the first.
pub(super) fn keep_one(object: &mut Object, path: &AttrPath) {
    if let Some(Value::Array(items)) = home(object, path).and_then(|home| home.get_mut(&path.attribute)) {
        let primary = |item: &Value| item.get("primary").and_then(Value::as_bool) == Some(true);
        let index = items.iter().position(primary).unwrap_or(0);
        if index < items.len() {
            let kept = items.swap_remove(index);
            *items = vec![kept];
        }
    }
}

/// Changes every value that a path addresses.
pub(super) fn each(object: &mut Object, path: &AttrPath, schemas: &Schemas, change: &mut dyn FnMut(&mut Value)) {
    let attribute = schemas.attribute(&path.parent());
    let Some(value) = home(object, path).and_then(|home| home.get_mut(&path.attribute)) else { return };
    let mut one = |item: &mut Value| match (path.sub.as_deref(), item) {
        (None, item) => change(item),
        (Some(sub), Value::Object(parts)) => {
            if let Some(part) = parts.get_mut(sub) {
                change(part);
            }
        }
        (Some(_), _) => {}
    };
    match value {
        Value::Array(items) => {
            let hit =
                |item: &&mut Value| path.filter.as_ref().is_none_or(|filter| filter.matches_element(item, attribute));
            items.iter_mut().filter(hit).for_each(&mut one);
        }
        value => one(value),
    }
}

/// Puts a value where a path addresses nothing; of many values into each that lacks the part.
pub(super) fn fill(object: &mut Object, path: &AttrPath, schemas: &Schemas, value: &Value) {
    let many = schemas.attribute(&path.parent()).is_some_and(|attribute| attribute.multi_valued);
    let Some(sub) = path.sub.as_deref().filter(|_| many && path.filter.is_none()) else {
        if path.read(object).iter().all(|there| there.is_unassigned()) {
            path.assign(object, value.clone());
        }
        return;
    };
    if let Some(Value::Array(items)) = home(object, path).and_then(|home| home.get_mut(&path.attribute)) {
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            if item.get(sub).is_none_or(Value::is_unassigned) {
                item.insert(sub, value.clone());
            }
        }
    }
}

/// The value that a path addresses: of many values that of the primary one, else the first.
pub(super) fn lead(object: &Object, path: &AttrPath) -> Option<Value> {
    let mut whole = object.clone();
    keep_one(&mut whole, path);
    path.read(&whole).into_iter().find(|value| !value.is_unassigned()).cloned()
}

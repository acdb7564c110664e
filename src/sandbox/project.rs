//! `attributes` and `excludedAttributes` (RFC 7644 section 3.9).

use super::reply::Failure;
use crate::scim::path::AttrPath;
use crate::scim::schema::{Returned, Schemas};
use crate::scim::{Object, Value};

/// Which attributes a client wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Projection {
    only: Option<Vec<AttrPath>>,
    without: Vec<AttrPath>,
}

impl Projection {
    /// What the two parameters say; they exclude one another.
    pub(super) fn new(only: &[String], without: &[String]) -> Result<Self, Failure> {
        if !only.is_empty() && !without.is_empty() {
            return Err(Failure::bad("invalidValue", "`attributes` and `excludedAttributes` exclude one another"));
        }
        Ok(Self { only: Some(paths(only)?).filter(|only| !only.is_empty()), without: paths(without)? })
    }

    /// Whether the resource must be taken apart to show it.
    pub(super) fn needs_parts(&self) -> bool {
        self.only.is_some() || !self.without.iter().all(|path| whole(path, "members") || whole(path, "groups"))
    }

    /// Whether a computed attribute need not be computed.
    pub(super) fn leaves_out(&self, name: &str) -> bool {
        match &self.only {
            Some(only) => !only.iter().any(|path| path.is_core() && path.attribute.eq_ignore_ascii_case(name)),
            None => self.without.iter().any(|path| whole(path, name)),
        }
    }

    /// The part of a resource that is wanted; what is always returned stays.
    pub(super) fn apply(&self, object: Object, schemas: &Schemas) -> Object {
        let mut shown = match &self.only {
            None => object,
            Some(only) => {
                let mut shown = Object::new();
                for (name, value) in object.iter().filter(|(name, _)| is_always(name, schemas)) {
                    shown.insert(name, value.clone());
                }
                for path in only {
                    include(&object, &mut shown, path);
                }
                shown
            }
        };
        for path in self.without.iter().filter(|path| !is_always(&path.attribute, schemas) || !path.is_core()) {
            exclude(&mut shown, path);
        }
        shown
    }
}

fn whole(path: &AttrPath, name: &str) -> bool {
    path.is_core() && path.sub.is_none() && path.attribute.eq_ignore_ascii_case(name)
}

fn paths(names: &[String]) -> Result<Vec<AttrPath>, Failure> {
    names
        .iter()
        .map(|name| {
            name.parse::<AttrPath>()
                .ok()
                .filter(|path| path.filter.is_none())
                .ok_or_else(|| Failure::bad("invalidPath", format!("`{name}` is not an attribute")))
        })
        .collect()
}

/// `id` and `schemas` are in every answer, and what a schema says so of.
fn is_always(name: &str, schemas: &Schemas) -> bool {
    name.eq_ignore_ascii_case("id")
        || name.eq_ignore_ascii_case("schemas")
        || schemas.attribute(&AttrPath::attribute(name)).is_some_and(|known| known.returned == Returned::Always)
}

fn include(from: &Object, to: &mut Object, path: &AttrPath) {
    let (urn, name) = path.top();
    let Some(urn) = urn else {
        if path.is_bare() {
            for (name, value) in from.iter().filter(|(name, _)| !crate::scim::urn::is_urn(name)) {
                to.insert(name, value.clone());
            }
        } else {
            copy(from, to, name, path.sub.as_deref());
        }
        return;
    };
    let Some((spelling, Value::Object(extension))) = from.iter().find(|(key, _)| key.eq_ignore_ascii_case(urn)) else {
        return;
    };
    if path.is_bare() {
        to.insert(spelling, Value::Object(extension.clone()));
        return;
    }
    if extension.get(name).is_some()
        && let Some(target) = to.entry_or(spelling, Value::Object(Object::new())).as_object_mut()
    {
        copy(extension, target, name, path.sub.as_deref());
    }
}

fn copy(from: &Object, to: &mut Object, name: &str, sub: Option<&str>) {
    let Some((spelling, value)) = from.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)) else { return };
    let Some(sub) = sub else {
        to.insert(spelling, value.clone());
        return;
    };
    let part = |object: &Object| -> Object {
        object
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(sub))
            .map(|(key, value)| (key, value.clone()))
            .collect()
    };
    match (value, to.entry_or(spelling, empty_like(value))) {
        (Value::Object(object), Value::Object(target)) => {
            for (key, value) in part(object) {
                target.insert(key, value);
            }
        }
        (Value::Array(items), Value::Array(targets)) => {
            targets.resize(items.len(), Value::Object(Object::new()));
            for (item, target) in items.iter().zip(targets) {
                if let (Value::Object(item), Value::Object(target)) = (item, target) {
                    for (key, value) in part(item) {
                        target.insert(key, value);
                    }
                }
            }
        }
        _ => {}
    }
}

fn empty_like(value: &Value) -> Value {
    match value {
        Value::Array(_) => Value::Array(Vec::new()),
        _ => Value::Object(Object::new()),
    }
}

fn exclude(object: &mut Object, path: &AttrPath) {
    let (urn, name) = path.top();
    let home = match urn {
        Some(urn) if path.is_bare() => {
            object.remove(urn);
            return;
        }
        Some(urn) => object.get_mut(urn).and_then(Value::as_object_mut),
        None => Some(object),
    };
    let Some(home) = home else { return };
    match (path.sub.as_deref(), home.get_mut(name)) {
        (None, _) => {
            home.remove(name);
        }
        (Some(sub), Some(Value::Object(object))) => {
            object.remove(sub);
        }
        (Some(sub), Some(Value::Array(items))) => {
            for item in items {
                if let Some(item) = item.as_object_mut() {
                    item.remove(sub);
                }
            }
        }
        _ => {}
    }
}

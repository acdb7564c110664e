//! Reads what a path addresses, and puts values there.

use super::AttrPath;
use crate::scim::filter::Filter;
use crate::scim::filter::matching::{elements, part};
use crate::scim::schema::Schemas;
use crate::scim::{Object, Value};

impl AttrPath {
    /// All values that the path addresses in a resource: for a plain attribute or a URN its one value (an array as
    /// it is), for a value filter each element that fulfils it, for a sub-attribute each value of it. An element that
    /// is a plain string is its own `value`. `null`s are values like others; nothing comes for what is missing.
    pub fn read<'a>(&self, resource: &'a Object) -> Vec<&'a Value> {
        let Some(whole) = self.whole(resource) else { return Vec::new() };
        if self.filter.is_none() && self.sub.is_none() {
            return vec![whole];
        }
        let filter = self.filter.as_ref().map(|filter| {
            let (schema, name) = self.top();
            (filter, Schemas::any().top_attribute(schema, name))
        });
        let kept = elements(whole)
            .iter()
            .filter(|element| filter.is_none_or(|(filter, attribute)| filter.matches_element(element, attribute)));
        match self.sub.as_deref() {
            None => kept.collect(),
            Some(sub) => kept.filter_map(|element| part(element, sub)).collect(),
        }
    }

    fn whole<'a>(&self, resource: &'a Object) -> Option<&'a Value> {
        match (self.is_bare(), self.top()) {
            (true, _) => resource.get(self.schema.as_deref()?),
            (false, (Some(urn), name)) => resource.get(urn)?.get(name),
            (false, (None, name)) => resource.get(name),
        }
    }

    /// Puts a value where the path says, and makes what has to be around it: the object of an extension, a complex
    /// parent, or an element that fulfils the value filter (as far as that says `attribute eq value`). Existing
    /// elements that fulfil the filter are changed, all of them. An object put at elements is merged into them.
    pub fn assign(&self, resource: &mut Object, value: Value) {
        if let (true, Some(urn)) = (self.is_bare(), &self.schema) {
            resource.insert(urn.as_str(), value);
            return;
        }
        let (extension, name) = self.top();
        let container = match extension {
            Some(urn) => object_at(resource, urn),
            None => resource,
        };
        match (&self.filter, self.sub.as_deref()) {
            (None, None) => {
                container.insert(name, value);
            }
            (None, Some(sub)) => {
                let definition = Schemas::any().top_attribute(extension, name);
                if definition.is_some_and(|attribute| attribute.multi_valued) {
                    let items = array_at(container, name);
                    if items.is_empty() {
                        items.push(Value::Object(Object::new()));
                    }
                    for item in items {
                        put(item, Some(sub), value.clone());
                    }
                } else {
                    object_at(container, name).insert(sub, value);
                }
            }
            (Some(filter), sub) => {
                let definition = Schemas::any().top_attribute(extension, name);
                let items = array_at(container, name);
                let mut found = false;
                for item in items.iter_mut().filter(|item| filter.matches_element(item, definition)) {
                    found = true;
                    put(item, sub, value.clone());
                }
                if !found {
                    let mut item = Value::Object(element_for(filter));
                    put(&mut item, sub, value);
                    items.push(item);
                }
            }
        }
    }
}

/// What an element needs so as to fulfil a filter, as far as the filter says it by `attribute eq value`; empty if it
/// says anything else.
pub(in crate::scim) fn element_for(filter: &Filter) -> Object {
    filter
        .equalities()
        .unwrap_or_default()
        .into_iter()
        .map(|(path, literal)| (path.attribute.as_str(), literal.to_value()))
        .collect()
}

/// The object under a name, made if there is none.
pub(in crate::scim) fn object_at<'a>(container: &'a mut Object, name: &str) -> &'a mut Object {
    container.entry_or(name, Value::Null).make_object()
}

/// The elements under a name, made an array if it was none; a single value becomes its only element.
pub(in crate::scim) fn array_at<'a>(container: &'a mut Object, name: &str) -> &'a mut Vec<Value> {
    container.entry_or(name, Value::Null).make_array()
}

fn put(item: &mut Value, sub: Option<&str>, value: Value) {
    if let Value::String(_) = item {
        // A lifted element gets its full form before it gets parts.
        let lifted = std::mem::take(item);
        *item = Value::Object([("value", lifted)].into_iter().collect());
    }
    let Value::Object(object) = item else { return };
    match (sub, value) {
        (Some(sub), value) => {
            object.insert(sub, value);
        }
        (None, Value::Object(parts)) => {
            for (name, value) in parts {
                object.insert(name, value);
            }
        }
        (None, plain) => {
            object.insert("value", plain);
        }
    }
}

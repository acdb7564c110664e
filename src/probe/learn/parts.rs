//! Parts of a resource that a server may keep, rewrite, drop or refuse each by itself.

use crate::probe::person::Given;
use crate::profile::Form;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value, urn};

/// What is no part: who the resource is, and members, which have trials of their own.
const APART: [&str; 5] = ["schemas", "id", "meta", "members", "groups"];

/// Forms in which servers store text, the mildest first.
const FORMS: [Form; 4] = [Form::Trimmed, Form::LowerCase, Form::Phone, Form::Handle];

/// `title`, `name.givenName`, `emails.type`: an attribute, or a part of one, without a value filter.
pub(super) type Part = AttrPath;

/// What became of a part that was sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fate {
    /// Shown as it was sent.
    Kept,
    /// Shown in this form.
    Formed(Form),
    /// Of several values some are shown.
    Fewer,
    /// Not shown.
    Missing,
    /// Something else is shown.
    Other(String),
}

impl Fate {
    /// Whether it took.
    pub(super) fn took(&self) -> bool {
        matches!(self, Self::Kept | Self::Formed(_) | Self::Fewer)
    }
}

/// The body of a create.
pub(super) fn body(kind: ResourceKind, given: &[Given]) -> Object {
    let mut object = Object::new();
    for (path, value) in given {
        path.assign(&mut object, value.clone());
    }
    named(kind, object)
}

/// The same with `schemas` that name what it has (RFC 7643 section 3).
fn named(kind: ResourceKind, mut object: Object) -> Object {
    let extensions = object.iter().map(|(name, _)| name).filter(|name| urn::is_urn(name));
    let schemas: Vec<Value> = std::iter::once(kind.urn()).chain(extensions).map(Value::from).collect();
    object.insert("schemas", Value::Array(schemas));
    object
}

/// Its parts. The value of an element comes before what else it has, so that a beginning of the list can be sent.
pub(super) fn parts(object: &Object) -> Vec<Part> {
    let mut found = Vec::new();
    for (name, value) in object.iter().filter(|(name, _)| !APART.iter().any(|apart| apart.eq_ignore_ascii_case(name))) {
        match value {
            Value::Object(extension) if urn::is_urn(name) => {
                let attributes = extension.iter();
                found.extend(attributes.flat_map(|(inner, value)| within(AttrPath::extension(name, inner), value)));
            }
            _ => found.extend(within(AttrPath::attribute(name), value)),
        }
    }
    found
}

fn within(path: AttrPath, value: &Value) -> Vec<Part> {
    let objects: Vec<&Object> = match value {
        Value::Object(object) => vec![object],
        Value::Array(items) => items.iter().filter_map(Value::as_object).collect(),
        _ => Vec::new(),
    };
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in objects.iter().flat_map(|object| object.iter()) {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return vec![path];
    }
    names.sort_by_key(|name| !name.eq_ignore_ascii_case("value"));
    names.into_iter().map(|name| path.clone().with_sub(name)).collect()
}

/// The object with these parts only. An element without the value that it had is none.
pub(super) fn only(kind: ResourceKind, object: &Object, kept: &[Part]) -> Object {
    let mut object = object.clone();
    for part in parts(&object) {
        if !kept.contains(&part) {
            remove(&mut object, &part);
        }
    }
    named(kind, object)
}

fn remove(object: &mut Object, part: &Part) {
    let (extension, name) = part.top();
    if let Some(urn) = extension {
        if let Some(Value::Object(inner)) = object.get_mut(urn) {
            remove_in(inner, name, part.sub.as_deref());
        }
        if object.get(urn).is_some_and(Value::is_unassigned) {
            object.remove(urn);
        }
        return;
    }
    remove_in(object, name, part.sub.as_deref());
}

fn remove_in(container: &mut Object, name: &str, sub: Option<&str>) {
    let Some(sub) = sub else {
        container.remove(name);
        return;
    };
    match container.get_mut(name) {
        Some(Value::Object(inner)) => {
            inner.remove(sub);
        }
        Some(Value::Array(items)) if sub.eq_ignore_ascii_case("value") => items.clear(),
        Some(Value::Array(items)) => {
            for item in items.iter_mut() {
                if let Value::Object(item) = item {
                    item.remove(sub);
                }
            }
            items.retain(|item| !item.is_unassigned());
        }
        _ => {}
    }
    if container.get(name).is_some_and(Value::is_unassigned) {
        container.remove(name);
    }
}

/// What became of a part that was sent so and is shown so.
pub(super) fn fate(part: &Part, sent: &Object, shown: &Object) -> Fate {
    let (sent, shown) = (texts(part, sent), texts(part, shown));
    if shown.is_empty() && !sent.is_empty() {
        return Fate::Missing;
    }
    let is_there = |text: &String| shown.contains(text);
    if sent.iter().all(is_there) {
        return Fate::Kept;
    }
    for form in FORMS {
        if sent.iter().all(|text| shown.iter().any(|shown| shown.as_str() == form.apply(text))) {
            return Fate::Formed(form);
        }
    }
    if sent.len() > 1 && sent.iter().any(is_there) {
        return Fate::Fewer;
    }
    Fate::Other(shown.first().cloned().unwrap_or_default())
}

/// Whether a part has a value.
pub(super) fn has(part: &Part, object: &Object) -> bool {
    !texts(part, object).is_empty()
}

/// The values of a part. Booleans may be shown as text.
fn texts(part: &Part, object: &Object) -> Vec<String> {
    fn leaves(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            Value::String(text) if matches!(text.as_str(), "True" | "False") => {
                found.push(text.as_str().to_lowercase());
            }
            Value::String(text) => found.push(text.to_string()),
            Value::Bool(flag) => found.push(flag.to_string()),
            Value::Number(number) => found.push(number.to_string()),
            Value::Array(items) => items.iter().for_each(|item| leaves(item, found)),
            Value::Object(object) => object.iter().for_each(|(_, value)| leaves(value, found)),
        }
    }
    let mut found = Vec::new();
    part.read(object).into_iter().for_each(|value| leaves(value, &mut found));
    found
}

/// Parts that the text of a refusal names.
pub(super) fn blamed(text: &str, parts: &[Part]) -> Vec<Part> {
    let words: Vec<String> = text
        .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let says = |name: &str| words.contains(&name.to_lowercase());
    let lower = text.to_lowercase();
    let extension = |part: &&Part| part.top().0.is_some_and(|urn| lower.contains(&urn.to_lowercase()));
    let of_extension: Vec<Part> = parts.iter().filter(extension).cloned().collect();
    let exact = |part: &&Part| says(&part.attribute) && part.sub.as_deref().is_none_or(&says);
    let named: Vec<Part> = parts.iter().filter(exact).cloned().collect();
    if !named.is_empty() || !of_extension.is_empty() {
        return if named.is_empty() { of_extension } else { named };
    }
    parts.iter().filter(|part| says(&part.attribute)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(json: serde_json::Value) -> Object {
        match Value::from(json) {
            Value::Object(object) => object,
            _ => Object::new(),
        }
    }

    fn person() -> Object {
        object(json!({
            "userName": "Ada", "emails": [{ "type": "work", "value": "A@x" }, { "value": "b@x" }],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "D" },
        }))
    }

    #[test]
    fn parts_are_found_and_taken_out() {
        let parts = parts(&person());
        let names: Vec<String> = parts.iter().map(ToString::to_string).collect();
        let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
        assert_eq!(names, ["userName", "emails.value", "emails.type", department]);
        let left = only(ResourceKind::User, &person(), &parts[..2]);
        assert_eq!(
            left,
            object(json!({ "userName": "Ada", "emails": [{ "value": "A@x" }, { "value": "b@x" }],
                "schemas": [urn::USER] }))
        );
    }

    #[test]
    fn fates_are_told_apart() {
        let (sent, value) = (person(), "emails.value".parse().unwrap());
        let fate = |shown| fate(&value, &sent, &object(shown));
        assert_eq!(fate(json!({ "emails": [{ "value": "b@x" }, { "value": "A@x" }] })), Fate::Kept);
        assert_eq!(fate(json!({ "emails": [{ "value": "A@x" }] })), Fate::Fewer);
        assert_eq!(fate(json!({ "emails": ["a@x", "b@x"] })), Fate::Formed(Form::LowerCase));
        assert_eq!(fate(json!({ "emails": [] })), Fate::Missing);
        assert_eq!(fate(json!({ "emails": [{ "value": "c" }] })), Fate::Other("c".into()));
    }

    #[test]
    fn a_refusal_names_what_it_is_about() {
        let parts = parts(&person());
        let blamed = |text| blamed(text, &parts).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(blamed("emails[0].type is not supported"), ["emails.type"]);
        assert_eq!(blamed("Unknown attribute 'emails'"), ["emails.value", "emails.type"]);
        assert_eq!(blamed("no"), [""; 0]);
    }
}

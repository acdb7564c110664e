//! Declared attributes: their order in a file, their place in SCIM, and what of a live value can be declared.

use crate::live::normal::is_blank;
use crate::scim::path::AttrPath;
use crate::scim::{Object, Value, urn};

/// Attributes of a person that are texts, in the order in which they are written, with whether they are of the enterprise
/// extension.
const ORDER: [(&str, Form); 28] = [
    ("userName", Form::Text),
    ("externalId", Form::Text),
    ("name", Form::Name),
    ("displayName", Form::Text),
    ("nickName", Form::Text),
    ("profileUrl", Form::Text),
    ("title", Form::Text),
    ("userType", Form::Text),
    ("preferredLanguage", Form::Text),
    ("locale", Form::Text),
    ("timezone", Form::Text),
    ("active", Form::Other),
    ("emails", Form::Labelled),
    ("phoneNumbers", Form::Labelled),
    ("ims", Form::Labelled),
    ("photos", Form::Labelled),
    ("addresses", Form::Address),
    ("entitlements", Form::Labelled),
    ("roles", Form::Labelled),
    ("x509Certificates", Form::Labelled),
    ("employeeNumber", Form::Enterprise),
    ("costCenter", Form::Enterprise),
    ("organization", Form::Enterprise),
    ("division", Form::Enterprise),
    ("department", Form::Enterprise),
    ("manager", Form::Other),
    ("description", Form::Text),
    ("custom", Form::Other),
];

const NAME: [&str; 6] = ["honorificPrefix", "givenName", "middleName", "familyName", "honorificSuffix", "formatted"];
const LABELLED: [&str; 4] = ["value", "display", "type", "primary"];
const ADDRESS: [&str; 8] =
    ["formatted", "streetAddress", "locality", "region", "postalCode", "country", "type", "primary"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text,
    Enterprise,
    Name,
    Labelled,
    Address,
    Other,
}

/// The place among the others.
pub(super) fn rank(name: &str) -> usize {
    ORDER.iter().position(|(known, _)| *known == name).unwrap_or(ORDER.len())
}

/// The place of a part of a name among the others.
pub(super) fn rank_of_part(part: &str) -> usize {
    NAME.iter().position(|known| *known == part).unwrap_or(NAME.len())
}

/// Where an attribute of a file stands in SCIM; `None` where it has no place of its own.
pub(super) fn standard(name: &str) -> Option<AttrPath> {
    let (_, form) = ORDER.iter().find(|(known, _)| *known == name)?;
    match form {
        Form::Enterprise => Some(AttrPath::extension(urn::ENTERPRISE_USER, name)),
        Form::Other => None,
        _ => Some(AttrPath::attribute(name)),
    }
}

/// What of a live value can be declared under a name; `None` where nothing is left. Parts that a file can't hold and
/// empty ones are left out, and so is `primary: false`, which says nothing.
pub(crate) fn declarable(name: &str, live: &Value) -> Option<Value> {
    if is_blank(live) {
        return None;
    }
    let form = ORDER.iter().find(|(known, _)| *known == name).map_or(Form::Other, |(_, form)| *form);
    match form {
        Form::Text | Form::Enterprise => text(live).map(Value::from),
        Form::Name => parts(live.as_object()?, &NAME),
        Form::Labelled => list(live, |element| match element {
            Value::Object(object) => {
                let value = text(object.get("value")?)?;
                let mut kept = Object::new();
                kept.insert("value", Value::from(value));
                let rest = parts(object, LABELLED.get(1..).unwrap_or_default());
                for (name, value) in rest.as_ref().and_then(Value::as_object).into_iter().flat_map(Object::iter) {
                    kept.insert(name, value.clone());
                }
                Some(Value::Object(kept))
            }
            plain => {
                let value = text(plain)?;
                Some(Value::Object([("value", Value::from(value))].into_iter().collect()))
            }
        }),
        Form::Address => list(live, |element| parts(element.as_object()?, &ADDRESS)),
        Form::Other => Some(live.clone()),
    }
}

fn list(live: &Value, one: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    let elements = match live {
        Value::Array(elements) => elements.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut kept: Vec<Value> = Vec::new();
    for value in elements.iter().filter_map(one) {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    (!kept.is_empty()).then_some(Value::Array(kept))
}

fn parts(object: &Object, names: &[&str]) -> Option<Value> {
    let one = |name: &&str| {
        let value = object.get(name).filter(|value| !is_blank(value))?;
        let value = if *name == "primary" {
            value.as_bool().filter(|flag| *flag).map(Value::Bool)?
        } else {
            Value::from(text(value)?)
        };
        Some(((*name).to_owned(), value))
    };
    let kept: Object = names.iter().filter_map(one).collect();
    (!kept.is_empty()).then_some(Value::Object(kept))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => (!text.trim().is_empty()).then(|| text.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: serde_json::Value) -> Value {
        Value::from(json)
    }

    #[test]
    fn only_what_a_file_can_hold_is_declared() {
        let emails = value(serde_json::json!([
            {"value": "a@x", "type": "work", "primary": true, "$ref": "x"},
            {"value": "b@x", "primary": false, "display": ""},
            {"type": "home"},
            "c@x",
        ]));
        let kept = declarable("emails", &emails).unwrap();
        let expected = serde_json::json!([
            {"value": "a@x", "type": "work", "primary": true}, {"value": "b@x"}, {"value": "c@x"}]);
        assert_eq!(kept, value(expected));
        assert_eq!(declarable("employeeNumber", &value(serde_json::json!(17))), Some(Value::from("17")));
        assert_eq!(declarable("title", &value(serde_json::json!(" "))), None);
        assert_eq!(declarable("emails", &value(serde_json::json!([]))), None);
    }
}

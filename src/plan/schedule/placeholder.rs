//! Strings that stand for an id that is not known before the apply.

use crate::scim::{Object, ResourceKind, Value};

/// No declared text starts with a control character, so a placeholder is never mistaken for one.
const MARK: &str = "\u{0}id of ";

/// The text that stands for the id of a key's resource in what a step sends.
pub fn placeholder(kind: ResourceKind, key: &str) -> String {
    format!("{MARK}{kind} {key}")
}

/// The resource whose id a text stands for.
pub fn parse(text: &str) -> Option<(ResourceKind, &str)> {
    let (kind, key) = text.strip_prefix(MARK)?.split_once(' ')?;
    match kind {
        "user" => Some((ResourceKind::User, key)),
        "group" => Some((ResourceKind::Group, key)),
        _ => None,
    }
}

/// Puts ids in place of the placeholders in a value. A resource without an id is reported to `missing`, and the
/// placeholder stays.
pub fn fill<'a>(
    value: &mut Value,
    ids: &impl Fn(ResourceKind, &str) -> Option<&'a str>,
    missing: &mut Vec<(ResourceKind, String)>,
) {
    match value {
        Value::String(text) => {
            let Some((kind, key)) = parse(text) else { return };
            match ids(kind, key) {
                Some(id) => *text = id.to_owned(),
                None => missing.push((kind, key.to_owned())),
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, ids, missing)),
        Value::Object(object) => fill_object(object, ids, missing),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// As [`fill`], for an object.
pub fn fill_object<'a>(
    object: &mut Object,
    ids: &impl Fn(ResourceKind, &str) -> Option<&'a str>,
    missing: &mut Vec<(ResourceKind, String)>,
) {
    object.retain(|_, value| {
        fill(value, ids, missing);
        true
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stands_for_one_resource_and_is_filled_wherever_it_stands() {
        let text = placeholder(ResourceKind::User, "ada lovelace");
        assert_eq!(parse(&text), Some((ResourceKind::User, "ada lovelace")));
        assert_eq!(parse("id of user ada"), None);
        let json = serde_json::json!({ "manager": { "value": text }, "title": "x", "members": [{ "value": placeholder(ResourceKind::Group, "g") }] });
        let mut value = Value::from(json);
        let mut missing = Vec::new();
        fill(&mut value, &|kind, _| (kind == ResourceKind::User).then_some("u1"), &mut missing);
        assert_eq!(value.get("manager").and_then(|manager| manager.get("value")), Some(&Value::from("u1")));
        assert_eq!(missing, [(ResourceKind::Group, "g".to_owned())]);
    }
}

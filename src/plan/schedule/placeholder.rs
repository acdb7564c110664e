//! Strings that stand for an id that is not known before the apply.

use crate::scim::{Object, ResourceKey, Value};

/// No declared text starts with a control character, so a placeholder is never mistaken for one.
const MARK: &str = "\u{0}id of ";

/// The text that stands for the id of a resource in what a step sends.
pub fn placeholder(of: ResourceKey<&str>) -> String {
    format!("{MARK}{of}")
}

/// The resource whose id a text stands for.
pub fn parse(text: &str) -> Option<ResourceKey<&str>> {
    let (kind, key) = text.strip_prefix(MARK)?.split_once(' ')?;
    match kind {
        "user" => Some(ResourceKey::user(key)),
        "group" => Some(ResourceKey::group(key)),
        _ => None,
    }
}

/// Puts ids in place of the placeholders in a value. A resource without an id is reported to `missing`, and what is of no
/// use without it is taken out: the element of a list, else the attribute. False where nothing is left.
pub fn fill<'a>(
    value: &mut Value,
    ids: &impl Fn(ResourceKey<&str>) -> Option<&'a str>,
    missing: &mut Vec<ResourceKey>,
) -> bool {
    match value {
        Value::String(text) => {
            let Some(of) = parse(text) else { return true };
            let id = ids(of);
            if id.is_none() {
                missing.push(ResourceKey::new(of.kind, of.key));
            }
            id.map(|id| *text = id.into()).is_some()
        }
        Value::Array(items) => {
            let before = missing.len();
            items.retain_mut(|item| {
                let before = missing.len();
                fill(item, ids, missing);
                missing.len() == before
            });
            missing.len() == before || !items.is_empty()
        }
        Value::Object(object) => fill_object(object, ids, missing),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// As [`fill`], for an object.
pub fn fill_object<'a>(
    object: &mut Object,
    ids: &impl Fn(ResourceKey<&str>) -> Option<&'a str>,
    missing: &mut Vec<ResourceKey>,
) -> bool {
    let before = missing.len();
    object.retain(|_, value| fill(value, ids, missing));
    missing.len() == before || !object.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::ResourceKind;

    #[test]
    fn stands_for_one_resource_and_is_filled_wherever_it_stands() {
        let text = placeholder(ResourceKey::user("ada lovelace"));
        assert_eq!(parse(&text), Some(ResourceKey::user("ada lovelace")));
        assert_eq!(parse("id of user ada"), None);
        let json = serde_json::json!({ "manager": { "value": text }, "title": "x", "members": [{ "value": placeholder(ResourceKey::group("g")) }] });
        let mut value = Value::from(json);
        let mut missing = Vec::new();
        assert!(fill(&mut value, &|of| (of.kind == ResourceKind::User).then_some("u1"), &mut missing));
        assert_eq!(value.get("manager").and_then(|manager| manager.get("value")), Some(&Value::from("u1")));
        assert_eq!(missing, [ResourceKey::group("g")]);
        assert_eq!(value.get("members"), None, "nobody is left in it");
    }
}

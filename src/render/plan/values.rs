//! Attribute values as short text.

use crate::plan::AttributeChange;
use crate::scim::Value;

/// The most characters of a value that a line shows.
const SHOWN: usize = 100;

/// A value as a person reads it: strings in quotes, single-value objects as their value, `none` for unassigned.
pub(super) fn short(value: &Value) -> String {
    let text = match value {
        value if value.is_unassigned() => "none".to_owned(),
        Value::Array(items) if items.len() == 1 => return items.first().map(short).unwrap_or_default(),
        Value::Array(items) => format!("[{}]", items.iter().map(element).collect::<Vec<_>>().join(", ")),
        value => element(value),
    };
    clip(&text)
}

/// One element: `"ada@acme.example" (work, primary)`.
fn element(value: &Value) -> String {
    let Value::Object(object) = value else { return value.to_string() };
    let Some(main) = object.get("value") else { return value.to_string() };
    let marks: Vec<String> = object
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("value"))
        .filter_map(|(name, value)| match value {
            Value::Bool(true) => Some(name.to_owned()),
            Value::Bool(false) | Value::Null => None,
            Value::String(text) if name.eq_ignore_ascii_case("type") => Some(text.clone()),
            other => Some(format!("{name} {other}")),
        })
        .collect();
    if marks.is_empty() { main.to_string() } else { format!("{main} ({})", marks.join(", ")) }
}

/// Cuts a long text and says so.
fn clip(text: &str) -> String {
    let mut characters = text.chars();
    let head: String = characters.by_ref().take(SHOWN).collect();
    let rest = characters.count();
    if rest == 0 { head } else { format!("{head}… ({rest} more characters)") }
}

/// Both sides of a change as text; withheld where sensitive.
pub(super) fn sides(change: &AttributeChange) -> (String, String) {
    if change.sensitive {
        return ("(withheld)".to_owned(), "(withheld)".to_owned());
    }
    let after = match &change.reference {
        Some(key) => Value::from(key.as_str()).to_string(),
        None => short(&change.after),
    };
    (short(&change.before), after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_a_person_would_write_them() {
        let value = |text: &str| Value::from(serde_json::from_str::<serde_json::Value>(text).unwrap());
        assert_eq!(short(&value(r#""x""#)), "\"x\"");
        assert_eq!(short(&value("null")), "none");
        assert_eq!(short(&value("[]")), "none");
        assert_eq!(short(&value(r#"[{"value":"a@b","type":"work","primary":true}]"#)), "\"a@b\" (work, primary)");
        assert_eq!(short(&value(r#"[{"value":"a"},{"value":"b"}]"#)), "[\"a\", \"b\"]");
        assert!(short(&Value::from("x".repeat(200))).ends_with("more characters)"));
    }
}

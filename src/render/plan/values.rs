//! Attribute values as short text.

use crate::plan::AttributeChange;
use crate::scim::Value;
use crate::wording::list;

/// The most characters of a value that a line shows.
const SHOWN: usize = 100;

/// Characters shown before the first difference of two long texts.
const LEAD: usize = 20;

/// A value as a person reads it: strings in quotes, single-value objects as their value, `none` for unassigned.
fn whole(value: &Value) -> String {
    match value {
        value if value.is_unassigned() => "none".to_owned(),
        Value::Array(items) if items.len() == 1 => items.first().map(whole).unwrap_or_default(),
        Value::Array(items) => format!("[{}]", list(items.iter().map(element))),
        value => element(value),
    }
}

/// A value on its own, cut where it is long.
pub(in crate::render) fn shown(value: &Value) -> String {
    clip(&whole(value), 0)
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
            Value::String(text) if name.eq_ignore_ascii_case("type") => Some(text.to_string()),
            other => Some(format!("{name} {other}")),
        })
        .collect();
    if marks.is_empty() { main.to_string() } else { format!("{main} ({})", marks.join(", ")) }
}

/// Cuts a long text, from a character on, and says what is left out.
fn clip(text: &str, from: usize) -> String {
    let mut characters = text.chars().skip(from);
    let part: String = characters.by_ref().take(SHOWN).collect();
    let rest = characters.count();
    let lead = if from > 0 { "…" } else { "" };
    if rest == 0 { format!("{lead}{part}") } else { format!("{lead}{part}… ({rest} more characters)") }
}

/// Two values as text; withheld where sensitive. Long ones are cut.
pub(in crate::render) fn pair(one: &Value, other: &Value, sensitive: bool) -> (String, String) {
    if sensitive {
        return ("a withheld value".to_owned(), "another".to_owned());
    }
    (clip(&whole(one), 0), clip(&whole(other), 0))
}

/// Both sides of a change as text, however long; withheld where sensitive.
pub(in crate::render) fn whole_sides(change: &AttributeChange) -> (String, String) {
    if change.sensitive {
        return ("(withheld)".to_owned(), "(withheld)".to_owned());
    }
    let after =
        change.reference.as_ref().map_or_else(|| whole(&change.after), |key| Value::from(key.as_str()).to_string());
    (whole(&change.before), after)
}

/// Both sides of a change as text; withheld where sensitive. Long ones are cut, but never before they differ.
pub(in crate::render) fn sides(change: &AttributeChange) -> (String, String) {
    let (before, after) = whole_sides(change);
    let alike = before.chars().zip(after.chars()).take_while(|(one, other)| one == other).count();
    let long = before.chars().nth(SHOWN).is_some() || after.chars().nth(SHOWN).is_some();
    let from = if long { alike.saturating_sub(LEAD) } else { 0 };
    (clip(&before, from), clip(&after, from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_a_person_would_write_them() {
        let value = |text: &str| Value::from(serde_json::from_str::<serde_json::Value>(text).unwrap());
        assert_eq!(whole(&value(r#""x""#)), "\"x\"");
        assert_eq!(whole(&value("null")), "none");
        assert_eq!(whole(&value("[]")), "none");
        assert_eq!(whole(&value(r#"[{"value":"a@b","type":"work","primary":true}]"#)), "\"a@b\" (work, primary)");
        assert_eq!(whole(&value(r#"[{"value":"a"},{"value":"b"}]"#)), "[\"a\", \"b\"]");
    }

    #[test]
    fn long_texts_are_cut_but_never_before_they_differ() {
        let text = |end: &str| format!("\"{}{end}\"", "x".repeat(200));
        let cut = clip(&text("one"), 190);
        assert_eq!(cut, format!("…{}one\"", "x".repeat(11)));
        assert!(clip(&text(""), 0).ends_with("… (102 more characters)"));
    }
}

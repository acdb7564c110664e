//! Unassigned forms (E1, E2).

use crate::scim::Value;

/// Whether a value says "nothing": `null`, `[]` and `{}` (RFC 7643 section 2.5), `""` as several servers write it,
/// and what holds nothing but these.
pub fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(is_blank),
        Value::Object(object) => object.iter().all(|(_, value)| is_blank(value)),
    }
}

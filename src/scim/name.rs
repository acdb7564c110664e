//! The name of a resource that people read.

use super::Value;

/// The name to show (RFC 7643 section 4.1.1): `displayName`, else the formatted or the joined `name`, else `userName`.
/// `text` reads an attribute, or a part of one.
pub(crate) fn shown_name(text: impl Fn(&str, Option<&str>) -> Option<String>) -> Option<String> {
    let joined = || {
        let parts = ["givenName", "familyName"].into_iter().filter_map(|part| text("name", Some(part)));
        let parts: Vec<String> = parts.collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    };
    text("displayName", None)
        .or_else(|| text("name", Some("formatted")))
        .or_else(joined)
        .or_else(|| text("userName", None))
}

/// A text, or that of a part; nothing where it is blank.
pub(crate) fn text_of(value: &Value, part: Option<&str>) -> Option<String> {
    let value = match part {
        Some(part) => value.get(part)?,
        None => value,
    };
    value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

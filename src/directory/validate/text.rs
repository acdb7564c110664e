//! Names that could deceive a reader: control characters, and characters that turn the direction of text.

use super::Check;
use crate::diag::{Code, Diagnostic};
use crate::scim::Value;
use crate::source::Span;

/// Warns of hostile characters in keys, names and attributes.
pub(super) fn check(check: &mut Check<'_>) {
    let config = check.config;
    for (key, user) in &config.users {
        name(check, "user key", key, user.key);
        let Some(attributes) = user.attributes.as_object() else { continue };
        for (attribute, value) in attributes.iter() {
            // Addresses and texts of one's own may have several lines.
            let lines = matches!(attribute, "addresses" | "custom");
            if let Some(found) = first_in(value, lines) {
                let place = user.places.get(attribute).unwrap_or(user.key);
                warn(check, &format!("`{attribute}` of `{}`", key.escape_debug()), found, place);
            }
        }
    }
    for (key, group) in &config.groups {
        name(check, "group key", key, group.key);
        for text in group.display_name.iter().chain(&group.external_id) {
            name(check, "name of the group", &text.value, text.span);
        }
    }
    let targets = config.targets.iter().map(|(name, target)| ("target's name", name, target.key));
    let bindings = config.bindings.iter().map(|(name, binding)| ("binding's name", name, binding.key));
    let mappings = config.mappings.iter().map(|(name, mapping)| ("mapping's name", name, mapping.key));
    for (kind, text, place) in targets.chain(bindings).chain(mappings) {
        name(check, kind, text, place);
    }
    for policy in &config.policies {
        name(check, "policy's name", &policy.name.value, policy.name.span);
    }
}

fn name(check: &mut Check<'_>, kind: &str, text: &str, place: Span) {
    if let Some(found) = first(text, false) {
        warn(check, &format!("the {kind} `{}`", text.escape_debug()), found, place);
    }
}

fn warn(check: &mut Check<'_>, what: &str, found: char, place: Span) {
    let kind = if found.is_control() { "the control character" } else { "the invisible character" };
    let message = format!("{what} holds {kind} U+{:04X}", u32::from(found));
    let hint = "It makes a name look like another one: write the name without it.";
    check.found.push(Diagnostic::new(Code::HostileText, place, message).hint(hint));
}

fn first_in(value: &Value, lines: bool) -> Option<char> {
    match value {
        Value::String(text) => first(text, lines),
        Value::Array(items) => items.iter().find_map(|item| first_in(item, lines)),
        Value::Object(object) => object.iter().find_map(|(_, value)| first_in(value, lines)),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn first(text: &str, lines: bool) -> Option<char> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return None;
    }
    text.chars().find(|c| is_hostile(*c) && !(lines && matches!(c, '\n' | '\r' | '\t')))
}

/// Control characters, direction marks, embeddings and isolates (Unicode TR 36 section 3.1), invisible fillers. Joiners
/// (U+200C, U+200D) are letters' parts in several scripts and stay.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}'
        )
}

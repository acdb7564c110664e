//! Types and values in words.

use jsonschema::JsonType;
use jsonschema::error::TypeKind;

use crate::config::tree::{Core, Kind, Node};
use crate::wording::{ended, quoted};

/// Longest part of a value that a message repeats, in characters.
const SHOWN: usize = 40;

/// The types that a `type` keyword asks for.
pub(super) fn types(kind: &TypeKind) -> Vec<JsonType> {
    match kind {
        TypeKind::Single(only) => vec![*only],
        TypeKind::Multiple(set) => set.iter().collect(),
    }
}

/// What is expected: "text or a list". Other forms than text are left out where text is allowed, unless they are
/// lists or mappings: that is what was probably meant.
pub(super) fn expected(types: &[JsonType]) -> String {
    let words: Vec<&str> = [
        (JsonType::String, "text"),
        (JsonType::Boolean, "`true` or `false`"),
        (JsonType::Integer, "a whole number"),
        (JsonType::Number, "a number"),
        (JsonType::Array, "a list"),
        (JsonType::Object, "a mapping"),
        (JsonType::Null, "nothing"),
    ]
    .into_iter()
    .filter(|(kind, _)| types.contains(kind))
    .filter(|(kind, _)| match kind {
        JsonType::Null => types.len() == 1,
        JsonType::Boolean | JsonType::Integer | JsonType::Number => !types.contains(&JsonType::String),
        _ => true,
    })
    .map(|(_, word)| word)
    .collect();
    words.join(" or ")
}

/// What stands there: "this is the number `123`".
pub(super) fn actual(node: &Node<'_>) -> String {
    match (&node.kind, node.core()) {
        (Kind::Sequence(_), _) => "this is a list".to_owned(),
        (Kind::Mapping(_), _) => "this is a mapping".to_owned(),
        (_, None | Some(Core::Null)) => "nothing (`null`) is written here".to_owned(),
        (_, Some(Core::Boolean(flag))) => format!("this is the boolean `{flag}`"),
        (_, Some(Core::Number(_))) => format!("this is the number `{}`", shown(node)),
        (_, Some(Core::Text(_))) => format!("this is the text `{}`", shown(node)),
    }
}

/// A scalar as written, cut to a length that fits a message.
pub(super) fn shown(node: &Node<'_>) -> String {
    let Kind::Scalar { text, .. } = &node.kind else { return String::new() };
    cut(text)
}

/// Text cut to a length that fits a message, on one line.
pub(super) fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Names in backticks: "`a`, `b` or `c`".
pub(super) fn list(names: &[&str], last: &str) -> String {
    ended(names.iter().map(quoted), last)
}

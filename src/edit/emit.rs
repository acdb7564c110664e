//! New YAML: short values in one line, long ones over several.

use super::words::{Quotes, key as key_word, scalar};
use crate::scim::{Object, Value};

/// Characters of a line before a value is spread over several.
pub(super) const WIDTH: usize = 100;
/// Blanks of a level.
pub(super) const STEP: usize = 2;
/// Sections whose entries are set apart by blank lines.
const AIRY: [&str; 4] = ["users", "bindings", "mappings", "targets"];

/// A new file: the line that tells editors where the schema is (`schema`, a path from this file or an address), then
/// each section (`users`, `groups`, …) with its entries in the order given. Sections without entries are left out.
pub fn file(schema: Option<&str>, sections: &[(&str, Vec<(String, Value)>)]) -> String {
    let mut lines: Vec<String> = Vec::new();
    if let Some(schema) = schema {
        lines.push(format!("# yaml-language-server: $schema={schema}"));
    }
    let mut first = true;
    for (section, entries) in sections.iter().filter(|(_, entries)| !entries.is_empty()) {
        if !std::mem::take(&mut first) {
            lines.push(String::new());
        }
        lines.push(format!("{}:", key_word(section, false)));
        lines.extend(entries_lines(section, entries, STEP, STEP, is_airy(section)));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Whether blank lines set the entries of a section apart.
pub(super) fn is_airy(section: &str) -> bool {
    AIRY.contains(&section)
}

/// Entries of a section at an indentation.
pub(super) fn entries_lines(
    section: &str,
    entries: &[(String, Value)],
    indent: usize,
    step: usize,
    airy: bool,
) -> Vec<String> {
    let mut lines = Vec::new();
    let short = section == "ledger";
    for (at, (key, value)) in entries.iter().enumerate() {
        if airy && at > 0 {
            lines.push(String::new());
        }
        match value {
            Value::Object(object) if !short && !object.is_empty() => {
                lines.push(format!("{}{}:", " ".repeat(indent), key_word(key, false)));
                object.iter().for_each(|(name, value)| member(&mut lines, indent + step, step, name, value));
            }
            _ => member(&mut lines, indent, step, key, value),
        }
    }
    lines
}

/// `key: value` at an indentation, over as many lines as it takes.
pub(super) fn member(lines: &mut Vec<String>, indent: usize, step: usize, key: &str, value: &Value) {
    let blanks = " ".repeat(indent);
    let head = format!("{blanks}{}:", key_word(key, false));
    let short = format!("{head} {}", in_line(value, Some(key), false));
    if short.chars().count() <= WIDTH || !is_spreadable(value) {
        lines.push(short);
        return;
    }
    lines.push(head);
    below(lines, indent + step, step, value);
}

/// Whether it can stand over several lines.
pub(super) fn is_spreadable(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(object) => !object.is_empty(),
        _ => false,
    }
}

/// A list or mapping over lines, below its key.
pub(super) fn below(lines: &mut Vec<String>, indent: usize, step: usize, value: &Value) {
    match value {
        Value::Array(items) => items.iter().for_each(|one| item(lines, indent, step, one)),
        Value::Object(object) => {
            object.iter().for_each(|(name, value)| member(lines, indent, step, name, value));
        }
        _ => {}
    }
}

/// `- value` at an indentation.
pub(super) fn item(lines: &mut Vec<String>, indent: usize, step: usize, value: &Value) {
    let blanks = " ".repeat(indent);
    let short = format!("{blanks}- {}", in_line(value, None, false));
    if short.chars().count() <= WIDTH || !is_spreadable(value) {
        lines.push(short);
        return;
    }
    let mut inner = Vec::new();
    below(&mut inner, indent + 2, step, value);
    if let Some(first) = inner.first_mut() {
        *first = format!("{blanks}- {}", first.trim_start());
    }
    lines.append(&mut inner);
}

/// A value in one line; `flow` says that brackets stand around it already.
pub(super) fn in_line(value: &Value, key: Option<&str>, flow: bool) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| in_line(item, None, true)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(object) if object.is_empty() => "{}".to_owned(),
        Value::Object(object) => format!("{{ {} }}", members_in_line(object)),
        other => scalar(other, key, flow, Quotes::Least),
    }
}

fn members_in_line(object: &Object) -> String {
    let members: Vec<String> = object.iter().map(|(name, value)| member_in_line(name, value)).collect();
    members.join(", ")
}

/// `key: value` within brackets.
pub(super) fn member_in_line(name: &str, value: &Value) -> String {
    format!("{}: {}", key_word(name, true), in_line(value, Some(name), true))
}

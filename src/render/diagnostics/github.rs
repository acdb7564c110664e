//! For GitHub: workflow commands that become annotations in a pull request.

use std::fmt::Write;

use super::place::{Place, path};
use super::word;
use crate::diag::Diagnostic;
use crate::source::SourceMap;

/// One workflow command a line.
pub fn github(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let mut text = String::new();
    for found in diagnostics {
        let mut properties = vec![format!("title={}", property(found.code.name()))];
        if let Some(file) = path(found, sources) {
            properties.insert(0, format!("file={}", property(&file)));
        }
        if let Some(place) = found.span.map(|span| Place::of(span, sources)) {
            properties.push(format!("line={},endLine={}", place.start.line, place.end.line));
            if place.start.line == place.end.line {
                properties.push(format!("col={},endColumn={}", place.start.column, place.end.column));
            }
        }
        let hint = found.hint.as_ref().map(|hint| format!("\n{hint}")).unwrap_or_default();
        let message = escape(&format!("{}{hint}", found.message));
        let _ = writeln!(text, "::{} {}::{message}", word(found.severity), properties.join(","));
    }
    text
}

/// What would end a command early.
fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// In properties, what separates them as well.
fn property(text: &str) -> String {
    escape(text).replace(':', "%3A").replace(',', "%2C")
}

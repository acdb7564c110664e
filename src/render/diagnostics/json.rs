//! For scripts: format `scimform.diagnostics/v1`.

use serde::Serialize;

use super::place::{Place, path};
use super::word;
use crate::diag::{Diagnostic, Severity};
use crate::source::SourceMap;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    format: &'static str,
    errors: usize,
    warnings: usize,
    diagnostics: Vec<Item<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    file: Option<String>,
    #[serde(flatten)]
    range: Option<Range>,
    hint: Option<&'a str>,
    labels: Vec<Label<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Range {
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
struct Label<'a> {
    file: String,
    #[serde(flatten)]
    range: Range,
    text: &'a str,
}

impl From<&Place> for Range {
    fn from(place: &Place) -> Self {
        Self {
            line: place.start.line,
            column: place.start.column,
            end_line: place.end.line,
            end_column: place.end.column,
        }
    }
}

/// One JSON document. Lines and columns count from 1, columns in characters; ends are exclusive. `file` and the place
/// are missing where there is none.
pub fn json(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let count = |severity| diagnostics.iter().filter(|found| found.severity == severity).count();
    let document = Document {
        format: "scimform.diagnostics/v1",
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        diagnostics: diagnostics.iter().map(|found| item(found, sources)).collect(),
    };
    // Strings and numbers can always be written.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn item<'a>(found: &'a Diagnostic, sources: &SourceMap) -> Item<'a> {
    let label = |(span, text): &'a (_, String)| {
        let place = Place::of(*span, sources);
        Label { file: place.start.file.to_string(), range: Range::from(&place), text }
    };
    Item {
        code: found.code.name(),
        severity: word(found.severity),
        message: &found.message,
        file: path(found, sources),
        range: found.span.map(|span| Range::from(&Place::of(span, sources))),
        hint: found.hint.as_deref(),
        labels: found.labels.iter().map(label).collect(),
    }
}

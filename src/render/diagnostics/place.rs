//! Places as lines and columns.

use crate::diag::Diagnostic;
use crate::source::{Location, SourceMap, Span};

/// First and last character of a place; the end is exclusive.
pub(super) struct Place {
    pub(super) start: Location,
    pub(super) end: Location,
}

impl Place {
    pub(super) fn of(span: Span, sources: &SourceMap) -> Self {
        let end = Span { start: span.end, ..span };
        Self { start: sources.location(span), end: sources.location(end) }
    }
}

/// Path of the file that a problem is in, if it is in one.
pub(super) fn path(found: &Diagnostic, sources: &SourceMap) -> Option<String> {
    let shown = found.span.and_then(|span| sources.file(span.file)).map(|file| file.path().to_string());
    shown.or_else(|| found.path.clone())
}

//! For people: the source line, a caret, the way out.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::summary;
use crate::diag::{Diagnostic, Severity};
use crate::render::escape::terminal;
use crate::render::look::Look;
use crate::source::{FileId, SourceFile, SourceMap, Span};

/// Columns to which a long source line is cut where there is no terminal.
const UNBROKEN: usize = 140;
/// Places further apart than this many lines are shown one by one.
const APART: usize = 8;

/// Every problem with its source line, then how many there are.
pub fn human(diagnostics: &[Diagnostic], sources: &SourceMap, look: &Look) -> String {
    let renderer = if look.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(look.width.unwrap_or(UNBROKEN));
    let hidden = Hidden::of(diagnostics);
    let mut text = String::new();
    for found in diagnostics {
        let shown = renderer.render(&[group(found, sources, &hidden, look)]);
        text.push_str(&linked(&shown, found, sources, look));
        text.push_str("\n\n");
    }
    if !diagnostics.is_empty() {
        text.push_str(&summary(diagnostics));
        text.push('\n');
    }
    text
}

fn group<'a>(found: &'a Diagnostic, sources: &'a SourceMap, hidden: &Hidden, look: &Look) -> Group<'a> {
    let level = match found.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let message = match (&found.path, found.span) {
        (Some(path), None) => Cow::Owned(format!("{path}: {}", found.message)),
        _ => Cow::Borrowed(found.message.as_str()),
    };
    let word = if found.severity == Severity::Error { "error" } else { "warning" };
    let word = word.len() + found.code.name().len() + "[]: ".len();
    let mut group = Group::with_title(level.primary_title(broken(&message, word, look)).id(found.code.name()));
    let mut marks: Vec<Mark<'_>> =
        found.span.map(|span| Mark::new(span, None, sources)).into_iter().flatten().collect();
    marks.extend(found.labels.iter().filter_map(|(span, text)| Mark::new(*span, Some(text), sources)));
    for window in windows(marks) {
        group = group.element(window.snippet(hidden));
    }
    match &found.hint {
        Some(hint) => {
            group.element(Level::HELP.message(broken(hint, gutter(found, sources) + " = help: ".len(), look)))
        }
        None => group,
    }
}

/// Columns of the line numbers, below which a hint stands.
fn gutter(found: &Diagnostic, sources: &SourceMap) -> usize {
    let spans = found.span.into_iter().chain(found.labels.iter().map(|(span, _)| *span));
    spans.map(|span| sources.location(span).line.to_string().len()).max().unwrap_or(0)
}

/// A sentence behind a head of so many columns, harmless and broken where it is wider than the terminal.
fn broken(text: &str, head: usize, look: &Look) -> String {
    let room = Look { width: look.width.map(|width| width.saturating_sub(head)), ..Look::default() };
    room.prose(&terminal(text), 0).trim_end().to_owned()
}

/// The same text, each `--> file:line:column` a link where there are links.
fn linked(shown: &str, found: &Diagnostic, sources: &SourceMap, look: &Look) -> String {
    let mut shown = shown.to_owned();
    let Some(links) = &look.links else { return shown };
    let spans = found.span.into_iter().chain(found.labels.iter().map(|(span, _)| *span));
    let places: std::collections::BTreeSet<(String, u32)> =
        spans.map(|span| sources.location(span)).map(|place| (place.file.to_string(), place.line)).collect();
    for (file, line) in places {
        let place = format!("{}:{line}", terminal(&file));
        let lines = shown.lines().map(|text| match text.split_once(&place) {
            Some((before, after)) if after.starts_with(':') && (before.contains("-->") || before.contains(":::")) => {
                format!("{before}{}{after}", links.around(&file, line, &place))
            }
            _ => text.to_owned(),
        });
        shown = lines.collect::<Vec<String>>().join("\n");
    }
    shown
}

/// One place to point at.
struct Mark<'a> {
    file: FileId,
    source: &'a SourceFile,
    line: usize,
    range: Range<usize>,
    label: Option<&'a str>,
    primary: bool,
}

impl<'a> Mark<'a> {
    fn new(span: Span, label: Option<&'a str>, sources: &'a SourceMap) -> Option<Self> {
        let source = sources.file(span.file)?;
        let line = sources.location(span).line as usize - 1;
        let whole = source.line_range(line);
        let start = (span.start as usize).min(whole.end);
        // Of something that goes on for lines, the first line says enough.
        let end = (span.end as usize).clamp(start, whole.end.max(start));
        Some(Self { file: span.file, source, line, range: start..end, label, primary: label.is_none() })
    }
}

/// Lines of one file with the places in them.
struct Window<'a> {
    marks: Vec<Mark<'a>>,
    first: usize,
    last: usize,
}

fn windows(marks: Vec<Mark<'_>>) -> Vec<Window<'_>> {
    let mut windows: Vec<Window<'_>> = Vec::new();
    for mark in marks {
        let near = windows.iter_mut().find(|window| {
            window.marks.first().is_some_and(|first| first.file == mark.file)
                && mark.line + APART >= window.first
                && mark.line <= window.last + APART
        });
        match near {
            Some(window) => {
                window.first = window.first.min(mark.line);
                window.last = window.last.max(mark.line);
                window.marks.push(mark);
            }
            None => windows.push(Window { first: mark.line, last: mark.line, marks: vec![mark] }),
        }
    }
    windows
}

impl<'a> Window<'a> {
    fn snippet(self, hidden: &Hidden) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let Some(first) = self.marks.first() else { return Snippet::source("") };
        let start = first.source.line_range(self.first).start;
        let end = first.source.line_range(self.last).end;
        let bom =
            first.source.text().get(start..).map_or(0, |text| text.len() - text.trim_start_matches('\u{feff}').len());
        let start = start + bom;
        let text = hidden.mask(first.file, start, first.source.text().get(start..end).unwrap_or_default());
        let mut snippet =
            Snippet::source(text).line_start(self.first + 1).path(terminal(first.source.path().as_ref())).fold(true);
        for mark in self.marks {
            let range = mark.range.start.saturating_sub(start)..mark.range.end.saturating_sub(start);
            let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let label = mark.label.map(terminal);
            snippet = snippet.annotation(kind.span(range).label(label));
        }
        snippet
    }
}

/// Places whose text is never shown, by file.
struct Hidden(BTreeMap<FileId, Vec<Range<usize>>>);

impl Hidden {
    fn of(diagnostics: &[Diagnostic]) -> Self {
        let mut places: BTreeMap<FileId, Vec<Range<usize>>> = BTreeMap::new();
        for span in diagnostics.iter().flat_map(|found| &found.hidden) {
            places.entry(span.file).or_default().push(span.start as usize..span.end as usize);
        }
        Self(places)
    }

    /// The text with every hidden byte covered, as long as before.
    fn mask<'a>(&self, file: FileId, start: usize, text: &'a str) -> Cow<'a, str> {
        let covered =
            |at: usize| self.0.get(&file).is_some_and(|places| places.iter().any(|place| place.contains(&at)));
        let range = start..start + text.len();
        let touched = self
            .0
            .get(&file)
            .is_some_and(|places| places.iter().any(|place| place.start < range.end && range.start < place.end));
        if !touched {
            return Cow::Borrowed(text);
        }
        let mut masked = String::with_capacity(text.len());
        for (at, sign) in text.char_indices() {
            if sign != '\n' && covered(start + at) {
                masked.extend(std::iter::repeat_n('*', sign.len_utf8()));
            } else {
                masked.push(sign);
            }
        }
        Cow::Owned(masked)
    }
}

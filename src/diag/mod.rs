//! Problems in the user's files, as values: collected, coded, pointing at the text.

mod code;
mod notice;

pub use code::Code;
pub use notice::{NoticeCode, NoticeKind};

use crate::source::Span;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing can be planned until it is mended.
    Error,
    /// Probably not what was meant; planning goes on.
    Warning,
}

/// One problem: what is wrong, where, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable name of the kind of problem.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong: a lower-case fragment, user's words in backticks, never a secret.
    pub message: String,
    /// Where; `None` only when no file can be shown (no files at all, a file that is not text).
    pub span: Option<Span>,
    /// Path of a file that is in no source map (unreadable, not text), if that is the place.
    pub path: Option<String>,
    /// Further places that explain the problem.
    pub labels: Vec<(Span, String)>,
    /// The way out, as a full sentence.
    pub hint: Option<String>,
    /// Text that is never shown: a secret that was written into a file.
    pub hidden: Vec<Span>,
}

impl Diagnostic {
    /// A problem with its code's default severity.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        let mut diagnostic = Self::global(code, message);
        diagnostic.span = Some(span);
        diagnostic
    }

    /// A problem that no place in a text shows.
    pub fn global(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            span: None,
            path: None,
            labels: Vec::new(),
            hint: None,
            hidden: Vec::new(),
        }
    }

    /// Says which file the problem is in when its text can't be shown.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Adds the way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Keeps the text of a place out of every rendering.
    #[must_use]
    pub fn hide(mut self, span: Span) -> Self {
        self.hidden.push(span);
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push((span, text.into()));
        self
    }
}

/// Problems as they were found; sorted by place when taken out.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds a problem.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Adds all of another collection.
    pub fn append(&mut self, other: Self) {
        self.found.extend(other.found);
    }

    /// Whether any is an error.
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|found| found.severity == Severity::Error)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All of them, by file, place, then code; repeats once.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort_by(|a, b| {
            (a.span, &a.path, a.code.name(), &a.message).cmp(&(b.span, &b.path, b.code.name(), &b.message))
        });
        self.found.dedup();
        self.found
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, iter: I) {
        self.found.extend(iter);
    }
}

//! Repositories in tests: texts in, what validation says out.

use super::{Directory, validate};
use crate::config;
use crate::diag::{Diagnostic, Severity};
use crate::source::SourceMap;

/// A repository after validation.
pub(crate) struct Checked {
    pub(crate) sources: SourceMap,
    pub(crate) directory: Option<Directory>,
    pub(crate) found: Vec<Diagnostic>,
}

/// Parses and validates texts as files `0.yaml`, `1.yaml`, …; what parsing finds is found too.
pub(crate) fn check(files: &[&str]) -> Checked {
    let mut sources = SourceMap::default();
    for (index, text) in files.iter().enumerate() {
        sources.add(format!("{index}.yaml"), *text);
    }
    let (config, mut found) = config::parse(&sources);
    let (directory, problems) = validate(config, &sources);
    found.append(problems);
    Checked { sources, directory, found: found.into_sorted() }
}

/// A repository without errors.
pub(crate) fn valid(files: &[&str]) -> (Directory, SourceMap) {
    let checked = check(files);
    let errors: Vec<String> = checked
        .found
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .map(|found| checked.line(found))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    (checked.directory.unwrap(), checked.sources)
}

impl Checked {
    /// `code file:line:column` and the words that are pointed at.
    pub(crate) fn line(&self, found: &Diagnostic) -> String {
        let Some(span) = found.span else { return format!("{} -", found.code.name()) };
        let words = self.sources.text(span).lines().next().unwrap_or_default();
        format!("{} {} «{words}» {}", found.code.name(), self.sources.location(span), found.message)
    }

    /// All problems as [`Checked::line`]s.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.found.iter().map(|found| self.line(found)).collect()
    }
}

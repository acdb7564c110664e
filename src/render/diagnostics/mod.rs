//! Problems in the user's files, for people, scripts, GitHub and code scanners.

mod github;
mod human;
mod json;
mod place;
mod sarif;

pub use github::github;
pub use human::human;
pub use json::json;
pub use sarif::sarif;

use crate::diag::{Diagnostic, Severity};
use crate::wording::{count, list};

/// How many there are: "3 errors, 1 warning". Empty if there are none.
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let number = |severity| diagnostics.iter().filter(|found| found.severity == severity).count();
    let all = [(number(Severity::Error), "error"), (number(Severity::Warning), "warning")];
    list(all.into_iter().filter(|(number, _)| *number > 0).map(|(number, noun)| count(number, noun)))
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

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
use crate::wording::{count, some};

/// How many there are: "3 errors, 1 warning". Empty if there are none.
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    some([Severity::Error, Severity::Warning].map(|severity| {
        let number = diagnostics.iter().filter(|found| found.severity == severity).count();
        (number > 0, count(number, word(severity)))
    }))
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

//! An explanation as Markdown.

use std::fmt::Write as _;

use super::{days, expression, matched_words, outcome_words, state_words};
use crate::explain::{AtTarget, Explanation, ValueRow};
use crate::render::escape::{code, markdown as text, terminal};
use crate::render::plan::shown;
use crate::render::view::markdown::place;

/// The five steps of each target.
pub fn markdown(explanation: &Explanation) -> String {
    let mut page = String::new();
    for subject in &explanation.subjects {
        let _ = writeln!(page, "# {} {}\n", subject.resource, code(&subject.key));
        match &subject.declared {
            None => page.push_str("1. **Declared** nowhere: the ledger alone knows it.\n\n"),
            Some(declared) => {
                let days = days(declared);
                let days = if days.is_empty() { String::new() } else { format!(" ({})", text(&days)) };
                let _ = writeln!(page, "1. **Declared** at {}{days}.\n", place(&declared.place));
            }
        }
        subject.targets.iter().for_each(|at| target(&mut page, at));
    }
    let _ = writeln!(page, "<sub>as of {}</sub>", explanation.as_of);
    page
}

fn target(page: &mut String, at: &AtTarget) {
    let _ = writeln!(page, "## {}\n\n2. **In scope**:\n", text(&at.name));
    for bound in &at.scope {
        let places: Vec<String> = bound.places.iter().map(place).collect();
        let sign = if bound.holds { "yes" } else { "no" };
        let _ = writeln!(page, "   - {sign}, {}: {} {}", code(&bound.binding), text(&bound.why), places.join(" "));
    }
    if let Some(presence) = at.presence.as_ref().filter(|presence| *presence != "active") {
        let _ = writeln!(page, "   - {}", text(presence));
    }
    for problem in &at.problems {
        let _ = writeln!(page, "   - **can't be planned**: {}", text(problem));
    }
    let matched = matched_words(at.matched.as_ref(), at.failed.as_deref());
    let _ = writeln!(page, "\n3. **Matched**: {}\n\n4. **Values**:\n", text(&matched));
    if at.values.is_empty() {
        page.push_str("   none\n\n");
    } else {
        page.push_str("| path | value | from | there | |\n|---|---|---|---|---|\n");
        at.values.iter().for_each(|row| value(page, row));
        page.push('\n');
    }
    if !at.members.is_empty() {
        page.push_str("Members:\n\n");
        for member in &at.members {
            let _ = writeln!(page, "- {} {} {}", member.resource, code(&member.key), place(&member.place));
        }
        page.push('\n');
    }
    let _ = writeln!(page, "5. **Sent**: {}\n", text(&outcome_words(at)));
    for request in &at.requests {
        let _ = writeln!(page, "{}\n", code(&format!("{} {}", request.method, request.path)));
        let body = request.body.as_ref().and_then(|body| serde_json::to_string_pretty(body).ok());
        // Indented by four, so that nothing within ends it.
        for line in body.iter().flat_map(|body| body.lines()) {
            let _ = writeln!(page, "    {}", terminal(line));
        }
        page.push('\n');
    }
}

fn value(page: &mut String, row: &ValueRow) {
    let value = row.value.as_ref().map(|value| code(&shown(value))).unwrap_or_default();
    let live = row.live.as_ref().map(|live| code(&shown(live))).unwrap_or_default();
    let profile = if row.source.mapped { "the profile's row" } else { "" };
    let at = row.source.row.as_ref().map_or_else(|| profile.to_owned(), place);
    let declared = row.source.place.as_ref().filter(|_| row.value.is_some()).map(place).unwrap_or_default();
    let _ = writeln!(
        page,
        "| {} | {value} | {} {at} {declared} | {live} | {} |",
        code(&row.path),
        code(&expression(row)),
        state_words(row.state)
    );
}

//! Drift as a comment or an issue.

use std::fmt::Write as _;

use super::{BLIND, applied_and_live, event_words, others, verdict};
use crate::plan::{Drift, Drifted, Mode, TargetDrift};
use crate::render::escape::{code, markdown as text};

/// What moved at every target, a table each.
pub fn markdown(drift: &Drift) -> String {
    let mut page = format!("## scimform drift\n\n{}\n\n", text(&verdict(drift)));
    for target in &drift.targets {
        one(&mut page, target);
    }
    let _ = writeln!(page, "<sub>as of {}</sub>", drift.as_of);
    page
}

fn one(page: &mut String, target: &TargetDrift) {
    let _ = writeln!(page, "### {}\n", text(&target.name));
    if let Some(why) = &target.failed {
        let _ = writeln!(page, "**could not be read**: {}\n", text(why));
        return;
    }
    if target.mode == Mode::Disabled {
        page.push_str("Disabled: not looked at.\n\n");
        return;
    }
    if let Some(why) = &target.read.incomplete_because {
        let _ = writeln!(page, "**incomplete read**, who is gone can't be told: {}\n", text(why));
    }
    if target.no_ledger {
        let _ = writeln!(page, "{BLIND}\n");
    } else if target.is_none() {
        page.push_str("Nothing moved here alone.\n\n");
    } else {
        page.push_str("| who | what | applied → there | declared at |\n|---|---|---|---|\n");
        for drifted in &target.drifted {
            row(page, drifted);
        }
        page.push('\n');
    }
    for problem in &target.errors {
        let (key, message) = (code(&problem.key), text(&problem.message));
        let _ = writeln!(page, "- **error** ({}) {} {key}: {message}", problem.code, problem.resource);
    }
    if let Some(others) = others(target) {
        let _ = writeln!(page, "{others}\n");
    }
}

fn row(page: &mut String, drifted: &Drifted) {
    let mut parts: Vec<String> = Vec::new();
    for attribute in &drifted.attributes {
        let (applied, live) = applied_and_live(attribute);
        parts.push(format!("{} {} → {}", code(&attribute.path), code(&applied), code(&live)));
    }
    parts.extend(drifted.joined.iter().map(|member| format!("+ {} (put in)", text(&member.name))));
    parts.extend(drifted.left.iter().map(|member| format!("− {} (taken out)", text(&member.name))));
    let origin = drifted.origin.as_ref().map(|origin| code(&format!("{}:{}", origin.file, origin.line)));
    let _ = writeln!(
        page,
        "| {} {} ({}) | {} | {} | {} |",
        drifted.resource,
        text(&drifted.name),
        code(&drifted.key),
        event_words(drifted.event),
        parts.join("<br>"),
        origin.unwrap_or_default()
    );
}

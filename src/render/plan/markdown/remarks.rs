//! What stands against a plan, and what else a reviewer should know.

use crate::plan::{Mode, Plan};
use crate::render::comment::{Comment, clip};
use crate::render::escape::{code, markdown as text};
use crate::render::plan::rehearsal::told;
use crate::render::view::markdown::{key, name};
use crate::wording::count;

/// Characters of one remark.
const LONG: usize = 500;

/// What must be dealt with, the worst first.
pub(super) fn problems(plan: &Plan, comment: &Comment) -> Vec<String> {
    let mut lines = Vec::new();
    for target in &plan.targets {
        for violation in target.violations.iter().filter(|violation| !violation.warn) {
            let at = comment.at(violation.origin.as_ref());
            let allow = said(&violation.allow);
            let message = said(&violation.message);
            lines.push(format!("- **refused** at {}: {message}. To allow it: {allow}{at}", name(&target.name)));
        }
    }
    for target in &plan.targets {
        if let Some(why) = &target.failed {
            lines.push(format!("- **{} could not be read**: {}", name(&target.name), said(why)));
        }
        if let Some(why) = &target.read.incomplete_because {
            let why = said(why);
            lines.push(format!("- **{} was read in part**, so nothing is removed there: {why}", name(&target.name)));
        }
        if let Some(rehearsal) = target.rehearsal.as_ref().filter(|rehearsal| !rehearsal.converges) {
            let told = told(rehearsal);
            lines.push(format!("- **the rehearsal at {} {}**", name(&target.name), said(&told.verdict)));
        }
    }
    for target in &plan.targets {
        for problem in &target.errors {
            let at = comment.at(problem.origin.as_ref());
            lines.push(format!(
                "- **error** at {}: {} {}: {}{at}",
                name(&target.name),
                problem.resource,
                key(&problem.key),
                said(&problem.message)
            ));
        }
    }
    lines
}

/// What is good to know.
pub(super) fn notes(plan: &Plan, comment: &Comment) -> Vec<String> {
    let mut lines = Vec::new();
    for target in &plan.targets {
        let name = name(&target.name);
        if target.mode == Mode::ReadOnly && !target.changes.is_empty() {
            let differs = count(target.changes.len(), "difference");
            lines.push(format!("- {name} is read only: {differs} shown, nothing written"));
        }
        if !target.suppressed.is_empty() {
            let number = count(target.suppressed.len(), "change");
            lines.push(format!("- {name}: {number} shown and not made, since `actions` of the target has them off"));
        }
        for violation in target.violations.iter().filter(|violation| violation.warn) {
            lines.push(format!("- {name}: warning: {}", said(&violation.message)));
        }
        if let Some(rehearsal) = &target.rehearsal {
            let told = told(rehearsal);
            let copy = "on a copy of what was read, at a server that follows the profile";
            lines.push(format!("- {name}: the rehearsal {} ({copy})", said(&told.verdict)));
            let details = told.details.iter().chain(&told.unknown);
            lines.extend(details.map(|detail| format!("- {name}: rehearsal: {}", said(detail))));
        }
        for notice in &target.notices {
            let at = comment.at(notice.origin.as_ref());
            lines.push(format!("- {name}: {}{at}", said(&notice.message)));
        }
    }
    lines
}

/// Words of ours with names of others in them. What stands in backticks stays code.
pub(super) fn said(words: &str) -> String {
    let words = clip(words, LONG);
    let parts: Vec<&str> = words.split('`').collect();
    // With an odd number of backticks, one of them is somebody's name.
    if parts.len().is_multiple_of(2) {
        return text(&words);
    }
    let part = |(place, part): (usize, &&str)| {
        if place.is_multiple_of(2) || part.is_empty() { text(part) } else { code(part) }
    };
    parts.iter().enumerate().map(part).collect()
}

//! Drift as a comment or an issue.

use std::fmt::Write as _;

use super::{BLIND, applied_and_live, event_words, others, verdict};
use crate::plan::{Drift, DriftEvent, Drifted, MemberRef, Mode, TargetDrift};
use crate::render::comment::{Comment, Room, clip};
use crate::render::escape::{code, markdown as text};
use crate::render::plan::short_path;
use crate::render::view::markdown::{self, key, member, name, who};

/// The first line, by which a comment or issue is found again to be brought up to date.
pub const MARKER: &str = "<!-- scimform:drift -->";

/// Characters of a message.
const LONG: usize = 500;
/// Members of one group that are named.
const MEMBERS: usize = 25;
/// What the words on what is left out take at most.
const CUT: usize = 1_000;
/// What a table costs besides its rows.
const FRAME: usize = 800;

/// What moved: the verdict, a row for each target, then a table each, or as much as fits of it: accounts that are active
/// again come first, then those that were deactivated, who is gone, and at last other values and members.
pub fn markdown(drift: &Drift, comment: &Comment) -> String {
    let verdict = verdict(drift);
    let verdict = verdict.strip_prefix("Drift: ").unwrap_or(&verdict).trim_end_matches('.');
    let mut page = format!("{MARKER}\n## scimform drift: {}\n\n", text(verdict));
    table(&mut page, drift, comment.most() / 4);
    let foot = format!("<sub>as of {}</sub>\n", drift.as_of);
    let mut room = Room::new(comment.most().saturating_sub(page.len() + foot.len() + CUT));
    let remarks: Vec<String> = drift.targets.iter().flat_map(remarks).collect();
    let remarks_shown = room.rows(0, &remarks, String::clone);
    let mut shown: Vec<Vec<String>> = vec![Vec::new(); drift.targets.len()];
    let mut left_out = 0;
    for event in [DriftEvent::Reactivated, DriftEvent::Deactivated, DriftEvent::Gone, DriftEvent::Changed] {
        for (target, rows) in drift.targets.iter().zip(&mut shown) {
            let these: Vec<&Drifted> = target.drifted.iter().filter(|drifted| drifted.event == event).collect();
            let frame = if rows.is_empty() { FRAME } else { 0 };
            let fitting = room.rows(frame, &these, |drifted| row(drifted, comment));
            left_out += these.len() - fitting.len();
            rows.extend(fitting);
        }
    }
    let problems = remarks.len() - remarks_shown.len();
    if left_out + problems > 0 {
        let whole = comment.whole("scimform drift");
        let left = format!("{left_out} users and groups that moved, {problems} remarks");
        let _ = writeln!(page, "**Too long for one comment.** Left out: {left}. {whole}\n");
    }
    markdown::rows(&mut page, "", &remarks_shown);
    for (target, rows) in drift.targets.iter().zip(&shown) {
        let head = "| who | what | applied → there | declared at |\n|---|---|---|---|\n";
        markdown::rows(&mut page, &format!("### {}\n\n{head}", name(&target.name)), rows);
    }
    page.push_str(&foot);
    page
}

/// A row for each target; no more than fit.
fn table(page: &mut String, drift: &Drift, most: usize) {
    let start = page.len();
    page.push_str("| target | changed | gone | deactivated there | active again there |\n|---|---:|---:|---:|---:|\n");
    for (place, target) in drift.targets.iter().enumerate() {
        let name = name(&target.name);
        let state = match (&target.failed, target.mode) {
            (Some(_), _) => ": **could not be read**",
            (None, Mode::Disabled) => ": disabled, not looked at",
            (None, Mode::ReadOnly) => ": read only",
            (None, Mode::Sync) if !target.read.complete => ": **read in part**",
            (None, Mode::Sync) if target.no_ledger => ": **no apply is known**",
            (None, Mode::Sync) => "",
        };
        let number = |event: DriftEvent| match target.drifted.iter().filter(|one| one.event == event).count() {
            0 => "–".to_owned(),
            number => number.to_string(),
        };
        let row = format!(
            "| {name}{state} | {} | {} | {} | {} |\n",
            number(DriftEvent::Changed),
            number(DriftEvent::Gone),
            number(DriftEvent::Deactivated),
            number(DriftEvent::Reactivated)
        );
        if page.len() - start + row.len() > most {
            let more = drift.targets.len() - place;
            let _ = writeln!(page, "| {more} more targets | | | | |");
            break;
        }
        page.push_str(&row);
    }
    page.push('\n');
}

/// What keeps a target's drift from being the whole truth.
fn remarks(target: &TargetDrift) -> Vec<String> {
    let name = name(&target.name);
    let said = |words: &str| text(&clip(words, LONG));
    let mut lines = Vec::new();
    if let Some(why) = &target.failed {
        lines.push(format!("- **{name} could not be read**: {}", said(why)));
    }
    if let Some(why) = &target.read.incomplete_because {
        lines.push(format!("- **{name} was read in part**, who is gone can't be told: {}", said(why)));
    }
    if target.no_ledger {
        lines.push(format!("- {name}: {BLIND}"));
    }
    lines.extend(target.notices.iter().map(|notice| format!("- {name}: {}", said(&notice.message))));
    for problem in &target.errors {
        let (key, message) = (key(&problem.key), said(&problem.message));
        lines.push(format!("- **error** at {name}: {} {key}: {message}", problem.resource));
    }
    lines.extend(others(target).map(|others| format!("- {name}: {others}")));
    lines
}

fn row(drifted: &Drifted, comment: &Comment) -> String {
    let mut parts: Vec<String> = Vec::new();
    for attribute in &drifted.attributes {
        let (applied, live) = applied_and_live(attribute);
        parts.push(format!("{} {} → {}", key(short_path(&attribute.path.to_string())), code(&applied), code(&live)));
    }
    members(&drifted.joined, "+", "put in", &mut parts);
    members(&drifted.left, "−", "taken out", &mut parts);
    let origin = drifted.origin.as_ref().map(|origin| comment.line(origin)).unwrap_or_default();
    let (who, what) = (who(&drifted.name, &drifted.key), event_words(drifted.event));
    format!("| {} {who} | {what} | {} | {origin} |", drifted.resource, parts.join("<br>"))
}

fn members(members: &[MemberRef], sign: &str, what: &str, parts: &mut Vec<String>) {
    parts.extend(members.iter().take(MEMBERS).map(|one| format!("{sign} {} ({what})", member(one))));
    let more = members.len().saturating_sub(MEMBERS);
    if more > 0 {
        parts.push(format!("{sign} {more} more ({what})"));
    }
}

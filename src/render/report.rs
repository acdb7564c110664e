//! The report of an apply.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::action_word;
use super::escape::terminal;
use super::look::Look;
use crate::apply::{Report, TargetReport, WayBack};
use crate::plan::Mode;
use crate::wording::{count, list};

/// What can't be taken back that is named one by one.
const MOST_LOST: usize = 20;

/// The report as `scimform.report/v1`.
pub fn json(report: &Report) -> serde_json::Result<String> {
    serde_json::to_string_pretty(report).map(|text| text + "\n")
}

/// The report for a terminal.
pub fn human(report: &Report, look: &Look) -> String {
    let mut text = String::new();
    for target in &report.targets {
        one(&mut text, target, look);
    }
    if let Some(undo) = &report.undo {
        way_back(&mut text, undo, look);
    }
    laid_out(&text, look)
}

/// Every line broken where it is wider than the terminal; further lines are moved in by two.
pub(super) fn laid_out(text: &str, look: &Look) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    text.lines().map(|line| look.prose(line, indent(line) + 2)).collect()
}

/// How to take the apply back, and what that leaves.
fn way_back(text: &mut String, undo: &WayBack, look: &Look) {
    let _ = writeln!(text, "to take this back: scimform apply --undo {}", terminal(&undo.file));
    let yellow = AnsiColor::Yellow.on_default();
    let label = look.paint(yellow, "stays");
    for lost in undo.cannot.iter().take(MOST_LOST) {
        let at = lost.path.as_ref().map(|path| format!(" `{}`", terminal(path))).unwrap_or_default();
        let _ = writeln!(
            text,
            "  {label} {}: {} {} {}{at}: {}",
            terminal(&lost.target),
            action_word(lost.subject.action),
            lost.subject.resource,
            terminal(&lost.subject.key),
            terminal(&lost.why)
        );
    }
    if let Some(more) = undo.cannot.len().checked_sub(MOST_LOST).filter(|more| *more > 0) {
        let _ = writeln!(text, "  {label} {more} more; `scimform plan --undo {}` shows all", terminal(&undo.file));
    }
}

fn one(text: &mut String, target: &TargetReport, look: &Look) {
    let paint = |style: Style, word: &str| look.paint(style, word);
    let (red, yellow) = (AnsiColor::Red.on_default(), AnsiColor::Yellow.on_default());
    let head = paint(Style::new().bold(), &terminal(&target.name));
    match target.mode {
        Mode::Sync => {}
        Mode::ReadOnly => {
            let _ = writeln!(text, "{head}: read only, so nothing was written");
        }
        Mode::Disabled => {
            let _ = writeln!(text, "{head}: disabled, so nothing was done");
        }
    }
    if target.mode != Mode::Sync && target.stopped.is_none() {
        return;
    }
    let done = list(target.done.iter().map(|(action, number)| format!("{number} {}", past(*action))));
    let done = match (done.is_empty(), target.accepted) {
        (false, _) => done,
        (true, 0) => "nothing changed".to_owned(),
        (true, _) => "no change completed".to_owned(),
    };
    let _ = writeln!(
        text,
        "{head}: {done}; {} in {}.{} s",
        count(target.requests, "request"),
        target.milliseconds / 1000,
        target.milliseconds % 1000 / 100
    );
    if let Some(why) = &target.stopped {
        let left = count(target.not_run, "change");
        let _ = writeln!(text, "  {} {}; {left} not run", paint(red, "stopped"), terminal(why));
    }
    failed(text, target, &|word| paint(red, word));
    for skipped in &target.skipped {
        let _ = writeln!(
            text,
            "  {} {} {}: {}",
            paint(yellow, "left"),
            skipped.subject.resource,
            terminal(&skipped.subject.key),
            terminal(&skipped.because)
        );
        super::reviewed::sides(text, &skipped.attributes);
    }
    notes(text, target, &paint(yellow, "note"));
}

/// What failed, and what the target accepted and did not do.
fn failed(text: &mut String, target: &TargetReport, paint: &dyn Fn(&str) -> String) {
    for (place, failure) in target.failures.iter().enumerate() {
        let at = failure.at.as_ref().map(|at| format!(" ({})", terminal(at))).unwrap_or_default();
        let subject = &failure.subject;
        let _ = writeln!(
            text,
            "  {} {} {} {}{at}: {}",
            paint("failed"),
            action_word(subject.action),
            subject.resource,
            terminal(&subject.key),
            terminal(&failure.message)
        );
        let next = target.failures.get(place + 1).and_then(|next| next.hint.as_ref());
        help(text, failure.hint.as_ref(), next);
    }
    for (place, off) in target.not_converged.iter().enumerate() {
        let _ = writeln!(
            text,
            "  {} {} {}: the target accepted `{}` and did not keep it",
            paint("did not converge"),
            off.subject.resource,
            terminal(&off.subject.key),
            terminal(&off.path)
        );
        let next = target.not_converged.get(place + 1).and_then(|next| next.hint.as_ref());
        help(text, off.hint.as_ref(), next);
    }
}

/// The way out, once for several in a row that have the same.
fn help(text: &mut String, hint: Option<&String>, next: Option<&String>) {
    if let Some(hint) = hint.filter(|hint| next != Some(hint)) {
        let _ = writeln!(text, "    {}", terminal(hint));
    }
}

/// What went well and is worth knowing.
fn notes(text: &mut String, target: &TargetReport, note: &str) {
    for notice in &target.notices {
        let _ = writeln!(text, "  {note} {}", terminal(notice));
    }
    if !target.normalised.is_empty() {
        let places = count(target.normalised.len(), "value");
        let _ = writeln!(text, "  {note} {places} kept in a form of the target's own");
    }
    for place in &target.unchecked {
        let _ = writeln!(
            text,
            "  {} {} {}: `{}` was sent and is unchecked, the target does not show it",
            note,
            place.subject.resource,
            terminal(&place.subject.key),
            terminal(&place.path)
        );
    }
    if !target.adopted.is_empty() {
        let places = count(target.adopted.len(), "resource");
        let _ = writeln!(text, "  {note} {places} there already, adopted instead of created");
    }
}

const fn past(action: crate::plan::Action) -> &'static str {
    use crate::plan::Action;
    match action {
        Action::Create => "created",
        Action::Adopt => "adopted",
        Action::Update => "updated",
        Action::Reactivate => "reactivated",
        Action::Deactivate => "deactivated",
        Action::Delete => "deleted",
        Action::Forget => "forgotten",
    }
}

//! The report of an apply.

use super::action_word;
use super::escape::terminal;
use super::look::Look;
use super::view::terminal::{BOLD, Page, RED, YELLOW};
use crate::apply::{Report, TargetReport, WayBack};
use crate::plan::Mode;
use crate::wording::{count, list};

/// What can't be taken back that is named one by one.
const MOST_LOST: usize = 20;

/// The report for a terminal.
pub fn human(report: &Report, look: &Look) -> String {
    let mut page = Page::new(look);
    for target in &report.targets {
        one(&mut page, target);
    }
    if let Some(undo) = &report.undo {
        way_back(&mut page, undo);
    }
    page.text
}

/// How to take the apply back, and what that leaves.
fn way_back(page: &mut Page<'_>, undo: &WayBack) {
    page.said(&format!("to take this back: scimform apply --undo {}", terminal(&undo.file)));
    let label = page.paint(YELLOW, "stays");
    for lost in undo.cannot.iter().take(MOST_LOST) {
        let at = lost.path.as_ref().map(|path| format!(" `{}`", terminal(path))).unwrap_or_default();
        page.said(&format!(
            "  {label} {}: {} {} {}{at}: {}",
            terminal(&lost.target),
            action_word(lost.subject.action),
            lost.subject.resource,
            terminal(&lost.subject.key),
            terminal(&lost.why)
        ));
    }
    if let Some(more) = undo.cannot.len().checked_sub(MOST_LOST).filter(|more| *more > 0) {
        page.said(&format!("  {label} {more} more; `scimform plan --undo {}` shows all", terminal(&undo.file)));
    }
}

fn one(page: &mut Page<'_>, target: &TargetReport) {
    let head = page.paint(BOLD, &terminal(&target.name));
    match target.mode {
        Mode::Sync => {}
        Mode::ReadOnly => page.said(&format!("{head}: read only, so nothing was written")),
        Mode::Disabled => page.said(&format!("{head}: disabled, so nothing was done")),
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
    page.said(&format!(
        "{head}: {done}; {} in {}.{} s",
        count(target.requests, "request"),
        target.milliseconds / 1000,
        target.milliseconds % 1000 / 100
    ));
    if let Some(why) = &target.stopped {
        let left = count(target.not_run, "change");
        page.said(&format!("  {} {}; {left} not run", page.paint(RED, "stopped"), terminal(why)));
    }
    failed(page, target);
    for skipped in &target.skipped {
        page.said(&format!(
            "  {} {} {}: {}",
            page.paint(YELLOW, "left"),
            skipped.subject.resource,
            terminal(&skipped.subject.key),
            terminal(&skipped.because)
        ));
        super::reviewed::sides(page, &skipped.attributes);
    }
    notes(page, target, &page.paint(YELLOW, "note"));
}

/// What failed, and what the target accepted and did not do.
fn failed(page: &mut Page<'_>, target: &TargetReport) {
    for (place, failure) in target.failures.iter().enumerate() {
        let at = failure.at.as_ref().map(|at| format!(" ({})", terminal(at))).unwrap_or_default();
        let subject = &failure.subject;
        page.said(&format!(
            "  {} {} {} {}{at}: {}",
            page.paint(RED, "failed"),
            action_word(subject.action),
            subject.resource,
            terminal(&subject.key),
            terminal(&failure.message)
        ));
        let next = target.failures.get(place + 1).and_then(|next| next.hint.as_ref());
        help(page, failure.hint.as_ref(), next);
    }
    for (place, off) in target.not_converged.iter().enumerate() {
        page.said(&format!(
            "  {} {} {}: the target accepted `{}` and did not keep it",
            page.paint(RED, "did not converge"),
            off.subject.resource,
            terminal(&off.subject.key),
            terminal(&off.path)
        ));
        let next = target.not_converged.get(place + 1).and_then(|next| next.hint.as_ref());
        help(page, off.hint.as_ref(), next);
    }
}

/// The way out, once for several in a row that have the same.
fn help(page: &mut Page<'_>, hint: Option<&String>, next: Option<&String>) {
    if let Some(hint) = hint.filter(|hint| next != Some(hint)) {
        page.said(&format!("    {}", terminal(hint)));
    }
}

/// What went well and is worth knowing.
fn notes(page: &mut Page<'_>, target: &TargetReport, note: &str) {
    for notice in &target.notices {
        page.said(&format!("  {note} {}", terminal(notice)));
    }
    if !target.normalised.is_empty() {
        let places = count(target.normalised.len(), "value");
        page.said(&format!("  {note} {places} kept in a form of the target's own"));
    }
    for place in &target.unchecked {
        page.said(&format!(
            "  {} {} {}: `{}` was sent and is unchecked, the target does not show it",
            note,
            place.subject.resource,
            terminal(&place.subject.key),
            terminal(&place.path)
        ));
    }
    if !target.adopted.is_empty() {
        let places = count(target.adopted.len(), "resource");
        page.said(&format!("  {note} {places} there already, adopted instead of created"));
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

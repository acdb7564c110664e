//! Drift for a terminal.

use super::{BLIND, applied_and_live, event_words, others, verdict};
use crate::plan::{Drift, DriftEvent, Drifted, MemberRef, Mode, TargetDrift};
use crate::render::escape::terminal;
use crate::render::look::Look;
use crate::render::view::terminal::{BOLD, DIM, GREEN, Page, RED, Style, YELLOW, member, padded, rest, widest};
use crate::wording::count;

/// Members shown before the rest is folded.
const MEMBERS: usize = 8;

/// The verdict alone, for those who ask for little.
pub fn brief(drift: &Drift, look: &Look) -> String {
    look.prose(&look.paint(BOLD, &verdict(drift)), 0)
}

/// What moved at every target: what we applied on the left, what is there on the right.
pub fn human(drift: &Drift, look: &Look) -> String {
    let mut page = Page::new(look);
    for one in &drift.targets {
        target(&mut page, one);
        page.blank();
    }
    page.text.push_str(&brief(drift, look));
    page.line(&look.paint(DIM, &format!("as of {}", drift.as_of)), 2);
    page.text
}

fn mark(event: DriftEvent) -> (&'static str, Style) {
    match event {
        DriftEvent::Changed => ("~", YELLOW),
        DriftEvent::Gone => ("-", RED),
        DriftEvent::Deactivated => ("!", RED),
        DriftEvent::Reactivated => ("^", RED),
    }
}

fn target(page: &mut Page<'_>, target: &TargetDrift) {
    let head = page.paint(BOLD, &terminal(&target.name));
    if let Some(why) = &target.failed {
        page.prose(&format!("{head} {}: {}", page.paint(RED, "could not be read"), terminal(why)), 2);
        return;
    }
    if target.mode == Mode::Disabled {
        page.line(&format!("{head} {}", page.paint(DIM, "disabled: not looked at")), 2);
        return;
    }
    let read = format!(
        "({}, read {} and {} in {})",
        target.profile,
        count(target.read.users, "user"),
        count(target.read.groups, "group"),
        count(target.read.requests, "request")
    );
    page.line(&format!("{head} {}", page.paint(DIM, &read)), 2);
    if let Some(why) = &target.read.incomplete_because {
        let text = format!("incomplete read: {}; who is gone can't be told", terminal(why));
        page.said(&format!("  {}", page.paint(RED, &text)));
    }
    if !target.drifted.is_empty() {
        page.blank();
    }
    let keys = widest(target.drifted.iter().map(|one| one.key.as_str()), 28);
    let names = widest(target.drifted.iter().map(|one| one.name.as_str()), 32);
    for one in &target.drifted {
        drifted(page, one, keys, names);
    }
    for notice in &target.notices {
        let label = page.paint(YELLOW, &format!("note[{}]", notice.code));
        page.said(&format!("  {label} {}", terminal(&notice.message)));
    }
    for problem in &target.errors {
        let label = page.paint(RED, &format!("error[{}]", problem.code));
        let (key, message) = (terminal(&problem.key), terminal(&problem.message));
        page.said(&format!("  {label} {} {key}: {message}", problem.resource));
    }
    if target.no_ledger {
        page.said(&format!("  {BLIND}"));
    } else if target.is_none() {
        page.line("  nothing moved here alone", 2);
    }
    if let Some(others) = others(target) {
        page.said(&format!("  {}", page.paint(DIM, &others)));
    }
}

fn drifted(page: &mut Page<'_>, drifted: &Drifted, keys: usize, names: usize) {
    let (sign, style) = mark(drifted.event);
    let sign = page.paint(style, sign);
    let (key, name) = (padded(&drifted.key, keys), padded(&drifted.name, names));
    let origin = drifted.origin.as_ref().map(|origin| format!("  {}", page.origin(origin)));
    let tail = page.paint(DIM, &format!("{}{}", event_words(drifted.event), origin.unwrap_or_default()));
    page.line(&format!("  {sign} {:<5} {key}  {name}  {tail}", drifted.resource.to_string()), 8);
    for attribute in &drifted.attributes {
        let (applied, live) = applied_and_live(attribute);
        let (applied, live) = (page.paint(RED, &terminal(&applied)), page.paint(GREEN, &terminal(&live)));
        page.line(&format!("        {}  {applied} -> {live}", terminal(&attribute.path.to_string())), 12);
    }
    // Who went is always shown.
    let most = page.look.fold(drifted.joined.len(), MEMBERS);
    members(page, &drifted.joined, most, &page.paint(GREEN, "+"), "put in at the target");
    members(page, &drifted.left, drifted.left.len(), &page.paint(RED, "-"), "taken out at the target");
}

fn members(page: &mut Page<'_>, members: &[MemberRef], most: usize, sign: &str, what: &str) {
    for one in members.iter().take(most) {
        page.line(&format!("        {sign} {}  {}", member(one), page.paint(DIM, what)), 12);
    }
    if most < members.len() {
        let rest = page.paint(DIM, &rest(members.len() - most, &format!(" {what}")));
        page.line(&format!("        {sign} {rest}"), 12);
    }
}

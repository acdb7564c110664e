//! A report of access for a terminal.

use super::{
    assigned_words, basis_words, grant_words, heading_words, kind_word, read_words, standing_word, state_words,
    status_words, summary_words,
};
use crate::access::{Account, Grant, Place, Report, Status, TargetAccess};
use crate::render::escape::terminal;
use crate::render::look::Look;
use crate::render::view::terminal::{BOLD, DIM, Page, RED, YELLOW, padded, widest};

/// Names longer than this do not push their neighbours away.
const LONG: usize = 24;

/// Who has what at every target, and why.
pub fn human(report: &Report, look: &Look) -> String {
    let mut page = Page::new(look);
    for one in &report.targets {
        target(&mut page, one, report.live);
    }
    page.prose(&format!("Access {}.", basis_words(report)), 0);
    page.prose(&look.paint(DIM, &terminal(&heading_words(report))), 0);
    page.text
}

fn target(page: &mut Page<'_>, target: &TargetAccess, live: bool) {
    let name = page.paint(BOLD, &terminal(&target.name));
    let read = target.read.as_ref().map(|read| format!("; {}", read_words(read))).unwrap_or_default();
    let profile = page.paint(DIM, &format!("({}{read})", terminal(&target.profile)));
    page.line(&format!("{name} {profile}"), 2);
    page.line(&format!("  {}", summary_words(target, live)), 2);
    let partly = target.read.as_ref().and_then(|read| read.incomplete_because.as_ref());
    for (label, why) in [("could not be read", target.failed.as_ref()), ("not everything was read", partly)] {
        if let Some(why) = why {
            page.line(&format!("  {}: {}", page.paint(RED, label), terminal(why)), 4);
        }
    }
    for one in &target.accounts {
        account(page, one);
    }
    page.blank();
}

fn account(page: &mut Page<'_>, account: &Account) {
    let key = account.key.as_deref().map_or_else(|| "(nobody)".to_owned(), terminal);
    let mut parts = vec![page.paint(BOLD, &key)];
    if account.key.as_deref() != Some(&account.name) {
        parts.push(terminal(&account.name));
    }
    parts.extend(account.user_name.iter().filter(|name| **name != account.name).map(|name| terminal(name)));
    if !account.active {
        parts.push(page.paint(YELLOW, &terminal(&state_words(account))));
    }
    parts.extend(account.since.map(|day| format!("since {day}")));
    parts.extend(account.until.map(|day| format!("until {day}")));
    parts.extend(status(page, account.status));
    parts.extend(account.standing.map(|standing| standing_word(standing).to_owned()));
    page.line(&format!("  {}", parts.join("  ")), 6);
    if let Some(problem) = &account.problem {
        page.line(&format!("      {}: {}", page.paint(RED, "can't be planned"), terminal(problem)), 8);
    }
    for (one, (binding, why)) in account.assigned.iter().zip(assigned_words(account)) {
        let by = page.paint(DIM, &format!("(binding {})", terminal(&binding)));
        page.line(&format!("      account  {} {by}{}", terminal(&why), declared(page, &one.why.place)), 15);
    }
    let width = widest(account.grants.iter().map(|grant| grant.name.as_str()), LONG);
    for one in &account.grants {
        grant(page, one, width);
    }
}

fn grant(page: &mut Page<'_>, grant: &Grant, width: usize) {
    let name = padded(&grant.name, width);
    let why = terminal(&grant_words(grant));
    let until = grant.why.as_ref().and_then(|why| why.until).map(|day| format!(", until {day}")).unwrap_or_default();
    let status = status(page, grant.status).map(|status| format!("  {status}")).unwrap_or_default();
    let place = grant.why.as_ref().map(|why| declared(page, &why.place)).unwrap_or_default();
    page.line(&format!("      {:<7}  {name}  {why}{until}{status}{place}", kind_word(grant.kind)), 17 + width);
}

/// What the target says, unless all is as it should be.
fn status(page: &Page<'_>, status: Option<Status>) -> Option<String> {
    let status = status.filter(|status| *status != Status::Present)?;
    let style = if status.is_difference() || status == Status::Undeclared { RED } else { DIM };
    Some(page.paint(style, status_words(status)))
}

fn declared(page: &Page<'_>, place: &Place) -> String {
    let place = page.place(place);
    if place.is_empty() { place } else { format!("  {place}") }
}

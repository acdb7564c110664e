//! A report of access for a terminal.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

use super::{
    assigned_words, basis_words, grant_words, heading_words, kind_word, read_words, standing_word, state_words,
    status_words, summary_words,
};
use crate::access::{Account, Grant, Place, Report, Status, TargetAccess};
use crate::render::escape::terminal;
use crate::render::look::Look;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

/// Names longer than this do not push their neighbours away.
const LONG: usize = 24;

/// Who has what at every target, and why.
pub fn human(report: &Report, look: &Look) -> String {
    let mut page = Page { text: String::new(), look, live: report.live };
    for target in &report.targets {
        page.target(target);
    }
    page.prose(&format!("Access {}.", basis_words(report)), 0);
    page.prose(&look.paint(DIM, &terminal(&heading_words(report))), 0);
    page.text
}

struct Page<'a> {
    text: String,
    look: &'a Look,
    live: bool,
}

impl Page<'_> {
    fn prose(&mut self, text: &str, hanging: usize) {
        self.text.push_str(&self.look.prose(text, hanging));
    }

    fn line(&mut self, text: &str, hanging: usize) {
        self.text.push_str(&self.look.line(text, hanging));
    }

    fn target(&mut self, target: &TargetAccess) {
        let name = self.look.paint(BOLD, &terminal(&target.name));
        let read = target.read.as_ref().map(|read| format!("; {}", read_words(read))).unwrap_or_default();
        let profile = self.look.paint(DIM, &format!("({}{read})", terminal(&target.profile)));
        self.line(&format!("{name} {profile}"), 2);
        self.line(&format!("  {}", summary_words(target, self.live)), 2);
        if let Some(why) = &target.failed {
            let failed = self.look.paint(RED, "could not be read");
            self.line(&format!("  {failed}: {}", terminal(why)), 4);
        }
        if let Some(why) = target.read.as_ref().and_then(|read| read.incomplete_because.as_ref()) {
            let failed = self.look.paint(RED, "not everything was read");
            self.line(&format!("  {failed}: {}", terminal(why)), 4);
        }
        for account in &target.accounts {
            self.account(account);
        }
        self.text.push('\n');
    }

    fn account(&mut self, account: &Account) {
        let key = account.key.as_deref().map_or_else(|| "(nobody)".to_owned(), terminal);
        let mut parts = vec![self.look.paint(BOLD, &key)];
        if account.key.as_deref() != Some(&account.name) {
            parts.push(terminal(&account.name));
        }
        parts.extend(account.user_name.iter().filter(|name| **name != account.name).map(|name| terminal(name)));
        if !account.active {
            parts.push(self.look.paint(YELLOW, &terminal(&state_words(account))));
        }
        parts.extend(account.since.map(|day| format!("since {day}")));
        parts.extend(account.until.map(|day| format!("until {day}")));
        parts.extend(self.status(account.status));
        parts.extend(account.standing.map(|standing| standing_word(standing).to_owned()));
        self.line(&format!("  {}", parts.join("  ")), 6);
        if let Some(problem) = &account.problem {
            let label = self.look.paint(RED, "can't be planned");
            self.line(&format!("      {label}: {}", terminal(problem)), 8);
        }
        for (one, (binding, why)) in account.assigned.iter().zip(assigned_words(account)) {
            let place = self.place(&one.why.place);
            self.line(&format!("      account  {} {}{place}", terminal(&why), self.by(&binding)), 15);
        }
        let widest = |grant: &Grant| terminal(&grant.name).width();
        let width = account.grants.iter().map(widest).max().unwrap_or(0).min(LONG);
        for grant in &account.grants {
            self.grant(grant, width);
        }
    }

    fn by(&self, binding: &str) -> String {
        self.look.paint(DIM, &format!("(binding {})", terminal(binding)))
    }

    fn grant(&mut self, grant: &Grant, width: usize) {
        let name = terminal(&grant.name);
        let pad = " ".repeat(width.saturating_sub(name.width()));
        let why = terminal(&grant_words(grant));
        let until =
            grant.why.as_ref().and_then(|why| why.until).map(|day| format!(", until {day}")).unwrap_or_default();
        let status = self.status(grant.status).map(|status| format!("  {status}")).unwrap_or_default();
        let place = grant.why.as_ref().map(|why| self.place(&why.place)).unwrap_or_default();
        let kind = kind_word(grant.kind);
        self.line(&format!("      {kind:<7}  {name}{pad}  {why}{until}{status}{place}"), 17 + width);
    }

    /// What the target says, unless all is as it should be.
    fn status(&self, status: Option<Status>) -> Option<String> {
        let status = status.filter(|status| *status != Status::Present)?;
        let style = if status.is_difference() || status == Status::Undeclared { RED } else { DIM };
        Some(self.look.paint(style, status_words(status)))
    }

    fn place(&self, place: &Place) -> String {
        if place.file.is_empty() {
            return String::new();
        }
        format!("  {}", self.look.paint(DIM, &self.look.place(&place.file, place.line)))
    }
}

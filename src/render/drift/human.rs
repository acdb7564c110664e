//! Drift for a terminal.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

use super::{BLIND, applied_and_live, event_words, others, verdict};
use crate::plan::{Drift, DriftEvent, Drifted, MemberRef, Mode, TargetDrift};
use crate::render::escape::terminal;
use crate::render::look::Look;
use crate::scim::ResourceKind;
use crate::wording::count;

/// Members shown before the rest is folded.
const MEMBERS: usize = 8;
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

/// The verdict alone, for those who ask for little.
pub fn brief(drift: &Drift, look: &Look) -> String {
    look.prose(&look.paint(Style::new().bold(), &verdict(drift)), 0)
}

/// What moved at every target: what we applied on the left, what is there on the right.
pub fn human(drift: &Drift, look: &Look) -> String {
    let mut page = Page { text: String::new(), look };
    for target in &drift.targets {
        page.target(target);
    }
    page.text.push_str(&brief(drift, look));
    let foot = page.paint(DIM, &format!("as of {}", drift.as_of));
    page.line(&foot, 2);
    page.text
}

struct Page<'a> {
    text: String,
    look: &'a Look,
}

fn mark(event: DriftEvent) -> (&'static str, Style) {
    match event {
        DriftEvent::Changed => ("~", YELLOW),
        DriftEvent::Gone => ("-", RED),
        DriftEvent::Deactivated => ("!", RED),
        DriftEvent::Reactivated => ("^", RED),
    }
}

impl Page<'_> {
    fn paint(&self, style: Style, text: &str) -> String {
        self.look.paint(style, text)
    }

    /// A line whose further lines begin at a column.
    fn line(&mut self, text: &str, hanging: usize) {
        self.text.push_str(&self.look.line(text, hanging));
    }

    /// The same for sentences.
    fn prose(&mut self, text: &str, hanging: usize) {
        self.text.push_str(&self.look.prose(text, hanging));
    }

    fn target(&mut self, target: &TargetDrift) {
        let head = self.paint(Style::new().bold(), &terminal(&target.name));
        if let Some(why) = &target.failed {
            let failed = self.paint(RED, "could not be read");
            self.prose(&format!("{head} {failed}: {}", terminal(why)), 2);
            self.line("", 0);
            return;
        }
        if target.mode == Mode::Disabled {
            let text = self.paint(DIM, "disabled: not looked at");
            self.line(&format!("{head} {text}"), 2);
            self.line("", 0);
            return;
        }
        let read = format!(
            "({}, read {} and {} in {})",
            target.profile,
            count(target.read.users, "user"),
            count(target.read.groups, "group"),
            count(target.read.requests, "request")
        );
        let read = self.paint(DIM, &read);
        self.line(&format!("{head} {read}"), 2);
        if let Some(why) = &target.read.incomplete_because {
            let text = format!("incomplete read: {}; who is gone can't be told", terminal(why));
            let text = self.paint(RED, &text);
            self.prose(&format!("  {text}"), 4);
        }
        if !target.drifted.is_empty() {
            self.line("", 0);
        }
        let widest = |cell: &dyn Fn(&Drifted) -> usize, most: usize| {
            target.drifted.iter().map(cell).max().unwrap_or(0).min(most)
        };
        let widths = [widest(&|one| terminal(&one.key).width(), 28), widest(&|one| terminal(&one.name).width(), 32)];
        for drifted in &target.drifted {
            self.drifted(drifted, widths);
        }
        for notice in &target.notices {
            let label = self.paint(YELLOW, &format!("note[{}]", notice.code));
            self.prose(&format!("  {label} {}", terminal(&notice.message)), 4);
        }
        for problem in &target.errors {
            let label = self.paint(RED, &format!("error[{}]", problem.code));
            let (key, message) = (terminal(&problem.key), terminal(&problem.message));
            self.prose(&format!("  {label} {} {key}: {message}", problem.resource), 4);
        }
        if target.no_ledger {
            self.prose(&format!("  {BLIND}"), 4);
        } else if target.is_none() {
            self.line("  nothing moved here alone", 2);
        }
        if let Some(others) = others(target) {
            let others = self.paint(DIM, &others);
            self.prose(&format!("  {others}"), 4);
        }
        self.line("", 0);
    }

    fn drifted(&mut self, drifted: &Drifted, [keys, names]: [usize; 2]) {
        let (sign, style) = mark(drifted.event);
        let sign = self.paint(style, sign);
        let pad = |text: String, width: usize| format!("{text}{}", " ".repeat(width.saturating_sub(text.width())));
        let (key, name) = (pad(terminal(&drifted.key), keys), pad(terminal(&drifted.name), names));
        let origin = drifted.origin.as_ref().map(|origin| self.look.place(&origin.file, origin.line));
        let origin = origin.map(|place| format!("  {place}"));
        let tail = self.paint(DIM, &format!("{}{}", event_words(drifted.event), origin.unwrap_or_default()));
        self.line(&format!("  {sign} {:<5} {key}  {name}  {tail}", drifted.resource.to_string()), 8);
        for attribute in &drifted.attributes {
            let (applied, live) = applied_and_live(attribute);
            let (applied, live) = (self.paint(RED, &terminal(&applied)), self.paint(GREEN, &terminal(&live)));
            self.line(&format!("        {}  {applied} -> {live}", terminal(&attribute.path)), 12);
        }
        self.members(&drifted.joined, "+", "put in at the target", GREEN);
        self.members(&drifted.left, "-", "taken out at the target", RED);
    }

    fn members(&mut self, members: &[MemberRef], sign: &str, what: &str, style: Style) {
        // Who went is always shown.
        let shown = if sign == "+" { self.look.fold(members.len(), MEMBERS) } else { members.len() };
        let sign = self.paint(style, sign);
        for member in members.iter().take(shown) {
            let key = member.key.as_ref().filter(|key| **key != member.name);
            let key = key.map(|key| format!(" ({})", terminal(key))).unwrap_or_default();
            let nested = if member.resource == ResourceKind::Group { "group " } else { "" };
            let what = self.paint(DIM, what);
            self.line(&format!("        {sign} {nested}{}{key}  {what}", terminal(&member.name)), 12);
        }
        if shown < members.len() {
            let rest = self.paint(DIM, &format!("and {} more {what} (-v shows all)", members.len() - shown));
            self.line(&format!("        {sign} {rest}"), 12);
        }
    }
}

//! Changes as rows, with what they change below them.

use std::collections::BTreeSet;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

use super::fold::{self, Likeness, Row};
use super::{DEEP, DIM, Page, RED, mark, short_path};
use crate::plan::{Action, Adoption, AttributeChange, Change, MemberRef, Reason, TargetPlan};
use crate::render::escape::terminal;
use crate::render::plan::values::sides;
use crate::render::{action_word, attribute_reason, member_reason, reason_words};
use crate::scim::{ResourceKind, Value};
use crate::wording::{count, list};

const GREEN: Style = AnsiColor::Green.on_default();
/// From this many characters on, both sides of a text change get a line each with the changed words marked.
const LONG: usize = 48;
/// Terminals with fewer columns give less room to keys, names and paths.
const NARROW: usize = 100;

/// Columns of actions, keys and names.
#[derive(Clone, Copy)]
struct Widths {
    actions: usize,
    keys: usize,
    names: usize,
}

impl Page<'_> {
    /// The widest cell, as far as it does not push its neighbours away: `roomy` columns at most, `tight` on a narrow
    /// terminal.
    fn widest(&self, cells: impl Iterator<Item = usize>, roomy: usize, tight: usize) -> usize {
        let most = if self.look.columns() < NARROW { tight } else { roomy };
        cells.max().unwrap_or(0).min(most)
    }

    pub(super) fn changes(&mut self, changes: &[Change]) {
        let mut rows = Vec::new();
        for kind in [ResourceKind::User, ResourceKind::Group] {
            let (created, others): (Vec<&Change>, Vec<&Change>) = changes
                .iter()
                .filter(|change| change.resource == kind)
                .partition(|change| change.action == Action::Create);
            rows.extend(fold::folded(&created, self.look).into_iter().map(|row| (kind, row)));
            rows.extend(fold::folded(&others, self.look).into_iter().map(|row| (kind, row)));
        }
        let (users, groups) = (self.widths(&rows, ResourceKind::User), self.widths(&rows, ResourceKind::Group));
        for (kind, row) in &rows {
            match row {
                Row::Shown(change) => self.change(change, if *kind == ResourceKind::User { users } else { groups }),
                Row::Folded(number, likeness) => self.more(*number, *kind, likeness),
            }
        }
    }

    /// Columns of all rows; on a narrow terminal of those of one kind, so that long names of groups do not widen people's.
    fn widths(&self, rows: &[(ResourceKind, Row<'_>)], kind: ResourceKind) -> Widths {
        let narrow = self.look.columns() < NARROW;
        let shown = || {
            let among = rows.iter().filter(move |(of, _)| !narrow || *of == kind);
            among.filter_map(|(_, row)| if let Row::Shown(change) = row { Some(*change) } else { None })
        };
        Widths {
            actions: shown().map(|change| action_word(change.action).len()).max().unwrap_or(0),
            keys: self.widest(shown().map(|change| terminal(&change.key).width()), 28, 20),
            names: self.widest(shown().map(|change| terminal(&change.name).width()), 32, 20),
        }
    }

    /// How many changes like those above are not shown.
    fn more(&mut self, number: usize, kind: ResourceKind, likeness: &Likeness<'_>) {
        let number = number as u64;
        let (action, what) = if likeness.paths.is_empty() {
            (Action::Create, format!("{} to create", count(number, &format!("more {kind}"))))
        } else {
            let paths = list(likeness.paths.iter().map(|path| terminal(short_path(path))));
            let more = count(number, &format!("more {kind}"));
            (Action::Update, format!("{more} to update like these: {paths}"))
        };
        let (sign, style) = mark(action);
        let line = format!("  {} {}", self.paint(style, sign), self.paint(DIM, &format!("{what} (-v shows all)")));
        self.line(&line, 4);
    }

    fn change(&mut self, change: &Change, widths: Widths) {
        let (sign, style) = mark(change.action);
        let verb = format!("{sign} {:<1$}", action_word(change.action), widths.actions);
        let verb = self.paint(style, &verb);
        let because =
            if change.because.is_empty() { reason_words(change.reason).to_owned() } else { terminal(&change.because) };
        // That something is not there yet is what its creation says already.
        let said = change.action == Action::Create && because == reason_words(Reason::NotThere);
        let shown = if said { "" } else { because.as_str() };
        let adopted = if change.adopted && change.action != Action::Adopt { ", adopted" } else { "" };
        let place = change.origin.as_ref().map(|origin| self.look.place(&origin.file, origin.line));
        let place = place.map(|place| format!("  {place}")).unwrap_or_default();
        let tail = self.paint(DIM, format!("{shown}{adopted}{place}").trim_start());
        self.row(&verb, change.resource, (&change.key, widths.keys), (&change.name, widths.names), &tail);
        let creates = change.action == Action::Create;
        if !creates || self.look.everything {
            // What is said of the change holds for its only attribute.
            let said = match change.attributes.as_slice() {
                [one] if change.action == Action::Deactivate => one.reason == change.reason,
                [one] => because.ends_with(attribute_reason(one)),
                several => change.action == Action::Deactivate && several.iter().all(|one| one.reason == change.reason),
            };
            if self.look.everything || !is_plain_end(change) {
                self.attributes(&change.attributes, creates, !creates && !said);
            }
        }
        self.members(&change.members.add, true, !creates);
        self.members(&change.members.remove, false, true);
    }

    /// A change in columns. What does not fit behind them goes below, never under a column of its own.
    fn row(
        &mut self,
        verb: &str,
        kind: ResourceKind,
        (key, keys): (&str, usize),
        (name, names): (&str, usize),
        tail: &str,
    ) {
        let (key, name) = (pad(&terminal(key), keys), pad(&terminal(name), names));
        let head = format!("  {verb}  {:<5} {key}  {name}", kind.to_string());
        let whole = format!("{head}  {tail}");
        if textwrap::core::display_width(whole.trim_end()) <= self.look.columns() {
            self.line(&whole, DEEP);
        } else {
            self.line(&head, DEEP);
            self.line(&format!("{:DEEP$}{tail}", ""), DEEP + 2);
        }
    }

    fn attributes(&mut self, attributes: &[AttributeChange], creates: bool, reasons: bool) {
        let paths = attributes.iter().map(|attribute| short_path(&attribute.path).width());
        let paths = self.widest(paths, 40, 20);
        for attribute in attributes {
            let path = pad(&terminal(short_path(&attribute.path)), paths);
            let (before, after) = sides(attribute);
            let (before, after) = (terminal(&before), terminal(&after));
            let why = if reasons { self.paint(DIM, attribute_reason(attribute)) } else { String::new() };
            if creates {
                self.line(&format!("{:DEEP$}{path}  {after}", ""), DEEP + paths + 2);
                continue;
            }
            let sides = DEEP + paths + 2 + before.width() + 4 + after.width();
            if before.chars().count().max(after.chars().count()) < LONG && sides <= self.look.columns() {
                let before = self.paint(RED, &before);
                let after = self.paint(GREEN, &after);
                self.line(&format!("{:DEEP$}{path}  {before} -> {after}  {why}", ""), DEEP + paths + 2);
            } else {
                self.line(&format!("{:DEEP$}{path}  {why}", ""), DEEP + 2);
                self.long_sides(&before, &after);
            }
        }
    }

    /// Both sides of a long text, changed words stressed.
    fn long_sides(&mut self, before: &str, after: &str) {
        let diff = similar::TextDiff::from_words(before, after);
        let (mut old, mut new) = (String::new(), String::new());
        let stress = Style::new().bold().underline();
        for change in diff.iter_all_changes() {
            match change.tag() {
                similar::ChangeTag::Equal => {
                    old.push_str(change.value());
                    new.push_str(change.value());
                }
                similar::ChangeTag::Delete => old.push_str(&self.paint(stress, change.value())),
                similar::ChangeTag::Insert => new.push_str(&self.paint(stress, change.value())),
            }
        }
        let (minus, plus) = (self.paint(RED, "-"), self.paint(GREEN, "+"));
        self.line(&format!("          {minus} {old}"), 12);
        self.line(&format!("          {plus} {new}"), 12);
    }

    fn members(&mut self, members: &[MemberRef], come: bool, reasons: bool) {
        let (sign, style) = if come { ("+", GREEN) } else { ("-", RED) };
        // Who goes is always shown.
        let shown = if come { self.look.fold(members.len(), fold::MEMBERS) } else { members.len() };
        for member in members.iter().take(shown) {
            let sign = self.paint(style, sign);
            let key = member.key.as_ref().filter(|key| **key != member.name);
            let key = key.map(|key| format!(" ({})", terminal(key))).unwrap_or_default();
            let nested = if member.resource == ResourceKind::Group { "group " } else { "" };
            let why = member.reason.filter(|_| reasons).map(|reason| member_reason(reason, come));
            let why = why.map(|why| self.paint(DIM, why)).unwrap_or_default();
            self.line(&format!("{:DEEP$}{sign} {nested}{}{key}  {why}", "", terminal(&member.name)), DEEP + 4);
        }
        if shown < members.len() {
            let sign = self.paint(style, sign);
            let rest = self.paint(DIM, &format!("and {} more (-v shows all)", members.len() - shown));
            self.line(&format!("{:DEEP$}{sign} {rest}", ""), DEEP + 4);
        }
    }

    /// What is there already and managed from now on; a change on such a resource says so itself.
    pub(super) fn adoptions(&mut self, target: &TargetPlan) {
        let changed: BTreeSet<_> = target.changes.iter().map(|change| (change.resource, change.key.as_str())).collect();
        let quiet: Vec<&Adoption> = target
            .adoptions
            .iter()
            .filter(|adoption| !changed.contains(&(adoption.resource, adoption.key.as_str())))
            .collect();
        if quiet.is_empty() {
            return;
        }
        self.line("", 0);
        let (sign, style) = mark(Action::Adopt);
        let shown = self.look.fold(quiet.len(), fold::MANY);
        let keys = self.widest(quiet.iter().take(shown).map(|one| terminal(&one.key).width()), 28, 20);
        let names = self.widest(quiet.iter().take(shown).map(|one| terminal(&one.name).width()), 32, 20);
        for adoption in quiet.iter().take(shown) {
            let verb = self.paint(style, &format!("{sign} {}", action_word(Action::Adopt)));
            let by = adoption.by.as_ref().map_or_else(String::new, |by| format!("found by {}", terminal(by)));
            let tail = self.paint(DIM, &by);
            self.row(&verb, adoption.resource, (&adoption.key, keys), (&adoption.name, names), &tail);
        }
        if shown < quiet.len() {
            let sign = self.paint(style, sign);
            let rest = self.paint(DIM, &format!("{} more to adopt (-v shows all)", quiet.len() - shown));
            self.line(&format!("  {sign} {rest}"), 4);
        }
    }
}

/// Whether a deactivation changes nothing but `active`, which its name says.
fn is_plain_end(change: &Change) -> bool {
    let active = |one: &AttributeChange| one.path == "active" && one.before == Value::Bool(true);
    change.action == Action::Deactivate && change.attributes.iter().all(active)
}

fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(missing))
}

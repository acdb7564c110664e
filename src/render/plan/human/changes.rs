//! Changes as rows, with what they change below them.

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthStr as _;

use super::fold::{self, Likeness, Row};
use super::{DEEP, mark, short_path};
use crate::plan::{Action, Adoption, AttributeChange, Change, MemberRef, Reason, TargetPlan};
use crate::render::escape::terminal;
use crate::render::plan::values::sides;
use crate::render::view::terminal::{BOLD, DIM, GREEN, Page, RED, member, padded, rest, widest};
use crate::render::{action_word, attribute_reason, member_reason, reason_words};
use crate::scim::{ResourceKind, Value};
use crate::wording::{count, list};

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

/// The most columns of a cell: `roomy`, or `tight` on a narrow terminal.
fn most(page: &Page<'_>, roomy: usize, tight: usize) -> usize {
    if page.look.columns() < NARROW { tight } else { roomy }
}

pub(super) fn changes(page: &mut Page<'_>, changes: &[Change]) {
    let mut rows = Vec::new();
    for kind in ResourceKind::ALL {
        let (created, others): (Vec<&Change>, Vec<&Change>) =
            changes.iter().filter(|change| change.resource == kind).partition(|change| change.action == Action::Create);
        rows.extend(fold::folded(&created, page.look).into_iter().map(|row| (kind, row)));
        rows.extend(fold::folded(&others, page.look).into_iter().map(|row| (kind, row)));
    }
    let (users, groups) = (widths(page, &rows, ResourceKind::User), widths(page, &rows, ResourceKind::Group));
    for (kind, row) in &rows {
        match row {
            Row::Shown(one) => change(page, one, if *kind == ResourceKind::User { users } else { groups }),
            Row::Folded(number, likeness) => more(page, *number, *kind, likeness),
        }
    }
}

/// Columns of all rows; on a narrow terminal of those of one kind, so that long names of groups do not widen people's.
fn widths(page: &Page<'_>, rows: &[(ResourceKind, Row<'_>)], kind: ResourceKind) -> Widths {
    let narrow = page.look.columns() < NARROW;
    let shown = || {
        let among = rows.iter().filter(move |(of, _)| !narrow || *of == kind);
        among.filter_map(|(_, row)| if let Row::Shown(change) = row { Some(*change) } else { None })
    };
    Widths {
        actions: shown().map(|change| action_word(change.action).len()).max().unwrap_or(0),
        keys: widest(shown().map(|change| &change.key), most(page, 28, 20)),
        names: widest(shown().map(|change| &change.name), most(page, 32, 20)),
    }
}

/// How many changes like those above are not shown.
fn more(page: &mut Page<'_>, number: usize, kind: ResourceKind, likeness: &Likeness<'_>) {
    let number = number as u64;
    let (action, what) = if likeness.paths.is_empty() {
        (Action::Create, format!("{} to create", count(number, &format!("more {kind}"))))
    } else {
        let paths = list(likeness.paths.iter().map(|path| terminal(short_path(&path.to_string()))));
        let more = count(number, &format!("more {kind}"));
        (Action::Update, format!("{more} to update like these: {paths}"))
    };
    let (sign, style) = mark(action);
    let line = format!("  {} {}", page.paint(style, sign), page.paint(DIM, &format!("{what} (-v shows all)")));
    page.line(&line, 4);
}

fn change(page: &mut Page<'_>, change: &Change, widths: Widths) {
    let (sign, style) = mark(change.action);
    let verb = format!("{sign} {:<1$}", action_word(change.action), widths.actions);
    let verb = page.paint(style, &verb);
    let because =
        if change.because.is_empty() { reason_words(change.reason).to_owned() } else { terminal(&change.because) };
    // That something is not there yet is what its creation says already.
    let said = change.action == Action::Create && because == reason_words(Reason::NotThere);
    let shown = if said { "" } else { because.as_str() };
    let adopted = if change.adopted && change.action != Action::Adopt { ", adopted" } else { "" };
    let place = change.origin.as_ref().map(|origin| page.origin(origin));
    let place = place.map(|place| format!("  {place}")).unwrap_or_default();
    let tail = page.paint(DIM, format!("{shown}{adopted}{place}").trim_start());
    row(page, &verb, change.resource, (&change.key, widths.keys), (&change.name, widths.names), &tail);
    let creates = change.action == Action::Create;
    if !creates || page.look.everything {
        // What is said of the change holds for its only attribute.
        let said = match change.attributes.as_slice() {
            [one] if change.action == Action::Deactivate => one.reason == change.reason,
            [one] => because.ends_with(attribute_reason(one)),
            several => change.action == Action::Deactivate && several.iter().all(|one| one.reason == change.reason),
        };
        if page.look.everything || !is_plain_end(change) {
            attributes(page, &change.attributes, creates, !creates && !said);
        }
    }
    members(page, &change.members.add, true, !creates);
    members(page, &change.members.remove, false, true);
}

/// A change in columns. What does not fit behind them goes below, never under a column of its own.
fn row(
    page: &mut Page<'_>,
    verb: &str,
    kind: ResourceKind,
    (key, keys): (&str, usize),
    (name, names): (&str, usize),
    tail: &str,
) {
    let (key, name) = (padded(key, keys), padded(name, names));
    let head = format!("  {verb}  {:<5} {key}  {name}", kind.to_string());
    let whole = format!("{head}  {tail}");
    if textwrap::core::display_width(whole.trim_end()) <= page.look.columns() {
        page.line(&whole, DEEP);
    } else {
        page.line(&head, DEEP);
        page.line(&format!("{:DEEP$}{tail}", ""), DEEP + 2);
    }
}

fn attributes(page: &mut Page<'_>, attributes: &[AttributeChange], creates: bool, reasons: bool) {
    let names: Vec<String> = attributes.iter().map(|attribute| attribute.path.to_string()).collect();
    let paths = widest(names.iter().map(|name| short_path(name)), most(page, 40, 20));
    for (attribute, name) in attributes.iter().zip(&names) {
        let path = padded(short_path(name), paths);
        let (before, after) = sides(attribute);
        let (before, after) = (terminal(&before), terminal(&after));
        let why = if reasons { page.paint(DIM, attribute_reason(attribute)) } else { String::new() };
        if creates {
            page.line(&format!("{:DEEP$}{path}  {after}", ""), DEEP + paths + 2);
            continue;
        }
        let sides = DEEP + paths + 2 + before.width() + 4 + after.width();
        if before.chars().count().max(after.chars().count()) < LONG && sides <= page.look.columns() {
            let before = page.paint(RED, &before);
            let after = page.paint(GREEN, &after);
            page.line(&format!("{:DEEP$}{path}  {before} -> {after}  {why}", ""), DEEP + paths + 2);
        } else {
            page.line(&format!("{:DEEP$}{path}  {why}", ""), DEEP + 2);
            long_sides(page, &before, &after);
        }
    }
}

/// Both sides of a long text, changed words stressed.
fn long_sides(page: &mut Page<'_>, before: &str, after: &str) {
    let diff = similar::TextDiff::from_words(before, after);
    let (mut old, mut new) = (String::new(), String::new());
    let stress = BOLD.underline();
    for change in diff.iter_all_changes() {
        match change.tag() {
            similar::ChangeTag::Equal => {
                old.push_str(change.value());
                new.push_str(change.value());
            }
            similar::ChangeTag::Delete => old.push_str(&page.paint(stress, change.value())),
            similar::ChangeTag::Insert => new.push_str(&page.paint(stress, change.value())),
        }
    }
    let (minus, plus) = (page.paint(RED, "-"), page.paint(GREEN, "+"));
    page.line(&format!("          {minus} {old}"), 12);
    page.line(&format!("          {plus} {new}"), 12);
}

fn members(page: &mut Page<'_>, members: &[MemberRef], come: bool, reasons: bool) {
    let (sign, style) = if come { ("+", GREEN) } else { ("-", RED) };
    // Who goes is always shown.
    let shown = if come { page.look.fold(members.len(), fold::MEMBERS) } else { members.len() };
    for one in members.iter().take(shown) {
        let sign = page.paint(style, sign);
        let why = one.reason.filter(|_| reasons).map(|reason| member_reason(reason, come));
        let why = why.map(|why| page.paint(DIM, why)).unwrap_or_default();
        page.line(&format!("{:DEEP$}{sign} {}  {why}", "", member(one)), DEEP + 4);
    }
    if shown < members.len() {
        let sign = page.paint(style, sign);
        let rest = page.paint(DIM, &rest(members.len() - shown, ""));
        page.line(&format!("{:DEEP$}{sign} {rest}", ""), DEEP + 4);
    }
}

/// What is there already and managed from now on; a change on such a resource says so itpage.
pub(super) fn adoptions(page: &mut Page<'_>, target: &TargetPlan) {
    let changed: BTreeSet<_> = target.changes.iter().map(|change| (change.resource, change.key.as_str())).collect();
    let quiet: Vec<&Adoption> = target
        .adoptions
        .iter()
        .filter(|adoption| !changed.contains(&(adoption.resource, adoption.key.as_str())))
        .collect();
    if quiet.is_empty() {
        return;
    }
    page.blank();
    let (sign, style) = mark(Action::Adopt);
    let shown = page.look.fold(quiet.len(), fold::MANY);
    let keys = widest(quiet.iter().take(shown).map(|one| &one.key), most(page, 28, 20));
    let names = widest(quiet.iter().take(shown).map(|one| &one.name), most(page, 32, 20));
    for adoption in quiet.iter().take(shown) {
        let verb = page.paint(style, &format!("{sign} {}", action_word(Action::Adopt)));
        let by = adoption.by.as_ref().map_or_else(String::new, |by| format!("found by {}", terminal(by)));
        let tail = page.paint(DIM, &by);
        row(page, &verb, adoption.resource, (&adoption.key, keys), (&adoption.name, names), &tail);
    }
    if shown < quiet.len() {
        let sign = page.paint(style, sign);
        let rest = page.paint(DIM, &format!("{} more to adopt (-v shows all)", quiet.len() - shown));
        page.line(&format!("  {sign} {rest}"), 4);
    }
}

/// Whether a deactivation changes nothing but `active`, which its name says.
fn is_plain_end(change: &Change) -> bool {
    let active = |one: &AttributeChange| one.path.is("active") && one.before == Value::Bool(true);
    change.action == Action::Deactivate && change.attributes.iter().all(active)
}

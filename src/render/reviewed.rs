//! What an apply of a reviewed plan leaves, with all three sides.

use super::action_word;
use super::escape::terminal;
use super::look::Look;
use super::plan::{short_path, shown};
use super::view::terminal::{DIM, Page, YELLOW, named};
use crate::plan::Action;
use crate::plan::reviewed::{Held, Left, LeftCode, MemberMove, MemberSides, Sides};
use crate::scim::{ResourceKind, Value};
use crate::wording::count;

/// Everything that is left, and what is so already, for a terminal.
pub fn human(held: &Held, look: &Look) -> String {
    let mut page = Page::new(look);
    for one in &held.in_effect {
        let (target, key) = (terminal(&one.target), terminal(&one.key));
        let what = format!("{} {} {key}", action_word(one.action), one.resource);
        page.said(&format!("{} {target}: {what}: is in effect already", page.paint(DIM, "done")));
    }
    for one in &held.left {
        left(&mut page, one);
    }
    if !held.left.is_empty() {
        let number = count(held.left.len(), "change");
        page.said(&format!("{number} left. Plan anew and review that to have the rest done."));
    }
    if page.text.is_empty() { page.text } else { format!("\n{}", page.text) }
}

fn left(page: &mut Page<'_>, one: &Left) {
    let (target, key, name) = (terminal(&one.target), terminal(&one.key), terminal(&one.name));
    let name = if name == key || name.is_empty() { String::new() } else { format!(" ({name})") };
    let what = format!("{} {} {key}{name}", action_word(one.action), one.resource);
    page.said(&format!("{} {target}: {what}: {}", page.paint(YELLOW, "left"), terminal(&one.because)));
    if one.code == LeftCode::New && one.action == Action::Create {
        // What a new one is made of is nothing to be compared.
        return;
    }
    sides(page, &one.attributes);
    for member in &one.members {
        page.said(&format!("    {}", who(member)));
    }
}

/// The three sides of attributes, a line each.
pub(super) fn sides(page: &mut Page<'_>, attributes: &[Sides]) {
    for one in attributes {
        let value = |value: &Value| if one.sensitive { "(withheld)".to_owned() } else { terminal(&shown(value)) };
        let reviewed = match (&one.reviewed_before, &one.reviewed_after) {
            (Some(before), Some(after)) => format!("{} -> {}", value(before), value(after)),
            (Some(before), None) => format!("{}, no change", value(before)),
            (None, _) => "no change".to_owned(),
        };
        let wanted = one.wanted.as_ref().map_or_else(|| "nothing said".to_owned(), value);
        let path = terminal(short_path(&one.path));
        page.said(&format!("    {path}: reviewed {reviewed}; live now {}; wanted now {wanted}", value(&one.live)));
    }
}

fn who(member: &MemberSides) -> String {
    let moves = |side: Option<MemberMove>| match side {
        Some(MemberMove::Joins) => "joins",
        Some(MemberMove::Leaves) => "leaves",
        None => "no change",
    };
    let live = match member.live {
        Some(true) => "in it",
        Some(false) => "not in it",
        None => "not known",
    };
    let nested = if member.resource == ResourceKind::Group { "group " } else { "" };
    format!(
        "member {nested}{}: reviewed {}; live now {live}; wanted now {}",
        named(&member.name, member.key.as_deref()),
        moves(member.reviewed),
        moves(member.wanted)
    )
}

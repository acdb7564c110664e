//! What an apply of a reviewed plan leaves, with all three sides.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::action_word;
use super::escape::terminal;
use super::look::Look;
use super::plan::{short_path, shown};
use crate::plan::Action;
use crate::plan::reviewed::{Held, Left, LeftCode, MemberMove, MemberSides, Sides};
use crate::scim::{ResourceKind, Value};
use crate::wording::count;

/// Everything that is left, and what is so already, for a terminal.
pub fn human(held: &Held, look: &Look) -> String {
    let paint = |style: Style, word: &str| look.paint(style, word);
    let mut text = String::new();
    for one in &held.in_effect {
        let (target, key) = (terminal(&one.target), terminal(&one.key));
        let what = format!("{} {} {key}", action_word(one.action), one.resource);
        let _ = writeln!(text, "{} {target}: {what}: is in effect already", paint(Style::new().dimmed(), "done"));
    }
    for one in &held.left {
        left(&mut text, one, &paint(AnsiColor::Yellow.on_default(), "left"));
    }
    if !held.left.is_empty() {
        let number = count(held.left.len(), "change");
        let _ = writeln!(text, "{number} left. Plan anew and review that to have the rest done.");
    }
    let text = super::report::laid_out(&text, look);
    if text.is_empty() { text } else { format!("\n{text}") }
}

fn left(text: &mut String, one: &Left, word: &str) {
    let (target, key, name) = (terminal(&one.target), terminal(&one.key), terminal(&one.name));
    let name = if name == key || name.is_empty() { String::new() } else { format!(" ({name})") };
    let what = format!("{} {} {key}{name}", action_word(one.action), one.resource);
    let _ = writeln!(text, "{word} {target}: {what}: {}", terminal(&one.because));
    if one.code == LeftCode::New && one.action == Action::Create {
        // What a new one is made of is nothing to be compared.
        return;
    }
    sides(text, &one.attributes);
    for member in &one.members {
        let _ = writeln!(text, "    {}", who(member));
    }
}

/// The three sides of attributes, a line each.
pub(super) fn sides(text: &mut String, attributes: &[Sides]) {
    for one in attributes {
        let value = |value: &Value| if one.sensitive { "(withheld)".to_owned() } else { terminal(&shown(value)) };
        let reviewed = match (&one.reviewed_before, &one.reviewed_after) {
            (Some(before), Some(after)) => format!("{} -> {}", value(before), value(after)),
            (Some(before), None) => format!("{}, no change", value(before)),
            (None, _) => "no change".to_owned(),
        };
        let wanted = one.wanted.as_ref().map_or_else(|| "nothing said".to_owned(), value);
        let path = terminal(short_path(&one.path));
        let _ = writeln!(text, "    {path}: reviewed {reviewed}; live now {}; wanted now {wanted}", value(&one.live));
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
    let key = member.key.as_ref().filter(|key| **key != member.name);
    let key = key.map(|key| format!(" ({})", terminal(key))).unwrap_or_default();
    format!(
        "member {nested}{}{key}: reviewed {}; live now {live}; wanted now {}",
        terminal(&member.name),
        moves(member.reviewed),
        moves(member.wanted)
    )
}

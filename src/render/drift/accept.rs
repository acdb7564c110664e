//! What is taken into the files, and what is left.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::accept::{Accepted, Consequence, Left};
use crate::render::escape::terminal;
use crate::render::look::Look;
use crate::render::plan::values::pair;
use crate::render::view::terminal::{DIM, YELLOW};
use crate::scim::Value;
use crate::wording::{count, few, list};

/// People who are named at most.
const MOST_NAMED: usize = 20;

/// One change of a file in a line.
pub fn accepted_line(one: &Accepted) -> String {
    let what = match (&one.after, one.item) {
        (Some(item), true) => format!("+ {}", text(item)),
        (None, true) => format!("- {}", text(&one.before)),
        (None, false) => format!("{} -> not declared", text(&one.before)),
        (Some(after), false) => {
            let (before, after) = pair(&one.before, after, false);
            format!("{} -> {}", terminal(&before), terminal(&after))
        }
    };
    format!("{}  {what}  as at {}", terminal(&one.place), terminal(&one.targets.join(", ")))
}

fn text(value: &Value) -> String {
    terminal(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// What is left, with why and the way out.
pub fn left(left: &[Left], look: &Look) -> String {
    let mut out = String::new();
    for one in left {
        let label = look.paint(YELLOW, "left");
        let (key, what) = (terminal(&one.key), terminal(&one.what));
        let target = terminal(&one.target);
        let _ = writeln!(out, "{label} {target}: {} {key}, {what}: {}", one.resource, terminal(&one.why));
        let _ = writeln!(out, "    {}", look.paint(DIM, &terminal(&one.hint)));
    }
    out
}

/// What the next apply does because of what is taken over, and the targets that nobody can say it of.
pub fn consequences(others: &BTreeMap<String, Consequence>, unseen: &[&str]) -> String {
    let mut out = String::new();
    for (target, found) in others {
        let number = count(found.changed, "user or group").replace("user or groups", "users and groups");
        let _ = write!(out, "The next apply changes {number} at {} because of it", terminal(target));
        if !found.losing.is_empty() {
            let named = few(found.losing.iter().map(|key| terminal(key)), MOST_NAMED);
            let verb = if found.losing.len() == 1 { "loses" } else { "lose" };
            let _ = write!(out, "; {named} {verb} access there");
        }
        out.push_str(".\n");
    }
    if !unseen.is_empty() {
        let _ = writeln!(
            out,
            "Nobody looked at {}: what is taken over goes there too, wherever a mapping sends it. `scimform plan` shows it.",
            list(unseen.iter().map(|name| terminal(name)))
        );
    }
    out
}

/// What was done, in a few lines.
pub fn accepted(all: &[Accepted], left: usize, files: usize) -> String {
    let mut out = format!("{} taken into {}.", count(all.len(), "change"), count(files, "file"));
    if left > 0 {
        let _ = write!(out, " {} left.", count(left, "change"));
    }
    out.push('\n');
    out
}

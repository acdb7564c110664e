//! Reasons of a change, and the same in words.

use crate::plan::{AttributeChange, MemberChange, Origin, Reason};
use crate::scim::Value;
use crate::scim::path::AttrPath;
use crate::wording::joined;

/// Why something that is declared is created.
pub(super) fn not_there(was_there: bool) -> String {
    if was_there { "was created before, but is gone from the target" } else { "not there yet" }.to_owned()
}

/// One reason for several attributes: theirs if they agree; both sides where some moved here and some there.
pub(super) fn reason(attributes: &[AttributeChange]) -> Reason {
    let has = |reason: Reason| attributes.iter().any(|change| change.reason == reason);
    let both = has(Reason::ChangedOnBothSides) || (has(Reason::ChangedInRepository) && has(Reason::ChangedAtTarget));
    match attributes {
        [] => Reason::MembersDiffer,
        _ if both => Reason::ChangedOnBothSides,
        [first, ..] => first.reason,
    }
}

/// The reason in words: which attributes moved on which side, how many members come and go.
pub(super) fn because(attributes: &[AttributeChange], members: &MemberChange) -> String {
    let sides = [
        (Reason::AccessAgain, "", "access begins again"),
        (Reason::ChangedInRepository, "changed in the repository", ""),
        (Reason::ChangedAtTarget, "changed at the target", ""),
        (Reason::ChangedOnBothSides, "changed on both sides", ""),
        (Reason::Differs, "differs", ""),
    ];
    let mut parts = Vec::new();
    if attributes.iter().any(is_deactivated_there) {
        parts.push("deactivated at the target".to_owned());
    }
    for (side, verb, whole) in sides {
        let of_side = |change: &&AttributeChange| change.reason == side && !is_deactivated_there(change);
        let paths: Vec<String> = attributes.iter().filter(of_side).map(|change| short(&change.path)).collect();
        match paths.as_slice() {
            [] => {}
            _ if !whole.is_empty() => parts.push(whole.to_owned()),
            [one] => parts.push(format!("{one} {verb}")),
            all @ (&[_, _] | &[_, _, _]) => parts.push(format!("{} {}", joined(all, 3), plural(verb))),
            many => parts.push(format!("{} {}", joined(many, 2), plural(verb))),
        }
    }
    parts.extend(moves(members));
    parts.join("; ")
}

/// Whether a change gives back an access that somebody ended at the target.
fn is_deactivated_there(change: &AttributeChange) -> bool {
    change.path.is("active") && change.reason == Reason::ChangedAtTarget && change.after == Value::Bool(true)
}

/// A reason and what there is to add to it.
pub(super) fn and(because: &str, more: Option<String>) -> String {
    more.map_or_else(|| because.to_owned(), |more| format!("{because}; {more}"))
}

fn plural(verb: &str) -> &str {
    if verb == "differs" { "differ" } else { verb }
}

fn moves(members: &MemberChange) -> Option<String> {
    let count = |number: usize, one: &str, many: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{number} {many}")),
    };
    let join = count(members.add.len(), "member joins", "members join");
    let leave = count(members.remove.len(), "leaves", "leave");
    match (join, leave) {
        (Some(join), Some(leave)) => Some(format!("{join}, {leave}")),
        (Some(join), None) => Some(join),
        (None, Some(_)) => count(members.remove.len(), "member leaves", "members leave"),
        (None, None) => None,
    }
}

/// A path without its schema's URN.
fn short(path: &AttrPath) -> String {
    let name = AttrPath { schema: None, ..path.clone() }.to_string();
    if name.is_empty() { path.to_string() } else { name }
}

/// The place of the first attribute that has one.
pub(super) fn first_origin(attributes: &[AttributeChange]) -> Option<Origin> {
    attributes.iter().find_map(|change| change.origin.clone())
}

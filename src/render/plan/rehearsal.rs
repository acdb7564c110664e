//! How a rehearsal went, in lines that every format uses.

use std::collections::BTreeMap;

use super::values::pair;
use crate::plan::{Altered, Rehearsal};
use crate::render::action_word;
use crate::scim::ResourceKind;
use crate::wording::count;

/// Failures and leftovers named before the rest is counted.
const NAMED: usize = 5;

/// A rehearsal in words. Names and values in it are as they came: escape before showing.
pub(in crate::render) struct Told {
    /// The verdict with the numbers.
    pub(in crate::render) verdict: String,
    /// What a reviewer should look at, most important first.
    pub(in crate::render) details: Vec<String>,
    /// What the copy could not know.
    pub(in crate::render) unknown: Vec<String>,
}

pub(in crate::render) fn told(rehearsal: &Rehearsal) -> Told {
    let verdict = if rehearsal.converges { "converges" } else { "does not converge" };
    let mut verdict =
        format!("{verdict}; {} that write, {} that read", count(rehearsal.requests, "request"), rehearsal.reads);
    if !rehearsal.altered.is_empty() {
        verdict = format!("{verdict}; the server would alter {}", count(rehearsal.altered.len(), "value"));
    }
    let mut details = Vec::new();
    let failures = rehearsal.failures.iter().map(|failure| {
        let who = [failure.resource.map(|resource| resource.to_string()), failure.key.clone()];
        let who: Vec<String> = who.into_iter().flatten().collect();
        let at = failure.at.as_ref().map(|at| format!(" ({at})")).unwrap_or_default();
        let head = if who.is_empty() { String::new() } else { format!("{}{at}: ", who.join(" ")) };
        format!("fails: {head}{}", failure.message)
    });
    some_of(failures.collect(), &mut details);
    let left = rehearsal.left.iter().map(|left| {
        let mut what = left.paths.clone();
        if left.members > 0 {
            what.push(count(left.members, "member"));
        }
        let what = if what.is_empty() { String::new() } else { format!(" ({})", what.join(", ")) };
        format!("would still be planned: {} {} {}{what}", action_word(left.action), left.resource, left.key)
    });
    some_of(left.collect(), &mut details);
    details.extend(altered(&rehearsal.altered));
    Told { verdict, details, unknown: rehearsal.unknown.clone() }
}

fn some_of(mut lines: Vec<String>, details: &mut Vec<String>) {
    let more = lines.len().saturating_sub(NAMED);
    lines.truncate(NAMED);
    details.append(&mut lines);
    if more > 0 {
        details.push(format!("and {more} more (`--format json` has all)"));
    }
}

/// A line for each attribute, with one example.
fn altered(all: &[Altered]) -> Vec<String> {
    let mut by_path: BTreeMap<(ResourceKind, &str), Vec<&Altered>> = BTreeMap::new();
    for one in all {
        by_path.entry((one.resource, &one.path)).or_default().push(one);
    }
    let line = |((resource, path), them): ((ResourceKind, &str), Vec<&Altered>)| {
        let first = them.first()?;
        let (sent, kept) = pair(&first.sent, &first.kept, first.sensitive);
        let of = count(them.len(), &resource.to_string());
        let example = if them.len() > 1 { format!("such as {}", first.key) } else { first.key.clone() };
        Some(format!("would alter {path} of {of}, {example}: {sent} is sent, {kept} is shown"))
    };
    by_path.into_iter().filter_map(line).collect()
}

//! Groups that hold each other, mappings that extend each other. Managers may manage each other.

use std::collections::{BTreeMap, BTreeSet};

use super::Check;
use super::references::is_profile;
use crate::config::model::Config;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

/// Labels on one report at most.
const LABELS: usize = 12;

type Edges<'a> = BTreeMap<&'a str, Vec<(&'a str, Span)>>;

/// Reports cycles, one for each group or mapping from which one was found.
pub(super) fn check(check: &mut Check<'_>) {
    let config = check.config;
    for cycle in cycles(&group_edges(config)) {
        check.found.extend(report(
            &cycle,
            "groups hold each other",
            "holds",
            "Take one of these out: a group can't hold itself.",
        ));
    }
    for cycle in cycles(&mapping_edges(config)) {
        let hint = "Let one of them stand alone or extend a profile.";
        check.found.extend(report(&cycle, "mappings extend each other", "extends", hint));
    }
    for cycle in cycles(&profile_edges(config)) {
        let hint = "Let one of them extend a profile that comes with scimform, such as `generic`.";
        check.found.extend(report(&cycle, "profiles extend each other", "extends", hint));
    }
}

fn group_edges(config: &Config) -> Edges<'_> {
    let mut edges = Edges::new();
    for (key, group) in &config.groups {
        edges.insert(key, group.groups.iter().map(|nested| (nested.value.as_str(), nested.span)).collect());
    }
    edges
}

fn profile_edges(config: &Config) -> Edges<'_> {
    let mut edges = Edges::new();
    // One with the name of a profile that comes with scimform is reported as that.
    for (name, profile) in config.profiles.iter().filter(|(name, _)| crate::profile::builtin(name).is_none()) {
        edges.insert(name, profile.extends.iter().map(|base| (base.value.as_str(), base.span)).collect());
    }
    edges
}

/// A mapping that extends its own name means the profile of that name.
fn mapping_edges(config: &Config) -> Edges<'_> {
    let mut edges = Edges::new();
    for (name, mapping) in &config.mappings {
        let base = mapping.extends.iter().filter(|base| base.value != *name || !is_profile(config, name));
        edges.insert(name, base.map(|base| (base.value.as_str(), base.span)).collect());
    }
    edges
}

/// Cycles as lists of (node, place of the edge that leaves it), found by one walk with an explicit stack, so that
/// depth costs no call stack. Every node is in one reported cycle at most as the place where it closes.
fn cycles<'a>(edges: &Edges<'a>) -> Vec<Vec<(&'a str, Span)>> {
    let mut found = Vec::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut reported: BTreeSet<&str> = BTreeSet::new();
    for start in edges.keys().copied() {
        let mut on_path: BTreeMap<&str, usize> = BTreeMap::new();
        let mut path: Vec<(&str, usize)> = Vec::new();
        let mut enter = (!done.contains(start)).then_some(start);
        loop {
            if let Some(node) = enter.take() {
                on_path.insert(node, path.len());
                path.push((node, 0));
            }
            let Some((node, next)) = path.last_mut() else { break };
            let edge = edges.get(*node).and_then(|list| list.get(*next)).copied();
            *next += 1;
            match edge {
                Some((to, _)) if on_path.contains_key(to) => {
                    let from = on_path.get(to).copied().unwrap_or_default();
                    if reported.insert(to) {
                        found.push(close(edges, path.get(from..).unwrap_or_default()));
                    }
                }
                Some((to, _)) if edges.contains_key(to) && !done.contains(to) => enter = Some(to),
                Some(_) => {}
                None => {
                    done.insert(*node);
                    on_path.remove(*node);
                    path.pop();
                }
            }
        }
    }
    found
}

/// Turns the end of a walk into a cycle; each position is one past the edge that was taken.
fn close<'a>(edges: &Edges<'a>, path: &[(&'a str, usize)]) -> Vec<(&'a str, Span)> {
    let taken = |node: &str, next: usize| {
        edges.get(node).and_then(|list| list.get(next.saturating_sub(1))).map(|(_, span)| *span)
    };
    path.iter().filter_map(|(node, next)| Some((*node, taken(node, *next)?))).collect()
}

fn report(cycle: &[(&str, Span)], what: &str, verb: &str, hint: &str) -> Option<Diagnostic> {
    let (first, span) = cycle.first()?;
    let names: Vec<String> = cycle.iter().chain(cycle.first()).map(|(name, _)| format!("`{name}`")).collect();
    let message = match cycle {
        [_] => format!("`{first}` {verb} itself"),
        _ => format!("{what}: {}", names.join(" > ")),
    };
    let mut diagnostic = Diagnostic::new(Code::Cycle, *span, message).hint(hint);
    for (index, (name, place)) in cycle.iter().enumerate().skip(1).take(LABELS) {
        let next = cycle.get(index + 1).map_or(*first, |(next, _)| *next);
        diagnostic = diagnostic.label(*place, format!("`{name}` {verb} `{next}`"));
    }
    Some(diagnostic)
}

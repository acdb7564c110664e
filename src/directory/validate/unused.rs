//! Groups, mappings, targets and profiles that nothing uses.

use std::collections::BTreeSet;

use super::Check;
use super::references::Meant;
use crate::config::model::{Mode, Push, Target};
use crate::diag::{Code, Diagnostic};

/// Warns of what no binding reaches, directly or through nesting and `extends`.
pub(super) fn check(check: &mut Check<'_>, meant: Meant) {
    let config = check.config;
    if config.incomplete {
        return;
    }
    let mut targets = meant.targets;
    let mut groups: Vec<&str> = meant.groups.iter().map(String::as_str).collect();
    let mut mappings: Vec<&str> = meant.mappings.iter().map(String::as_str).collect();
    for binding in config.bindings.values() {
        targets.extend(binding.target.as_ref().map(|target| target.value.clone()));
        groups.extend(binding.assign.value.groups.iter().map(|group| group.value.as_str()));
        if let Push::Groups(pushed) = &binding.push {
            groups.extend(pushed.iter().map(|group| group.value.as_str()));
        }
        mappings.extend(binding.mapping.as_ref().map(|mapping| mapping.value.as_str()));
    }
    let groups = reached(groups, |key| {
        config.groups.get(key).map(|group| group.groups.iter().map(|nested| nested.value.as_str()).collect())
    });
    let mappings = reached(mappings, |name| {
        config.mappings.get(name).map(|mapping| mapping.extends.iter().map(|base| base.value.as_str()).collect())
    });
    let unused_groups = config.groups.iter().filter(|(key, _)| !groups.contains(key.as_str()));
    let unused_groups = unused_groups
        .map(|(key, group)| ("group", key, group.key, "no binding assigns or pushes it, and no group in use holds it"));
    let unused_mappings = config.mappings.iter().filter(|(name, _)| !mappings.contains(name.as_str()));
    let unused_mappings = unused_mappings
        .map(|(name, mapping)| ("mapping", name, mapping.key, "no binding uses it, and no mapping in use extends it"));
    // One that is disabled may well be set up before anybody is bound to it.
    let disabled = |target: &Target| target.mode.as_ref().is_some_and(|mode| mode.value == Mode::Disabled);
    let unused_targets = config.targets.iter();
    let unused_targets = unused_targets.filter(|(name, one)| !targets.contains(*name) && !disabled(&one.value));
    let unused_targets = unused_targets.map(|(name, target)| ("target", name, target.key, "no binding leads to it"));
    let named = config.targets.values().filter_map(|target| target.profile.as_ref());
    let extended = config.mappings.values().filter_map(|mapping| mapping.extends.as_ref());
    let asked = config.bindings.values().filter_map(|binding| binding.mapping.as_ref());
    let profiles = named
        .chain(extended)
        .chain(asked)
        .map(|name| name.value.as_str())
        .chain(meant.profiles.iter().map(String::as_str));
    let profiles = reached(profiles.collect(), |name| {
        config.profiles.get(name).map(|profile| profile.extends.iter().map(|base| base.value.as_str()).collect())
    });
    let unused_profiles = config.profiles.iter().filter(|(name, _)| !profiles.contains(name.as_str()));
    let unused_profiles = unused_profiles.map(|(name, profile)| {
        ("profile", name, profile.key, "no target has it, and no mapping or profile in use extends it")
    });
    for (kind, name, place, why) in unused_groups.chain(unused_mappings).chain(unused_targets).chain(unused_profiles) {
        let message = format!("the {kind} `{name}` is not used: {why}");
        let user = if kind == "profile" { "target" } else { "binding" };
        let hint = format!("Use it in a {user}, or take the {kind} out.");
        check.found.push(Diagnostic::new(Code::Unused, place, message).hint(hint));
    }
}

/// Everything that can be reached from the roots.
fn reached<'a>(roots: Vec<&'a str>, next: impl Fn(&str) -> Option<Vec<&'a str>>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open = roots;
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            open.extend(next(name).unwrap_or_default());
        }
    }
    seen
}

//! Everything that names something else names something declared.

use std::collections::{BTreeMap, BTreeSet};

use super::Check;
use crate::config::model::{Config, Push};
use crate::diag::{Code, Diagnostic};
use crate::profile;
use crate::source::{Span, Spanned};

/// So many references to unknown people get a suggestion: each costs a look at everyone.
const SUGGESTIONS: usize = 100;

/// Names that a wrong reference probably meant: they are not called unused on top.
#[derive(Debug, Default)]
pub(super) struct Meant {
    pub(super) groups: BTreeSet<String>,
    pub(super) mappings: BTreeSet<String>,
    pub(super) targets: BTreeSet<String>,
    pub(super) profiles: BTreeSet<String>,
}

/// Reports each dangling reference. What is named may stand in a file that could not be read: then nothing is said.
pub(super) fn check(check: &mut Check<'_>) -> Meant {
    let config = check.config;
    let mut meant = Meant::default();
    if config.incomplete {
        return meant;
    }
    users(check, config);
    groups(check, config, &mut meant);
    repeated(check, config);
    bindings(check, config, &mut meant);
    for mapping in config.mappings.values() {
        if let Some(base) = &mapping.extends
            && !config.mappings.contains_key(&base.value)
            && !is_profile(config, &base.value)
        {
            meant.mappings.extend(dangling(check, "mapping or profile", base, mappings(config)));
        }
    }
    meant
}

fn users(check: &mut Check<'_>, config: &Config) {
    let managers = config.users.values().filter_map(|user| user.manager.as_ref());
    let members = config.groups.values().flat_map(|group| group.members.iter().map(|member| &member.value.user));
    let assigned = config.bindings.values().flat_map(|binding| &binding.assign.value.users);
    let missing = managers.chain(members).chain(assigned).filter(|user| !config.users.contains_key(&user.value));
    for (number, user) in missing.enumerate() {
        let known = config.users.keys().map(String::as_str).take(if number < SUGGESTIONS { usize::MAX } else { 0 });
        dangling(check, "user", user, known);
    }
}

fn groups(check: &mut Check<'_>, config: &Config, meant: &mut Meant) {
    let nested = config.groups.values().flat_map(|group| &group.groups);
    let assigned = config.bindings.values().flat_map(|binding| {
        let pushed = match &binding.push {
            Push::Groups(groups) => groups.as_slice(),
            Push::Assigned(_) => &[],
        };
        binding.assign.value.groups.iter().chain(pushed)
    });
    for group in nested.chain(assigned).filter(|group| !config.groups.contains_key(&group.value)) {
        meant.groups.extend(dangling(check, "group", group, config.groups.keys().map(String::as_str)));
    }
}

/// Nobody is named twice as a member of one group.
fn repeated(check: &mut Check<'_>, config: &Config) {
    for (key, group) in &config.groups {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for user in group.members.iter().map(|member| &member.value.user) {
            if let Some(first) = seen.get(user.value.as_str()) {
                let diagnostic =
                    Diagnostic::new(Code::DuplicateKey, user.span, format!("`{key}` names `{}` twice", user.value))
                        .label(*first, "the other place")
                        .hint("Take one of them out; an `until` counts for the entry that it stands in.");
                check.found.push(diagnostic);
            } else {
                seen.insert(&user.value, user.span);
            }
        }
    }
}

fn bindings(check: &mut Check<'_>, config: &Config, meant: &mut Meant) {
    for binding in config.bindings.values() {
        if let Some(target) = binding.target.as_ref().filter(|target| !config.targets.contains_key(&target.value)) {
            meant.targets.extend(dangling(check, "target", target, config.targets.keys().map(String::as_str)));
        }
        if let Some(mapping) = &binding.mapping
            && !config.mappings.contains_key(&mapping.value)
            && !is_profile(config, &mapping.value)
        {
            meant.mappings.extend(dangling(check, "mapping", mapping, mappings(config)));
        }
    }
}

/// What can be named as a mapping: those declared, and the profiles'.
fn mappings(config: &Config) -> Vec<&str> {
    let mut known: Vec<&str> = config.mappings.keys().map(String::as_str).collect();
    for profile in profile::names() {
        known.push(profile);
    }
    known.extend(config.profiles.keys().map(String::as_str));
    known
}

/// Whether a profile of this name comes with scimform or is declared.
pub(super) fn is_profile(config: &Config, name: &str) -> bool {
    profile::builtin(name).is_some() || config.profiles.contains_key(name)
}

/// Reports one; gives back what was probably meant.
fn dangling<'a>(
    check: &mut Check<'_>,
    kind: &str,
    name: &Spanned<String>,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let near = profile::closest(&name.value, known);
    let message = format!("there is no {kind} `{}`", name.value);
    let hint = near.map_or_else(
        || format!("Declare it, or take `{}` out here.", name.value),
        |near| format!("Did you mean `{near}`?"),
    );
    check.found.push(Diagnostic::new(Code::DanglingReference, name.span, message).hint(hint));
    near.map(str::to_owned)
}

//! Nobody is declared twice: user names after case folding, and former keys.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Check;
use crate::diag::{Code, Diagnostic};
use crate::scim::fold;
use crate::source::{Span, Spanned};

/// Reports people with one userName, and former keys that are taken.
pub(super) fn check(check: &mut Check<'_>) {
    user_names(check);
    let config = check.config;
    let users = config.users.iter().map(|(key, user)| (key.as_str(), user.key, user.value.previously.as_slice()));
    former_keys(check, "user", &users.collect::<Vec<_>>());
    let groups = config.groups.iter().map(|(key, group)| (key.as_str(), group.key, group.value.previously.as_slice()));
    former_keys(check, "group", &groups.collect::<Vec<_>>());
}

fn user_names(check: &mut Check<'_>) {
    let config = check.config;
    let mut seen: BTreeMap<String, (&str, Span)> = BTreeMap::new();
    for (key, user) in &config.users {
        let Some(name) = &user.user_name else { continue };
        match seen.entry(fold::canonical(&name.value)) {
            Entry::Vacant(slot) => {
                slot.insert((key, name.span));
            }
            Entry::Occupied(slot) => {
                let (other, place) = slot.get();
                let message =
                    format!("`{key}` and `{other}` have one userName, `{}`, as targets compare it", name.value);
                let diagnostic = Diagnostic::new(Code::DuplicateUserName, name.span, message)
                    .label(*place, format!("the userName of `{other}`"))
                    .hint("Targets ignore case and the form of accents: give one of them another userName.");
                check.found.push(diagnostic);
            }
        }
    }
}

fn former_keys(check: &mut Check<'_>, kind: &str, declared: &[(&str, Span, &[Spanned<String>])]) {
    let current: BTreeMap<&str, Span> = declared.iter().map(|(key, place, _)| (*key, *place)).collect();
    let mut claimed: BTreeMap<&str, (&str, Span)> = BTreeMap::new();
    for (key, former) in declared.iter().flat_map(|(key, _, former)| former.iter().map(move |old| (*key, old))) {
        let old = former.value.as_str();
        let conflict = |message: String| Diagnostic::new(Code::PreviouslyConflict, former.span, message);
        if let Some(place) = current.get(old) {
            let message = if old == key {
                format!("`{key}` names itself as its former key")
            } else {
                format!("the {kind} `{old}` still exists, so `{key}` can't have been it")
            };
            let hint = "A former key must be free: take it out here, or give the other one a new key.";
            check.found.push(conflict(message).label(*place, format!("`{old}` is declared here")).hint(hint));
        } else if let Some((other, place)) = claimed.get(old).filter(|(other, _)| *other != key) {
            let message = format!("`{key}` and `{other}` both claim the former key `{old}`");
            let hint = format!("Only one {kind} can have been `{old}`.");
            check.found.push(conflict(message).label(*place, format!("claimed by `{other}`")).hint(hint));
        } else {
            claimed.insert(old, (key, former.span));
        }
    }
}

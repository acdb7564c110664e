//! Which targets and keys a run covers.

use std::collections::BTreeSet;

use super::args::Scope;
use super::error::CommandError;
use crate::directory::{Directory, Target};

/// The targets named by `--target`, or all.
pub(super) fn targets<'a>(directory: &'a Directory, scope: &Scope) -> Result<Vec<&'a Target>, CommandError> {
    for name in scope.targets.iter().filter(|_| !scope.saved.targets) {
        if !directory.targets.contains_key(name.as_str()) {
            let known: Vec<&str> = directory.targets.keys().map(crate::directory::TargetName::as_str).collect();
            return Err(unknown("target", name, &known));
        }
    }
    let wanted =
        |target: &&Target| scope.targets.is_empty() || scope.targets.iter().any(|name| name == target.name.as_str());
    let chosen: Vec<&Target> = directory.targets.values().filter(wanted).collect();
    if chosen.is_empty() && scope.saved.targets {
        return Err(CommandError::new("none of the targets of the saved plan is declared any more")
            .hint("Was one renamed? Plan anew and review that."));
    }
    if chosen.is_empty() {
        return Err(CommandError::new("no target is declared").hint("Declare one under `targets:` in scimform.yaml."));
    }
    Ok(chosen)
}

/// The keys named by `--only`; `None` where all are covered.
pub(super) fn keys(
    directory: &Directory,
    scope: &Scope,
    known_to_ledger: &BTreeSet<String>,
) -> Result<Option<BTreeSet<String>>, CommandError> {
    if scope.only.is_empty() {
        return Ok(None);
    }
    let is_known = |key: &String| {
        let declared = directory.users.contains_key(key.as_str()) || directory.groups.contains_key(key.as_str());
        declared || known_to_ledger.contains(key)
    };
    if scope.saved.only && !scope.only.iter().any(is_known) {
        return Err(CommandError::new("nobody to whom the saved plan is narrowed is known any more")
            .hint("Plan anew and review that."));
    }
    for key in scope.only.iter().filter(|_| !scope.saved.only) {
        if !is_known(key) {
            let users = directory.users.keys().map(crate::directory::UserKey::as_str);
            let known: Vec<&str> =
                users.chain(directory.groups.keys().map(crate::directory::GroupKey::as_str)).collect();
            return Err(unknown("user or group", key, &known).naming_people());
        }
    }
    Ok(Some(scope.only.iter().cloned().collect()))
}

/// Says why a group that was named is not known.
pub(super) fn group(directory: &Directory, key: &str) -> Result<(), CommandError> {
    if directory.groups.contains_key(key) {
        return Ok(());
    }
    let known: Vec<&str> = directory.groups.keys().map(crate::directory::GroupKey::as_str).collect();
    Err(unknown("group", key, &known))
}

fn unknown(what: &str, name: &str, known: &[&str]) -> CommandError {
    let error = CommandError::usage(format!("there is no {what} `{name}`"));
    let near = known.iter().map(|known| (strsim::damerau_levenshtein(name, known), *known)).min();
    match near {
        Some((distance, near)) if distance <= 3 => error.hint(format!("Did you mean `{near}`?")),
        _ if known.len() <= 12 && !known.is_empty() => error.hint(format!("There are {}.", known.join(", "))),
        _ => error,
    }
}

//! Which targets and keys a run covers.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::Failure;
use crate::directory::{Directory, Target};

/// What a run covers.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Names of targets; all where there is none.
    pub targets: Vec<String>,
    /// Keys of users and groups; all where there is none.
    pub only: Vec<String>,
    /// The day of the run; today where it is not given.
    pub as_of: Option<Date>,
    /// Whether embedded servers stand in for the targets.
    pub sandbox: bool,
    /// What of it a saved plan says, and no person: that may be gone by now.
    pub saved: Saved,
}

/// What of a scope comes from a saved plan.
#[derive(Clone, Copy, Debug, Default)]
pub struct Saved {
    /// The targets.
    pub targets: bool,
    /// The keys.
    pub only: bool,
}

impl Scope {
    /// The targets that are covered.
    ///
    /// # Errors
    /// Where one is not declared.
    pub fn targets<'a>(&self, directory: &'a Directory) -> Result<Vec<&'a Target>, Failure> {
        targets(directory, self)
    }

    /// The keys that are covered; `None` where all are.
    ///
    /// # Errors
    /// Where one is neither declared nor known to the ledger.
    pub fn keys(
        &self,
        directory: &Directory,
        known_to_ledger: impl Fn(&str) -> bool,
    ) -> Result<Option<BTreeSet<String>>, Failure> {
        keys(directory, self, known_to_ledger)
    }

    /// A group that was named.
    ///
    /// # Errors
    /// Where it is not declared.
    pub fn group(directory: &Directory, key: &str) -> Result<(), Failure> {
        group(directory, key)
    }
}

fn targets<'a>(directory: &'a Directory, scope: &Scope) -> Result<Vec<&'a Target>, Failure> {
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
        return Err(Failure::new("none of the targets of the saved plan is declared any more")
            .hint("Was one renamed? Plan anew and review that."));
    }
    if chosen.is_empty() {
        return Err(Failure::new("no target is declared").hint("Declare one under `targets:` in scimform.yaml."));
    }
    Ok(chosen)
}

fn keys(
    directory: &Directory,
    scope: &Scope,
    known_to_ledger: impl Fn(&str) -> bool,
) -> Result<Option<BTreeSet<String>>, Failure> {
    if scope.only.is_empty() {
        return Ok(None);
    }
    let is_known = |key: &String| {
        let declared = directory.users.contains_key(key.as_str()) || directory.groups.contains_key(key.as_str());
        declared || known_to_ledger(key)
    };
    if scope.saved.only && !scope.only.iter().any(is_known) {
        return Err(Failure::new("nobody to whom the saved plan is narrowed is known any more")
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

fn group(directory: &Directory, key: &str) -> Result<(), Failure> {
    if directory.groups.contains_key(key) {
        return Ok(());
    }
    let known: Vec<&str> = directory.groups.keys().map(crate::directory::GroupKey::as_str).collect();
    Err(unknown("group", key, &known))
}

fn unknown(what: &str, name: &str, known: &[&str]) -> Failure {
    let error = Failure::usage(format!("there is no {what} `{name}`"));
    let near = known.iter().map(|known| (strsim::damerau_levenshtein(name, known), *known)).min();
    match near {
        Some((distance, near)) if distance <= 3 => error.hint(format!("Did you mean `{near}`?")),
        _ if known.len() <= 12 && !known.is_empty() => error.hint(format!("There are {}.", known.join(", "))),
        _ => error,
    }
}

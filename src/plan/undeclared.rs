//! Targets that only the ledger still knows.

use crate::directory::{Directory, TargetName};
use crate::ledger::Ledger;

/// Targets at which something is managed and that are no longer declared, as they were renamed or taken out: name,
/// people, groups; by name. Nothing is planned for them, so what they hold stays as it is.
pub fn undeclared_targets(directory: &Directory, ledger: &Ledger) -> Vec<(String, u64, u64)> {
    let undeclared =
        ledger.targets.iter().filter(|(name, _)| !directory.targets.contains_key(&TargetName::from(name.as_str())));
    undeclared
        .map(|(name, known)| (name.clone(), known.users.len() as u64, known.groups.len() as u64))
        .filter(|(_, people, groups)| people + groups > 0)
        .collect()
}

//! Opens the ledger together with what a run that was cut off left in its journal.

use std::path::PathBuf;

use super::context::Context;
use super::error::CommandError;
use crate::apply::{Journal, recover};
use crate::ledger::{Ledger, Store};
use crate::plan::Redaction;
use crate::render::{count, escape::terminal};

/// The ledger, or a new one, with all that unfinished journals tell. Nothing is written.
pub(super) fn load(context: &Context, store: &Store) -> Result<Ledger, CommandError> {
    read(context, store).map(|(ledger, _)| ledger)
}

/// The same, saved, and the journals marked as taken in. The lock must be held: a run that goes on has an unfinished
/// journal too.
pub(super) fn load_and_keep(context: &Context, store: &Store) -> Result<Ledger, CommandError> {
    let (ledger, journals) = read(context, store)?;
    if !journals.is_empty() {
        store.save(&ledger).map_err(|error| CommandError::new(error.to_string()))?;
    }
    // Only after the save: a journal that is taken in twice does no harm, one that is lost does.
    for path in journals {
        Journal::mark_recovered(&path)
            .map_err(|error| CommandError::new(format!("cannot write {}: {error}", path.display())))?;
    }
    Ok(ledger)
}

fn read(context: &Context, store: &Store) -> Result<(Ledger, Vec<PathBuf>), CommandError> {
    let mut ledger = store.load_or_new().map_err(|error| CommandError::new(error.to_string()))?;
    let folder = store.journals();
    let failed = |path: &std::path::Path, error: std::io::Error| {
        CommandError::new(format!("cannot read the journal {}: {error}", path.display()))
            .hint("It tells what an apply that was cut off did. Mend it, or move it away to do without.")
    };
    let mut journals = Vec::new();
    for path in Journal::unfinished(&folder).map_err(|error| failed(&folder, error))? {
        let lines = Journal::read(&path).map_err(|error| failed(&path, error))?;
        journals.push((lines.first().map(|line| line.time), path, lines));
    }
    // A later run knows better.
    journals.sort_by(|(a, one, _), (b, other, _)| (a, one).cmp(&(b, other)));
    let (mut changed, mut in_flight) = (0, Vec::new());
    for (_, _, lines) in &journals {
        let recovered = recover(&mut ledger, lines);
        changed += recovered.changed;
        in_flight.extend(recovered.in_flight);
    }
    if changed > 0 {
        context.say(&format!("an earlier apply ended early: {changed} resources taken from its journal"));
    }
    if !in_flight.is_empty() && context.redact == Redaction::Names {
        let number = count(in_flight.len() as u64, "creation");
        context.say(&format!("it did not see the outcome of {number}; keep who was new declared until the next apply"));
    } else if !in_flight.is_empty() {
        let keys: Vec<String> = in_flight.iter().map(|key| format!("`{}`", terminal(key))).collect();
        context.say(&format!(
            "it did not see whether these were created; keep them declared until the next apply: {}",
            keys.join(", ")
        ));
    }
    Ok((ledger, journals.into_iter().map(|(_, path, _)| path).collect()))
}

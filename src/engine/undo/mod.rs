//! Taking an apply back: the file that an apply leaves for it, and a run that works by such a file.

mod file;
mod recorder;

use std::collections::BTreeSet;
use std::path::Path;

use super::{Engine, Failure};
use crate::ledger::TargetLedger;
use crate::plan::Action;
use crate::plan::TargetPlan;
use crate::plan::undo::{Undo, UndoOf, UndoTarget, narrow};
use crate::render::escape::terminal;

pub use recorder::UndoRecorder;

/// A run that takes an apply back.
#[derive(Debug)]
pub struct UndoRun {
    /// Which apply it is.
    pub of: UndoOf,
    undo: Undo,
}

impl UndoRun {
    /// Reads the file of an apply and cuts it to what the call covers.
    pub(super) fn open(file: &Path, folder: &Path, engine: &Engine) -> Result<Self, Failure> {
        let mut undo = file::read(folder, &engine.root, file, &engine.store)?;
        let scope = &engine.scope;
        if undo.sandbox != scope.sandbox {
            let made = if undo.sandbox { "with" } else { "without" };
            return Err(Failure::new(format!(
                "that apply ran {made} `--sandbox`, so it can only be taken back {made} it"
            )));
        }
        let of = UndoOf {
            file: file.display().to_string(),
            digest: undo.digest.clone(),
            created_at: undo.created_at.clone(),
        };
        if !scope.targets.is_empty() {
            undo.targets.retain(|target| scope.targets.contains(&target.name));
        }
        if let Some(lost) = undo.targets.iter().find(|one| !engine.directory.targets.contains_key(one.name.as_str())) {
            let text = format!("that apply wrote to `{}`, which is no longer declared", terminal(&lost.name));
            return Err(Failure::new(text).hint("Declare it again, or name the other targets with `--target`."));
        }
        if !scope.only.is_empty() {
            let keys: BTreeSet<String> = scope.only.iter().cloned().collect();
            undo.targets.iter_mut().for_each(|target| narrow(target, &keys));
        }
        Ok(Self { of, undo })
    }

    /// What there is to take back at a target.
    pub fn target(&self, name: &str) -> Option<&UndoTarget> {
        self.undo.targets.iter().find(|target| target.name == name)
    }

    /// All keys that the apply changed.
    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        self.undo.targets.iter().flat_map(|target| {
            target.changes.iter().map(|change| &change.key).chain(target.adopted.iter().map(|one| &one.key))
        })
    }
}

/// Puts back what the ledger knew of those who are managed again.
pub(super) fn restore_entries(undo: &UndoTarget, plan: &TargetPlan, ledger: &mut TargetLedger) {
    let taken = plan.changes.iter().filter(|change| change.action == Action::Adopt);
    for change in taken {
        let former = undo.changes.iter().find(|one| {
            one.action == Action::Forget
                && one.resource == change.resource
                && one.key == change.key
                && one.id == change.id
        });
        if let Some(entry) = former.and_then(|former| former.entry.clone()) {
            ledger.of_mut(change.resource).insert(change.key.clone(), entry);
        }
    }
}

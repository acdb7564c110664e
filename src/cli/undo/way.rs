//! What a running apply leaves to be taken back by: written before its first request, completed as targets end.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::super::context::Context;
use super::super::survey::{Survey, Surveyed};
use super::file;
use crate::apply::{CannotUndo, Known, Subject, Trace, WayBack, adopted};
use crate::ledger::{Ledger, TargetLedger};
use crate::plan::Plan;
use crate::plan::undo::{FORMAT, Undo, record};
use crate::repo;

/// The file of a running apply.
#[derive(Debug)]
pub(in crate::cli) struct Way {
    undo: Mutex<Undo>,
    path: PathBuf,
    shown: String,
}

impl Way {
    /// What the plan is about to do. Nothing is written yet.
    pub(in crate::cli) fn new(survey: &Survey, plan: &Plan, surveyed: &[Surveyed], ledger: &Ledger) -> Self {
        let targets = surveyed.iter().filter(|one| one.plan.is_written()).filter_map(|one| {
            let target = survey.directory.targets.get(one.name.as_str())?;
            let empty = TargetLedger::default();
            let entries = ledger.targets.get(&one.name).unwrap_or(&empty);
            Some(record(&one.plan, one.live.as_ref()?, entries, target))
        });
        let now = jiff::Timestamp::now();
        let undo = Undo {
            format: FORMAT.to_owned(),
            tool: plan.tool.clone(),
            created_at: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            revision: repo::revision(&survey.root),
            sandbox: survey.sandbox,
            plan: plan.digest.clone(),
            undoes: survey.take_back.as_ref().map(|back| back.of.digest.clone()),
            digest: String::new(),
            targets: targets.collect(),
        };
        let path = file::fresh(&file::folder(&survey.store), now, &plan.digest);
        let shown = path.strip_prefix(&survey.root).unwrap_or(&path).display().to_string();
        Self { undo: Mutex::new(undo), path, shown }
    }

    /// Writes what is about to be done at a target, before its first request. Whoever is managed from now on without a
    /// change is among it.
    pub(in crate::cli) fn begin(
        &self,
        surveyed: &Surveyed,
        known: &Known,
        ledger: &TargetLedger,
        journal: Option<&Path>,
    ) -> Result<(), String> {
        let mut undo = self.undo.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(target) = undo.targets.iter_mut().find(|target| target.name == surveyed.name) else { return Ok(()) };
        target.adopted = adopted(known, &surveyed.desired, ledger);
        target.journal = journal.and_then(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
        if target.changes.is_empty() && target.adopted.is_empty() {
            return Ok(());
        }
        undo.seal();
        file::write(&self.path, &undo).map_err(|error| {
            format!("nothing was sent, since {} can't be written, by which it could be taken back: {error}", self.shown)
        })
    }

    /// Notes what became of a target's changes. A failure is no reason to stop: the journal tells the same.
    pub(in crate::cli) fn end(&self, context: &Context, name: &str, trace: &Trace) {
        let mut undo = self.undo.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(target) = undo.targets.iter_mut().find(|target| target.name == name) else { return };
        trace.settle(target);
        if target.changes.is_empty() && target.adopted.is_empty() {
            return;
        }
        undo.seal();
        if let Err(error) = file::write(&self.path, &undo) {
            context.say(&format!("cannot complete {}: {error}; its journal says the rest", self.path.display()));
        }
    }

    /// What the report says of it, once the apply has ended.
    pub(in crate::cli) fn told(&self) -> Option<WayBack> {
        let undo = self.undo.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.path.exists() {
            // It could not be written, or no target was begun: nothing was sent.
            return None;
        }
        if undo.is_empty() {
            // Nothing was done, so there is nothing to keep.
            let _ = std::fs::remove_file(&self.path);
            return None;
        }
        let _ = file::prune(&self.path);
        let cannot = undo.lost().map(|(target, change, lost)| CannotUndo {
            target: target.to_owned(),
            subject: Subject { resource: change.resource, key: change.key.clone(), action: change.action },
            path: lost.at.clone(),
            why: lost.why.clone(),
        });
        Some(WayBack { file: self.shown.clone(), cannot: cannot.collect() })
    }
}

//! What a running apply leaves to be taken back by: written before its first request, completed as targets end.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::super::Listener;
use super::super::session::{Seen, Session};
use super::file;
use crate::apply::{CannotUndo, Known, Subject, Trace, WayBack, adopted};
use crate::ledger::TargetLedger;
use crate::plan::Plan;
use crate::plan::undo::{FORMAT, Undo, record};
use crate::repo;

/// The file of a running apply.
#[derive(Debug)]
pub struct UndoRecorder {
    undo: Mutex<Undo>,
    path: PathBuf,
    shown: String,
}

impl UndoRecorder {
    /// What the plan is about to do. Nothing is written yet.
    pub(in crate::engine) fn new(session: &Session<'_>, plan: &Plan, seen: &[Seen<'_>]) -> Self {
        let engine = session.engine;
        let written = seen.iter().filter(|one| one.read && one.plan.is_written());
        let targets =
            written.map(|one| record(&one.plan, &one.observed.live, &session.entries(one.target), one.target));
        let now = jiff::Timestamp::now();
        let undo = Undo {
            format: FORMAT.to_owned(),
            tool: plan.tool.clone(),
            created_at: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            revision: repo::revision(&engine.root),
            sandbox: engine.scope.sandbox,
            plan: plan.digest.clone(),
            undoes: engine.undo.as_ref().map(|undo| undo.of.digest.clone()),
            digest: String::new(),
            targets: targets.collect(),
        };
        let path = file::fresh(&file::folder(&engine.store), now, &plan.digest);
        let shown = path.strip_prefix(&engine.root).unwrap_or(&path).display().to_string();
        Self { undo: Mutex::new(undo), path, shown }
    }

    /// Writes what is about to be done at a target, before its first request. Whoever is managed from now on without a
    /// change is among it.
    pub(in crate::engine) fn begin(
        &self,
        seen: &Seen<'_>,
        known: &Known,
        ledger: &TargetLedger,
        journal: Option<&Path>,
    ) -> Result<(), String> {
        let mut undo = self.undo.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(target) = undo.targets.iter_mut().find(|target| target.name == seen.target.name.as_str()) else {
            return Ok(());
        };
        target.adopted = adopted(known, seen.desired(), ledger);
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
    pub(in crate::engine) fn end(&self, listener: &dyn Listener, name: &str, trace: &Trace) {
        let mut undo = self.undo.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(target) = undo.targets.iter_mut().find(|target| target.name == name) else { return };
        trace.settle(target);
        if target.changes.is_empty() && target.adopted.is_empty() {
            return;
        }
        undo.seal();
        if let Err(error) = file::write(&self.path, &undo) {
            listener.say(&format!("cannot complete {}: {error}; its journal says the rest", self.path.display()));
        }
    }

    /// What the report says of it, once the apply has ended.
    pub(in crate::engine) fn told(&self) -> Option<WayBack> {
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

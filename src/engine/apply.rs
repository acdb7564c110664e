//! Runs the plan of one target, with everything that watches it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::session::Seen;
use super::undo::{UndoRecorder, restore_entries};
use super::{Failure, Sent, Session};
use crate::apply::{
    Cancel, Due, Event, Journal, Known, Observer, Observers, Opening, Run, TargetReport, Timing, Trace, WayBack, Wire,
    apply,
};
use crate::directory::Target;
use crate::ledger::{Holder, Store, TargetLedger};
use crate::plan::{self, Plan, Redactor, match_rules, schedule::schedule};
use crate::target::Connection;

/// What the runs of all targets share. They go on at the same time.
pub struct Runner<'a> {
    session: &'a Session<'a>,
    /// Why ledgers could not be saved, by target.
    unsaved: Mutex<BTreeMap<String, String>>,
    redactor: Redactor,
    cancel: Cancel,
    recorder: UndoRecorder,
}

/// Saves a target's ledger.
struct Checkpoint<'a> {
    store: &'a Store,
    unsaved: &'a Mutex<BTreeMap<String, String>>,
}

impl Observer for Checkpoint<'_> {
    fn event(&mut self, _: &Event) -> std::io::Result<()> {
        Ok(())
    }

    fn checkpoint(&mut self, target: &str, ledger: &TargetLedger, due: Due) -> std::io::Result<()> {
        let saved = match due {
            Due::Now => self.store.save(target, ledger),
            Due::Soon => self.store.checkpoint(target, ledger),
        };
        let mut unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
        match &saved {
            Ok(()) => unsaved.remove(target),
            Err(error) => unsaved.insert(target.to_owned(), error.to_string()),
        };
        saved.map_err(std::io::Error::other)
    }
}

impl<'a> Runner<'a> {
    /// A run of what is planned at the targets of a session. `cancel` ends it.
    pub fn new(session: &'a Session<'a>, plan: &Plan, seen: &[Seen<'_>], redactor: &Redactor, cancel: Cancel) -> Self {
        let recorder = UndoRecorder::new(session, plan, seen);
        Self { session, unsaved: Mutex::default(), redactor: redactor.clone(), cancel, recorder }
    }

    /// How to take back what was done.
    pub fn undo(&self) -> Option<WayBack> {
        self.recorder.told()
    }

    /// Whether all that was done stands in the ledger.
    ///
    /// # Errors
    /// Where a ledger could not be saved in the end.
    pub fn saved(&self) -> Result<(), Failure> {
        let unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
        unsaved.values().next().map_or(Ok(()), |why| Err(Failure::new(why.as_str())))
    }

    fn journal(&self, target: &Target) -> Result<Journal, String> {
        let (folder, now) = (self.session.engine.store.journals(), jiff::Timestamp::now());
        let runner = Holder::current(now);
        let by = format!("{} on {}", runner.owner, runner.host);
        let opening =
            Opening { target: target.name.to_string(), by, hashes: self.session.hasher(target).mark().to_string() };
        Journal::create(&folder, opening, now).map_err(|error| {
            format!("the journal can't be written in {}, so nothing was sent: {error}", folder.display())
        })
    }

    /// Applies one target.
    pub async fn apply(&self, connection: &Connection, seen: &mut Seen<'_>) -> TargetReport {
        self.run(connection, seen).await.unwrap_or_else(|why| TargetReport {
            name: seen.target.name.as_str().to_owned(),
            stopped: Some(why),
            not_run: seen.plan.changes.len() as u64,
            ..TargetReport::default()
        })
    }

    /// Applies one target; the error says why nothing was sent.
    async fn run(&self, connection: &Connection, seen: &mut Seen<'_>) -> Result<TargetReport, String> {
        let (engine, target) = (self.session.engine, seen.target);
        self.session.release(target);
        let mut ledger = Arc::unwrap_or_clone(std::mem::take(&mut seen.observed.ledger));
        let (seen, observed) = (&*seen, &seen.observed);
        let (name, profile, live) = (target.name.as_str(), &*target.profile, &observed.live);
        let mut steps = schedule(&seen.plan, seen.desired(), live, profile, &live.discovery);
        engine.fill_secrets(target, &mut steps)?;
        let mut journal = (!steps.is_empty()).then(|| self.journal(target)).transpose()?;
        let narrowed = self.session.only.is_some() || engine.undo.is_some();
        ledger.seen = plan::seen(&ledger, live, &seen.computed, narrowed);
        let known = match engine.undo.as_ref().and_then(|undo| undo.target(name)) {
            Some(undo) => {
                restore_entries(undo, &seen.plan, &mut ledger);
                Known::of_ledger(&ledger, live)
            }
            None => Known::new(observed.matches(), live, &seen.computed, self.session.only.as_ref()),
        };
        if let Err(why) = self.recorder.begin(seen, &known, &ledger, journal.as_ref().map(Journal::path)) {
            // No line was written into it, so it has nothing to tell.
            let _ = journal.map(|journal| std::fs::remove_file(journal.path()));
            return Err(why);
        }
        let mut checkpoint = Checkpoint { store: &engine.store, unsaved: &self.unsaved };
        let (mut trace, mut sent) = (Trace::default(), Sent::default());
        let counted = sent.clone();
        let mut watch = self.session.listener.watch(name, &self.redactor);
        let mut observers: Vec<&mut dyn Observer> = vec![&mut checkpoint];
        observers.extend(journal.as_mut().map(|journal| journal as &mut dyn Observer));
        observers.push(&mut *watch);
        observers.push(&mut trace);
        observers.push(&mut sent);
        let mut observers = Observers(observers);
        let reader = connection.reader();
        let run = Run {
            target: name,
            service: &Wire::new(reader.clone(), connection.writer()),
            plan: &seen.plan,
            steps: &steps,
            desired: seen.desired(),
            live,
            profile,
            ledger: &mut ledger,
            hasher: self.session.hasher(target),
            known: &known,
            matching: &match_rules(&engine.directory, target),
            as_of: engine.as_of,
            timing: Timing { read_age: seen.read_at.elapsed(), ..Timing::default() },
            cancel: self.cancel.clone(),
        };
        let mut report = TargetReport::default();
        let work = async { report = apply(run, &mut observers).await };
        self.session.listener.applying(name, &reader, &counted, Box::pin(work)).await;
        self.recorder.end(self.session.listener, name, &trace);
        Ok(report)
    }
}

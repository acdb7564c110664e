//! Runs the plan of one target, with everything that watches it.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use super::context::Context;
use super::error::CommandError;
use super::progress::{Watch, applying};
use super::signals::asked_to_end;
use super::survey::{Survey, Surveyed};
use super::undo::{Way, restore_entries};
use crate::apply::{
    Cancel, Event, Journal, Known, Matching, Observer, Observers, Opening, Run, TargetReport, Timing, Trace, WayBack,
    Wire, apply,
};
use crate::directory::Target;
use crate::ledger::{Hasher, Holder, Ledger, Store, TargetLedger};
use crate::live::Live;
use crate::plan::{self, Veil, schedule::schedule};
use crate::target::Connection;

/// What the runs of all targets share. They go on at the same time and keep one ledger.
pub(super) struct Runner<'a> {
    survey: &'a Survey,
    hasher: &'a Hasher,
    only: Option<&'a BTreeSet<String>>,
    ledger: Arc<Mutex<Ledger>>,
    veil: Veil,
    cancel: Cancel,
    context: &'a Context,
    way: Way,
}

/// Puts a target's part into the ledger and writes it. Told of events before the journal is.
struct Checkpoint {
    ledger: Arc<Mutex<Ledger>>,
    store: Store,
}

impl Observer for Checkpoint {
    /// A journal that ends tells that all of it stands in the ledger.
    fn event(&mut self, event: &Event) -> std::io::Result<()> {
        if !matches!(event, Event::Finished { .. }) {
            return Ok(());
        }
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        self.store.save(&ledger).map_err(std::io::Error::other)
    }

    fn checkpoint(&mut self, target: &str, entries: &TargetLedger) -> std::io::Result<()> {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.targets.insert(target.to_owned(), entries.clone());
        self.store.checkpoint(&ledger).map_err(std::io::Error::other)
    }
}

impl<'a> Runner<'a> {
    pub(super) fn new(
        context: &'a Context,
        survey: &'a Survey,
        ledger: Ledger,
        (hasher, veil): (&'a Hasher, &Veil),
        only: Option<&'a BTreeSet<String>>,
        way: Way,
    ) -> Self {
        let ledger = Arc::new(Mutex::new(ledger));
        let (veil, cancel) = (veil.clone(), cancel_on_signals(context));
        Self { survey, hasher, only, ledger, veil, cancel, context, way }
    }

    /// How to take back what was done.
    pub(super) fn way_back(&self) -> Option<WayBack> {
        self.way.told()
    }

    /// Writes the ledger.
    pub(super) fn save(&self) -> Result<(), CommandError> {
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        self.survey.store.save(&ledger).map_err(|error| CommandError::new(error.to_string()))
    }

    fn entries(&self, target: &str) -> TargetLedger {
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.targets.get(target).cloned().unwrap_or_default()
    }

    fn journal(&self, target: &str) -> Result<Journal, String> {
        let (folder, now) = (self.survey.store.journals(), jiff::Timestamp::now());
        let runner = Holder::current(now);
        let by = format!("{} on {}", runner.owner, runner.host);
        let opening = Opening { target: target.to_owned(), by, hashes: self.hasher.mark() };
        Journal::create(&folder, opening, now).map_err(|error| {
            format!("the journal can't be written in {}, so nothing was sent: {error}", folder.display())
        })
    }

    /// Applies one target.
    pub(super) async fn one(
        &self,
        target: &Target,
        connection: &Connection,
        surveyed: &Surveyed,
        live: &Live,
    ) -> Result<TargetReport, CommandError> {
        let name = target.name.as_str();
        let (desired, profile) = (&surveyed.desired, &*target.profile);
        let mut steps = schedule(&surveyed.plan, desired, live, profile, &live.discovery);
        let not_begun = |why: String| TargetReport {
            name: name.to_owned(),
            stopped: Some(why),
            not_run: surveyed.plan.changes.len() as u64,
            ..TargetReport::default()
        };
        if let Err(why) = self.survey.fill_secrets(target, &mut steps) {
            return Ok(not_begun(why));
        }
        let mut journal = match (!steps.is_empty()).then(|| self.journal(name)).transpose() {
            Ok(journal) => journal,
            Err(why) => return Ok(not_begun(why)),
        };
        let mut watch = Watch::new(self.context, &self.veil, name);
        let done = watch.done();
        let mut checkpoint = Checkpoint { ledger: self.ledger.clone(), store: self.survey.store.clone() };
        let mut ledger = self.entries(name);
        let narrowed = self.only.is_some() || self.survey.take_back.is_some();
        ledger.seen = plan::seen(&ledger, live, &surveyed.computed, narrowed);
        surveyed.unsettled.enter(&mut ledger);
        let matching = Matching::new(&self.survey.directory, target);
        let back = self.survey.take_back.as_ref().and_then(|back| back.target(name));
        let known = match back {
            Some(undo) => {
                restore_entries(undo, &surveyed.plan, &mut ledger);
                Known::of_ledger(&ledger, live)
            }
            None => Known::find(desired, live, &ledger, &matching, profile, &surveyed.computed, self.only),
        };
        if let Err(why) = self.way.begin(surveyed, &known, &ledger, journal.as_ref().map(Journal::path)) {
            // No line was written into it, so it has nothing to tell.
            let _ = journal.map(|journal| std::fs::remove_file(journal.path()));
            return Ok(not_begun(why));
        }
        let mut trace = Trace::default();
        let mut observers: Vec<&mut dyn Observer> = Vec::new();
        observers.push(&mut checkpoint);
        observers.extend(journal.as_mut().map(|journal| journal as &mut dyn Observer));
        observers.push(&mut watch);
        observers.push(&mut trace);
        let reader = connection.reader();
        let run = Run {
            target: name,
            service: &Wire::new(reader.clone(), connection.writer()),
            plan: &surveyed.plan,
            steps: &steps,
            desired,
            live,
            profile,
            ledger: &mut ledger,
            hasher: self.hasher,
            known: &known,
            matching: &matching,
            as_of: self.survey.as_of,
            timing: Timing { read_age: surveyed.read_at.elapsed(), ..Timing::default() },
            cancel: self.cancel.clone(),
        };
        let mut observers = Observers(observers);
        let report = Box::pin(applying(self.context, name, &reader, &done, apply(run, &mut observers))).await;
        self.way.end(self.context, name, &trace);
        Ok(report)
    }
}

/// Ctrl-C, the end that a CI system asks for (SIGTERM) and a closed terminal (SIGHUP) ask for the end: what is in flight
/// is finished, the rest is left.
fn cancel_on_signals(context: &Context) -> Cancel {
    let cancel = Cancel::default();
    let (asked, terminal, bars) = (cancel.clone(), context.err.terminal, context.bars.clone());
    tokio::spawn(async move {
        if asked_to_end().await.is_ok() {
            asked.cancel();
            if terminal {
                bars.suspend(|| {
                    let _ = writeln!(std::io::stderr().lock(), "\nstopping: what is in flight is finished first");
                });
            }
        }
    });
    cancel
}

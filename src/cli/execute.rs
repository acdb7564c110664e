//! Runs the plan of one target, with everything that watches it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::context::Context;
use super::error::CommandError;
use super::progress::Screen;
use super::survey::{Survey, Surveyed};
use super::undo::{Way, restore_entries};
use crate::apply::{
    Cancel, Event, Journal, Known, Matching, Observer, Observers, Run, TargetReport, Timing, Trace, WayBack, Wire,
    apply,
};
use crate::directory::Target;
use crate::ledger::{Hasher, Ledger, Store, TargetLedger};
use crate::live::Live;
use crate::plan::schedule::schedule;
use crate::target::Connection;

/// What the runs of all targets share. They go on at the same time and keep one ledger.
pub(super) struct Runner<'a> {
    survey: &'a Survey,
    hasher: &'a Hasher,
    only: Option<&'a BTreeSet<String>>,
    ledger: Arc<Mutex<Ledger>>,
    screen: Screen,
    cancel: Cancel,
    context: &'a Context,
    way: Way,
}

/// Puts a target's part into the ledger and writes it.
struct Checkpoint {
    ledger: Arc<Mutex<Ledger>>,
    store: Store,
}

impl Observer for Checkpoint {
    fn event(&mut self, _: &Event) -> std::io::Result<()> {
        Ok(())
    }

    fn checkpoint(&mut self, target: &str, entries: &TargetLedger) -> std::io::Result<()> {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.targets.insert(target.to_owned(), entries.clone());
        self.store.save(&ledger).map_err(std::io::Error::other)
    }
}

impl<'a> Runner<'a> {
    pub(super) fn new(
        context: &'a Context,
        survey: &'a Survey,
        ledger: Ledger,
        hasher: &'a Hasher,
        only: Option<&'a BTreeSet<String>>,
        way: Way,
    ) -> Self {
        let ledger = Arc::new(Mutex::new(ledger));
        let (screen, cancel) = (Screen::new(context), cancel_on_ctrl_c(context));
        Self { survey, hasher, only, ledger, screen, cancel, context, way }
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

    fn journal(&self, target: &str) -> Result<Journal, CommandError> {
        let folder = self.survey.store.journals();
        Journal::create(&folder, target, jiff::Timestamp::now())
            .map_err(|error| CommandError::new(format!("cannot write the journal in {}: {error}", folder.display())))
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
        if let Err(why) = self.survey.fill_secrets(&mut steps) {
            return Ok(TargetReport { name: name.to_owned(), stopped: Some(why), ..TargetReport::default() });
        }
        let mut journal = if steps.is_empty() { None } else { Some(self.journal(name)?) };
        let mut watch = self.screen.watch(name);
        let mut checkpoint = Checkpoint { ledger: self.ledger.clone(), store: self.survey.store.clone() };
        let mut ledger = self.entries(name);
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
            let not_run = surveyed.plan.changes.len() as u64;
            return Ok(TargetReport { name: name.to_owned(), stopped: Some(why), not_run, ..TargetReport::default() });
        }
        let mut trace = Trace::default();
        let mut observers: Vec<&mut dyn Observer> = Vec::new();
        observers.extend(journal.as_mut().map(|journal| journal as &mut dyn Observer));
        observers.push(&mut watch);
        observers.push(&mut checkpoint);
        observers.push(&mut trace);
        let run = Run {
            target: name,
            service: &Wire::new(connection.reader(), connection.writer()),
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
        let report = apply(run, &mut Observers(observers)).await;
        self.way.end(self.context, name, &trace);
        Ok(report)
    }
}

/// Ctrl-C asks for the end: what is in flight is finished, the rest is left.
fn cancel_on_ctrl_c(context: &Context) -> Cancel {
    let cancel = Cancel::default();
    let (asked, terminal) = (cancel.clone(), context.terminal);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            asked.cancel();
            if terminal {
                super::progress::note("\nstopping: what is in flight is finished first");
            }
        }
    });
    cancel
}

//! Runs the plan of one target, with everything that watches it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::context::Context;
use super::error::CommandError;
use super::progress::Screen;
use super::survey::{Survey, Surveyed};
use crate::apply::{
    Cancel, Event, Journal, Known, Matching, Observer, Observers, Run, TargetReport, Timing, Wire, apply,
};
use crate::directory::Target;
use crate::ledger::{Hasher, Ledger, Store, TargetLedger};
use crate::live::Live;
use crate::plan::Veil;
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
        context: &Context,
        survey: &'a Survey,
        ledger: Ledger,
        (hasher, veil): (&'a Hasher, &Veil),
        only: Option<&'a BTreeSet<String>>,
    ) -> Self {
        let ledger = Arc::new(Mutex::new(ledger));
        Self { survey, hasher, only, ledger, screen: Screen::new(context, veil), cancel: cancel_on_ctrl_c(context) }
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
        let mut observers: Vec<&mut dyn Observer> = Vec::new();
        observers.extend(journal.as_mut().map(|journal| journal as &mut dyn Observer));
        observers.push(&mut watch);
        observers.push(&mut checkpoint);
        let mut ledger = self.entries(name);
        let matching = Matching::new(&self.survey.directory, target);
        let known = Known::find(desired, live, &ledger, &matching, profile, &surveyed.computed, self.only);
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
        Ok(apply(run, &mut Observers(observers)).await)
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

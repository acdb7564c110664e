//! Runs the plan of one target, with everything that watches it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::context::Context;
use super::error::CommandError;
use super::progress::Watch;
use super::survey::{Survey, Surveyed};
use crate::apply::{
    Cancel, Event, Journal, Known, Matching, Observer, Observers, Run, TargetReport, Timing, Wire, apply,
};
use crate::directory::Target;
use crate::ledger::{DirectoryStore, Hasher, Ledger, TargetLedger};
use crate::live::Live;
use crate::plan::schedule::schedule;
use crate::target::Connection;

/// Keeps the ledger of all targets while they are applied at the same time.
pub(super) struct Keeper {
    ledger: Arc<Mutex<Ledger>>,
    store: DirectoryStore,
    journals: PathBuf,
}

impl Keeper {
    pub(super) fn new(survey: &Survey, ledger: Ledger) -> Self {
        let journals = survey.store.dir().join("journal");
        Self { ledger: Arc::new(Mutex::new(ledger)), store: survey.store.clone(), journals }
    }

    /// Writes the ledger.
    pub(super) fn save(&self) -> Result<(), CommandError> {
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        self.store.save(&ledger).map_err(|error| CommandError::new(error.to_string()))
    }

    fn entries(&self, target: &str) -> TargetLedger {
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.targets.get(target).cloned().unwrap_or_default()
    }
}

/// Puts a target's part into the ledger and writes it.
struct Checkpoint {
    ledger: Arc<Mutex<Ledger>>,
    store: DirectoryStore,
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

/// Ctrl-C asks for the end: what is in flight is finished, the rest is left.
pub(super) fn cancel_on_ctrl_c(context: &Context) -> Cancel {
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

/// Applies one target.
#[expect(clippy::too_many_arguments, reason = "it only hands them on")]
pub(super) async fn one(
    survey: &Survey,
    target: &Target,
    connection: &Connection,
    surveyed: &Surveyed,
    live: &Live,
    only: Option<&BTreeSet<String>>,
    hasher: &Hasher,
    keeper: &Keeper,
    mut watch: Watch,
    cancel: Cancel,
) -> Result<TargetReport, CommandError> {
    let name = target.name.as_str();
    let (desired, profile) = (&surveyed.desired, &*target.profile);
    let steps = schedule(&surveyed.plan, desired, live, profile, &live.discovery);
    let mut checkpoint = Checkpoint { ledger: keeper.ledger.clone(), store: keeper.store.clone() };
    let mut observers: Vec<&mut dyn Observer> = Vec::new();
    let mut journal = if steps.is_empty() {
        None
    } else {
        let journal = Journal::create(&keeper.journals, name, jiff::Timestamp::now());
        Some(journal.map_err(|error| {
            CommandError::new(format!("cannot write the journal in {}: {error}", keeper.journals.display()))
        })?)
    };
    observers.extend(journal.as_mut().map(|journal| journal as &mut dyn Observer));
    observers.push(&mut watch);
    observers.push(&mut checkpoint);
    let mut ledger = keeper.entries(name);
    let matching = Matching::new(&survey.directory, target);
    let known = Known::find(desired, live, &ledger, &matching, profile, &surveyed.computed, only);
    let service = Wire::new(connection.reader(), connection.writer());
    let run = Run {
        target: name,
        service: &service,
        plan: &surveyed.plan,
        steps: &steps,
        desired,
        live,
        profile,
        ledger: &mut ledger,
        hasher,
        known: &known,
        matching: &matching,
        as_of: survey.as_of,
        timing: Timing { read_age: surveyed.read_at.elapsed(), ..Timing::default() },
        cancel,
    };
    Ok(apply(run, &mut Observers(observers)).await)
}

//! One run at its targets: opens them, reads each until its plan is made, and closes them on every way out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures::future::join_all;

use super::sandboxes::Sandboxes;
use super::{Engine, Failure, Listener, describe, observe, recover};
use crate::desired::{Desired, project};
use crate::directory::{Mode, Target};
use crate::ledger::{Hasher, TargetLedger};
use crate::plan::observe::{Basis, Observed, Purpose};
use crate::plan::schedule::{cost, schedule};
use crate::plan::undo::goal;
use crate::plan::{self, Plan, TargetPlan};
use crate::target::{Connection, Reader, TargetError};

/// Whether what unfinished journals tell is saved; the ledger's lock must be held then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// The ledger is only read.
    Nothing,
    /// It is saved with what journals tell, and they are marked as taken in.
    Journals,
}

/// A run at its targets.
pub struct Session<'e> {
    /// The repository.
    pub engine: &'e Engine,
    /// Makes pseudonyms, the same as long as the ledger of the first target is kept.
    pub pseudonyms: Hasher,
    /// The targets of the run.
    pub targets: Vec<&'e Target>,
    /// Keys to which the run is narrowed.
    pub only: Option<BTreeSet<String>>,
    /// Who hears what goes on.
    pub listener: &'e dyn Listener,
    /// What is managed at each target, with what unfinished journals tell.
    ledgers: Mutex<BTreeMap<String, Arc<TargetLedger>>>,
    /// Makes the hashes of each ledger.
    hashers: BTreeMap<String, Hasher>,
    connections: Vec<Result<Connection, String>>,
}

/// One target as read and compared.
pub struct Seen<'s> {
    /// The target.
    pub target: &'s Target,
    /// What is known of it; nothing was read where the plan failed.
    pub observed: Observed<'s>,
    /// Its plan.
    pub plan: TargetPlan,
    /// The plan before anything was left out of it.
    pub computed: TargetPlan,
    /// Whether the target was read.
    pub read: bool,
    /// When it was.
    pub read_at: Instant,
}

impl Engine {
    /// Does work at the targets of the run. They are opened before and closed after it, however it ends.
    ///
    /// # Errors
    /// What the work gives, and where the ledger or an embedded server can't be had.
    pub async fn session<'e, T>(
        &'e self,
        listener: &'e dyn Listener,
        keeping: Keeping,
        work: impl AsyncFnOnce(&Session<'e>, &Sandboxes) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let names = self.target_names()?;
        let ledgers = match keeping {
            Keeping::Nothing => recover::load(listener, &self.store, &names)?,
            Keeping::Journals => recover::load_and_keep(listener, &self.store, &names)?,
        };
        let (targets, only) = self.covered(listener, &ledgers)?;
        let hashers: BTreeMap<String, Hasher> =
            ledgers.iter().map(|(target, ledger)| (target.clone(), ledger.hasher())).collect();
        let pseudonyms = hashers.values().next().cloned().unwrap_or_else(|| Hasher::new(""));
        let ledgers = ledgers.into_iter().map(|(target, ledger)| (target, Arc::new(ledger))).collect();
        let sandboxes =
            if self.scope.sandbox { Sandboxes::start(&self.root, &targets).await? } else { Sandboxes::default() };
        let connections = targets.iter().map(|target| self.open_target(target, &sandboxes)).collect();
        let session = Session {
            engine: self,
            pseudonyms,
            targets,
            only,
            listener,
            ledgers: Mutex::new(ledgers),
            hashers,
            connections,
        };
        let done = work(&session, &sandboxes).await;
        // A run has one session and ends with it: taking the ledgers apart would only take time.
        std::mem::forget(std::mem::take(&mut *session.ledgers()));
        drop(session);
        sandboxes.stop().await;
        done
    }
}

impl Session<'_> {
    /// Reads every target until its plan is made, all at once, and does the rest of the work on each as soon as it is.
    pub async fn each<'s, T>(&'s self, purpose: &Purpose, then: impl AsyncFn(Seen<'s>) -> T) -> Vec<T> {
        let each = self.targets.iter().zip(&self.connections).map(|(target, connection)| {
            let then = &then;
            async move {
                let reader = connection.as_ref().map(Connection::reader).map_err(Clone::clone);
                then(self.seen(target, reader, purpose.clone()).await).await
            }
        });
        join_all(each).await
    }

    /// The connection to a target, where it could be opened.
    pub fn connection(&self, target: &Target) -> Option<&Connection> {
        let place = self.targets.iter().position(|one| one.name == target.name)?;
        self.connections.get(place)?.as_ref().ok()
    }

    /// What the ledger knows of a target.
    pub fn entries(&self, target: &Target) -> Arc<TargetLedger> {
        self.ledgers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(target.name.as_str())
            .cloned()
            .unwrap_or_default()
    }

    /// Gives up what the ledger knows of a target, so that the one who holds it can change it without a copy.
    pub(super) fn release(&self, target: &Target) {
        self.ledgers().remove(target.name.as_str());
    }

    fn ledgers(&self) -> MutexGuard<'_, BTreeMap<String, Arc<TargetLedger>>> {
        self.ledgers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the hashes of a target's ledger.
    pub fn hasher(&self, target: &Target) -> &Hasher {
        self.hashers.get(target.name.as_str()).unwrap_or(&self.pseudonyms)
    }

    /// What the plan of a target rests on besides what is read.
    pub fn basis<'s>(&'s self, target: &'s Target) -> Basis<'s> {
        Basis {
            target,
            hasher: self.hasher(target),
            directory: &self.engine.directory,
            sources: &self.engine.sources,
            as_of: self.engine.as_of,
            only: self.only.as_ref(),
        }
    }

    async fn seen<'s>(&'s self, target: &'s Target, reader: Result<Reader, String>, purpose: Purpose) -> Seen<'s> {
        let name = target.name.as_str();
        let undo = self.engine.undo.as_ref().and_then(|undo| undo.target(name));
        let (desired, purpose) = match undo {
            Some(undo) => (goal(undo, true), Purpose::Undo(Box::new(undo.clone()))),
            None => (project(&self.engine.directory, &target.name, self.engine.as_of), purpose),
        };
        let mut observed = Observed::new(self.basis(target), desired, self.entries(target), purpose);
        let read_at = Instant::now();
        let plan = match reader {
            Ok(reader) => {
                let mut planned = None;
                let work = async { planned = Some(planned_by(&mut observed, &reader).await) };
                self.listener.reading(name, &reader, Box::pin(work)).await;
                planned.map_or_else(|| Err("it was not read".to_owned()), |plan| plan.map_err(|error| describe(&error)))
            }
            Err(why) => Err(why),
        };
        let read = plan.is_ok();
        let plan = plan.unwrap_or_else(|why| self.unread(target, &observed.ledger, why));
        Seen { target, observed, computed: plan.clone(), plan, read, read_at }
    }

    /// The plan of a target that was not read.
    fn unread(&self, target: &Target, ledger: &TargetLedger, why: String) -> TargetPlan {
        let engine = self.engine;
        if target.mode == Mode::Disabled {
            return plan::disabled_target(target);
        }
        if engine.is_unconfigured(target) && ledger.users.is_empty() && ledger.groups.is_empty() {
            return plan::unconfigured_target(target);
        }
        let mut plan = plan::failed_target(target, why);
        plan.notices.extend(plan::expiry(target, &engine.sources, engine.as_of));
        plan
    }

    /// One plan of all that was seen.
    pub fn assemble(&self, seen: &[Seen<'_>]) -> Plan {
        self.engine.join(seen.iter().map(|one| one.plan.clone()).collect(), self.only.as_ref())
    }
}

impl Seen<'_> {
    /// What the repository implies for the target.
    pub fn desired(&self) -> &Desired {
        &self.observed.desired
    }
}

/// Reads and plans, with the predicted cost.
async fn planned_by(observed: &mut Observed<'_>, reader: &Reader) -> Result<TargetPlan, TargetError> {
    let mut plan = observe::observe(observed, reader).await?;
    let (profile, live) = (&observed.basis.target.profile, &observed.live);
    if plan.is_written() {
        let steps = schedule(&plan, &observed.desired, live, profile, &live.discovery);
        plan.cost = cost(&steps, profile);
    }
    plan.read.requests = reader.requests();
    Ok(plan)
}

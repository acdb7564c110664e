//! The one way from a repository and its targets to plans, and from plans to applies.
//!
//! An [`Engine`] holds a repository with its ledger. A [`Session`] opens the targets of one run, reads each of them until
//! its plan is made ([`Session::each`]), and closes what it opened on every way out. Plan, apply, drift, explain, report,
//! import, undo and rehearsal all go this way; what to read is decided by [`crate::plan::observe`].

mod apply;
mod audit;
mod failure;
mod gate;
mod listener;
mod lock;
mod observe;
mod recover;
mod rehearse;
mod sandboxes;
pub mod saved;
mod scope;
mod session;
mod undo;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

pub use apply::Runner;
pub use audit::audited;
pub use failure::{Failure, FailureKind};
pub use gate::{check_ledger, in_ci};
pub use listener::{Listener, Sent, Work};
pub use lock::take as take_lock;
pub use recover::{Ledgers, load as load_ledgers, load_and_keep as load_ledgers_and_keep};
pub use rehearse::rehearsed;
pub use scope::{Saved, Scope};
pub use session::{Keeping, Seen, Session};
pub use undo::UndoRun;

use crate::desired::project;
use crate::directory::{Directory, Mode, Secret, Target};
use crate::ledger::{LedgerError, Realm, SealKey, Store, TargetLedger};
use crate::plan::observe::{Basis, Observed, Purpose};
use crate::plan::{self, Heading, Plan, Step, TargetPlan};
use crate::render::escape::terminal;
use crate::repo;
use crate::scim::Value;
use crate::source::SourceMap;
use crate::target::{self, Connection, Lookup, Permit, ResolvedAuth, SecretSource as _, Settings, TargetError};
use crate::wording::count;
use gate::Gate;
pub use sandboxes::Sandboxes;

/// The variable that holds the key of the ledger's seal.
const SEAL_KEY: &str = "SCIMFORM_LEDGER_KEY";

/// Name and version of this program.
pub const TOOL: &str = concat!("scimform ", env!("CARGO_PKG_VERSION"));

/// The day it is, UTC.
pub fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The moment it is, as results show it.
pub fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A repository with its ledger, ready to be compared with its targets.
#[derive(Debug)]
pub struct Engine {
    /// The folder of the repository.
    pub root: PathBuf,
    /// Its files.
    pub sources: SourceMap,
    /// What they declare.
    pub directory: Directory,
    /// Where the ledger is kept.
    pub store: Store,
    /// What the run covers.
    pub scope: Scope,
    /// The day of the run.
    pub as_of: Date,
    /// The apply that is taken back, where the run brings about what was before it and not what is declared.
    pub undo: Option<UndoRun>,
    /// So many days are looked ahead, where that was asked for.
    pub horizon: Option<u32>,
    gate: Gate,
}

impl Engine {
    /// A repository for a run. `commands` says whether commands that files name may be run for secrets.
    ///
    /// # Errors
    /// Where a target is at an address that may not be sent its credentials, or the ledger can't be opened.
    pub fn open(
        root: PathBuf,
        sources: SourceMap,
        directory: Directory,
        scope: Scope,
        commands: bool,
    ) -> Result<Self, Failure> {
        let gate = Gate::read(commands)?;
        if !scope.sandbox {
            gate.check(&scope.targets(&directory)?, &sources)?;
        }
        let store = open_store(&root, &directory, scope.sandbox)?;
        let as_of = scope.as_of.unwrap_or_else(today);
        Ok(Self { root, sources, directory, store, scope, as_of, undo: None, horizon: None, gate })
    }

    /// Makes it a run that takes back the apply that left a file. A relative path is looked for in `folder` and in the
    /// repository.
    ///
    /// # Errors
    /// Where the file is no such file, was changed, or is not about what the run covers.
    pub fn undoing(mut self, file: &Path, folder: &Path) -> Result<Self, Failure> {
        self.undo = Some(UndoRun::open(file, folder, &self)?);
        Ok(self)
    }

    /// Names of the targets of the run.
    ///
    /// # Errors
    /// Where one is not declared.
    pub fn target_names(&self) -> Result<Vec<String>, Failure> {
        Ok(self.scope.targets(&self.directory)?.iter().map(|target| target.name.to_string()).collect())
    }

    /// The targets of the run and the keys it is narrowed to.
    fn covered(&self, listener: &dyn Listener, ledgers: &Ledgers) -> Result<Covered<'_>, Failure> {
        self.warn_of_lost_targets(listener)?;
        let mut targets = self.scope.targets(&self.directory)?;
        let is_known = |key: &str| {
            let mut changed = self.undo.iter().flat_map(UndoRun::keys);
            ledgers.values().any(|ledger| ledger.knows(key)) || changed.any(|changed| changed == key)
        };
        let keys = self.scope.keys(&self.directory, is_known)?;
        if let Some(undo) = &self.undo {
            targets.retain(|target| undo.target(target.name.as_str()).is_some());
        }
        Ok((targets, keys))
    }

    /// Says at which targets people are still managed that no file names any more: they were renamed or taken out. Nothing
    /// is planned for them, so what they hold stays as it is.
    fn warn_of_lost_targets(&self, listener: &dyn Listener) -> Result<(), Failure> {
        let failed = |error: LedgerError| Failure::new(error.to_string());
        let mut known = self.store.targets().map_err(failed)?;
        known.retain(|name| !self.directory.targets.contains_key(name.as_str()));
        for name in known {
            let (users, groups) = self.store.counts(&name).map_err(failed)?;
            if users + groups == 0 {
                continue;
            }
            let name = terminal(&name);
            let managed = format!("{} and {}", count(users, "user"), count(groups, "group"));
            listener.say(&format!(
                "the ledger manages {managed} at `{name}`, which is no longer declared: nothing is done there. If it was \
                 renamed, rename it back; if it is gone, run `scimform ledger forget {name} --all --confirm {}`.",
                users + groups
            ));
        }
        Ok(())
    }

    /// Opens a target, or its embedded server.
    ///
    /// # Errors
    /// Where its address or its secret can't be used.
    pub fn connect(&self, target: &Target, sandboxes: &Sandboxes) -> Result<Connection, TargetError> {
        let name = target.name.as_str();
        let (url, auth) = if let Some(url) = sandboxes.url(name) {
            (url.to_owned(), ResolvedAuth::None)
        } else {
            let permit = self.permit(target)?;
            (target.url.clone().unwrap_or_default(), target::resolve(target.auth.as_ref(), &permit, &self.secrets())?)
        };
        Connection::open(Settings::new(name, url, auth, target.profile.clone()))
    }

    /// Where secrets are looked up.
    fn secrets(&self) -> Lookup<impl Fn(&str) -> Option<String>> {
        Lookup::new(&self.root, |variable: &str| std::env::var(variable).ok(), self.gate.sources.clone())
    }

    /// Whether secrets may go to a target; no secret is looked up without it.
    fn permit(&self, target: &Target) -> Result<Permit, TargetError> {
        if self.scope.sandbox {
            return Ok(Permit::embedded());
        }
        let url = target.url.as_deref().unwrap_or_default();
        Ok(self.gate.pins.permit(url, target.auth.as_ref(), &target.profile)?)
    }

    /// Looks up the passwords that are to be sent; says why where one is not to be had.
    fn fill_secrets(&self, target: &Target, steps: &mut [Step]) -> Result<(), String> {
        let permit = self.permit(target).map_err(|error| describe(&error))?;
        let secrets = self.secrets();
        let look_up = |from: &Secret| {
            secrets.secret(from, &permit).map(|found| Value::from(secrecy::ExposeSecret::expose_secret(&found)))
        };
        plan::schedule::fill_secrets(steps, look_up)
            .map_err(|error| format!("a password can't be sent, and nothing was: {error}"))
    }

    /// Opens a target unless it is disabled: then neither its address nor its secret is looked at.
    fn open_target(&self, target: &Target, sandboxes: &Sandboxes) -> Result<Connection, String> {
        if target.mode == Mode::Disabled {
            return Err("it is disabled".to_owned());
        }
        if self.is_unconfigured(target) {
            return Err("it has no `url`".to_owned());
        }
        self.connect(target, sandboxes).map_err(|error| describe(&error))
    }

    /// Whether a target has no address to be reached at.
    fn is_unconfigured(&self, target: &Target) -> bool {
        target.url.is_none() && !self.scope.sandbox
    }

    /// One plan of those of all targets.
    pub fn join(&self, targets: Vec<TargetPlan>, only: Option<&BTreeSet<String>>) -> Plan {
        plan::assemble(targets, self.heading(only))
    }

    /// What stands at the top of a plan made now.
    pub fn heading(&self, only: Option<&BTreeSet<String>>) -> Heading {
        Heading {
            created_at: now(),
            as_of: self.as_of,
            revision: repo::revision(&self.root),
            configuration: Some(plan::configuration(&self.sources)),
            tool: TOOL.to_owned(),
            sandbox: self.scope.sandbox,
            only: only.into_iter().flatten().cloned().collect(),
            undo: self.undo.as_ref().map(|undo| undo.of.clone()),
            base: None,
            horizon: None,
        }
    }
}

/// A target of which nothing was asked: what is declared for it alone.
pub fn unasked(basis: Basis<'_>) -> Observed<'_> {
    let desired = project(basis.directory, &basis.target.name, basis.as_of);
    Observed::new(basis, desired, Arc::new(TargetLedger::default()), Purpose::Plan)
}

/// Targets of a run, and the keys it is narrowed to.
type Covered<'e> = (Vec<&'e Target>, Option<BTreeSet<String>>);

/// The ledger's store, as declared. A run against embedded servers has one of its own.
///
/// # Errors
/// Where it can't be opened, or is not where the environment says.
pub fn open_store(root: &Path, directory: &Directory, sandbox: bool) -> Result<Store, Failure> {
    if !sandbox {
        check_ledger(&directory.ledger)?;
    }
    let realm = if sandbox { Realm::Sandbox } else { Realm::Targets };
    let failed = |error: LedgerError| Failure::new(error.to_string());
    let store = Store::open(&directory.ledger, root, realm).map_err(failed)?;
    if sandbox {
        return Ok(store);
    }
    let key = SealKey::new(&std::env::var(SEAL_KEY).unwrap_or_default()).map_err(failed)?;
    Ok(store.sealed_with(key))
}

/// A target's error and what to do about it, on one line.
pub fn describe(error: &TargetError) -> String {
    match error.hint() {
        Some(hint) => format!("{error}. {hint}"),
        None => error.to_string(),
    }
}

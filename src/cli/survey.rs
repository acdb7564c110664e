//! What plan and apply share: files, ledger, connections, reading every target, one plan.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::civil::Date;
use secrecy::ExposeSecret as _;

use super::args::Scope;
use super::context::Context;
use super::error::CommandError;
use super::gate::{self, Gate};
use super::load::load_valid;
use super::undo::{self, TakeBack};
use super::{read, select};
use crate::desired::{Desired, project};
use crate::directory::{Directory, Mode, Secret, Target};
use crate::ledger::{Hasher, Ledger, LedgerError, Realm, SealKey, Store, TargetLedger};
use crate::live::Live;
use crate::plan::schedule::{cost, fill_secrets, schedule};
use crate::plan::undo::{UndoTarget, goal};
use crate::plan::{self, Heading, Plan, PlanInput, Step, TargetPlan, Unsettled};
use crate::render::{count, escape::terminal};
use crate::repo;
use crate::sandbox::{self, Options, Running, Sandbox};
use crate::scim::Value;
use crate::source::SourceMap;
use crate::target::{self, Connection, Lookup, Permit, Reader, ResolvedAuth, SecretSource as _, Settings, TargetError};

/// The variable that holds the key of the ledger's seal.
const SEAL_KEY: &str = "SCIMFORM_LEDGER_KEY";

/// Name and version of this program.
pub(super) const TOOL: &str = concat!("scimform ", env!("CARGO_PKG_VERSION"));

/// A repository with its ledger, ready to be compared.
pub(super) struct Survey {
    pub(super) root: PathBuf,
    pub(super) sources: SourceMap,
    pub(super) directory: Directory,
    pub(super) store: Store,
    pub(super) as_of: Date,
    pub(super) sandbox: bool,
    /// The apply that is taken back, where the run brings about what was before it and not what is declared.
    pub(super) take_back: Option<TakeBack>,
    /// So many days are looked ahead, where that was asked for.
    pub(super) horizon: Option<u32>,
    gate: Gate,
}

/// One target as read and compared.
pub(super) struct Surveyed {
    pub(super) name: String,
    pub(super) desired: Desired,
    pub(super) live: Option<Live>,
    pub(super) plan: TargetPlan,
    /// The plan before anything was left out of it.
    pub(super) computed: TargetPlan,
    /// What earlier applies may have created, as far as it is declared no more.
    pub(super) unsettled: Unsettled,
    pub(super) read_at: Instant,
}

impl Survey {
    pub(super) fn open(context: &Context, scope: &Scope) -> Result<Self, CommandError> {
        let gate = Gate::read(context)?;
        let (loaded, directory) = load_valid(context)?;
        if !scope.sandbox {
            gate.check(&select::targets(&directory, scope)?, &loaded.sources)?;
        }
        let store = open_store(&loaded.root, &directory, scope.sandbox)?;
        let as_of = scope.as_of.unwrap_or_else(|| jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date());
        let (root, sources) = (loaded.root, loaded.sources);
        Ok(Self {
            root,
            sources,
            directory,
            store,
            as_of,
            sandbox: scope.sandbox,
            gate,
            take_back: None,
            horizon: None,
        })
    }

    /// The same for a run that takes an apply back, where a file is given.
    pub(super) fn open_for(context: &Context, scope: &Scope, undo: Option<&Path>) -> Result<Self, CommandError> {
        let mut survey = Self::open(context, scope)?;
        if let Some(file) = undo {
            survey.take_back = Some(TakeBack::open(context, file, &survey, scope)?);
        }
        Ok(survey)
    }

    /// Tells of targets that the ledger still manages people at and that no file names any more.
    fn warn_of_lost_targets(&self, context: &Context, ledger: &Ledger) {
        for (name, users, groups) in plan::undeclared_targets(&self.directory, ledger) {
            let name = terminal(&name);
            let managed = format!("{} and {}", count(users, "user"), count(groups, "group"));
            context.say(&format!(
                "the ledger manages {managed} at `{name}`, which is no longer declared: nothing is done there. If it was \
                 renamed, rename it back; if it is gone, run `scimform ledger forget {name} --all --confirm {}`.",
                users + groups
            ));
        }
    }

    /// The targets of the run and the keys it is narrowed to.
    pub(super) fn scope(
        &self,
        context: &Context,
        scope: &Scope,
        ledger: &Ledger,
    ) -> Result<(Vec<&Target>, Option<BTreeSet<String>>), CommandError> {
        self.warn_of_lost_targets(context, ledger);
        let mut targets = select::targets(&self.directory, scope)?;
        let entries = ledger.targets.values().flat_map(|target| target.users.keys().chain(target.groups.keys()));
        let changed = self.take_back.iter().flat_map(TakeBack::keys);
        let keys = select::keys(&self.directory, scope, &entries.chain(changed).cloned().collect())?;
        if let Some(back) = &self.take_back {
            targets.retain(|target| back.target(target.name.as_str()).is_some());
        }
        Ok((targets, keys))
    }

    /// Starts an embedded server for each target.
    pub(super) async fn sandboxes(&self, targets: &[&Target]) -> Result<BTreeMap<String, Running>, CommandError> {
        let mut running = BTreeMap::new();
        if !self.sandbox {
            return Ok(running);
        }
        let folder = self.root.join(".scimform").join("sandbox");
        // The servers hold people's data in clear: it must not be committed by accident.
        let ignore = folder.join(".gitignore");
        no_link(&folder)?;
        no_link(&ignore)?;
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(ignore, "*\n"))
            .map_err(|error| CommandError::new(format!("cannot make {}: {error}", folder.display())))?;
        for target in targets.iter().filter(|target| target.mode != Mode::Disabled) {
            let file = folder.join(file_name(target.name.as_str()));
            no_link(&file)?;
            let options = Options {
                store: sandbox::Store::File(file),
                profile: Some(target.profile.clone()),
                ..Options::default()
            };
            let server = Sandbox::start(options).await.map_err(|error| CommandError::new(error.to_string()))?;
            running.insert(target.name.as_str().to_owned(), server);
        }
        Ok(running)
    }

    /// Opens a target, or its embedded server.
    pub(super) fn connect(
        &self,
        target: &Target,
        sandboxes: &BTreeMap<String, Running>,
    ) -> Result<Connection, TargetError> {
        let name = target.name.as_str();
        let (url, auth) = if let Some(server) = sandboxes.get(name) {
            (server.base_url.clone(), ResolvedAuth::None)
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
        if self.sandbox {
            return Ok(Permit::embedded());
        }
        let url = target.url.as_deref().unwrap_or_default();
        Ok(self.gate.pins.permit(url, target.auth.as_ref(), &target.profile)?)
    }

    /// Looks up the passwords that are to be sent; says why where one is not to be had.
    pub(super) fn fill_secrets(&self, target: &Target, steps: &mut [Step]) -> Result<(), String> {
        let permit = self.permit(target).map_err(|error| describe(&error))?;
        let secrets = self.secrets();
        let look_up = |from: &Secret| secrets.secret(from, &permit).map(|found| Value::from(found.expose_secret()));
        fill_secrets(steps, look_up).map_err(|error| format!("a password can't be sent, and nothing was: {error}"))
    }

    /// Whether a target has no address to be reached at.
    fn is_unconfigured(&self, target: &Target) -> bool {
        target.url.is_none() && !self.sandbox
    }

    /// Opens a target unless it is disabled: then neither its address nor its secret is looked at.
    pub(super) fn open_target(
        &self,
        target: &Target,
        sandboxes: &BTreeMap<String, Running>,
    ) -> Result<Connection, String> {
        if target.mode == Mode::Disabled {
            return Err("it is disabled".to_owned());
        }
        if self.is_unconfigured(target) {
            return Err("it has no `url`".to_owned());
        }
        self.connect(target, sandboxes).map_err(|error| describe(&error))
    }

    /// Reads a target and compares it; not a disabled one.
    pub(super) async fn look(
        &self,
        target: &Target,
        reader: Result<&Reader, String>,
        ledger: &TargetLedger,
        hasher: &Hasher,
        only: Option<&BTreeSet<String>>,
    ) -> Surveyed {
        let back = self.take_back.as_ref().and_then(|back| back.target(target.name.as_str()));
        let desired = match back {
            Some(undo) => goal(undo, true),
            None => project(&self.directory, &target.name, self.as_of),
        };
        let read_at = Instant::now();
        let empty = Live::default();
        let input = PlanInput {
            target,
            desired: &desired,
            live: &empty,
            ledger,
            hasher,
            directory: &self.directory,
            sources: &self.sources,
            as_of: self.as_of,
            only,
        };
        let seen = match reader {
            Ok(reader) => see(input, back, reader).await.map_err(|error| describe(&error)),
            Err(why) => Err(why),
        };
        let mut unsettled = Unsettled::default();
        let (live, plan) = match seen {
            Ok((live, plan, found)) => {
                unsettled = found;
                (Some(live), plan)
            }
            Err(_) if target.mode == Mode::Disabled => (None, plan::disabled_target(target)),
            Err(_) if self.is_unconfigured(target) && ledger.users.is_empty() && ledger.groups.is_empty() => {
                (None, plan::unconfigured_target(target))
            }
            Err(why) => {
                let mut plan = plan::failed_target(target, why);
                plan.notices.extend(plan::expiry(target, &self.sources, self.as_of));
                (None, plan)
            }
        };
        Surveyed {
            name: target.name.as_str().to_owned(),
            desired,
            live,
            computed: plan.clone(),
            plan,
            unsettled,
            read_at,
        }
    }

    /// One plan of all that was looked at.
    pub(super) fn assemble(&self, surveyed: &[Surveyed], only: Option<&BTreeSet<String>>) -> Plan {
        self.join(surveyed.iter().map(|one| one.plan.clone()).collect(), only)
    }

    /// One plan of those of all targets.
    pub(super) fn join(&self, targets: Vec<TargetPlan>, only: Option<&BTreeSet<String>>) -> Plan {
        plan::assemble(targets, self.heading(only))
    }

    /// What stands at the top of a plan made now.
    pub(super) fn heading(&self, only: Option<&BTreeSet<String>>) -> Heading {
        Heading {
            created_at: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            as_of: self.as_of,
            revision: repo::revision(&self.root),
            configuration: Some(plan::configuration(&self.sources)),
            tool: TOOL.to_owned(),
            sandbox: self.sandbox,
            only: only.into_iter().flatten().cloned().collect(),
            undo: self.take_back.as_ref().map(|back| back.of.clone()),
            base: None,
            horizon: None,
        }
    }
}

/// The file of a target's embedded server. A name may hold anything, and the file stays in its folder.
fn file_name(target: &str) -> String {
    let mut name = String::new();
    for letter in target.chars() {
        if letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | ' ') {
            name.push(letter);
        } else {
            let _ = write!(name, "%{:x}", u32::from(letter));
        }
    }
    name + ".redb"
}

/// Refuses a link where a file of the sandbox is to be: a committed one would have other files written over.
fn no_link(path: &Path) -> Result<(), CommandError> {
    if !path.is_symlink() {
        return Ok(());
    }
    let message = format!("{} is a link, and the sandbox writes through none", path.display());
    Err(CommandError::new(message).hint("Take it away: what the sandbox needs it makes anew."))
}

/// The ledger's store, as declared. A rehearsal has one of its own.
pub(super) fn open_store(root: &Path, directory: &Directory, sandbox: bool) -> Result<Store, CommandError> {
    if !sandbox {
        gate::check_ledger(&directory.ledger)?;
    }
    let realm = if sandbox { Realm::Sandbox } else { Realm::Targets };
    let failed = |error: LedgerError| CommandError::new(error.to_string());
    let store = Store::open(&directory.ledger, root, realm).map_err(failed)?;
    if sandbox {
        return Ok(store);
    }
    let key = SealKey::new(&std::env::var(SEAL_KEY).unwrap_or_default()).map_err(failed)?;
    Ok(store.sealed_with(key))
}

/// Reads and plans, with the predicted cost.
async fn see(
    input: PlanInput<'_>,
    back: Option<&UndoTarget>,
    reader: &Reader,
) -> Result<(Live, TargetPlan, Unsettled), TargetError> {
    let (live, mut plan, unsettled) = match back {
        Some(undo) => undo::see(input, undo, reader).await?,
        None => compared(input, reader).await?,
    };
    let profile = &input.target.profile;
    if plan.is_written() {
        let steps = schedule(&plan, input.desired, &live, profile, &live.discovery);
        plan.cost = cost(&steps, profile);
    }
    plan.read.requests = reader.requests();
    Ok((live, plan, unsettled))
}

/// Reads what the files are about, and compares.
async fn compared(input: PlanInput<'_>, reader: &Reader) -> Result<(Live, TargetPlan, Unsettled), TargetError> {
    let mut live = reader.read(&read::request(&input)).await?;
    let unsettled = plan::unsettled(&PlanInput { live: &live, ..input });
    let mut entered = None;
    if !unsettled.found.is_empty() {
        unsettled.enter(entered.insert(input.ledger.clone()));
    }
    let input = PlanInput { ledger: entered.as_ref().unwrap_or(input.ledger), ..input };
    let mut plan = read::refine(input, &mut live, reader).await?;
    plan.notices.extend(unsettled.notices.iter().cloned());
    plan.notices.sort();
    Ok((live, plan, unsettled))
}

/// A target's error with its way out, on one line.
pub(super) fn describe(error: &TargetError) -> String {
    match error.hint() {
        Some(hint) => format!("{error}. {hint}"),
        None => error.to_string(),
    }
}

/// The runtime of one command.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(format!("cannot start: {error}")))
}

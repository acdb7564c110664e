//! What one step's execution sees and what comes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustc_hash::FxHashMap;

use super::disguise::Disguise;
use super::event::FailureCode;
use super::known::shown;
use super::managed::Lost;
use super::roster::Rosters;
use super::service::Fault;
use super::trust::Trust;
use super::verify::{Past, Verdict, decides_access, judge};
use crate::desired::Desired;
use crate::live::Live;
use crate::live::matching::MatchRules;
use crate::live::normal::Comparison;
use crate::plan::reviewed::{Sides, wanted_at};
use crate::plan::schedule::{MemberForm, can_update};
use crate::plan::{Action, Change, Effect, StepId, TargetPlan, Verb, fingerprint, fingerprint_paths};
use crate::profile::Profile;
use crate::scim::patch::PatchOp;
use crate::scim::path::AttrPath;
use crate::scim::{Object, PerKind, ResourceKind, Value};

/// What all steps of a run share; nothing in it changes but what is learned about the target.
pub(super) struct Context<'a, S> {
    /// The target's name.
    pub(super) target: &'a str,
    pub(super) service: &'a S,
    pub(super) plan: &'a TargetPlan,
    pub(super) profile: &'a Profile,
    pub(super) matching: &'a MatchRules,
    pub(super) desired: &'a Desired,
    pub(super) live: &'a Live,
    /// The verb of updates.
    pub(super) verbs: PerKind<Verb>,
    /// The request in which members come and go.
    pub(super) form: MemberForm,
    /// Whether `If-Match` is sent, unless the target was seen to refuse its own `ETag`s.
    pub(super) etags: bool,
    pub(super) etags_refused: AtomicBool,
    /// Whether the target does not show members.
    pub(super) members_hidden: bool,
    pub(super) waits: &'a [Duration],
    /// Who has which id, at the start.
    pub(super) owners: PerKind<BTreeMap<&'a str, &'a str>>,
    /// Who has which id by the ledger, at the start; filled where something is created.
    pub(super) noted: PerKind<FxHashMap<String, String>>,
    /// Who was made or taken over in this run, by id.
    pub(super) taken: Mutex<PerKind<BTreeMap<String, String>>>,
    /// Tells who has access, and what is shown of those without.
    pub(super) disguise: Disguise<'a>,
    /// How each attribute is compared.
    pub(super) comparisons: FxHashMap<(ResourceKind, AttrPath), Comparison>,
    /// Attributes for which an answer was found to be true.
    pub(super) truthful: Mutex<BTreeSet<(ResourceKind, AttrPath)>>,
    /// Everyone at the target, listed once where a name is taken and no look-up tells by whom.
    pub(super) rosters: Rosters,
    /// Whether membership requests do what they ask for.
    pub(super) trust: Trust,
    /// What updates of this run were seen to take away, and what later ones carry along.
    pub(super) dropped: Mutex<BTreeSet<(ResourceKind, AttrPath)>>,
    /// How often an attribute was refused after all waiting; then waiting again is in vain.
    pub(super) refusals: Mutex<BTreeMap<String, u32>>,
}

impl<S> Context<'_, S> {
    pub(super) const fn verb(&self, kind: ResourceKind) -> Verb {
        *self.verbs.of(kind)
    }

    /// Whether `If-Match` is sent.
    pub(super) fn sends_etags(&self) -> bool {
        self.etags && !self.etags_refused.load(Ordering::Acquire)
    }

    /// Notes that the target refuses its own `ETag`s.
    pub(super) fn refuses_etags(&self) {
        self.etags_refused.store(true, Ordering::Release);
    }

    /// Whether resources of a kind can be changed once they are made.
    pub(super) fn can_update(&self, kind: ResourceKind) -> bool {
        can_update(&self.profile.capabilities, &self.live.discovery, kind)
    }

    /// Notes what an update took away.
    pub(super) fn drops(&self, kind: ResourceKind, paths: &[AttrPath]) {
        let mut dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        dropped.extend(paths.iter().map(|path| (kind, path.clone())));
    }

    pub(super) fn change(&self, job: &Job) -> Option<&Change> {
        self.plan.changes.get(job.change)
    }

    /// Whether a job ends someone's access.
    pub(super) fn is_leaving(&self, job: &Job) -> bool {
        self.change(job).is_some_and(|change| change.action == Action::Deactivate)
    }

    /// What the target showed at a path when the plan was made.
    fn before(&self, job: &Job, path: &AttrPath) -> Option<&Value> {
        let change = self.change(job)?;
        change.attributes.iter().find(|attribute| *attribute.path == *path).map(|attribute| &attribute.before)
    }

    /// Judges one effect against what the target shows.
    pub(super) fn judge(&self, job: &Job, effect: &Effect, object: &Object) -> Verdict {
        let Some(comparison) = self.comparisons.get(&(job.kind, effect.path.clone())) else {
            return Verdict::Settled;
        };
        let seen = job.seen.as_ref().map(|seen| comparison.find(seen).to_value());
        let before = if job.seen.is_some() { seen.as_ref() } else { self.before(job, &effect.path) };
        judge(comparison, effect, Past { before, ours: job.is_ours(&effect.path) }, object)
    }

    /// The plan's fingerprint of an object as it is now.
    pub(super) fn fingerprint(&self, change: &Change, object: &Object) -> String {
        let paths = fingerprint_paths(change.resource, self.desired.find(change.resource, &change.key));
        fingerprint(self.profile, change.resource, &paths, object)
    }

    /// What was planned, what is live and what is wanted, of each attribute that is not as it was read for the plan.
    pub(super) fn sides(&self, change: &Change, id: &str, object: &Object) -> Vec<Sides> {
        let kind = change.resource;
        let declared = self.desired.find(kind, &change.key);
        let read = shown(self.live, kind, id);
        let person = |value: Value| {
            let id = value.as_str().or_else(|| value.get("value").and_then(Value::as_str));
            let key = id.and_then(|id| self.owners.users.get(id).copied());
            key.map_or(value, Value::from)
        };
        let side = |path: AttrPath| {
            let comparison = Comparison::new(self.profile, kind, &path);
            let now = comparison.find(object).to_value();
            let before = read.map(|read| comparison.find(read).to_value());
            if before.as_ref() == Some(&now) {
                return None;
            }
            let planned = change.attributes.iter().find(|attribute| *attribute.path == path);
            let stated = declared.and_then(|declared| wanted_at(declared, &path));
            let sensitive = stated.as_ref().is_some_and(|(_, sensitive)| *sensitive);
            let shown = |value: Value| if sensitive { Value::Null } else { person(value) };
            let reviewed_before = planned.map(|planned| planned.before.clone());
            Some(Sides {
                path: path.to_string(),
                reviewed_before: reviewed_before.or_else(|| before.map(shown)),
                reviewed_after: planned.map(|planned| planned.after.clone()),
                live: shown(now),
                wanted: planned.map(|planned| planned.after.clone()).or(stated.map(|(value, _)| value)),
                sensitive,
            })
        };
        fingerprint_paths(kind, declared).into_iter().filter_map(side).collect()
    }

    /// Whether an answer that shows an effect is enough. It never is for a change of who has access to what; of a new
    /// account the first of each kind is looked at as for any attribute.
    pub(super) fn takes_its_word(&self, job: &Job, effect: &Effect) -> bool {
        let made = matches!(job.work, Work::Post(_)) && job.seen.is_none();
        let doubted = ends_access(effect) || (!made && decides_access(effect));
        let truthful = self.truthful.lock().unwrap_or_else(PoisonError::into_inner);
        !effect.shown || (!doubted && truthful.contains(&(job.kind, effect.path.clone())))
    }

    /// Notes that an answer was confirmed.
    pub(super) fn kept_its_word(&self, job: &Job) {
        let mut truthful = self.truthful.lock().unwrap_or_else(PoisonError::into_inner);
        truthful.extend(job.effects.iter().filter(|effect| effect.shown).map(|effect| (job.kind, effect.path.clone())));
    }

    /// Whether it is worth waiting for an attribute that did not take at once.
    pub(super) fn worth_waiting(&self, path: &AttrPath) -> bool {
        let refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.get(&path.key()).is_none_or(|times| *times < 3)
    }

    pub(super) fn refused(&self, path: &AttrPath) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        *refusals.entry(path.key()).or_default() += 1;
    }
}

/// Whether an effect takes access away.
pub(super) fn ends_access(effect: &Effect) -> bool {
    effect.value == Value::Bool(false) && effect.path.is("active")
}

/// A step whose placeholders are filled.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) step: StepId,
    pub(super) change: usize,
    pub(super) kind: ResourceKind,
    pub(super) key: String,
    /// Empty for a POST.
    pub(super) id: String,
    pub(super) work: Work,
    pub(super) effects: Vec<Effect>,
    /// What must still hold.
    pub(super) guard: Guard,
    /// Members that earlier steps of the same change let come and go, for the last of them to check; `None` for the
    /// others.
    pub(super) check: Option<Expected>,
    /// What was there last, where that and not the plan says what was before.
    pub(super) seen: Option<Object>,
    /// Paths of attributes that the ledger knew to be ours before.
    pub(super) ours: BTreeSet<String>,
}

impl Job {
    fn is_ours(&self, path: &AttrPath) -> bool {
        !self.ours.is_empty() && self.ours.contains(&path.to_string())
    }
}

/// What must hold before a write.
#[derive(Clone, Debug, Default)]
pub(super) struct Guard {
    /// For `If-Match`.
    pub(super) etag: Option<String>,
    /// The plan's hash; none where this run wrote the resource already.
    pub(super) fingerprint: Option<String>,
    /// Whether the live read is too old to be trusted.
    pub(super) stale: bool,
}

/// What a job sends.
#[derive(Clone, Debug)]
pub(super) enum Work {
    Post(Object),
    Update(Vec<PatchOp>),
    Members { attributes: Vec<PatchOp>, items: Vec<Item> },
    Delete,
}

impl Work {
    /// Whether there is nothing to send.
    pub(super) const fn is_empty(&self) -> bool {
        match self {
            Self::Update(ops) => ops.is_empty(),
            Self::Members { attributes, items } => attributes.is_empty() && items.is_empty(),
            Self::Post(_) | Self::Delete => false,
        }
    }
}

/// A member that comes or goes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) comes: bool,
    pub(super) id: String,
    pub(super) name: String,
    /// The element of `members`.
    pub(super) element: Value,
}

/// Ids that should be, or not be, members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) present: Vec<String>,
    pub(super) absent: Vec<String>,
}

/// How a job ended.
#[derive(Debug)]
pub(super) enum Ended {
    Done(Box<Done>),
    Failed(FailureCode, Fault),
    /// The resource is not as planned: why, and how each attribute moved.
    Moved(String, Vec<Sides>),
    /// Nothing was sent, since the target was seen to take out members that were to stay.
    Halted,
    /// Nothing was sent, since the journal could not be written.
    Unwritten(String),
}

/// What a job did.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a finding of its own")]
pub(super) struct Done {
    pub(super) id: String,
    pub(super) status: u16,
    pub(super) etag: Option<String>,
    /// The server's own number of the last request.
    pub(super) request: Option<String>,
    /// The id that it had before the write, where the write gave it another (E52).
    pub(super) moved: Option<String>,
    /// It was there already.
    pub(super) adopted: bool,
    /// It is no longer there, which was wanted.
    pub(super) gone: bool,
    /// It was deleted, and the target keeps it without access.
    pub(super) switched_off: bool,
    /// Each effect's verdict, in the order of the job's effects.
    pub(super) verdicts: Vec<Verdict>,
    pub(super) members: MembersDone,
    /// Why it could not be checked.
    pub(super) unchecked: Option<Fault>,
    /// Whether nothing but the answer tells all this.
    pub(super) believed: bool,
    /// What the write took away of what it was not about.
    pub(super) lost: Lost,
    /// The object as it was looked at last.
    pub(super) shown: Option<Object>,
    /// The job as it was judged, where that is another.
    pub(super) judged: Option<Box<Job>>,
}

/// What became of members.
#[derive(Debug, Default)]
pub(super) struct MembersDone {
    pub(super) done: Expected,
    pub(super) failed: Vec<(String, Fault)>,
    /// Some are not as the target said.
    pub(super) unsettled: bool,
    /// The target can't say whether they are.
    pub(super) unseen: bool,
    /// Ids of those whom the target took out and nobody had asked for.
    pub(super) lost: Vec<String>,
}

impl Ended {
    /// The end of a request that failed.
    pub(super) fn failed(fault: Fault) -> Self {
        let code = if fault.unauthorized { FailureCode::Unauthorized } else { FailureCode::Request };
        Self::Failed(code, fault)
    }

    pub(super) fn done(done: Done) -> Self {
        Self::Done(Box::new(done))
    }

    pub(super) fn gone(job: &Job) -> Self {
        let message = format!("the {} is no longer at the target", job.kind);
        let hint = Some("Run again: the next plan sees how things are now.".to_owned());
        Self::Failed(FailureCode::Gone, Fault { message, hint, ..Fault::default() })
    }
}

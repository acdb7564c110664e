//! The diff of one target: what is declared against what is live, as changes, errors and notes.
//!
//! Everyone who is declared for the target or known to its ledger gets one outcome. Whether a difference is a change is
//! decided here and nowhere else: an apply carries out these changes, a guard only refuses them. The invariants:
//!
//! - **Everyone is accounted for.** Each ends as unchanged, changed, left alone by rule, or held back by name. `fate`
//!   turns the absence of an outcome into an error.
//! - **Nothing undeclared is touched.** Only asserted attributes are compared, and only members and accounts of ours are
//!   removed, unless `manage: all` says otherwise. A removal that is protected becomes a refusal, not a change.
//! - **Unknown is not empty.** Where a list may not show all there is, the id goes to `unread`, so that `observe` reads it.
//!   Nothing is removed on an incomplete read.
//! - **An account belongs to a person.** An id that was given to somebody else and a name that is not free are held back.
//! - **A change says why.** The ledger's hashes tell who moved, the repository or the target; the origin is a line.
//! - **Deterministic.** Resources are compared in parallel and taken in by key; [`Diff::settle`] sorts and digests.
//!
//! To read it: `matched_target` (who is who), `users` and `attributes` (one person), `groups` and `members`, `removal` (who is no
//! longer declared), then what looks at all changes together: `only`, `handover`, `harmful`, `fate`. `notes` holds the
//! texts of notices. `reverse` is for `--undo`: it compares three sides, as it was before an apply, as that left it, and
//! as it is, and asks the same rules whether a change may be made.

pub(in crate::plan) mod attributes;
mod fate;
mod groups;
pub(in crate::plan) mod harmful;
mod handover;
pub(in crate::plan) mod identity;
pub(in crate::plan) mod likely;
pub(in crate::plan) mod members;
pub(in crate::plan) mod notes;
pub(in crate::plan) mod outcome;
mod only;
pub(in crate::plan) mod protect;
mod reasons;
mod removal;
mod reverse;
pub(in crate::plan) mod matched_target;
pub(in crate::plan) mod users;
mod words;

use std::collections::BTreeSet;
use std::iter;

use rayon::prelude::*;

use crate::desired::DesiredResource;
use crate::diag::NoticeCode;
use crate::directory::Target;
use crate::plan::undo::UndoTarget;
use crate::plan::{Action, Adoption, Change, PlanProblem, fingerprint};
use crate::profile::{Deletion, Obstacle};
use crate::scim::{PerKind, ResourceKind};

use fate::Fates;
use matched_target::MatchedTarget;
use notes::{Note, Notes};
use outcome::{Outcome, Refusal};

/// Resources compared between two looks at what came out.
const BATCH: usize = 4096;

/// What the diff found, before limits are looked at.
#[derive(Debug, Default)]
pub(in crate::plan) struct Diff {
    pub(in crate::plan) changes: Vec<Change>,
    /// What `actions` of the target switches off, and changes of people who are left out there.
    pub(in crate::plan) suppressed: Vec<Change>,
    pub(in crate::plan) refusals: Vec<Refusal>,
    pub(in crate::plan) notes: Notes,
    pub(in crate::plan) unchanged: u64,
    pub(in crate::plan) unmanaged: u64,
    pub(in crate::plan) adoptions: Vec<Adoption>,
    pub(in crate::plan) protected: u64,
    /// Changes that the target offers no request for.
    pub(in crate::plan) problems: Vec<PlanProblem>,
    /// Resources of which a list does not show all that matters, so that they are to be read by their ids.
    pub(in crate::plan) unread: PerKind<BTreeSet<String>>,
}

/// Compares both sides, without the groups that are held back.
pub(in crate::plan) fn diff(matched: &MatchedTarget<'_>, held: &BTreeSet<String>) -> Diff {
    let (mut diff, mut fates) = (Diff::default(), Fates::default());
    for kind in ResourceKind::ALL {
        let plan = if kind == ResourceKind::User { users::plan } else { groups::plan };
        let is_meant =
            |one: &DesiredResource| only::concerns(matched, kind, iter::once(&one.key).chain(&one.previously));
        let declared: Vec<&DesiredResource> = matched.input.desired.of(kind).filter(|one| is_meant(one)).collect();
        // By the batch, so that only one batch of outcomes, most of which say nothing, is held at once.
        for batch in declared.chunks(BATCH) {
            let outcomes: Vec<Outcome> = batch.par_iter().map(|one| plan(matched, one)).collect();
            for (one, outcome) in batch.iter().zip(outcomes) {
                diff.adoptions.extend(adoption(matched, one, &outcome));
                fates.note(kind, &one.key, &outcome);
                diff.take(matched, kind, outcome);
            }
        }
    }
    for kind in ResourceKind::ALL {
        for (key, outcome) in removal::known(matched, kind) {
            fates.note(kind, key, &outcome);
            diff.take(matched, kind, outcome);
        }
        let (strangers, unmanaged) = removal::strangers(matched, kind);
        for outcome in strangers {
            diff.take(matched, kind, outcome);
        }
        diff.unmanaged += unmanaged;
    }
    if let Some(keys) = only::keys(matched, held) {
        only::restrict(&keys, &mut diff);
    }
    handover::hold(matched, &mut diff);
    only::leave_waiting(matched, &mut diff);
    let unaccounted = fates.unaccounted(matched, &diff.problems);
    diff.problems.extend(unaccounted);
    diff.settle();
    diff
}

/// Compares a way back with what is live.
pub(in crate::plan) fn reversed(matched: &MatchedTarget<'_>, undo: &UndoTarget) -> Diff {
    let mut diff = Diff::default();
    let found = reverse::plan(matched, undo);
    for (kind, outcome) in found.outcomes {
        diff.take(matched, kind, outcome);
    }
    diff.problems.extend(found.problems);
    handover::hold(matched, &mut diff);
    diff.settle();
    diff
}

impl Diff {
    /// Puts everything into its order, with digests.
    fn settle(&mut self) {
        let diff = self;
        for changes in [&mut diff.changes, &mut diff.suppressed] {
            changes.sort_by(|a, b| (a.resource, a.action, &a.key).cmp(&(b.resource, b.action, &b.key)));
        }
        diff.refusals.sort();
        diff.adoptions.sort();
        for change in diff.changes.iter_mut().chain(&mut diff.suppressed) {
            change.digest = crate::plan::digest::of_change(change);
        }
    }

    fn take(&mut self, matched: &MatchedTarget<'_>, kind: ResourceKind, mut outcome: Outcome) {
        if let Some(problem) = outcome.change.as_mut().and_then(|change| harmful::hold_back(matched, change)) {
            self.problems.push(problem);
            outcome.change = outcome.change.filter(|change| !change.attributes.is_empty());
        }
        let suppressed = outcome.change.as_ref().is_some_and(|change| !matched.allows(change.resource, change.action));
        self.unchanged += u64::from(outcome.unchanged && !outcome.notes.iter().any(Note::holds_back));
        self.protected += u64::from(outcome.refused.is_some());
        self.refusals.extend(outcome.refused);
        for note in outcome.notes {
            self.protected += u64::from(note.code == Some(NoticeCode::Protected));
            match note.code {
                None => drop(self.unread.of_mut(kind).insert(note.key)),
                Some(code) if note.holds_back() => self.problems.push(held_back(matched, kind, code, note)),
                _ => self.notes.add(note),
            }
        }
        if let Some(change) = &outcome.change
            && !suppressed
            && change.action == Action::Update
            && !matched.can_update(change.resource)
        {
            self.problems.push(fixed(change, matched.input.target));
        } else if let Some(mut change) = outcome.change {
            if let Some(live) = change.id.as_deref().and_then(|id| matched.find(change.resource, id)) {
                change.precondition = fingerprint::precondition(matched, &change, live);
            }
            if suppressed {
                let code = if matched.leaves_out(change.resource) {
                    NoticeCode::PeopleLeftOut
                } else {
                    NoticeCode::Suppressed
                };
                self.notes.add(Note::new(code, change.action.switch(), &change.key));
                self.suppressed.push(change);
            } else {
                for note in lasting(matched, &change) {
                    self.notes.add(note);
                }
                self.changes.push(change);
            }
        }
    }
}

/// Whether a resource is managed from now on. What is not brought to what is declared is not taken over either.
fn adoption(matched: &MatchedTarget<'_>, resource: &DesiredResource, outcome: &Outcome) -> Option<Adoption> {
    let kind = resource.kind;
    let is_made = |change: &Change| {
        matched.allows(kind, change.action) && (change.action != Action::Update || matched.can_update(kind))
    };
    if !outcome.adopted || !outcome.change.as_ref().is_none_or(is_made) {
        return None;
    }
    let id = &matched.live_of(kind, &resource.key)?.id;
    Some(Adoption {
        resource: kind,
        key: resource.key.clone(),
        id: id.clone(),
        name: resource.name.clone(),
        by: matched.found_by(kind, &resource.key),
        digest: crate::plan::digest::of_adoption(kind, &resource.key, id),
    })
}

/// What no undo takes back.
fn lasting(matched: &MatchedTarget<'_>, change: &Change) -> Vec<Note> {
    let facts = &matched.input.target.profile.capabilities;
    let note = |code: NoticeCode, subject: &str| Note::new(code, subject, &change.key);
    match (change.action, change.resource) {
        (Action::Delete, ResourceKind::User) if facts.deletion == Deletion::Irreversible => {
            vec![note(NoticeCode::Irreversible, "")]
        }
        (Action::Delete, ResourceKind::User) if facts.deletion == Deletion::Deactivates && facts.reactivation => {
            Vec::new()
        }
        (Action::Delete, kind) => vec![note(NoticeCode::CannotUndo, &kind.to_string())],
        (Action::Deactivate, _) if !facts.reactivation => vec![note(NoticeCode::CannotUndo, "active")],
        (Action::Update | Action::Reactivate, _) => {
            let unknown = change.attributes.iter().filter(|one| one.sensitive);
            unknown.map(|one| note(NoticeCode::CannotUndo, &one.path.to_string())).collect()
        }
        _ => Vec::new(),
    }
}

/// Something that should be done and is not: never just a remark.
fn held_back(matched: &MatchedTarget<'_>, kind: ResourceKind, code: NoticeCode, note: Note) -> PlanProblem {
    let declared = matched.declared(kind, &note.key).unwrap_or(matched.input.target.origin);
    PlanProblem {
        resource: kind,
        code,
        message: code.text_at(&note.subject, matched.input.target),
        origin: matched.input.origin(declared),
        key: note.key,
    }
}

/// Why a change can't be made.
fn fixed(change: &Change, target: &Target) -> PlanProblem {
    let way_out = Obstacle::NoUpdate(change.resource).way_out(&target.profile, Some(target.name.as_str()));
    PlanProblem {
        resource: change.resource,
        key: change.key.clone(),
        code: NoticeCode::CannotUpdate,
        message: format!(
            "the target accepts neither PATCH nor PUT of {}s, so it stays as it is; {way_out}",
            change.resource
        ),
        origin: change.origin.clone(),
    }
}

//! What still has to be read of a target before its plan can be trusted.
//!
//! A list is a claim, not a fact. It may leave out resources, show fewer attributes than a read by id does (of everyone
//! or of some), hide members, or be much shorter than it was. So a plan is drafted, and [`Observed::next`] names what the
//! draft rests on that nothing has shown yet. The engine asks, [`Observed::take`] notes the answers, and `next` is asked
//! again. The invariants:
//!
//! - **Unknown is not empty.** What a list does not show proves nothing. A change whose `before` would be "nothing" or a
//!   compound value, a person whose `active` is not shown, and a group whose members are not all shown are read by id.
//! - **Absence is confirmed.** What the ledger knows and a list lacks is asked for by id before it is created again or
//!   given up; what follows from a list that shrank is confirmed one by one.
//! - **Nothing is asked for twice.** `Asked` holds what was asked for. Each need is drawn from the finite sets of what
//!   is declared, known to the ledger or listed, so that this ends.
//! - **What could not be read is held back by name.** It is an error of that person or group, never "unchanged".
//!
//! Everything here is pure: the same answers give the same needs and the same plan.
//!
//! To read it: [`Observed::next`] below is the law in one function. `wanted` names the attributes, lists and look-ups to
//! ask for, `narrow` the people on whom a restricted plan rests, `needs` derives what is still open from a draft and holds
//! back what could not be read, `shrink` decides when a list is in doubt, `answers` merges what came, and `interrupted`
//! finds what an earlier apply created. The requests themselves are made in `engine/observe.rs`.

mod answers;
mod interrupted;
mod memberships;
mod narrow;
pub(in crate::plan) mod needs;
pub(in crate::plan) mod shrink;
pub(in crate::plan) mod wanted;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use crate::desired::Desired;
use crate::directory::{Directory, Target};
use crate::ledger::{Hasher, TargetLedger};
use crate::live::matching::Matches;
use crate::live::{Live, LiveMember, LiveResource, Memberships};
use crate::scim::{PerKind, ResourceKind};
use crate::source::SourceMap;

use super::diff::diff;
use super::diff::matched_target::{MatchedTarget, matches};
use super::guard::asks_identity;
use super::undo::{UndoTarget, goal};
use super::{PlanInput, TargetPlan, plan_undo, target};

pub use interrupted::{InterruptedCreates, match_marks};
pub(in crate::plan) use needs::may_hide;
pub use shrink::seen;
pub(in crate::plan) use shrink::shrunken;
pub use wanted::{Lists, LookUps, Lookup, attributes_to_read, names_of};

/// What a target's plan rests on besides what is read of it.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    /// The target.
    pub target: &'a Target,
    /// Makes the ledger's hashes.
    pub hasher: &'a Hasher,
    /// Everything declared.
    pub directory: &'a Directory,
    /// The files, for places.
    pub sources: &'a SourceMap,
    /// The day of the plan.
    pub as_of: Date,
    /// Keys to which the plan is restricted.
    pub only: Option<&'a BTreeSet<String>>,
}

/// What a target is read for.
#[derive(Clone, Debug, Default)]
pub enum Purpose {
    /// The plan of what is declared.
    #[default]
    Plan,
    /// The same, with everything that is there, declared or not, and these attributes besides.
    Everything(Names),
    /// The plan that takes an apply back.
    Undo(Box<UndoTarget>),
}

/// What is known of a target so far.
#[derive(Clone, Debug)]
pub struct Observed<'a> {
    /// What the plan rests on.
    pub basis: Basis<'a>,
    /// What the repository implies for the target, or what an undo wants.
    pub desired: Desired,
    /// What we manage there, with what earlier applies created and did not enter.
    pub ledger: Arc<TargetLedger>,
    /// What it answered.
    pub live: Live,
    /// What earlier applies set out to create, as far as it is declared no more.
    pub interrupted: InterruptedCreates,
    purpose: Purpose,
    /// What is drafted, where that is not what is desired: everything that an undo touches.
    drafted: Option<(Desired, BTreeSet<String>)>,
    matches: Arc<Matches>,
    asked: Asked,
    /// Why resources could not be read by their ids.
    unread: PerKind<BTreeMap<String, String>>,
    /// Keys of the people who are read in place of everyone.
    narrowed: Option<BTreeSet<String>>,
    /// Groups that no list showed and that could not be looked up, so that they may be there.
    unsure: BTreeSet<String>,
}

/// What was asked for.
#[derive(Clone, Debug, Default)]
struct Asked {
    lists: bool,
    by_id: PerKind<BTreeSet<String>>,
    look_ups: PerKind<BTreeSet<String>>,
    memberships: bool,
    identity: bool,
}

/// Something to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// The lists, or look-ups where those take fewer requests.
    Lists(Lists),
    /// Resources by their ids.
    ById(ResourceKind, BTreeSet<String>),
    /// Declared resources that no list showed, by their match attributes.
    LookUp(Vec<Lookup>),
    /// Members that are shown nowhere, by filters.
    Memberships(Memberships),
    /// Whose account the credentials belong to.
    Identity,
}

/// What came of a need.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The lists.
    Lists(Box<Live>),
    /// What came of each id.
    ById(ResourceKind, Vec<(String, Found)>),
    /// What was found for each key; `None` where the target could not be asked.
    LookUp(ResourceKind, Vec<(String, Option<Vec<LiveResource>>)>),
    /// Members by group; a group that is not named stays unknown. And what is to be said about it.
    Memberships(BTreeMap<String, Vec<LiveMember>>, Vec<String>),
    /// The id of the account, where the target tells.
    Identity(Option<String>),
}

/// What came of a read by id.
#[derive(Clone, Debug)]
pub enum Found {
    /// The resource.
    There(Box<LiveResource>),
    /// Answered by 404.
    Gone,
    /// Not answered; the text says why.
    Unanswered(String),
}

/// What is to be done next.
#[derive(Debug)]
pub enum Next {
    /// Read this.
    Read(Vec<Need>),
    /// Nothing more is to be read.
    Done(Box<TargetPlan>),
}

impl<'a> Observed<'a> {
    /// Nothing is known yet.
    pub fn new(basis: Basis<'a>, desired: Desired, ledger: Arc<TargetLedger>, purpose: Purpose) -> Self {
        let drafted = match &purpose {
            Purpose::Undo(undo) => {
                let keys = undo.changes.iter().map(|change| change.key.clone()).collect();
                Some((goal(undo, false), keys))
            }
            Purpose::Plan | Purpose::Everything(_) => None,
        };
        let mut seen = Self {
            basis,
            desired,
            ledger,
            live: Live::default(),
            interrupted: InterruptedCreates::default(),
            purpose,
            drafted,
            matches: Arc::default(),
            asked: Asked::default(),
            unread: PerKind::default(),
            narrowed: None,
            unsure: BTreeSet::new(),
        };
        seen.narrowed = narrow::people(&seen);
        seen
    }

    /// What is drafted from what is known: what is declared, or everything that an undo touches.
    fn draft(&self) -> PlanInput<'_> {
        match &self.drafted {
            Some((desired, keys)) => PlanInput { desired, only: Some(keys), ..self.input() },
            None => self.input(),
        }
    }

    /// Both sides as they are known.
    pub fn input(&self) -> PlanInput<'_> {
        let Basis { target, hasher, directory, sources, as_of, only } = self.basis;
        let (desired, live, ledger) = (&self.desired, &self.live, &self.ledger);
        PlanInput { target, desired, live, ledger, hasher, directory, sources, as_of, only }
    }

    /// Which declared resource is which live one.
    pub fn matches(&self) -> &Matches {
        &self.matches
    }

    /// The attributes that are read of each resource.
    pub fn names(&self) -> Names {
        wanted::names(self)
    }

    /// Both sides, ready to be compared.
    pub(in crate::plan) fn matched(&self) -> MatchedTarget<'_> {
        MatchedTarget::with(self.input(), Arc::clone(&self.matches))
    }

    /// What is to be read next; the plan where that is nothing.
    pub fn next(&self) -> Next {
        if !self.asked.lists {
            return Next::Read(vec![Need::Lists(wanted::lists(self, self.narrowed.as_ref()))]);
        }
        let matched = MatchedTarget::with(self.draft(), Arc::clone(&self.matches));
        let mut found = diff(&matched, &self.unsure);
        if !narrow::suffices(self, &found) {
            return Next::Read(vec![Need::Lists(wanted::lists(self, None))]);
        }
        for needs in [needs::by_id(self, &matched, &found), needs::look_ups(self, &found)] {
            if !needs.is_empty() {
                return Next::Read(needs);
            }
        }
        let hidden = if self.asked.memberships {
            Memberships::default()
        } else {
            memberships::memberships(&matched, matches!(self.purpose, Purpose::Everything(_)))
        };
        if !hidden.groups.is_empty() {
            return Next::Read(vec![Need::Memberships(hidden)]);
        }
        self.hold_back(&matched, &mut found);
        let plan = match &self.purpose {
            Purpose::Undo(undo) => plan_undo(PlanInput { only: None, ..self.input() }, undo),
            Purpose::Plan | Purpose::Everything(_) => {
                let mut plan = target::planned(&matched, found);
                plan.notices.extend(self.interrupted.notices.iter().cloned());
                plan.notices.sort();
                plan
            }
        };
        let protect = &self.basis.target.protect;
        if !self.asked.identity && protect.identity.is_none() && asks_identity(&plan, !protect.rules.groups.is_empty())
        {
            return Next::Read(vec![Need::Identity]);
        }
        Next::Done(Box::new(plan))
    }

    /// Matches anew, after what is there became known otherwise.
    fn rematch(&mut self) {
        let matches = matches(&self.draft());
        self.matches = Arc::new(matches);
    }
}

/// Names of the attributes to read of both kinds; an extension's is its URN.
pub type Names = PerKind<BTreeSet<String>>;

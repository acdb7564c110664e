//! What happens in an apply, as events in the order in which they happen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::journal::Durable;
use crate::ledger::{Marks, TargetLedger, Witness};
use crate::plan::reviewed::Sides;
use crate::plan::{Action, StepId};
use crate::scim::{PerKind, ResourceKind};

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// User or group.
    #[schemars(with = "String")]
    pub resource: ResourceKind,
    /// Our key.
    pub key: String,
    /// What the plan does to it.
    pub action: Action,
}

/// A request that is about to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// Its place in the schedule.
    pub step: StepId,
    /// About what.
    pub subject: Subject,
    /// The server's id; none for a POST.
    pub id: Option<String>,
    /// The method.
    pub method: &'static str,
    /// Attributes that are written, by path.
    pub paths: Vec<String>,
    /// Members that come.
    pub add: usize,
    /// Members that go.
    pub remove: usize,
}

/// Why something did not come to be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// About what.
    #[serde(flatten)]
    pub subject: Subject,
    /// The attribute or member concerned, where it is one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Stable name.
    pub code: FailureCode,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The HTTP status, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

/// Kind of a failure; its name is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailureCode {
    /// The target refused or did not answer.
    Request,
    /// The credentials are refused; the run at this target ends.
    Unauthorized,
    /// The resource is no longer there.
    Gone,
    /// The target says that it exists already, but it can't be found or told apart.
    Conflict,
    /// The answer to a create was lost and nothing can be found; sending it again was not safe or no use.
    OutcomeUnknown,
    /// A member was refused; the others went on.
    Member,
    /// The target took a member out that was to stay; no further membership of the target is changed in this run.
    RemovedTooMuch,
    /// The target took something away with a write that was not about it; the next plan brings it back.
    Lost,
}

/// Why a step or change was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SkipCode {
    /// The resource is not as it was when the plan was made.
    Moved,
    /// What it needs was not made.
    Dependency,
    /// The run ended before.
    NotRun,
    /// The target takes out members that are to stay.
    RemovedTooMuch,
}

/// What a step did to the resource's entry in the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Noted {
    /// Nothing: the resource is not managed, or nothing is known.
    #[default]
    Nothing,
    /// It is managed, under the id of the step.
    Managed,
    /// It is managed no more.
    Forgotten,
}

/// What the ledger knows of a managed resource after a step, but for its id: keyed hashes and ids, no values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// The id that it had before, where the step gave it another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<String>,
    /// Keyed hash of the last asserted value, by attribute path.
    #[serde(default, skip_serializing_if = "Marks::is_empty")]
    pub asserted: Marks,
    /// How the server altered what was sent, by attribute path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub witnesses: BTreeMap<String, Witness>,
    /// The day on which we deactivated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub deactivated: Option<jiff::civil::Date>,
    /// Ids of members that came with the step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub present: Vec<String>,
    /// Ids of members that went with the step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The apply at a target begins.
    Started {
        /// The target.
        target: String,
        /// Changes to apply.
        changes: u64,
        /// Requests to send.
        steps: u64,
    },
    /// The keys of what is to be created, all of which is pending in the ledger from now on.
    Creating(PerKind<Vec<String>>),
    /// A request is about to be sent.
    StepStarted(Sending),
    /// It was sent, and what should be so was checked.
    StepDone {
        /// Its place in the schedule.
        step: StepId,
        /// About what.
        subject: Subject,
        /// The server's id.
        id: Option<String>,
        /// The HTTP status.
        status: u16,
        /// What it means for the ledger.
        ledger: Noted,
        /// What the ledger knows of the resource, where it is managed.
        kept: Option<Box<Kept>>,
        /// The server's own number of the request.
        request: Option<String>,
    },
    /// It failed.
    StepFailed {
        /// Its place in the schedule.
        step: StepId,
        /// How.
        failure: Failure,
        /// The server's id, where the resource is managed all the same: it was written and could not be checked.
        managed: Option<String>,
        /// What the ledger knows of it then.
        kept: Option<Box<Kept>>,
    },
    /// A member alone was refused, or a part of the resource was lost.
    MemberFailed(Failure),
    /// Something that was there already is managed from now on.
    Adopted {
        /// About what.
        subject: Subject,
        /// The server's id.
        id: String,
    },
    /// The server stored something of its own making instead of what was sent; that is remembered and no difference.
    Normalised {
        /// About what.
        subject: Subject,
        /// The attribute.
        path: String,
    },
    /// The server said yes and did not do it.
    NotConverged {
        /// About what.
        subject: Subject,
        /// The attribute, or `members`.
        path: String,
        /// The setting that may help.
        hint: String,
    },
    /// Something was found out about the target, once in a run.
    Noticed(String),
    /// It was written, and the target can't say whether it took: it shows members nowhere.
    Unchecked {
        /// About what.
        subject: Subject,
        /// The attribute.
        path: String,
    },
    /// A step was left.
    Skipped {
        /// About what.
        subject: Subject,
        /// Why.
        code: SkipCode,
        /// Why, in words.
        because: String,
        /// How it moved, where that is why.
        attributes: Vec<Sides>,
    },
    /// All of a change is done.
    ChangeDone {
        /// What.
        subject: Subject,
    },
    /// The apply at a target ended.
    Finished {
        /// Requests sent, reads among them.
        requests: u64,
        /// Time it took.
        milliseconds: u64,
        /// Why it ended early.
        stopped: Option<String>,
        /// Changes left undone because of that.
        not_run: u64,
        /// Whether the ledger was saved with all of it.
        saved: bool,
    },
}

/// Whether a save of the ledger can wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The run does not go on before it is saved.
    Now,
    /// It may wait: the journal holds what it would save.
    Soon,
}

/// Someone who watches an apply.
pub trait Observer: Send {
    /// Something happened. A `StepStarted` is told before the request is sent; an error, perhaps of an earlier event,
    /// ends the run, since a journal that can't be written must not be outrun.
    fn event(&mut self, event: &Event) -> std::io::Result<()>;

    /// What to wait for until all that was told is on disk; `None` where nothing of it is kept there, or it is already.
    fn durable(&self) -> Option<Durable> {
        None
    }

    /// The ledger as it now is; called before anything is created, now and then, and at the end, so that a crash loses
    /// little. An error ends the run.
    fn checkpoint(&mut self, target: &str, ledger: &TargetLedger, due: Due) -> std::io::Result<()> {
        let _ = (target, ledger, due);
        Ok(())
    }
}

/// Several observers as one, each told in turn.
#[derive(Default)]
pub struct Observers<'a>(pub Vec<&'a mut dyn Observer>);

impl Observer for Observers<'_> {
    fn event(&mut self, event: &Event) -> std::io::Result<()> {
        self.0.iter_mut().try_for_each(|observer| observer.event(event))
    }

    fn durable(&self) -> Option<Durable> {
        self.0.iter().find_map(|observer| observer.durable())
    }

    fn checkpoint(&mut self, target: &str, ledger: &TargetLedger, due: Due) -> std::io::Result<()> {
        self.0.iter_mut().try_for_each(|observer| observer.checkpoint(target, ledger, due))
    }
}

/// Counts by action.
pub(super) type Counts = BTreeMap<Action, u64>;

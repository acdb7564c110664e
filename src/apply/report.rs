//! The summary of an apply: a fold over its events. Serialises as `scimform.report/v1`; fields are only ever added.

use serde::{Deserialize, Serialize};

use crate::plan::Mode;
use crate::plan::reviewed::{Held, InEffect, Left, Sides};

use super::event::{Counts, Event, Failure, SkipCode, Subject};

/// The format's name.
pub const FORMAT: &str = "scimform.report/v1";

/// What an apply did, over all targets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// `scimform.report/v1`.
    pub format: String,
    /// One part per target, by name.
    pub targets: Vec<TargetReport>,
    /// What was left because it does not stand so in the reviewed plan, or stands there and is not planned now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Left>,
    /// What stands in the reviewed plan and was so already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_effect: Vec<InEffect>,
    /// The way back; none where nothing was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<WayBack>,
}

/// Where an apply can be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WayBack {
    /// The file, `scimform.undo/v1`, from the root of the repository.
    pub file: String,
    /// What it does not bring back.
    pub cannot: Vec<CannotUndo>,
}

/// Something that can't be taken back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CannotUndo {
    /// The target.
    pub target: String,
    /// Of what.
    #[serde(flatten)]
    pub subject: Subject,
    /// The attribute; none where it is the resource itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Why.
    pub why: String,
}

/// What an apply did at one target. Lists are sorted, whatever the order in which things happened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct TargetReport {
    /// The target.
    pub name: String,
    /// Whether it is written to; if not, nothing was done.
    #[serde(default)]
    pub mode: Mode,
    /// Changes that are done, by action.
    pub done: Counts,
    /// What failed.
    pub failures: Vec<Failure>,
    /// What the target accepted and did not do.
    pub not_converged: Vec<Place>,
    /// What the target stored in a form of its own.
    pub normalised: Vec<Place>,
    /// What was written and could not be checked, because the target does not show it.
    pub unchecked: Vec<Place>,
    /// Resources that were there already when they should be made.
    pub adopted: Vec<Subject>,
    /// What was left, and why.
    pub skipped: Vec<Skipped>,
    /// What was found out about the target.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    /// Writes that the target accepted, whether or not what they were for came to be.
    #[serde(skip)]
    pub accepted: u64,
    /// Changes not begun or not ended, because the run ended early.
    pub not_run: u64,
    /// Why it ended early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// Requests sent, reads among them.
    pub requests: u64,
    /// Time it took.
    pub milliseconds: u64,
}

/// An attribute of a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Of what.
    #[serde(flatten)]
    pub subject: Subject,
    /// The attribute.
    pub path: String,
    /// The setting that may help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Something that was left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Skipped {
    /// What.
    #[serde(flatten)]
    pub subject: Subject,
    /// Why.
    pub code: SkipCode,
    /// Why, in words.
    pub because: String,
    /// What was reviewed, is live and is wanted, of each attribute that moved after the plan was made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Sides>,
}

impl Report {
    /// A report of these targets, sorted by name.
    pub fn new(mut targets: Vec<TargetReport>) -> Self {
        targets.sort_by(|a, b| a.name.cmp(&b.name));
        Self { format: FORMAT.to_owned(), targets, left: Vec::new(), in_effect: Vec::new(), undo: None }
    }

    /// With what came of holding the plan against the reviewed one.
    #[must_use]
    pub fn with(self, held: Held) -> Self {
        Self { left: held.left, in_effect: held.in_effect, ..self }
    }

    /// Whether everything that was to be done is done, at every target.
    pub fn is_clean(&self) -> bool {
        self.left.is_empty() && self.targets.iter().all(TargetReport::is_clean)
    }
}

impl TargetReport {
    /// Whether everything that was to be done is done. Values that the target stored in a form of its own are.
    pub fn is_clean(&self) -> bool {
        self.failures.is_empty()
            && self.not_converged.is_empty()
            && self.skipped.is_empty()
            && self.stopped.is_none()
            && self.not_run == 0
    }

    /// Takes an event in.
    pub fn fold(&mut self, event: &Event) {
        let place =
            |subject: &Subject, path: &String| Place { subject: subject.clone(), path: path.clone(), hint: None };
        match event {
            Event::Started { target, .. } => self.name.clone_from(target),
            Event::Creating { .. } | Event::StepStarted(_) => {}
            Event::StepDone { .. } => self.accepted += 1,
            Event::StepFailed { failure, managed, .. } => {
                self.accepted += u64::from(managed.is_some());
                self.failures.push(failure.clone());
            }
            Event::MemberFailed(failure) => self.failures.push(failure.clone()),
            Event::Noticed(text) => self.notices.push(text.clone()),
            Event::Adopted { subject, .. } => self.adopted.push(subject.clone()),
            Event::Normalised { subject, path } => self.normalised.push(place(subject, path)),
            Event::NotConverged { subject, path, hint } => {
                self.not_converged.push(Place { hint: Some(hint.clone()), ..place(subject, path) });
            }
            Event::Unchecked { subject, path } => self.unchecked.push(place(subject, path)),
            Event::Skipped { subject, code, because, attributes } => {
                let (subject, because, attributes) = (subject.clone(), because.clone(), attributes.clone());
                self.skipped.push(Skipped { subject, code: *code, because, attributes });
            }
            Event::ChangeDone { subject } => *self.done.entry(subject.action).or_default() += 1,
            Event::Finished { requests, milliseconds, stopped, not_run, .. } => {
                self.requests = *requests;
                self.milliseconds = *milliseconds;
                self.stopped.clone_from(stopped);
                self.not_run = *not_run;
                self.sort();
            }
        }
    }

    fn sort(&mut self) {
        self.failures.sort();
        self.not_converged.sort();
        self.normalised.sort();
        self.unchecked.sort();
        self.adopted.sort();
        self.skipped.sort_by(|a, b| (&a.subject, a.code, &a.because).cmp(&(&b.subject, b.code, &b.because)));
        self.failures.dedup();
        self.skipped.dedup();
    }
}

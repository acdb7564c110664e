//! What stands in a journal: one JSON object per line.

use serde::{Deserialize, Serialize};

use crate::apply::event::{Event, Failure, FailureCode, Kept, Noted, SkipCode, Subject};
use crate::scim::PerKind;

/// The format's name.
pub const FORMAT: &str = "scimform.journal/v1";

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// When, UTC. The order of the lines counts, not their times: a clock may jump.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub time: jiff::Timestamp,
    /// What.
    #[serde(flatten)]
    pub entry: Entry,
}

impl Line {
    /// Whether nothing is to be taken from the journal any more, where this is its last line.
    pub const fn ends(&self) -> bool {
        matches!(self.entry, Entry::Finished { unsaved: false, .. } | Entry::Recovered)
    }

    /// The target, where this is the line that names it.
    pub fn target(&self) -> Option<&str> {
        match &self.entry {
            Entry::Started { target, .. } => Some(target),
            _ => None,
        }
    }
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Entry {
    /// The first line.
    Started {
        /// `scimform.journal/v1`.
        format: String,
        /// The target.
        target: String,
        /// Changes to apply.
        changes: u64,
        /// Requests to send.
        steps: u64,
        /// Who runs it, and where.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        by: String,
        /// By this the ledger is known whose hashes stand in the journal.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        hashes: String,
    },
    /// What the run sets out to create, as it stands in the ledger before the first of it is sent; several lines where it
    /// is much.
    Creating {
        /// Keys of users.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        users: Vec<String>,
        /// Keys of groups.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        groups: Vec<String>,
    },
    /// A request is about to be sent.
    Sending {
        /// Its place in the schedule.
        step: usize,
        /// About what.
        #[serde(flatten)]
        subject: Subject,
        /// The method.
        method: String,
        /// The server's id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Attributes that are written.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        paths: Vec<String>,
        /// Members that come.
        #[serde(default)]
        add: usize,
        /// Members that go.
        #[serde(default)]
        remove: usize,
    },
    /// Members that came and went with the request whose `done` or `failed` follows, where they are too many for its line.
    Members {
        /// The group.
        #[serde(flatten)]
        subject: Subject,
        /// The server's id.
        id: String,
        /// Ids of members that came.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        present: Vec<String>,
        /// Ids of members that went.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        absent: Vec<String>,
    },
    /// The request was answered and checked.
    Done {
        /// Its place in the schedule.
        step: usize,
        /// About what.
        #[serde(flatten)]
        subject: Subject,
        /// The server's id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// The HTTP status.
        status: u16,
        /// What it means for the ledger.
        #[serde(default)]
        ledger: Noted,
        /// What the ledger knows of the resource from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kept: Option<Box<Kept>>,
        /// The server's own number of the request, for its vendor's support.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<String>,
    },
    /// The request failed.
    Failed {
        /// Its place in the schedule; none for a single member.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<usize>,
        /// About what.
        #[serde(flatten)]
        subject: Subject,
        /// How.
        code: FailureCode,
        /// The HTTP status.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// The server's id, where the resource was written all the same and is managed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        managed: Option<String>,
        /// What the ledger knows of it then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kept: Option<Box<Kept>>,
    },
    /// Something that was there already is managed from now on.
    Adopted {
        /// About what.
        #[serde(flatten)]
        subject: Subject,
        /// The server's id.
        id: String,
    },
    /// The target stored a form of its own.
    Normalised {
        /// About what.
        #[serde(flatten)]
        subject: Subject,
        /// The attribute.
        path: String,
    },
    /// The target said yes and did not do it.
    NotConverged {
        /// About what.
        #[serde(flatten)]
        subject: Subject,
        /// The attribute.
        path: String,
    },
    /// Written; the target can't say whether it took.
    Unchecked {
        /// About what.
        #[serde(flatten)]
        subject: Subject,
        /// The attribute.
        path: String,
    },
    /// A step was left.
    Skipped {
        /// About what.
        #[serde(flatten)]
        subject: Subject,
        /// Why.
        code: SkipCode,
    },
    /// All of a change is done.
    Changed {
        /// What.
        #[serde(flatten)]
        subject: Subject,
    },
    /// The last line of a run that was not cut off.
    Finished {
        /// Requests sent.
        requests: u64,
        /// Changes left undone.
        not_run: u64,
        /// Whether the ledger could not be saved: then what the journal tells is still to be taken in.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unsaved: bool,
    },
    /// The last line of a run that was cut off, written by a later one: what it did stands in the ledger.
    Recovered,
}

/// What the first line says beyond the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// The target.
    pub target: String,
    /// Who runs it, and where.
    pub by: String,
    /// The mark of the ledger's hashes, see [`crate::ledger::Hasher::mark`].
    pub hashes: String,
}

/// Keys or ids that a line names at most; more go into lines of their own.
const MOST_NAMED: usize = 500;

/// The lines that tell an event.
pub(super) fn entries(event: &Event, opening: &Opening) -> Vec<Entry> {
    let mut lines = Vec::new();
    let last = match event.clone() {
        Event::Started { target, changes, steps } => Entry::Started {
            format: FORMAT.to_owned(),
            target,
            changes,
            steps,
            by: opening.by.clone(),
            hashes: opening.hashes.clone(),
        },
        Event::Creating(PerKind { users, groups }) => {
            let creating = |users: &[String], groups: &[String]| Entry::Creating {
                users: users.to_vec(),
                groups: groups.to_vec(),
            };
            lines.extend(users.chunks(MOST_NAMED).map(|some| creating(some, &[])));
            lines.extend(groups.chunks(MOST_NAMED).map(|some| creating(&[], some)));
            return lines;
        }
        Event::StepStarted(sending) => Entry::Sending {
            step: sending.step,
            subject: sending.subject,
            method: sending.method.to_owned(),
            id: sending.id,
            paths: sending.paths,
            add: sending.add,
            remove: sending.remove,
        },
        Event::StepDone { step, subject, id, status, ledger, kept, request } => {
            let mut kept = kept;
            if let Some(kept) = &mut kept {
                apart(&mut lines, &subject, id.as_deref().unwrap_or_default(), kept);
            }
            Entry::Done { step, subject, id, status, ledger, kept, request }
        }
        Event::StepFailed { step, failure, managed, kept } => {
            let mut kept = kept;
            if let Some(kept) = &mut kept {
                apart(&mut lines, &failure.subject, managed.as_deref().unwrap_or_default(), kept);
            }
            failed(Some(step), failure, managed, kept)
        }
        Event::Noticed(_) => return lines,
        Event::MemberFailed(failure) => failed(None, failure, None, None),
        Event::Adopted { subject, id } => Entry::Adopted { subject, id },
        Event::Normalised { subject, path } => Entry::Normalised { subject, path },
        Event::NotConverged { subject, path, .. } => Entry::NotConverged { subject, path },
        Event::Unchecked { subject, path } => Entry::Unchecked { subject, path },
        Event::Skipped { subject, code, .. } => Entry::Skipped { subject, code },
        Event::ChangeDone { subject } => Entry::Changed { subject },
        Event::Finished { requests, not_run, saved, .. } => Entry::Finished { requests, not_run, unsaved: !saved },
    };
    lines.push(last);
    lines
}

fn failed(step: Option<usize>, failure: Failure, managed: Option<String>, kept: Option<Box<Kept>>) -> Entry {
    Entry::Failed { step, subject: failure.subject, code: failure.code, status: failure.status, managed, kept }
}

/// Gives members that are too many for one line lines of their own.
fn apart(lines: &mut Vec<Entry>, subject: &Subject, id: &str, kept: &mut Kept) {
    if kept.present.len() + kept.absent.len() > MOST_NAMED {
        let members = |present: &[String], absent: &[String]| Entry::Members {
            subject: subject.clone(),
            id: id.to_owned(),
            present: present.to_vec(),
            absent: absent.to_vec(),
        };
        lines.extend(std::mem::take(&mut kept.present).chunks(MOST_NAMED).map(|some| members(some, &[])));
        lines.extend(std::mem::take(&mut kept.absent).chunks(MOST_NAMED).map(|some| members(&[], some)));
    }
}

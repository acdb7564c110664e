//! Runs the steps of a plan at one target and says what happens. Nothing is created twice, everything written is
//! checked, and whatever ends a run early leaves a true journal and ledger.

mod check;
mod create;
mod disguise;
mod drive;
mod event;
mod hidden;
mod hints;
mod job;
mod journal;
mod known;
mod ledger;
mod less;
mod lookup;
mod managed;
mod membership;
mod moved;
mod overlay;
mod ownership;
mod prepare;
mod recovery;
mod redact;
mod report;
mod roster;
mod service;
mod trace;
mod trust;
mod verify;
mod wire;
mod write;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub use event::{Due, Event, Failure, FailureCode, Kept, Noted, Observer, Observers, Sending, SkipCode, Subject};
pub use journal::{Durable, Entry as JournalEntry, FORMAT as JOURNAL_FORMAT, Journal, Line as JournalLine, Opening};
pub use known::Known;
pub use overlay::body as whole_body;
pub use recovery::{Recovered, recover};
pub use redact::veiled;
pub use report::{CannotUndo, FORMAT as REPORT_FORMAT, Place, Report, Skipped, TargetReport, WayBack};
pub use service::{Answer, Current, Fault, Service};
pub use trace::{Trace, adopted};
pub use wire::Wire;

use crate::desired::Desired;
use crate::ledger::{Hasher, TargetLedger};
use crate::live::Live;
use crate::live::matching::MatchRules;
use crate::plan::{Step, TargetPlan};
use crate::profile::Profile;

/// The JSON Schema of a line of a journal.
pub fn journal_schema() -> serde_json::Value {
    schemars::schema_for!(JournalLine).to_value()
}

/// The JSON Schema of the report of an apply.
pub fn report_schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}

/// Tells a run to stop: what is in flight ends, nothing new begins.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks for the stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Times of an apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How old the live read is when the apply begins.
    pub read_age: Duration,
    /// From which age on an object is read again before it is written.
    pub stale_after: Duration,
    /// Waits before each look at what was written, for servers that are late.
    pub waits: Vec<Duration>,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            read_age: Duration::ZERO,
            stale_after: Duration::from_secs(60),
            waits: vec![Duration::ZERO, Duration::from_millis(200), Duration::from_secs(1)],
        }
    }
}

/// An apply at one target.
pub struct Run<'a, S> {
    /// The target's name.
    pub target: &'a str,
    /// The target.
    pub service: &'a S,
    /// The changes to apply.
    pub plan: &'a TargetPlan,
    /// Their steps, as `schedule` made them from the same changes.
    pub steps: &'a [Step],
    /// What the repository implies.
    pub desired: &'a Desired,
    /// What the target answered.
    pub live: &'a Live,
    /// The target's profile.
    pub profile: &'a Profile,
    /// What we manage there; changed as the run goes on, handed to the observer at checkpoints.
    pub ledger: &'a mut TargetLedger,
    /// Makes the ledger's hashes.
    pub hasher: &'a Hasher,
    /// Ids of what is there.
    pub known: &'a Known,
    /// By which attributes a resource is found again.
    pub matching: &'a MatchRules,
    /// The day of the plan, for the date of a deactivation.
    pub as_of: jiff::civil::Date,
    /// Times.
    pub timing: Timing,
    /// Stops it.
    pub cancel: Cancel,
}

/// Applies a plan at one target. Whatever happens is told to the observer and folded into the report; failures do
/// not stop independent steps, refused credentials and an observer that fails do.
pub async fn apply<S: Service>(run: Run<'_, S>, observer: &mut dyn Observer) -> TargetReport {
    drive::drive(run, observer).await
}

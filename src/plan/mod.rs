//! The plan: a pure, sorted diff of desired and live, its limits, its order of requests, its digest.

mod assemble;
mod diff;
mod digest;
mod drift;
mod expiry;
mod fingerprint;
mod guard;
mod hashes;
mod horizon;
mod impact;
mod input;
mod model;
mod names;
pub mod observe;
mod offline;
mod redact;
mod rehearsal;
pub mod reviewed;
pub mod schedule;
mod step;
mod target;
pub mod undo;
mod verify;

#[cfg(test)]
mod tests;

/// Name of the published format; it only grows.
pub const FORMAT: &str = "scimform.plan/v1";

/// The JSON Schema of the published format.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Plan).to_value()
}

/// The JSON Schema of what `drift --format json` prints.
pub fn drift_schema() -> serde_json::Value {
    schemars::schema_for!(Drift).to_value()
}

pub use assemble::{Heading, assemble, configuration};
pub use diff::matched_target::matches;
pub use diff::protect::protected_by;
pub use drift::{Drift, DriftEvent, Drifted, DriftedAttribute, TargetDrift, drift};
pub use expiry::expiry;
pub use fingerprint::{fingerprint, fingerprint_paths};
pub use guard::{confirm_removals, removals};
pub use hashes::asserted_hash;
pub use horizon::{Horizon, HorizonEvent, Outlook, horizon};
pub use impact::{AccountChange, HeadCounts, Heads, LimitUse, Person, PersonAtTarget, is_held, is_value};
pub use input::{PlanInput, match_rules};
pub use model::{
    Action, Adoption, AttributeChange, Change, Cost, MemberChange, MemberRef, Mode, Origin, Plan, PlanNotice,
    PlanProblem, Precondition, ReadSummary, Reason, Redaction, Summary, TargetPlan, Violation,
};
pub use observe::{match_marks, seen};
pub use offline::{After, Base, offline};
pub use redact::{Redactor, WITHHELD};
pub use rehearsal::{Altered, LeftChange, Rehearsal, RehearsalFailure};
pub use step::{Effect, IdRef, Membership, Step, StepBody, StepId, StepMember, Verb};
pub use target::{disabled_target, failed_target, plan_target, plan_undo, unconfigured_target};
pub use verify::{unexpected, verify};

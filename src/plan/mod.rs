//! The plan: a pure, sorted diff of desired and live, its limits, its order of requests, its digest.

mod model;
pub mod schedule;
mod step;

pub use model::{
    Action, AttributeChange, Change, Cost, MemberChange, MemberRef, Origin, Plan, PlanNotice, PlanProblem,
    Precondition, Person, PersonAtTarget, ReadSummary, Reason, Summary, TargetPlan, Violation,
};
pub use schedule::placeholder::placeholder;
pub use step::{Effect, IdRef, Membership, Step, StepBody, StepId, StepMember, Verb};

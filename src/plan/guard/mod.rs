//! Whether a plan may run: limits, protection and policies.
//!
//! The guard runs last and sees the changes as they would be applied. It takes none of them out. It adds violations, and
//! any violation that is no warning refuses the plan as a whole. The invariants:
//!
//! - **A refused plan is still shown in full**, and each violation says what would allow it.
//! - **Loosening never refuses more.** A higher limit adds no violation; `plan/tests/laws.rs` checks it.
//! - **Only removals have a default limit.** `--confirm-removals N` lifts that class alone, and only where N is exactly
//!   the number over all targets.
//! - **What can't be judged counts against the plan.** A policy whose expression fails is broken, and a removal without
//!   a known total is not taken for a small share.
//! - **An apply keeps its own account.** The account behind the credentials is not locked out.
//!
//! To read it: `limits` (risk classes and `vanished`), `last_member`, `lockout`, `policies`, `confirm`. Protected objects
//! are found earlier, in `diff/protect.rs`, since their removal must not become a change; they arrive here as refusals.
//! Targets that are not written to have their violations turned into warnings in `plan/target.rs`.

mod confirm;
mod last_member;
mod limits;
mod lockout;
mod policies;

pub use confirm::{confirm_removals, removals};
pub use lockout::asks_identity;
pub(super) use lockout::unknown as unknown_identity;

use crate::diag::NoticeCode;

use super::diff::matched_target::MatchedTarget;
use super::diff::outcome::Refusal;
use super::{TargetPlan, Violation};

/// Fills in the violations of a target's plan, and how many removals it holds.
pub(super) fn check(matched: &MatchedTarget<'_>, plan: &mut TargetPlan, refusals: &[Refusal]) {
    plan.summary.removals = limits::removals(matched, plan);
    let (mut violations, limits) = limits::check(matched, plan);
    plan.limits = limits;
    violations.extend(limits::vanished(matched));
    violations.extend(refusals.iter().map(|refusal| protected(matched, refusal)));
    violations.extend(last_member::check(matched, plan));
    violations.extend(lockout::check(matched, plan));
    violations.extend(policies::check(matched, plan));
    violations.sort();
    violations.dedup();
    plan.violations = violations;
}

fn protected(matched: &MatchedTarget<'_>, refusal: &Refusal) -> Violation {
    let target = &matched.input.target.name;
    let declared = matched.desired(refusal.kind, &refusal.key).map(|resource| resource.origin);
    Violation {
        code: NoticeCode::ProtectedRemoval,
        message: format!(
            "{} `{}` ({}) would be removed from `{target}`, but is protected by `{}`: left as it is",
            refusal.kind, refusal.key, refusal.name, refusal.rule
        ),
        allow: format!(
            "declare `{}` with access again, or take the rule out of `protect` of target `{target}`",
            refusal.key
        ),
        warn: false,
        origin: matched.input.origin(declared.unwrap_or(matched.input.target.origin)),
    }
}

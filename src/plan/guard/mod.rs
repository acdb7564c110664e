//! Limits, protections and policies. A refused plan is still shown in full, with what would allow it.

mod confirm;
mod last_member;
mod limits;
mod lockout;
mod policies;

pub use confirm::{ConfirmError, confirm_removals, removals};
pub use lockout::asks_identity;
pub(super) use lockout::unknown as unknown_identity;

use super::diff::outcome::Refusal;
use super::diff::scene::Scene;
use super::{TargetPlan, Violation};

/// Code of a tripped limit on removals, which `--confirm-removals` lifts.
pub const REMOVALS: &str = "removals";

/// Code of a removal that is refused because the object is protected.
pub(super) const PROTECTED: &str = "protected";

/// Fills in the violations of a target's plan, and how many removals it holds.
pub(super) fn check(scene: &Scene<'_>, plan: &mut TargetPlan, refusals: &[Refusal]) {
    plan.summary.removals = limits::removals(scene, plan);
    let (mut violations, limits) = limits::check(scene, plan);
    plan.limits = limits;
    violations.extend(limits::vanished(scene));
    violations.extend(refusals.iter().map(|refusal| protected(scene, refusal)));
    violations.extend(last_member::check(scene, plan));
    violations.extend(lockout::check(scene, plan));
    violations.extend(policies::check(scene, plan));
    violations.sort();
    violations.dedup();
    plan.violations = violations;
}

fn protected(scene: &Scene<'_>, refusal: &Refusal) -> Violation {
    let target = &scene.input.target.name;
    let declared = scene.desired(refusal.kind, &refusal.key).map(|resource| resource.origin);
    Violation {
        code: PROTECTED.to_owned(),
        message: format!(
            "{} `{}` ({}) would be removed from `{target}`, but is protected by `{}`: left as it is",
            refusal.kind, refusal.key, refusal.name, refusal.rule
        ),
        allow: format!(
            "declare `{}` with access again, or take the rule out of `protect` of target `{target}`",
            refusal.key
        ),
        warn: false,
        origin: scene.input.origin(declared.unwrap_or(scene.input.target.origin)),
    }
}

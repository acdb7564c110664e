//! `--confirm-removals N`.

use crate::diag::NoticeCode;
use crate::plan::{LimitUse, Plan};

/// The number that was confirmed is not the number of removals in the plan: nothing may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the plan removes {planned}, but {confirmed} were confirmed: look at the plan again, then {}",
    if *.planned == 0 { "leave the flag out".to_owned() } else { format!("confirm {planned}") }
)]
pub struct ConfirmError {
    /// Removals in the plan.
    pub planned: u64,
    /// Removals that were confirmed.
    pub confirmed: u64,
}

/// Deactivations, deletions and groups that lose all their members, over all targets that are written to.
pub fn removals(plan: &Plan) -> u64 {
    plan.targets.iter().filter(|target| target.is_written()).map(|target| target.summary.removals).sum()
}

/// Lifts tripped limits on removals. The number must be exact, also where no limit is tripped; other violations stay.
pub fn confirm_removals(plan: &mut Plan, confirmed: u64) -> Result<(), ConfirmError> {
    let planned = removals(plan);
    if planned != confirmed {
        return Err(ConfirmError { planned, confirmed });
    }
    for target in &mut plan.targets {
        target.violations.retain(|violation| violation.code != NoticeCode::Removals);
        let tripped = |limit: &&mut LimitUse| limit.class == NoticeCode::Removals.name() && limit.tripped;
        target.limits.iter_mut().filter(tripped).for_each(|limit| limit.confirmed = true);
    }
    Ok(())
}

//! What answers tell of a limit that no rate is known for.

use std::time::Duration;

use tokio::time::Instant;

use super::Hold;
use crate::target::quota::Quota;

/// Resets of one window differ by less than this from answer to answer, since most are whole seconds.
const ROUNDING: Duration = Duration::from_secs(2);

/// After the told reset, for a server that rounds its clock.
const GUARD: Duration = Duration::from_millis(20);

/// The budgets told, by name.
#[derive(Default)]
pub(super) struct Budgets(Vec<Budget>);

/// Requests that are left until a moment.
struct Budget {
    name: String,
    /// The least that an answer of this window told. What is in flight may be counted in it or not.
    left: u64,
    /// The earliest reset told in this window: seconds are rounded up, so the earliest is the closest.
    reset: Instant,
}

impl Budgets {
    /// What the next request waits for, with so many in flight; `None` where it may go. What is left may be used at once:
    /// spreading it would lose up to a window at the end and save no refusal. After a reset one request goes ahead to
    /// learn what is left now.
    pub(super) fn hold(&self, now: Instant, in_flight: u64) -> Option<Hold> {
        self.0.iter().filter_map(|budget| budget.hold(now, in_flight)).max()
    }

    /// An answer came. Budgets of the past are forgotten, whether it renews them or not.
    pub(super) fn told(&mut self, now: Instant, quotas: &[Quota], longest: Duration) {
        self.0.retain(|budget| now < budget.reset);
        for quota in quotas {
            let (Some(left), Some(wait)) = (quota.left, quota.reset.filter(|wait| !wait.is_zero())) else { continue };
            let told = Budget { name: quota.name.clone(), left, reset: now + wait.min(longest) + GUARD };
            match self.0.iter_mut().find(|known| known.name == told.name) {
                Some(known) => known.update(told),
                None => self.0.push(told),
            }
        }
    }
}

impl Budget {
    fn hold(&self, now: Instant, in_flight: u64) -> Option<Hold> {
        let left = if now < self.reset { self.left } else { 1 };
        match left {
            0 => Some(Hold::Until(self.reset)),
            _ if in_flight >= left => Some(Hold::Answer),
            _ => None,
        }
    }

    /// Answers may come in another order than the server counted: in one window only the least is true.
    fn update(&mut self, told: Self) {
        if told.reset > self.reset + ROUNDING {
            *self = told;
        } else {
            self.left = self.left.min(told.left);
            self.reset = self.reset.min(told.reset);
        }
    }
}

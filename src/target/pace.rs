//! How work at a target goes on, for those who show it. Nothing is decided by it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::scim::{PerKind, ResourceKind};

/// How work at a target goes on, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Requests sent so far, retries included.
    pub requests: u64,
    /// Users and groups that lists showed so far.
    pub received: u64,
    /// How many the lists that have begun promise; none where a server does not say.
    pub expected: Option<u64>,
    /// How fast requests may go.
    pub throttle: Throttle,
}

/// How fast requests may go to a target, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Throttle {
    /// Requests in flight.
    pub in_flight: u64,
    /// Requests that may be in flight.
    pub allowed: u64,
    /// Requests that may be in flight where nothing slows them down.
    pub most: u64,
    /// The status with which the target said that it is too much, as long as that has an effect.
    pub status: Option<u16>,
    /// How long all requests wait because the target asks for it (`Retry-After`).
    pub pause: Option<Duration>,
    /// How long the next request waits for the target's rate limit, as the profile gives it or answers tell it.
    pub held: Option<Duration>,
}

/// What lists showed, counted as pages come.
#[derive(Debug, Default)]
pub(crate) struct Tally(PerKind<Listed>);

#[derive(Debug, Default)]
struct Listed {
    received: AtomicU64,
    /// One more than the total, so that 0 says that none is known.
    total: AtomicU64,
}

impl Tally {
    /// A page came; the first of a list begins its count anew.
    pub(crate) fn page(&self, kind: ResourceKind, first: bool, received: u64, total: Option<u64>) {
        let listed = self.0.of(kind);
        if first {
            listed.received.store(received, Ordering::Relaxed);
        } else {
            listed.received.fetch_add(received, Ordering::Relaxed);
        }
        if let Some(total) = total {
            listed.total.store(total.saturating_add(1), Ordering::Relaxed);
        }
    }

    /// Received and, where all lists that have begun say it, promised.
    pub(crate) fn counts(&self) -> (u64, Option<u64>) {
        let (mut received, mut expected, mut known) = (0, None, true);
        for (_, listed) in self.0.iter() {
            let (came, total) = (listed.received.load(Ordering::Relaxed), listed.total.load(Ordering::Relaxed));
            received += came;
            match total.checked_sub(1) {
                Some(total) => expected = Some(expected.unwrap_or(0) + total.max(came)),
                None => known &= came == 0,
            }
        }
        (received, expected.filter(|_| known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_add_up_and_one_without_a_total_makes_the_end_unknown() {
        let tally = Tally::default();
        assert_eq!(tally.counts(), (0, None));
        tally.page(ResourceKind::User, true, 100, Some(250));
        tally.page(ResourceKind::User, false, 100, Some(250));
        assert_eq!(tally.counts(), (200, Some(250)));
        tally.page(ResourceKind::Group, true, 5, None);
        assert_eq!(tally.counts(), (205, None));
        // Read once more from the start.
        tally.page(ResourceKind::User, true, 100, Some(250));
        tally.page(ResourceKind::Group, true, 5, Some(5));
        assert_eq!(tally.counts(), (105, Some(255)));
    }
}

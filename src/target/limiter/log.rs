//! The requests that a rate still counts.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::Hold;
use crate::profile::Rate;

/// A rate and the requests in its window: a request may go when fewer than the allowed number are left in it. That holds
/// for a server that counts in a window, and for one with a bucket of as many tokens: whatever the offset of two
/// windows, a bucket of N that gains N in a window never runs dry.
///
/// The server counts a request when it comes, at some moment between sending and answer. So it is counted from sending on,
/// and for one window from the latest moment at which it may have come: when its answer came, less the shortest round
/// trip seen. Where all take the same time that is the moment of sending; a request that was slow on its way (the first of
/// a connection) counts as long as it must. Those sent before the first answer all open connections, and tell nothing of
/// the shortest.
pub(super) struct Log {
    pub(super) rate: Rate,
    requests: usize,
    window: Duration,
    in_flight: usize,
    /// When each request that may count was answered, oldest first.
    answered: VecDeque<Instant>,
    first_answer: Option<Instant>,
    round_trip: Option<Duration>,
}

impl Log {
    pub(super) fn new(rate: &Rate) -> Self {
        let window = Duration::from_secs(rate.seconds.max(1));
        Self {
            requests: usize::try_from(rate.requests.max(1)).unwrap_or(usize::MAX),
            window: window + guard(window),
            in_flight: 0,
            answered: VecDeque::new(),
            first_answer: None,
            round_trip: None,
            rate: rate.clone(),
        }
    }

    /// What the next request waits for; `None` where it may go.
    pub(super) fn hold(&mut self, now: Instant) -> Option<Hold> {
        let counts = self.window.saturating_sub(self.round_trip.unwrap_or_default());
        while self.answered.front().is_some_and(|at| *at + counts <= now) {
            self.answered.pop_front();
        }
        if self.in_flight + self.answered.len() < self.requests {
            return None;
        }
        Some(self.answered.front().map_or(Hold::Answer, |at| Hold::Until(*at + counts)))
    }

    pub(super) fn sent(&mut self) {
        self.in_flight += 1;
    }

    /// The request sent at `started` is in flight no more.
    pub(super) fn answered(&mut self, started: Instant, now: Instant) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if started > *self.first_answer.get_or_insert(now) {
            let took = now.saturating_duration_since(started);
            self.round_trip = Some(self.round_trip.map_or(took, |shortest| shortest.min(took)));
        }
        self.answered.push_back(now);
    }
}

/// A two-hundredth of the window, at most a second: for clocks that differ and for the spread of the network.
fn guard(window: Duration) -> Duration {
    (window / 200).min(Duration::from_secs(1))
}

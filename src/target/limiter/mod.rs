//! How many requests may be in flight at one target, and when the next may start.

mod budget;
mod log;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use self::budget::Budgets;
use self::log::Log;
use super::pace::Throttle;
use super::quota::Quota;
use crate::profile::Rate;

/// Shared by all workers of one target. Starts at the profile's concurrency, halves when the target says "too much",
/// grows back by one per round of good answers. A pause that one worker is told holds for all.
pub(crate) struct Limiter {
    state: Mutex<State>,
    freed: Notify,
}

struct State {
    most: f64,
    limit: f64,
    in_flight: u64,
    paused_until: Option<Instant>,
    last_cut: Option<Instant>,
    /// With what the target said that it is too much.
    status: Option<u16>,
    /// Until when a rate or what answers tell holds the next request back.
    held_until: Option<Instant>,
    logs: Vec<Log>,
    budgets: Budgets,
}

/// What a request waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    /// The answer of one in flight.
    Answer,
    /// A moment; of several holds the last one decides.
    Until(Instant),
}

/// Leave to have one request in flight.
pub(crate) struct Permit<'a> {
    limiter: &'a Limiter,
    started: Instant,
    /// The places of the logs that count it.
    counted: Vec<usize>,
}

impl Limiter {
    /// A limiter for a profile's concurrency (at least 1) and rates.
    pub(crate) fn new(concurrency: u64, rates: &[Rate]) -> Self {
        let most = f64::from(u32::try_from(concurrency.max(1)).unwrap_or(u32::MAX));
        let state = State {
            most,
            limit: most,
            in_flight: 0,
            paused_until: None,
            last_cut: None,
            status: None,
            held_until: None,
            logs: rates.iter().map(Log::new).collect(),
            budgets: Budgets::default(),
        };
        Self { state: Mutex::new(state), freed: Notify::new() }
    }

    /// Waits until a request of this method to this endpoint (`Users`) may start. Every rate that counts it holds for
    /// it, and requests that no used-up rate counts go ahead meanwhile.
    pub(crate) async fn acquire(&self, method: &str, endpoint: &str) -> Permit<'_> {
        loop {
            // Registered before the look, so that no release between look and wait is missed.
            let mut freed = std::pin::pin!(self.freed.notified());
            freed.as_mut().enable();
            let entered = self.state().enter(Instant::now(), method, endpoint);
            match entered {
                Ok((started, counted)) => return Permit { limiter: self, started, counted },
                Err(Hold::Until(moment)) => tokio::time::sleep_until(moment).await,
                Err(Hold::Answer) => freed.await,
            }
        }
    }

    /// An answer told what is left of the target's limits. No reset is waited for longer than `longest`.
    pub(crate) fn told(&self, quotas: &[Quota], longest: Duration) {
        self.state().budgets.told(Instant::now(), quotas, longest);
    }

    /// Holds all workers back for a while.
    pub(crate) fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut state = self.state();
        state.paused_until = Some(state.paused_until.map_or(until, |known| known.max(until)));
    }

    /// How fast requests may go now.
    pub(crate) fn throttle(&self) -> Throttle {
        let now = Instant::now();
        let state = self.state();
        let left = |until: Option<Instant>| until.and_then(|until| until.checked_duration_since(now));
        let pause = left(state.paused_until);
        let slow = state.limit < state.most || pause.is_some();
        Throttle {
            in_flight: state.in_flight,
            allowed: whole(state.limit),
            most: whole(state.most),
            status: state.status.filter(|_| slow),
            pause,
            held: left(state.held_until),
        }
    }

    /// Requests that may be in flight now.
    #[cfg(test)]
    pub(crate) fn limit(&self) -> f64 {
        self.state().limit
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number of requests, at least 1")]
fn whole(limit: f64) -> u64 {
    limit.max(1.0).floor() as u64
}

impl State {
    /// Enters a request: when it started, and the places of the logs that count it.
    fn enter(&mut self, now: Instant, method: &str, endpoint: &str) -> Result<(Instant, Vec<usize>), Hold> {
        if let Some(until) = self.paused_until {
            if now < until {
                return Err(Hold::Until(until));
            }
            self.paused_until = None;
        }
        #[expect(clippy::cast_precision_loss, reason = "a number of requests in flight")]
        if self.in_flight as f64 + 1.0 > self.limit.max(1.0) {
            return Err(Hold::Answer);
        }
        let mut counting: Vec<(usize, &mut Log)> =
            self.logs.iter_mut().enumerate().filter(|(_, log)| log.rate.counts(method, endpoint)).collect();
        // The vendor's rates are exact; what answers tell is rounded, and counts where there is none.
        let hold = if counting.is_empty() {
            self.budgets.hold(now, self.in_flight)
        } else {
            counting.iter_mut().filter_map(|(_, log)| log.hold(now)).max()
        };
        // All logs count the request or none.
        if let Some(hold) = hold {
            if let Hold::Until(moment) = hold {
                self.held_until = Some(moment);
            }
            return Err(hold);
        }
        self.in_flight += 1;
        let counted = counting.into_iter().map(|(place, log)| {
            log.sent();
            place
        });
        Ok((now, counted.collect()))
    }

    fn leave(&mut self, now: Instant, started: Instant, counted: &[usize]) {
        self.in_flight = self.in_flight.saturating_sub(1);
        for place in counted {
            if let Some(log) = self.logs.get_mut(*place) {
                log.answered(started, now);
            }
        }
    }
}

impl Permit<'_> {
    /// The target answered well.
    pub(crate) fn succeeded(&self) {
        let mut state = self.limiter.state();
        state.limit = (state.limit + 1.0 / state.limit).min(state.most);
    }

    /// The target said with a status that it is too much. Requests that were under way together count as one complaint.
    pub(crate) fn overloaded(&self, status: u16) {
        let mut state = self.limiter.state();
        state.status = Some(status);
        if state.last_cut.is_none_or(|cut| self.started > cut) {
            state.limit = (state.limit / 2.0).max(1.0);
            state.last_cut = Some(Instant::now());
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.limiter.state();
        state.leave(Instant::now(), self.started, &self.counted);
        drop(state);
        // One answer may make room for many.
        self.limiter.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests;

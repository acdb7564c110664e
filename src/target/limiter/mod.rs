//! How many requests may be in flight at one target, and when the next may start.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::pace::Throttle;
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
    /// Until when a rate holds the next request back.
    held_until: Option<Instant>,
    classes: Vec<(Rate, Bucket)>,
}

/// A token bucket that stays within the rate in every window: a tenth in a burst, nine tenths as a steady flow.
struct Bucket {
    tokens: f64,
    capacity: f64,
    per_second: f64,
    filled: Instant,
}

impl Bucket {
    fn new(rate: &Rate) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "rates are small numbers")]
        let (requests, seconds) = (rate.requests.max(1) as f64, rate.seconds.max(1) as f64);
        let capacity = (requests / 10.0).max(1.0);
        let per_second = (requests - capacity).max(requests / 2.0) / seconds;
        Self { tokens: capacity, capacity, per_second, filled: Instant::now() }
    }

    /// How long until there is a token; `None` where there is one.
    fn wait(&mut self, now: Instant) -> Option<Duration> {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + passed * self.per_second).min(self.capacity);
        self.filled = now;
        if self.tokens >= 1.0 {
            return None;
        }
        Some(Duration::from_secs_f64((1.0 - self.tokens) / self.per_second) + Duration::from_millis(1))
    }

    fn take(&mut self) {
        self.tokens -= 1.0;
    }
}

/// Leave to have one request in flight.
pub(crate) struct Permit<'a> {
    limiter: &'a Limiter,
    started: Instant,
}

/// What `State::enter` says.
enum Entry {
    Granted(Instant),
    After(Duration),
    Full,
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
            classes: rates.iter().map(|rate| (rate.clone(), Bucket::new(rate))).collect(),
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
            let entry = self.state().enter(Instant::now(), method, endpoint);
            match entry {
                Entry::Granted(started) => {
                    return Permit { limiter: self, started };
                }
                Entry::After(wait) => tokio::time::sleep(wait).await,
                Entry::Full => freed.await,
            }
        }
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
    fn enter(&mut self, now: Instant, method: &str, endpoint: &str) -> Entry {
        if let Some(until) = self.paused_until {
            if now < until {
                return Entry::After(until - now);
            }
            self.paused_until = None;
        }
        #[expect(clippy::cast_precision_loss, reason = "a number of requests in flight")]
        if self.in_flight as f64 + 1.0 > self.limit.max(1.0) {
            return Entry::Full;
        }
        let mut counting: Vec<&mut Bucket> = self
            .classes
            .iter_mut()
            .filter(|(rate, _)| rate.counts(method, endpoint))
            .map(|(_, bucket)| bucket)
            .collect();
        // A token is taken of all of them or of none.
        if let Some(wait) = counting.iter_mut().filter_map(|bucket| bucket.wait(now)).max() {
            self.held_until = Some(now + wait);
            return Entry::After(wait);
        }
        counting.into_iter().for_each(Bucket::take);
        self.in_flight += 1;
        Entry::Granted(now)
    }
}

impl Permit<'_> {
    /// The target answered well.
    pub(crate) fn succeeded(&self) {
        let mut state = self.limiter.state();
        state.limit = (state.limit + 1.0 / state.limit).min(state.most);
        drop(state);
        self.limiter.freed.notify_one();
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
        state.in_flight = state.in_flight.saturating_sub(1);
        drop(state);
        self.limiter.freed.notify_one();
    }
}

#[cfg(test)]
mod tests;

//! How many requests may be in flight at one target, and when the next may start.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

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
    bucket: Option<Bucket>,
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

    /// Takes a token, or says how long until there is one.
    fn take(&mut self, now: Instant) -> Option<Duration> {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + passed * self.per_second).min(self.capacity);
        self.filled = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return None;
        }
        Some(Duration::from_secs_f64((1.0 - self.tokens) / self.per_second) + Duration::from_millis(1))
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
    /// A limiter for a profile's concurrency (at least 1) and rate.
    pub(crate) fn new(concurrency: u64, rate: Option<&Rate>) -> Self {
        let most = f64::from(u32::try_from(concurrency.max(1)).unwrap_or(u32::MAX));
        let state = State {
            most,
            limit: most,
            in_flight: 0,
            paused_until: None,
            last_cut: None,
            bucket: rate.map(Bucket::new),
        };
        Self { state: Mutex::new(state), freed: Notify::new() }
    }

    /// Waits until a request may start.
    pub(crate) async fn acquire(&self) -> Permit<'_> {
        loop {
            // Registered before the look, so that no release between look and wait is missed.
            let mut freed = std::pin::pin!(self.freed.notified());
            freed.as_mut().enable();
            let entry = self.state().enter(Instant::now());
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

    /// Requests that may be in flight now.
    #[cfg(test)]
    pub(crate) fn limit(&self) -> f64 {
        self.state().limit
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn enter(&mut self, now: Instant) -> Entry {
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
        if let Some(wait) = self.bucket.as_mut().and_then(|bucket| bucket.take(now)) {
            return Entry::After(wait);
        }
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

    /// The target said that it is too much. Requests that were under way together count as one complaint.
    pub(crate) fn overloaded(&self) {
        let mut state = self.limiter.state();
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
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[tokio::test]
    async fn never_more_in_flight_than_allowed_and_all_get_through() {
        let limiter = Arc::new(Limiter::new(3, None));
        let (now, most, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..200 {
            let (limiter, now, most, done) = (limiter.clone(), now.clone(), most.clone(), done.clone());
            tasks.spawn(async move {
                let permit = limiter.acquire().await;
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                now.fetch_sub(1, Ordering::SeqCst);
                done.fetch_add(1, Ordering::SeqCst);
                drop(permit);
            });
        }
        tokio::time::timeout(Duration::from_secs(10), tasks.join_all()).await.expect("no worker is forgotten");
        assert_eq!(most.load(Ordering::SeqCst), 3);
        assert_eq!(done.load(Ordering::SeqCst), 200);
    }

    #[tokio::test]
    async fn halves_once_per_round_and_grows_slowly() {
        let limiter = Limiter::new(8, None);
        let (first, second) = (limiter.acquire().await, limiter.acquire().await);
        first.overloaded();
        second.overloaded();
        assert!((limiter.limit() - 4.0).abs() < 1e-9);
        for _ in 0..4 {
            first.succeeded();
        }
        assert!(limiter.limit() > 4.5 && limiter.limit() < 5.5);
        for _ in 0..100 {
            first.succeeded();
        }
        assert!((limiter.limit() - 8.0).abs() < 1e-9);
    }

    #[tokio::test]
    async fn t77_a_pause_holds_for_all() {
        let limiter = Limiter::new(4, None);
        limiter.pause(Duration::from_millis(60));
        let start = Instant::now();
        let (_a, _b) = tokio::join!(limiter.acquire(), limiter.acquire());
        assert!(start.elapsed() >= Duration::from_millis(60));
    }

    #[test]
    fn the_bucket_keeps_the_rate_in_every_window() {
        let rate = Rate { requests: 100, seconds: 10, ..Rate::default() };
        let mut bucket = Bucket::new(&rate);
        let start = bucket.filled;
        let mut taken = Vec::new();
        for ms in (0..60_000).step_by(5) {
            let now = start + Duration::from_millis(ms);
            if bucket.take(now).is_none() {
                taken.push(ms);
            }
        }
        let worst =
            taken.iter().map(|from| taken.iter().filter(|at| (*from..from + 10_000).contains(*at)).count()).max();
        assert!(worst <= Some(100), "{worst:?}");
        assert!(taken.len() > 500, "{}", taken.len());
    }
}

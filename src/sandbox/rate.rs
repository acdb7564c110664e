//! A vendor's rate limits, played.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::profile::Rate;

/// The limits of a profile. All that fit a request hold for it.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    limits: Mutex<Vec<Limit>>,
}

/// Lets through so many requests in a sliding window.
#[derive(Debug)]
struct Limit {
    rate: Rate,
    requests: usize,
    window: Duration,
    passed: VecDeque<Instant>,
}

impl Limiter {
    /// The limits of a profile.
    pub(super) fn new(rates: &[Rate]) -> Self {
        Self { limits: Mutex::new(rates.iter().map(Limit::new).collect()) }
    }

    /// `endpoint` is the first part of the path. `None` lets the request through; else how long to wait. A refused request does not count.
    pub(super) fn refuse(&self, method: &str, endpoint: &str, now: Instant) -> Option<Duration> {
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = limits
            .iter_mut()
            .filter(|limit| limit.rate.counts(method, endpoint))
            .filter_map(|limit| limit.wait(now))
            .max();
        if wait.is_none() {
            for limit in limits.iter_mut().filter(|limit| limit.rate.counts(method, endpoint)) {
                limit.passed.push_back(now);
            }
        }
        wait
    }
}

impl Limit {
    fn new(rate: &Rate) -> Self {
        Self {
            rate: rate.clone(),
            requests: usize::try_from(rate.requests).unwrap_or(usize::MAX),
            window: Duration::from_secs(rate.seconds),
            passed: VecDeque::new(),
        }
    }

    fn wait(&mut self, now: Instant) -> Option<Duration> {
        while self.passed.front().is_some_and(|at| now.duration_since(*at) >= self.window) {
            self.passed.pop_front();
        }
        if self.passed.len() < self.requests {
            return None;
        }
        let oldest = self.passed.front().copied().unwrap_or(now);
        Some(self.window.saturating_sub(now.duration_since(oldest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(methods: &[&str], resource: Option<&str>, requests: u64) -> Rate {
        let methods = methods.iter().map(ToString::to_string).collect();
        Rate { methods, resource: resource.map(str::to_owned), requests, seconds: 10 }
    }

    #[test]
    fn the_window_slides() {
        let limiter = Limiter::new(&[rate(&[], None, 2)]);
        let start = Instant::now();
        let at = |seconds| limiter.refuse("GET", "Users", start + Duration::from_secs(seconds));
        assert_eq!(at(0), None);
        assert_eq!(at(4), None);
        assert_eq!(at(5), Some(Duration::from_secs(5)));
        assert_eq!(at(10), None);
        assert_eq!(at(11), Some(Duration::from_secs(3)));
    }

    #[test]
    fn every_class_counts_for_itself() {
        let limiter =
            Limiter::new(&[rate(&["GET"], Some("Groups"), 1), rate(&["POST", "PUT"], None, 1), rate(&[], None, 4)]);
        let now = Instant::now();
        let refused = |method, endpoint| limiter.refuse(method, endpoint, now).is_some();
        assert!(!refused("GET", "Groups"));
        assert!(refused("GET", "Groups"));
        assert!(!refused("GET", "Users"));
        assert!(!refused("POST", "Users"));
        assert!(refused("PUT", "Groups"));
        assert!(!refused("DELETE", "Users"), "the refused ones did not count");
        assert!(refused("DELETE", "Users"));
    }
}

//! A vendor's rate limit, played.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::profile::Rate;

/// Lets through so many requests in a sliding window.
#[derive(Debug)]
pub(super) struct Limit {
    requests: usize,
    window: Duration,
    passed: Mutex<VecDeque<Instant>>,
}

impl Limit {
    /// The limit of a profile.
    pub(super) fn new(rate: &Rate) -> Self {
        Self {
            requests: usize::try_from(rate.requests).unwrap_or(usize::MAX),
            window: Duration::from_secs(rate.seconds),
            passed: Mutex::default(),
        }
    }

    /// `None` lets the request through; else how long to wait.
    pub(super) fn refuse(&self, now: Instant) -> Option<Duration> {
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        while passed.front().is_some_and(|at| now.duration_since(*at) >= self.window) {
            passed.pop_front();
        }
        if passed.len() < self.requests {
            passed.push_back(now);
            return None;
        }
        let oldest = passed.front().copied().unwrap_or(now);
        Some(self.window.saturating_sub(now.duration_since(oldest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_slides() {
        let limit = Limit::new(&Rate { requests: 2, seconds: 10, ..Rate::default() });
        let start = Instant::now();
        assert_eq!(limit.refuse(start), None);
        assert_eq!(limit.refuse(start + Duration::from_secs(4)), None);
        assert_eq!(limit.refuse(start + Duration::from_secs(5)), Some(Duration::from_secs(5)));
        assert_eq!(limit.refuse(start + Duration::from_secs(10)), None);
        assert_eq!(limit.refuse(start + Duration::from_secs(11)), Some(Duration::from_secs(3)));
    }
}

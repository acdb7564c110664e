//! The log of requests, for tests and for people who look over the sandbox's shoulder.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many requests the log remembers; older ones are only counted.
const REMEMBERED: usize = 100_000;

/// One request as the sandbox saw it. Headers are not kept, for they hold the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Number of the request, from 1.
    pub number: u64,
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query below the base URL, as sent: `/Users?count=100`.
    pub path: String,
    /// Status answered; `None` if the connection was cut before an answer.
    pub status: Option<u16>,
    /// The fault that was played, as it is written.
    pub fault: Option<String>,
    /// The request's body, if the log keeps bodies and there was one.
    pub body: Option<String>,
}

/// All requests so far.
#[derive(Debug, Default)]
pub(super) struct RequestLog {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    count: u64,
    entries: VecDeque<Logged>,
}

impl RequestLog {
    /// Adds one, with the next number.
    pub(super) fn push(&self, mut entry: Logged) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.count += 1;
        entry.number = inner.count;
        if inner.entries.len() == REMEMBERED {
            inner.entries.pop_front();
        }
        inner.entries.push_back(entry);
    }

    /// What is remembered, oldest first.
    pub(super) fn entries(&self) -> Vec<Logged> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).entries.iter().cloned().collect()
    }

    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).count
    }

    /// Forgets them and counts from 0 again.
    pub(super) fn clear(&self) {
        *self.inner.lock().unwrap_or_else(PoisonError::into_inner) = Inner::default();
    }
}

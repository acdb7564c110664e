//! The client of the read side. All it can do is GET: what holds only this can't write.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use reqwest::Method;

use super::advice::sentence;
use super::error::{ErrorKind, TargetError};
use super::exchange::{Answer, Call, Exchange};
use super::pace::Pace;
use crate::profile::Obstacle;
use crate::scim::ResourceKind;

/// Sends GET requests and nothing else.
#[derive(Clone)]
pub(crate) struct Getter {
    exchange: Arc<Exchange>,
}

impl Getter {
    pub(crate) fn new(exchange: Arc<Exchange>) -> Self {
        Self { exchange }
    }

    /// Gets an endpoint or one resource below it.
    pub(crate) async fn get(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Answer, TargetError> {
        self.send(segments, query, true).await
    }

    /// The same without retries, for what is only nice to know.
    pub(crate) async fn glance(&self, segments: &[&str]) -> Result<Answer, TargetError> {
        self.send(segments, &[], false).await
    }

    async fn send(&self, segments: &[&str], query: &[(&str, &str)], patient: bool) -> Result<Answer, TargetError> {
        let url = self.exchange.base.join(segments, query)?;
        let endpoint = segments.first().copied().unwrap_or_default().to_owned();
        let call =
            Call { method: Method::GET, endpoint, url, body: None, if_match: None, passwords: Vec::new(), patient };
        self.exchange.send(&call).await
    }

    /// The URL of an endpoint or of one resource below it.
    pub(crate) fn location(&self, segments: &[&str]) -> String {
        self.exchange.base.join(segments, &[]).map(String::from).unwrap_or_default()
    }

    /// An error about an answer that came and is no good.
    pub(crate) fn unreadable(&self, segments: &[&str], status: u16, why: &str) -> TargetError {
        self.complaint(ErrorKind::Body, segments, why).with_status(status)
    }

    /// An error about an answer of SCIM 1.1.
    pub(crate) fn outdated(&self, segments: &[&str]) -> TargetError {
        self.complaint(ErrorKind::Version, segments, super::version::OUTDATED)
    }

    /// An error about a filter that had no effect.
    pub(crate) fn refused(&self, kind: ResourceKind, why: &str) -> TargetError {
        let way_out = self.way_out(&Obstacle::IgnoredFilter(kind));
        self.complaint(ErrorKind::Filter, &[kind.endpoint()], why).with_hint(format!("{}.", sentence(&way_out)))
    }

    /// The settings that lift an obstacle at this target, as the end of a message.
    pub(crate) fn way_out(&self, obstacle: &Obstacle<'_>) -> String {
        self.exchange.way_out(obstacle)
    }

    fn complaint(&self, kind: ErrorKind, segments: &[&str], why: &str) -> TargetError {
        let shown = self.exchange.base.join(segments, &[]).map(|url| super::base::shown(&url)).unwrap_or_default();
        TargetError::new(kind, self.exchange.redactor.tame(why, &[])).at("GET", shown).after(1)
    }

    /// Notes a page of a list.
    pub(crate) fn page(&self, kind: ResourceKind, first: bool, received: u64, total: Option<u64>) {
        self.exchange.tally.page(kind, first, received, total);
    }

    /// How work at the target goes on, writes included.
    pub(crate) fn pace(&self) -> Pace {
        let (received, expected) = self.exchange.tally.counts();
        let writes = self.exchange.writes.load(Ordering::Relaxed);
        Pace { requests: self.requests() + writes, received, expected, throttle: self.exchange.limiter.throttle() }
    }

    /// Requests sent so far, retries included.
    pub(crate) fn requests(&self) -> u64 {
        self.exchange.reads.load(Ordering::Relaxed)
    }
}

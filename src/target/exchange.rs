//! One request and its answer: credentials, redirects, retries, limits on time and size.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, IF_MATCH, LOCATION};
use reqwest::{Client, Method, Response};
use secrecy::SecretString;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::advice::Asked;
use super::auth::Authenticator;
use super::base::{self, BaseUrl};
use super::error::{ErrorKind, TargetError};
use super::failure;
use super::limiter::Limiter;
use super::pace::Tally;
use super::problem;
use super::quota;
use super::redact::Redactor;
use super::retry::{self, Failed};
use super::settings::Times;
use crate::profile::{Obstacle, Profile};
use crate::scim::ResourceKind;

/// Redirects followed within one request.
const HOPS: usize = 3;

/// As much of an error's body as is read.
const ERROR_BYTES: u64 = 64 * 1024;

/// The way to one target, shared by its reader and its writer.
pub(crate) struct Exchange {
    pub(crate) client: Client,
    pub(crate) base: BaseUrl,
    pub(crate) auth: Authenticator,
    pub(crate) limiter: Limiter,
    pub(crate) tally: Tally,
    pub(crate) redactor: Redactor,
    pub(crate) times: Times,
    pub(crate) content_type: HeaderValue,
    /// The target's name, for what is advised.
    pub(crate) name: String,
    pub(crate) profile: Arc<Profile>,
    pub(crate) reads: AtomicU64,
    pub(crate) writes: AtomicU64,
}

/// A request to be sent.
pub(crate) struct Call {
    pub(crate) method: Method,
    /// `Users`, `Groups` or an endpoint of discovery, for rates.
    pub(crate) endpoint: String,
    pub(crate) url: Url,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) if_match: Option<String>,
    /// Passwords in the body, which no error may show.
    pub(crate) passwords: Vec<SecretString>,
    /// Whether failures are retried.
    pub(crate) patient: bool,
}

/// An answer with a status of 2xx.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A header as text.
    pub(crate) fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// How one attempt failed, and what that means for the next.
struct Failure {
    error: TargetError,
    failed: Failed,
    retry_after: Option<Duration>,
    credentials: Option<HeaderValue>,
}

type Credentials = Option<(HeaderName, HeaderValue)>;

impl Exchange {
    /// Sends a request until it succeeds, fails for good, or its time is over.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer, TargetError> {
        let mut deadline = None;
        let mut attempt = 0;
        let mut renewed = false;
        loop {
            let permit = self.limiter.acquire(call.method.as_str(), &call.endpoint).await;
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + self.times.request);
            attempt += 1;
            let sent = Instant::now();
            let failure = match self.attempt(call, deadline).await {
                Ok(answer) => {
                    permit.succeeded();
                    // The query may hold people's names; the path is enough to follow what goes on.
                    let number = request_id(&answer.headers).map(|id| self.redactor.tame(&id, &call.passwords));
                    let number = number.map_or_else(String::new, |id| format!(", request id {id}"));
                    let path = call.url.path();
                    tracing::debug!("{} {path} {} in {:?}{number}", call.method, answer.status, sent.elapsed());
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            let overloaded = matches!(failure.failed, Failed::Limited | Failed::Status(503, _));
            if let Some(status) = failure.error.status().filter(|_| overloaded) {
                permit.overloaded(status);
            }
            drop(permit);
            if failure.error.status() == Some(401) && !renewed && self.auth.renew(failure.credentials.as_ref()).await {
                renewed = true;
                continue;
            }
            let wait = retry::wait(failure.retry_after, attempt, &self.times);
            let shared = overloaded && failure.retry_after.is_some();
            if shared {
                self.limiter.pause(wait);
            }
            let most = if call.patient { retry::attempts(&call.method, failure.failed) } else { 1 };
            if attempt >= most || Instant::now() + wait >= deadline {
                let unknown = retry::outcome_unknown(&call.method, failure.failed);
                return Err(self.advised(call, failure.error.after(attempt).unknown(unknown)));
            }
            tracing::debug!(error = %failure.error, ?wait, attempt, "trying again");
            if !shared {
                tokio::time::sleep(wait).await;
            }
        }
    }

    /// The settings that lift an obstacle at this target, as the end of a message.
    pub(crate) fn way_out(&self, obstacle: &Obstacle<'_>) -> String {
        obstacle.way_out(&self.profile, Some(&self.name))
    }

    fn advised(&self, call: &Call, error: TargetError) -> TargetError {
        let parameters: Vec<_> = call.url.query_pairs().map(|(name, _)| name).collect();
        let parameters: Vec<&str> = parameters.iter().map(AsRef::as_ref).collect();
        let kinds = ResourceKind::ALL;
        error.advised(&Asked {
            profile: &self.profile,
            target: &self.name,
            method: call.method.as_str(),
            kind: kinds.into_iter().find(|kind| kind.endpoint() == call.endpoint),
            endpoint: self.base.is_endpoint(&call.url),
            parameters: &parameters,
        })
    }

    async fn attempt(&self, call: &Call, deadline: Instant) -> Result<Answer, Failure> {
        let credentials = self.auth.header(&self.client, &self.redactor, &self.times).await;
        let credentials = credentials.map_err(|error| Failure::of(error, None))?;
        let until = deadline.min(Instant::now() + self.times.answer);
        let mut url = call.url.clone();
        for _ in 0..=HOPS {
            let response = self.hop(call, &url, &credentials, until).await?;
            if !matches!(response.status().as_u16(), 301..=303 | 307 | 308) {
                return self.finish(call, &url, response, until, &credentials).await;
            }
            url = self.redirected(call, &url, &response)?;
        }
        Err(self.failed(call, &url, ErrorKind::Redirect, "redirects go on without end"))
    }

    async fn hop(
        &self,
        call: &Call,
        url: &Url,
        credentials: &Credentials,
        until: Instant,
    ) -> Result<Response, Failure> {
        let counter = if call.method == Method::GET { &self.reads } else { &self.writes };
        counter.fetch_add(1, Ordering::Relaxed);
        let mut request = self.client.request(call.method.clone(), url.clone());
        if let Some((name, value)) = credentials {
            request = request.header(name, value);
        }
        if let Some(etag) = &call.if_match {
            request = request.header(IF_MATCH, etag);
        }
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, self.content_type.clone()).body(body.clone());
        }
        match timeout_at(until, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(self.failed(call, url, failure::kind(&error), &failure::words(&error))),
            Err(_) => Err(self.failed(call, url, ErrorKind::Timeout, "no answer in time")),
        }
    }

    /// Where a redirect leads, if we follow it: same method, same body, same origin (RFC 7644 section 3.12).
    fn redirected(&self, call: &Call, url: &Url, response: &Response) -> Result<Url, Failure> {
        let status = response.status().as_u16();
        let refuse = |why: &str| {
            let error = self.error(call, url, ErrorKind::Redirect, why).with_status(status);
            Failure::of(error, None)
        };
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let Some(next) = location.and_then(|location| url.join(location).ok()) else {
            return Err(refuse("the redirect names no readable place"));
        };
        if next.origin() != url.origin() || !next.username().is_empty() || next.password().is_some() {
            return Err(refuse(&format!("it redirects to {}, which is not followed", base::shown(&next))));
        }
        if !matches!(status, 307 | 308) {
            return Err(refuse(&format!(
                "it redirects to {} in a way that may change the request",
                base::shown(&next)
            )));
        }
        Ok(next)
    }

    async fn finish(
        &self,
        call: &Call,
        url: &Url,
        response: Response,
        until: Instant,
        credentials: &Credentials,
    ) -> Result<Answer, Failure> {
        let status = response.status();
        let headers = response.headers().clone();
        self.limiter.told(&quota::quotas(&headers, SystemTime::now()), self.times.retry_after);
        let limit = if status.is_success() { self.times.answer_bytes } else { ERROR_BYTES };
        let (body, broken) = read(response, until, limit).await;
        let html = problem::is_web_page(&headers, &body);
        if !status.is_success() {
            let credentials = credentials.as_ref().map(|(_, value)| value.clone());
            return Err(Failure { credentials, ..self.refused(call, url, status.as_u16(), &headers, &body) });
        }
        let kind = match broken {
            None if html => ErrorKind::Html,
            None => {
                return Ok(Answer { status: status.as_u16(), headers, body });
            }
            Some(kind) => kind,
        };
        let why = match kind {
            ErrorKind::Html => format!("the answer is a web page: {}", problem::read(&body, true).detail),
            ErrorKind::TooLarge => format!("the answer is larger than {limit} bytes"),
            ErrorKind::Trickle => "the answer came too slowly to wait for".to_owned(),
            ErrorKind::Body => "the answer can't be decompressed".to_owned(),
            _ => "the connection broke in the middle of the answer".to_owned(),
        };
        let error = self.error(call, url, kind, &why).with_status(status.as_u16());
        Err(Failure { failed: Failed::Kind(kind), ..Failure::of(error, None) })
    }

    /// What an error status says.
    fn refused(&self, call: &Call, url: &Url, status: u16, headers: &HeaderMap, body: &[u8]) -> Failure {
        let html = problem::is_web_page(headers, body);
        let retry_after = retry::retry_after(headers, SystemTime::now(), &self.times);
        let (kind, failed) = match status {
            _ if retry::is_limit(status, headers) => (ErrorKind::Limited, Failed::Limited),
            400..500 if html => (ErrorKind::Html, Failed::Status(status, retry_after.is_some())),
            _ => (ErrorKind::Status, Failed::Status(status, retry_after.is_some())),
        };
        let said = problem::read(body, html);
        let scim_type = said.scim_type.map(|text| self.redactor.tame(&text, &call.passwords));
        let detail = match request_id(headers) {
            Some(id) if said.detail.is_empty() => format!("request id {id}"),
            Some(id) => format!("{} (request id {id})", said.detail),
            None => said.detail,
        };
        let error = self.error(call, url, kind, &detail).with_status(status).with_scim_type(scim_type);
        Failure { failed, ..Failure::of(error, retry_after) }
    }

    fn failed(&self, call: &Call, url: &Url, kind: ErrorKind, why: &str) -> Failure {
        Failure::of(self.error(call, url, kind, why), None)
    }

    fn error(&self, call: &Call, url: &Url, kind: ErrorKind, why: &str) -> TargetError {
        let detail = self.redactor.tame(why, &call.passwords);
        TargetError::new(kind, detail).at(call.method.as_str(), base::shown(url))
    }
}

/// The server's own number of a request, for looking it up in the vendor's log.
pub(super) fn request_id(headers: &HeaderMap) -> Option<String> {
    const NAMES: [&str; 6] =
        ["x-request-id", "request-id", "x-amzn-requestid", "x-correlation-id", "x-ms-request-id", "x-trace-id"];
    let found = NAMES.iter().find_map(|name| headers.get(*name))?;
    // Only what a number is made of, so that nothing a server adds of its own reaches a log.
    let plain = |c: &char| c.is_ascii_alphanumeric() || "-_.:|=+/".contains(*c);
    let shown: String = found.to_str().ok()?.chars().filter(plain).take(64).collect();
    (!shown.is_empty()).then_some(shown)
}

impl Failure {
    fn of(error: TargetError, retry_after: Option<Duration>) -> Self {
        let failed = Failed::Kind(error.kind());
        Self { error, failed, retry_after, credentials: None }
    }
}

/// Reads a body as it comes; says as well how it broke off.
async fn read(mut response: Response, until: Instant, limit: u64) -> (Vec<u8>, Option<ErrorKind>) {
    let announced = response.content_length().unwrap_or_default().min(limit).min(1 << 24);
    let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or_default());
    loop {
        match timeout_at(until, response.chunk()).await {
            Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            Ok(Ok(None)) => return (body, None),
            Ok(Err(error)) if error.is_timeout() => return (body, Some(ErrorKind::Trickle)),
            Ok(Err(error)) if is_garbled(&error) => return (body, Some(ErrorKind::Body)),
            Ok(Err(_)) => return (body, Some(ErrorKind::Cut)),
            Err(_) => return (body, Some(ErrorKind::Trickle)),
        }
        if body.len() as u64 > limit {
            return (body, Some(ErrorKind::TooLarge));
        }
    }
}

/// Whether the bytes came and are no valid compressed data; a stream that ends early was cut.
fn is_garbled(error: &reqwest::Error) -> bool {
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            return matches!(io.kind(), std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput);
        }
        next = cause.source();
    }
    false
}

//! Which failures are tried again, and after how long.

use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, SystemTime};

use reqwest::Method;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::error::ErrorKind;
use super::quota;
use super::settings::Times;

/// How one attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// Without a usable answer.
    Kind(ErrorKind),
    /// With an error status; the flag says whether it came with the time to wait.
    Status(u16, bool),
    /// With a limit of the rate.
    Limited,
}

/// How often a request may be sent in all after such a failure; 1 is no retry.
///
/// A write is sent again only where the server can't have carried it out: no connection was made, or it said
/// "not now" (a limit of the rate, and 503 unless it is a POST without `Retry-After`, which a gateway may have passed on).
pub(crate) fn attempts(method: &Method, failed: Failed) -> u32 {
    let read = method == Method::GET;
    match failed {
        Failed::Kind(ErrorKind::Refused | ErrorKind::Connect) => 4,
        Failed::Kind(ErrorKind::Dns) => 2,
        Failed::Kind(ErrorKind::Timeout) if read => 2,
        Failed::Kind(ErrorKind::Cut) if read => 4,
        Failed::Limited => 8,
        Failed::Status(503, said) if method != Method::POST || said => 8,
        Failed::Status(502 | 504, _) if read => 5,
        Failed::Status(408 | 500, _) if read => 3,
        Failed::Kind(_) | Failed::Status(..) => 1,
    }
}

/// Whether a write that failed so for good may have happened all the same.
pub(crate) fn outcome_unknown(method: &Method, failed: Failed) -> bool {
    if method == Method::GET {
        return false;
    }
    match failed {
        Failed::Kind(kind) => matches!(
            kind,
            ErrorKind::Timeout
                | ErrorKind::Trickle
                | ErrorKind::Cut
                | ErrorKind::Html
                | ErrorKind::TooLarge
                | ErrorKind::Body
        ),
        Failed::Limited => false,
        Failed::Status(503, said) => method == Method::POST && !said,
        Failed::Status(status, _) => status >= 500 && status != 501 || status == 408,
    }
}

/// Whether an error status says "not now" rather than "never": 429, and the 403 with which some limit the rate (GitHub's
/// secondary limit), known by a `Retry-After` or by a remaining number of requests of 0.
pub(crate) fn is_limit(status: u16, headers: &HeaderMap) -> bool {
    status == 429 || (status == 403 && (headers.contains_key(RETRY_AFTER) || used_up(headers)))
}

/// The wait that an answer asks for, at most the longest allowed; `None` where it is missing or unreadable: `Retry-After`
/// (RFC 9110 section 10.2.3), else the moment at which a used-up limit is reset.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime, times: &Times) -> Option<Duration> {
    let said = quota::text(headers, RETRY_AFTER.as_str());
    let said = said.and_then(|text| quota::span(text, quota::clock(headers, now)));
    // With requests left, it is another limit that was met.
    let met = quota::quotas(headers, now).into_iter().filter(|quota| quota.left.is_none_or(|left| left == 0));
    let reset = met.filter_map(|quota| quota.reset).max();
    Some(said.or(reset)?.min(times.retry_after))
}

fn used_up(headers: &HeaderMap) -> bool {
    quota::quotas(headers, SystemTime::now()).iter().any(|quota| quota.left == Some(0))
}

/// The wait before a retry: what the server asked for, at least the doubling backoff of ours, a little spread.
pub(crate) fn wait(asked: Option<Duration>, attempt: u32, times: &Times) -> Duration {
    let step = times.backoff.saturating_mul(1 << attempt.saturating_sub(1).min(4));
    let base = asked.map_or(step, |asked| asked.max(times.backoff));
    base + jitter(times.backoff)
}

/// A random part of a span, so that workers do not come back all at once.
fn jitter(span: Duration) -> Duration {
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    span.mul_f64(f64::from(u16::try_from(random % 1000).unwrap_or_default()) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(values: &[(&'static str, &str)]) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        for (name, value) in values {
            headers.insert(*name, value.parse().unwrap());
        }
        let now = httpdate::parse_http_date("Sun, 22 Nov 2026 12:00:00 GMT").unwrap();
        retry_after(&headers, now, &Times::default())
    }

    #[test]
    fn t77_retry_after_in_all_forms() {
        let seconds = |n| Some(Duration::from_secs(n));
        assert_eq!(asked(&[("retry-after", "7")]), seconds(7));
        assert_eq!(asked(&[("retry-after", "0")]), seconds(0));
        assert_eq!(asked(&[("retry-after", "-5")]), seconds(0));
        assert_eq!(asked(&[("retry-after", "99999999999999999999999")]), seconds(60));
        assert_eq!(asked(&[("retry-after", "1.5")]), Some(Duration::from_millis(1500)));
        assert_eq!(asked(&[("retry-after", "soon")]), None);
        assert_eq!(asked(&[("retry-after", "nan")]), None);
        assert_eq!(asked(&[]), None);
        assert_eq!(asked(&[("retry-after", "Sun, 22 Nov 2026 12:00:09 GMT")]), seconds(9));
        assert_eq!(asked(&[("retry-after", "Sun, 22 Nov 2026 11:00:00 GMT")]), seconds(0));
        assert_eq!(asked(&[("retry-after", "Mon, 23 Nov 2026 12:00:00 GMT")]), seconds(60));
        let skewed = [("retry-after", "Sun, 22 Nov 2020 12:00:05 GMT"), ("date", "Sun, 22 Nov 2020 12:00:00 GMT")];
        assert_eq!(asked(&skewed), seconds(5));
    }

    #[test]
    fn the_reset_of_a_used_up_limit_is_a_wait() {
        let seconds = |n| Some(Duration::from_secs(n));
        assert_eq!(asked(&[("x-ratelimit-reset", "9")]), seconds(9));
        assert_eq!(asked(&[("x-ratelimit-reset", "3000")]), seconds(60), "at most the longest allowed");
        assert_eq!(
            asked(&[("x-ratelimit-reset", "9"), ("retry-after", "3")]),
            seconds(3),
            "`Retry-After` counts first"
        );
        assert_eq!(asked(&[("x-ratelimit-reset", "soon")]), None);
        assert_eq!(asked(&[("ratelimit-reset", "9"), ("ratelimit-remaining", "0")]), seconds(9));
        assert_eq!(asked(&[("ratelimit-reset", "9"), ("ratelimit-remaining", "7")]), None, "another limit was met");
        assert_eq!(asked(&[("ratelimit", r#""hour";r=0;t=9, "day";r=5;t=50"#)]), seconds(9));
    }

    #[test]
    fn a_refusal_is_a_limit_only_where_it_says_so() {
        let limits = |status, values: &[(&'static str, &str)]| {
            let pairs = values
                .iter()
                .map(|(name, value)| (reqwest::header::HeaderName::from_static(name), value.parse().unwrap()));
            is_limit(status, &pairs.collect())
        };
        assert!(limits(429, &[]));
        assert!(limits(403, &[("retry-after", "60")]));
        assert!(limits(403, &[("x-ratelimit-remaining", "0")]));
        assert!(!limits(403, &[]));
        assert!(!limits(403, &[("x-ratelimit-remaining", "12")]), "the credentials are not allowed to");
        assert!(!limits(401, &[("retry-after", "60")]));
    }

    #[test]
    fn writes_are_only_repeated_where_they_cannot_have_happened() {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            for kind in [ErrorKind::Timeout, ErrorKind::Cut, ErrorKind::Trickle] {
                assert_eq!(attempts(&method, Failed::Kind(kind)), 1);
                assert!(outcome_unknown(&method, Failed::Kind(kind)));
            }
            assert!(attempts(&method, Failed::Kind(ErrorKind::Refused)) > 1);
            assert!(!outcome_unknown(&method, Failed::Kind(ErrorKind::Refused)));
            assert!(attempts(&method, Failed::Limited) > 1);
            assert!(!outcome_unknown(&method, Failed::Limited));
            assert!(attempts(&method, Failed::Status(503, true)) > 1);
            assert_eq!(attempts(&method, Failed::Status(409, false)), 1);
            assert!(!outcome_unknown(&method, Failed::Status(409, false)));
        }
        assert_eq!(attempts(&Method::POST, Failed::Status(503, false)), 1);
        assert!(outcome_unknown(&Method::POST, Failed::Status(503, false)));
    }

    #[test]
    fn waits_grow_and_never_fall_short_of_what_was_asked() {
        let times = Times { backoff: Duration::from_millis(100), ..Times::default() };
        for attempt in 1..9 {
            let own = wait(None, attempt, &times);
            let least = Duration::from_millis(100 << (attempt - 1).min(4));
            assert!(own >= least && own < least + Duration::from_millis(100), "{attempt}: {own:?}");
            assert!(wait(Some(Duration::from_secs(3)), attempt, &times) >= Duration::from_secs(3));
            assert!(wait(Some(Duration::ZERO), attempt, &times) >= times.backoff);
        }
    }
}

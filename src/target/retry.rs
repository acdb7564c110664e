//! Which failures are tried again, and after how long.

use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, SystemTime};

use reqwest::Method;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::error::ErrorKind;
use super::settings::Times;

/// How one attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// Without a usable answer.
    Kind(ErrorKind),
    /// With an error status; the flag says whether `Retry-After` came with it.
    Status(u16, bool),
}

/// How often a request may be sent in all after such a failure; 1 is no retry.
///
/// A write is sent again only where the server can't have carried it out: no connection was made, or it said
/// "not now" (429, and 503 unless it is a POST without `Retry-After`, which a gateway may have passed on).
pub(crate) fn attempts(method: &Method, failed: Failed) -> u32 {
    let read = method == Method::GET;
    match failed {
        Failed::Kind(ErrorKind::Refused | ErrorKind::Connect) => 4,
        Failed::Kind(ErrorKind::Dns) => 2,
        Failed::Kind(ErrorKind::Timeout) if read => 2,
        Failed::Kind(ErrorKind::Cut) if read => 4,
        Failed::Status(429, _) => 8,
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
        Failed::Status(503, said) => method == Method::POST && !said,
        Failed::Status(status, _) => status >= 500 && status != 501 || status == 408,
    }
}

/// The wait that `Retry-After` asks for (RFC 9110 section 10.2.3: seconds or a date), at most the longest allowed;
/// `None` where it is missing or unreadable. A date is held against the server's own clock where it shows it.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime, times: &Times) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if let Ok(date) = httpdate::parse_http_date(text) {
        let shown = headers.get(DATE).and_then(|date| date.to_str().ok());
        let clock = shown.and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or(now);
        date.duration_since(clock).unwrap_or_default()
    } else {
        let seconds: f64 = text.parse().ok().filter(|seconds: &f64| !seconds.is_nan())?;
        Duration::try_from_secs_f64(seconds.clamp(0.0, 1e9)).unwrap_or_default()
    };
    Some(wait.min(times.retry_after))
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
    fn writes_are_only_repeated_where_they_cannot_have_happened() {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            for kind in [ErrorKind::Timeout, ErrorKind::Cut, ErrorKind::Trickle] {
                assert_eq!(attempts(&method, Failed::Kind(kind)), 1);
                assert!(outcome_unknown(&method, Failed::Kind(kind)));
            }
            assert!(attempts(&method, Failed::Kind(ErrorKind::Refused)) > 1);
            assert!(!outcome_unknown(&method, Failed::Kind(ErrorKind::Refused)));
            assert!(attempts(&method, Failed::Status(429, false)) > 1);
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

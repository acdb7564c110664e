//! Headers that tell how many requests are left, and when there are more: `X-RateLimit-*`, `X-Rate-Limit-*`, and the
//! `RateLimit` of draft-ietf-httpapi-ratelimit-headers in its three forms (three headers, a dictionary, a list).

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap};

/// Neither names nor forms are standardised (GitHub and Okta show a moment, the drafts show seconds).
const LIMIT: [&str; 3] = ["x-ratelimit-limit", "x-rate-limit-limit", "ratelimit-limit"];
const REMAINING: [&str; 3] = ["x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining"];
const RESET: [&str; 3] = ["x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset"];

/// A number beyond this is a moment and not a span: as seconds it would be more than thirty years.
const MOMENT: f64 = 1e9;
/// A moment beyond this is counted in milliseconds.
const MILLISECONDS: f64 = 1e11;

/// What one limit of a server allows now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Tells the limits of a server apart: its name, or where it has none the number of requests that it allows.
    pub(crate) name: String,
    /// Requests left.
    pub(crate) left: Option<u64>,
    /// How long until there are more.
    pub(crate) reset: Option<Duration>,
}

/// All limits that an answer tells of. `now` is our clock, for answers that do not show the server's.
pub(crate) fn quotas(headers: &HeaderMap, now: SystemTime) -> Vec<Quota> {
    let clock = clock(headers, now);
    let first = |names: &[&str]| names.iter().find_map(|name| text(headers, name));
    let plain = Quota {
        name: first(&LIMIT).unwrap_or_default().to_owned(),
        left: first(&REMAINING).and_then(|left| left.parse().ok()),
        reset: RESET.iter().find_map(|name| span(text(headers, name)?, clock)),
    };
    let mut quotas = structured(headers);
    quotas.extend((plain.left.is_some() || plain.reset.is_some()).then_some(plain));
    quotas
}

/// The server's own clock where it shows it, else ours.
pub(crate) fn clock(headers: &HeaderMap, now: SystemTime) -> SystemTime {
    text(headers, DATE.as_str()).and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or(now)
}

/// A header as text.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// A span of seconds, or the time until a date or a moment since 1970. Moments are compared with the server's own clock
/// where it shows it.
pub(crate) fn span(text: &str, clock: SystemTime) -> Option<Duration> {
    if let Ok(date) = httpdate::parse_http_date(text) {
        return Some(date.duration_since(clock).unwrap_or_default());
    }
    let number: f64 = text.parse().ok().filter(|number: &f64| !number.is_nan())?;
    if number < MOMENT {
        return Some(Duration::try_from_secs_f64(number.max(0.0)).unwrap_or_default());
    }
    let seconds = if number < MILLISECONDS { number } else { number / 1000.0 };
    let since = clock.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX).saturating_sub(since))
}

/// The `RateLimit` header: `limit=100, remaining=50, reset=5` (to draft 07), or a list of limits with a name each,
/// `"day";r=50;t=30` (from draft 08). Without `t` the window in `RateLimit-Policy`, `"day";q=100;w=60`, is the longest
/// that it can take.
fn structured(headers: &HeaderMap) -> Vec<Quota> {
    let said = members(headers, "ratelimit");
    let number = |member: &Member<'_>, key: &str| member.parameter(key)?.parse().ok();
    let whole = |key: &str| -> Option<u64> { said.iter().find_map(|member| number(member, key)) };
    if let Some(left) = whole("remaining") {
        let name = whole("limit").map(|limit| limit.to_string()).unwrap_or_default();
        return vec![Quota { name, left: Some(left), reset: whole("reset").map(Duration::from_secs) }];
    }
    let policies = members(headers, "ratelimit-policy");
    let window = |name: &str| policies.iter().find(|policy| policy.name() == name).and_then(|one| number(one, "w"));
    said.iter()
        .map(|member| Quota {
            name: member.name().to_owned(),
            left: number(member, "r"),
            reset: number(member, "t").or_else(|| window(member.name())).map(Duration::from_secs),
        })
        .collect()
}

/// One member of a list or dictionary of structured fields (RFC 9651) with its parameters.
struct Member<'a>(Vec<&'a str>);

impl<'a> Member<'a> {
    fn name(&self) -> &'a str {
        self.0.first().copied().unwrap_or_default()
    }

    fn parameter(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find_map(|part| part.split_once('=').filter(|(name, _)| *name == key)).map(|(_, value)| value)
    }
}

fn members<'a>(headers: &'a HeaderMap, name: &str) -> Vec<Member<'a>> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| split(line, ',')).map(|member| Member(split(member, ';'))).collect()
}

/// The parts of a field around a mark that stands outside quotes.
fn split(text: &str, mark: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text.split(move |letter: char| {
        let plain = !escaped;
        escaped = letter == '\\' && plain && quoted;
        quoted ^= letter == '"' && plain;
        letter == mark && !quoted
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 22 November 2026, 12:00:00 GMT.
    const NOON: u64 = 1_795_348_800;

    fn told(values: &[(&'static str, &str)]) -> Vec<(String, Option<u64>, Option<u64>)> {
        let mut headers = HeaderMap::new();
        for (name, value) in values {
            headers.append(*name, value.parse().unwrap());
        }
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOON);
        quotas(&headers, now)
            .into_iter()
            .map(|one| (one.name, one.left, one.reset.map(|reset| reset.as_secs())))
            .collect()
    }

    #[test]
    fn every_form_of_a_limit_is_read() {
        let limit = |name: &str, left, reset| (name.to_owned(), Some(left), Some(reset));
        let moment = (NOON + 9).to_string();
        for form in ["x-ratelimit", "x-rate-limit", "ratelimit"] {
            let [all, left, reset] = ["limit", "remaining", "reset"].map(|part| &*format!("{form}-{part}").leak());
            assert_eq!(told(&[(all, "100"), (left, "7"), (reset, "9")]), [limit("100", 7, 9)], "{form}");
            assert_eq!(told(&[(left, "7"), (reset, &moment)]), [limit("", 7, 9)], "{form}");
        }
        assert_eq!(told(&[("ratelimit", "limit=100, remaining=50, reset=5")]), [limit("100", 50, 5)]);
        assert_eq!(
            told(&[
                ("ratelimit", r#""a,b";r=50;t=30, "day";r=9;pk=:cHJvag==:"#),
                ("ratelimit-policy", r#""day";q=10;w=600"#)
            ]),
            [limit(r#""a,b""#, 50, 30), limit(r#""day""#, 9, 600)]
        );
        assert_eq!(
            told(&[("ratelimit", "\"x;r=1"), ("x-ratelimit-remaining", "many")]),
            [("\"x;r=1".to_owned(), None, None)]
        );
        assert_eq!(told(&[]), []);
    }
}

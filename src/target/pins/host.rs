//! One entry of `SCIMFORM_ALLOWED_HOSTS`: which host it allows, and to which environment variable it is bound.

use std::fmt;

use url::{Host, Url};

use crate::directory::is_loopback;

/// A host that may be sent credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The environment variable whose value alone it is for.
    pub(super) variable: Option<String>,
    rule: Rule,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    /// This host.
    Exact(Host<String>),
    /// One name more in front of this one, as in certificates.
    Below(String),
}

impl Entry {
    /// Reads `HOST`, `HOST:PORT` or `*.HOST`, each with `VARIABLE=` in front where it is bound. The error says why not, as
    /// the end of a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let (variable, place) = match text.split_once('=') {
            Some((name, place)) => (Some(variable(name)?), place),
            None => (None, text),
        };
        if place.contains(['/', '\\', '@', '?', '#', '%']) {
            return Err("is more than a host: write the name alone, without `https://` and path");
        }
        let (name, port) = split(place)?;
        let rule = match name.strip_prefix("*.") {
            Some(rest) => Rule::Below(below(rest)?),
            None => Rule::Exact(read(name)?),
        };
        Ok(Self { variable, rule, port })
    }

    /// An exact host with its usual port.
    pub(super) fn exact(host: &str) -> Option<Self> {
        Some(Self { variable: None, rule: Rule::Exact(read(host).ok()?), port: None })
    }

    /// Whether it is bound to this variable. Some systems tell no upper case from lower.
    pub(super) fn is_bound_to(&self, variable: &str) -> bool {
        self.variable.as_ref().is_some_and(|own| own.to_lowercase() == variable.to_lowercase())
    }

    /// Whether it allows the host of this address. Without a port it allows the usual one; of this machine any.
    pub(super) fn covers(&self, url: &Url) -> bool {
        let Some(host) = url.host() else { return false };
        let port = url.port_or_known_default();
        let port = match self.port {
            Some(own) => port == Some(own),
            None => port == Some(443) || is_loopback(url),
        };
        port && match (&self.rule, plain(host.to_owned())) {
            (Rule::Exact(own), host) => *own == host,
            (Rule::Below(own), Host::Domain(name)) => {
                name.split_once('.').is_some_and(|(first, rest)| !first.is_empty() && rest == own)
            }
            (Rule::Below(_), _) => false,
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rule {
            Rule::Exact(host) => write!(f, "{host}")?,
            Rule::Below(name) => write!(f, "*.{name}")?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

fn variable(name: &str) -> Result<String, &'static str> {
    let sound = !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if sound { Ok(name.to_owned()) } else { Err("has no name of an environment variable before `=`") }
}

/// A host and its port; a colon within brackets is of an IPv6 address.
fn split(place: &str) -> Result<(&str, Option<u16>), &'static str> {
    let end = place.rfind(']').map_or(0, |end| end + 1);
    let (host, port) = place.split_at(end);
    let (host, port) = match port.split_once(':') {
        None => (place, None),
        Some((name, port)) if host.is_empty() || name.is_empty() => {
            (place.get(..end + name.len()).unwrap_or(place), Some(port))
        }
        Some(_) => return Err("has something between `]` and `:`"),
    };
    let Some(port) = port else { return Ok((host, None)) };
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse::<u16>() {
        Ok(number) if digits && number > 0 => Ok((host, Some(number))),
        _ => Err("has no port from 1 to 65535 after `:` (an IPv6 address stands in brackets)"),
    }
}

/// A host as addresses hold it: lower case, punycode, numbers of an IPv4 address in their usual form, no dot at the end.
fn read(name: &str) -> Result<Host<String>, &'static str> {
    if name.contains('*') {
        return Err("has a `*` that does not stand for one whole name in front, as in `*.example.com`");
    }
    let host = plain(Host::parse(name).map_err(|_| "is not the name of a host")?);
    if let Host::Domain(name) = &host
        && (name.split('.').any(str::is_empty)
            || name.contains(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.')))
    {
        return Err("is not the name of a host");
    }
    Ok(host)
}

fn below(name: &str) -> Result<String, &'static str> {
    match read(name)? {
        Host::Domain(name) if name.contains('.') => Ok(name),
        Host::Domain(_) => Err("allows all of a top-level domain: anyone can register a name there"),
        _ => Err("has a `*` before an IP address"),
    }
}

fn plain(host: Host<String>) -> Host<String> {
    match host {
        Host::Domain(name) => Host::Domain(name.strip_suffix('.').unwrap_or(&name).to_owned()),
        address => address,
    }
}

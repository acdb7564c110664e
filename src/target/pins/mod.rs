//! Where credentials may go. A repository names addresses, and a pull request may change them; so with pins a secret is
//! looked up only for a host that scimform's own profile of the vendor pins, or that the environment allows.

mod host;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use url::Url;

use super::base::{self, BaseUrl};
use super::error::{ErrorKind, TargetError};
use crate::directory::{Auth, Secret};
use crate::profile::Profile;
use host::Entry;

/// The hosts to which credentials may go.
#[derive(Clone, Debug)]
pub struct Pins {
    /// `None` where nothing is pinned.
    allowed: Option<Arc<[Entry]>>,
}

/// Proof that an address, and the token endpoint beside it, may be sent the credentials declared for it. Only [`Pins`]
/// makes one; no secret is looked up and no connection has a login without it.
#[derive(Clone, Debug)]
pub struct Permit {
    /// `None` for an embedded server.
    base: Option<BaseUrl>,
    token_url: Option<Url>,
    pins: Pins,
    pinned: Option<Entry>,
}

/// Why there is no permit.
#[derive(Debug)]
pub enum Denied {
    /// The address can't be used at all.
    Unusable(TargetError),
    /// It is neither pinned nor allowed.
    Elsewhere(Elsewhere),
}

/// An address to which the credentials may not go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The host, with its port where that is not the usual one.
    pub host: String,
    /// Whether it is that of the token endpoint, and not that of the base URL.
    pub token_url: bool,
    /// The environment variable that holds the secret.
    pub variable: Option<String>,
    /// The hosts that the variable is bound to.
    pub bound: Vec<String>,
    /// The host that the profile pins.
    pub pinned: Option<String>,
}

/// What is to be sent.
#[derive(Clone, Copy)]
enum Cargo<'a> {
    /// No secret; people's data all the same.
    Data,
    /// The value of an environment variable.
    Variable(&'a str),
    /// Any other secret.
    Secret,
}

impl Pins {
    /// No pins: credentials go wherever the files say.
    pub fn none() -> Self {
        Self { allowed: None }
    }

    /// Pins, with these hosts allowed beside those of the profiles: `HOST`, `HOST:PORT` or `*.HOST`, each bound to one
    /// environment variable by `VARIABLE=` in front, separated by commas or spaces.
    ///
    /// # Errors
    /// The first entry that is none, and why.
    pub fn allowing(text: &str) -> Result<Self, String> {
        let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
        let entries = words.map(|word| Entry::parse(word).map_err(|why| format!("`{word}` {why}")));
        Ok(Self { allowed: Some(entries.collect::<Result<_, _>>()?) })
    }

    /// Whether a target may be contacted at this address with these credentials. Where it has none, its host is judged all
    /// the same: it is sent people's data.
    ///
    /// # Errors
    /// [`Denied`], with nothing looked up and nobody contacted.
    pub fn permit(&self, url: &str, auth: Option<&Auth>, profile: &Profile) -> Result<Permit, Denied> {
        let base = BaseUrl::parse(url).map_err(Denied::Unusable)?;
        let pinned = profile.pinned_host().and_then(|host| Entry::exact(&host));
        let mut permit = Permit { base: None, token_url: None, pins: self.clone(), pinned };
        let cargo = auth.map_or(Cargo::Data, |auth| Cargo::of(auth.secret()));
        permit.judge(base.url(), cargo, false).map_err(Denied::Elsewhere)?;
        permit.base = Some(base);
        if let Some(Auth::OAuth2 { token_url, .. }) = auth {
            let unusable = |why: String| Denied::Unusable(TargetError::new(ErrorKind::Setup, why));
            let url = Url::parse(token_url).map_err(|error| unusable(format!("`tokenUrl` can't be read: {error}")))?;
            base::check(&url).map_err(|why| unusable(format!("`tokenUrl` {} {why}", base::shown(&url))))?;
            permit.judge(&url, cargo, true).map_err(Denied::Elsewhere)?;
            permit.token_url = Some(url);
        }
        Ok(permit)
    }
}

impl Permit {
    /// For first passwords that go to a server which this process runs itself. No login can be opened with it.
    pub fn embedded() -> Self {
        Self { base: None, token_url: None, pins: Pins::none(), pinned: None }
    }

    /// Whether a secret may go to the target's address.
    ///
    /// # Errors
    /// Of kind [`ErrorKind::Pinned`].
    pub fn admits(&self, secret: &Secret) -> Result<(), TargetError> {
        match &self.base {
            Some(base) => Ok(self.judge(base.url(), Cargo::of(secret), false)?),
            None => Ok(()),
        }
    }

    /// Whether a secret may go to the token endpoint as well, where there is one.
    pub(crate) fn admits_login(&self, secret: &Secret) -> Result<(), TargetError> {
        self.admits(secret)?;
        match &self.token_url {
            Some(url) => Ok(self.judge(url, Cargo::of(secret), true)?),
            None => Ok(()),
        }
    }

    /// Whether it was made for this address.
    pub(crate) fn is_for(&self, base: &BaseUrl) -> bool {
        self.base.as_ref().is_some_and(|own| own.url() == base.url())
    }

    /// The token endpoint.
    pub(crate) fn token_url(&self) -> Option<&Url> {
        self.token_url.as_ref()
    }

    fn judge(&self, url: &Url, cargo: Cargo<'_>, token_url: bool) -> Result<(), Elsewhere> {
        let Some(allowed) = self.pins.allowed.as_deref() else { return Ok(()) };
        let variable = if let Cargo::Variable(name) = cargo { Some(name) } else { None };
        let bound: Vec<&Entry> =
            allowed.iter().filter(|entry| variable.is_some_and(|name| entry.is_bound_to(name))).collect();
        let free = match cargo {
            // Whatever may be sent a secret may be sent data.
            Cargo::Data => allowed.iter().any(|entry| entry.covers(url)),
            _ => allowed.iter().any(|entry| entry.variable.is_none() && entry.covers(url)),
        };
        let good = match bound.as_slice() {
            [] => free || self.pinned.as_ref().is_some_and(|own| url.scheme() == "https" && own.covers(url)),
            bound => bound.iter().any(|entry| entry.covers(url)),
        };
        if good {
            return Ok(());
        }
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        Err(Elsewhere {
            host: format!("{}{port}", url.host_str().unwrap_or_default()),
            token_url,
            variable: variable.map(str::to_owned),
            bound: bound.iter().map(ToString::to_string).collect(),
            pinned: self.pinned.as_ref().map(ToString::to_string),
        })
    }
}

impl<'a> Cargo<'a> {
    fn of(secret: &'a Secret) -> Self {
        match secret {
            Secret::Env(name) => Self::Variable(name),
            Secret::File(_) | Secret::Command(_) => Self::Secret,
        }
    }
}

impl Elsewhere {
    /// What would allow it, for the environment and never for a file of the repository.
    pub fn way_out(&self) -> String {
        let bound = self.variable.as_ref().map_or_else(String::new, |name| format!("{name}="));
        format!("SCIMFORM_ALLOWED_HOSTS={bound}{}", self.host)
    }
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.token_url { "its `tokenUrl`" } else { "its `url`" };
        write!(f, "{what} is at {}", self.host)?;
        match (&self.variable, self.bound.as_slice(), &self.pinned) {
            (Some(name), bound @ [_, ..], _) => write!(f, ", and `{name}` is bound to {}", bound.join(", ")),
            (_, _, Some(host)) => write!(f, ", and its profile pins {host}"),
            _ => write!(f, ", which no profile pins"),
        }
    }
}

impl From<Elsewhere> for TargetError {
    fn from(elsewhere: Elsewhere) -> Self {
        let hint = format!("If that is right, set {} where scimform runs.", elsewhere.way_out());
        let why = format!("{elsewhere}: no secret may go there");
        Self::new(ErrorKind::Pinned, why).with_hint(hint)
    }
}

impl From<Denied> for TargetError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unusable(error) => error,
            Denied::Elsewhere(elsewhere) => elsewhere.into(),
        }
    }
}

//! What a connection needs to be opened.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::pins::Permit;
use crate::profile::Profile;

/// What a connection needs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The target's name, for messages.
    pub name: String,
    /// Base URL; a path and a query are kept.
    pub base_url: String,
    /// How requests are authenticated.
    pub auth: ResolvedAuth,
    /// Capabilities and quirks.
    pub profile: Arc<Profile>,
    /// Limits on time and size.
    pub times: Times,
    /// `User-Agent`.
    pub user_agent: String,
}

impl Settings {
    /// Settings with the usual limits and our own `User-Agent`.
    pub fn new(
        name: impl Into<String>,
        base_url: impl Into<String>,
        auth: ResolvedAuth,
        profile: Arc<Profile>,
    ) -> Self {
        Self {
            name: name.into(),
            base_url: base_url.into(),
            auth,
            profile,
            times: Times::default(),
            user_agent: concat!("scimform/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// Limits on time and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// To connect.
    pub connect: Duration,
    /// For one answer, from sending the request to its last byte.
    pub answer: Duration,
    /// For a request with all its retries.
    pub request: Duration,
    /// First wait before a retry; doubled each time up to sixteen times of it.
    pub backoff: Duration,
    /// Longest wait that a `Retry-After` can impose.
    pub retry_after: Duration,
    /// Largest answer in bytes, after decompression.
    pub answer_bytes: u64,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(60),
            request: Duration::from_secs(90),
            backoff: Duration::from_millis(500),
            retry_after: Duration::from_secs(60),
            answer_bytes: 256 * 1024 * 1024,
        }
    }
}

/// Credentials in hand. Its `Debug` shows no secret.
#[derive(Clone, Debug, Default)]
pub enum ResolvedAuth {
    /// None are sent.
    #[default]
    None,
    /// These are sent.
    Login(Login),
}

/// A credential together with the proof that it may be sent.
#[derive(Clone, Debug)]
pub struct Login {
    pub(crate) credential: Credential,
    pub(crate) permit: Box<Permit>,
}

impl Login {
    /// Binds a credential to the one address that the permit is for.
    pub fn new(credential: Credential, permit: Permit) -> Self {
        Self { credential, permit: Box::new(permit) }
    }
}

/// What is sent.
#[derive(Clone, Debug)]
pub enum Credential {
    /// `Authorization: Bearer …`.
    Bearer(SecretString),
    /// A header of the vendor's own.
    Header {
        /// Header name.
        name: String,
        /// Its value.
        value: SecretString,
    },
    /// `Authorization: Basic …`.
    Basic {
        /// User name.
        username: String,
        /// Password.
        password: SecretString,
    },
    /// OAuth 2.0 client credentials (RFC 6749 section 4.4). The permit knows the token endpoint.
    OAuth2 {
        /// Client id.
        client_id: String,
        /// Client secret.
        client_secret: SecretString,
        /// Scopes.
        scopes: Vec<String>,
    },
}

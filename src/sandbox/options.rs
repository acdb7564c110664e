//! How a sandbox is to behave.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;

use super::fault::Faults;
use super::seed::Seed;
use crate::profile::Profile;

/// Where resources are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Store {
    /// In memory, gone when the server stops.
    #[default]
    Memory,
    /// In a file that survives restarts and kills; made when missing.
    File(PathBuf),
}

/// Tells the time for `meta` and for cursors that expire.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How a sandbox is to behave. The default is an RFC-true server on a free local port that asks for no login.
#[derive(Clone)]
pub struct Options {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where resources are kept.
    pub store: Store,
    /// Resources that are there from the start, in the order of lists. Those whose id is there already are left out.
    pub seeds: Vec<Seed>,
    /// What a client must present; `None` lets everybody in.
    pub token: Option<SecretString>,
    /// Header that carries the token, without a scheme. `None`: the profile's form, else `Authorization: Bearer`.
    pub auth_header: Option<String>,
    /// Vendor whose limits and quirks to show; `None` is a server with no limits.
    pub profile: Option<Arc<Profile>>,
    /// Faults from the start; they can be changed while the server runs.
    pub faults: Faults,
    /// The time; the system's by default.
    pub clock: Clock,
    /// How long a cursor may be used (RFC 9865 `cursorTimeout`).
    pub cursor_timeout: Duration,
    /// Whether the request log keeps bodies. They hold personal data, so it is off by default.
    pub log_bodies: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            store: Store::Memory,
            seeds: Vec::new(),
            token: None,
            auth_header: None,
            profile: None,
            faults: Faults::default(),
            clock: Arc::new(Timestamp::now),
            cursor_timeout: Duration::from_secs(3600),
            log_bodies: false,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("listen", &self.listen)
            .field("store", &self.store)
            .field("token", &self.token.as_ref().map(|_| "[set]"))
            .field("auth_header", &self.auth_header)
            .field("profile", &self.profile.as_ref().map(|profile| &profile.name))
            .finish_non_exhaustive()
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The address can't be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The store's file can't be opened, is no store or is in use.
    #[error("cannot use the sandbox's store {path}: {reason}")]
    Store {
        /// The file.
        path: String,
        /// What the store says.
        reason: String,
    },
}

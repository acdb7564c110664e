//! Talks to SCIM targets over HTTP. The reader can only GET, by type; the writer is another type.
//! One connection per target holds credentials, limits on time, size and rate, and the retries.

mod base;
mod redact;
mod error;
mod advice;
pub mod pins;
mod settings;
mod failure;
mod problem;
mod quota;
mod retry;
mod pace;
mod limiter;
mod auth;
mod exchange;
mod getter;
mod version;
mod wanted;
mod decode;
mod discovery;
mod listing;
mod lookups;
mod memberships;
mod reader;
mod raw;
mod writer;
mod connection;
pub mod secret;

pub use connection::Connection;
pub use discovery::Announced;
pub use error::{ErrorKind, TargetError};
pub use lookups::Lookups;
pub use pace::{Pace, Throttle};
pub use pins::{Denied, Elsewhere, Permit, Pins};
pub use raw::RawPage;
pub use reader::{Glimpse, ReadRequest, Reader, Whole};
pub use secret::{Lookup, SecretSource, Sources, resolve};
pub use settings::{Credential, Login, ResolvedAuth, Settings, Times};
pub use wanted::Wanted;
pub use writer::{Writer, Written};

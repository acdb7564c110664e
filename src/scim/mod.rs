//! The SCIM 2.0 vocabulary: RFC 7643 (schema), RFC 7644 (protocol) and RFC 9865 (cursors), nothing of ours.

mod error;
pub mod filter;
pub mod fold;
mod kind;
mod loose;
pub(crate) mod name;
pub mod patch;
pub mod path;
pub mod percent;
pub mod schema;
pub mod urn;

#[cfg(test)]
pub(crate) mod strategies;
mod syntax;
mod value;

pub use error::{ScimError, ScimType};
pub use kind::{PerKind, ResourceKey, ResourceKind};
pub use syntax::SyntaxError;
pub use value::{Object, Value};

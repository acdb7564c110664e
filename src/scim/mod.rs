//! The SCIM 2.0 vocabulary: RFC 7643 (schema), RFC 7644 (protocol) and RFC 9865 (cursors), nothing of ours.

pub mod filter;
pub mod fold;
mod loose;
pub mod message;
pub mod patch;
pub mod path;
pub mod schema;
pub mod urn;

#[cfg(test)]
pub(crate) mod strategies;
mod syntax;
mod value;

pub use syntax::SyntaxError;
pub use value::{Object, Value};

/// The two kinds of resource that scimform manages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResourceKind {
    /// `User`, RFC 7643 section 4.1.
    User,
    /// `Group`, RFC 7643 section 4.2.
    Group,
}

impl ResourceKind {
    /// The name as in `meta.resourceType`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The endpoint below the base URL, without a slash (RFC 7644 section 3.2).
    pub const fn endpoint(self) -> &'static str {
        match self {
            Self::User => "Users",
            Self::Group => "Groups",
        }
    }
}

impl std::fmt::Display for ResourceKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Group => "group",
        })
    }
}

//! The SCIM 2.0 vocabulary: RFC 7643 (schema), RFC 7644 (protocol) and RFC 9865 (cursors), nothing of ours.

pub mod filter;
pub mod fold;
mod loose;
pub mod message;
pub mod patch;
pub mod path;
pub mod percent;
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
    /// Both kinds, users first.
    pub const ALL: [Self; 2] = [Self::User, Self::Group];

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

/// One value for each kind of resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerKind<T> {
    /// Of users.
    pub users: T,
    /// Of groups.
    pub groups: T,
}

impl<T> PerKind<T> {
    /// The value of a kind.
    pub const fn of(&self, kind: ResourceKind) -> &T {
        match kind {
            ResourceKind::User => &self.users,
            ResourceKind::Group => &self.groups,
        }
    }

    /// The value of a kind, to change it.
    pub const fn of_mut(&mut self, kind: ResourceKind) -> &mut T {
        match kind {
            ResourceKind::User => &mut self.users,
            ResourceKind::Group => &mut self.groups,
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

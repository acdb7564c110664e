//! Users and groups: what is said of one kind, of each kind, and which resource is meant.

use serde::{Deserialize, Serialize};

use super::urn;

/// The two kinds of resource that scimform manages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

    /// The URN of the core schema.
    pub const fn urn(self) -> &'static str {
        match self {
            Self::User => urn::USER,
            Self::Group => urn::GROUP,
        }
    }

    /// The attribute that every resource of the kind has, and by which people know it.
    pub const fn name_attribute(self) -> &'static str {
        match self {
            Self::User => "userName",
            Self::Group => "displayName",
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

/// One value for each kind of resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerKind<T> {
    /// Of users.
    pub users: T,
    /// Of groups.
    pub groups: T,
}

impl<T> PerKind<T> {
    /// What a function says of each kind.
    pub fn new(mut of: impl FnMut(ResourceKind) -> T) -> Self {
        Self { users: of(ResourceKind::User), groups: of(ResourceKind::Group) }
    }

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

    /// Both values, those of users first.
    pub fn iter(&self) -> impl Iterator<Item = (ResourceKind, &T)> {
        ResourceKind::ALL.into_iter().map(|kind| (kind, self.of(kind)))
    }
}

impl<C> PerKind<C>
where
    for<'a> &'a C: IntoIterator,
{
    /// All that two collections hold, users first.
    pub fn items(&self) -> impl Iterator<Item = (ResourceKind, <&C as IntoIterator>::Item)> {
        self.iter().flat_map(|(kind, items)| items.into_iter().map(move |item| (kind, item)))
    }
}

impl<C: Extend<I>, I> Extend<(ResourceKind, I)> for PerKind<C> {
    fn extend<T: IntoIterator<Item = (ResourceKind, I)>>(&mut self, items: T) {
        for (kind, item) in items {
            self.of_mut(kind).extend([item]);
        }
    }
}

impl<C: Default + Extend<I>, I> FromIterator<(ResourceKind, I)> for PerKind<C> {
    fn from_iter<T: IntoIterator<Item = (ResourceKind, I)>>(items: T) -> Self {
        let mut all = Self::default();
        all.extend(items);
        all
    }
}

/// Which resource of ours is meant: its kind with its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceKey<K = String> {
    /// User or group.
    pub kind: ResourceKind,
    /// The key.
    pub key: K,
}

impl<K> ResourceKey<K> {
    /// The one of this kind with this key.
    pub fn new(kind: ResourceKind, key: impl Into<K>) -> Self {
        Self { kind, key: key.into() }
    }

    /// A person.
    pub fn user(key: impl Into<K>) -> Self {
        Self::new(ResourceKind::User, key)
    }

    /// A group.
    pub fn group(key: impl Into<K>) -> Self {
        Self::new(ResourceKind::Group, key)
    }
}

impl ResourceKey {
    /// The same, borrowed.
    pub fn as_ref(&self) -> ResourceKey<&str> {
        ResourceKey { kind: self.kind, key: &self.key }
    }
}

impl<K: std::fmt::Display> std::fmt::Display for ResourceKey<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.key)
    }
}

//! What an expression sees.

use crate::scim::{ResourceKind, Value};

/// The names that an expression may read, with their values: `user`, `group` or `change`.
///
/// It borrows the values: an expression converts only those that it reads.
#[derive(Debug)]
pub struct Context<'a> {
    roots: Vec<(&'a str, &'a Value)>,
}

impl<'a> Context<'a> {
    /// A context in which `user` is this.
    pub fn user(value: &'a Value) -> Self {
        Self::of("user", value)
    }

    /// A context in which `group` is this.
    pub fn group(value: &'a Value) -> Self {
        Self::of("group", value)
    }

    /// A context in which the name of a kind, `user` or `group`, is this.
    pub fn resource(kind: ResourceKind, value: &'a Value) -> Self {
        match kind {
            ResourceKind::User => Self::user(value),
            ResourceKind::Group => Self::group(value),
        }
    }

    /// A context in which `change` is this.
    pub fn change(value: &'a Value) -> Self {
        Self::of("change", value)
    }

    /// The same with one more name.
    #[must_use]
    pub fn and(mut self, name: &'a str, value: &'a Value) -> Self {
        self.roots.push((name, value));
        self
    }

    pub(super) fn of(name: &'a str, value: &'a Value) -> Self {
        Self { roots: vec![(name, value)] }
    }

    /// The value at a path of names, `None` where it is undefined.
    pub(super) fn read(&self, path: &[String]) -> Option<&'a Value> {
        let (first, rest) = path.split_first()?;
        let (_, root) = self.roots.iter().find(|(name, _)| name == first)?;
        rest.iter().try_fold(*root, |value, name| value.get(name))
    }
}

//! How far a target lets us write and compare an attribute.

use super::facts::is_same_part;
use crate::profile::AttributeRules;
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;
use crate::scim::schema::{Attribute, Mutability, Returned};

/// What is done with an asserted attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Handling {
    /// Sent and compared.
    Compared,
    /// Sent at creation; a later difference can only be told (E42).
    CreateOnly,
    /// Sent and compared, but computed by the target: a write that did not take is not tried again (E30).
    Derived,
    /// Sent at creation, can't be read (E41; RFC 7643 section 7, `writeOnly` and `returned: never`).
    Hidden,
    /// Neither sent nor compared: the target decides, drops it or does not know it (E26, E39, E44).
    Silent,
}

impl Handling {
    pub(super) fn of(
        rules: &AttributeRules,
        kind: ResourceKind,
        path: &AttrPath,
        definition: Option<&Attribute>,
    ) -> Self {
        let of_kind = |rule: &AttrPath| rule.core_kind().is_none_or(|core| core == kind);
        let named = |rule: &AttrPath| of_kind(rule) && covers(rule, path);
        let listed = |paths: &[AttrPath]| paths.iter().any(named);
        if listed(&rules.server_owned) || listed(&rules.ignored) || listed(&rules.unsupported) {
            return Self::Silent;
        }
        if let Some(attribute) = definition {
            if attribute.mutability == Mutability::ReadOnly {
                return Self::Silent;
            }
            if attribute.mutability == Mutability::WriteOnly || attribute.returned == Returned::Never {
                return Self::Hidden;
            }
        }
        if listed(&rules.create_only) {
            Self::CreateOnly
        } else if listed(&rules.derived) {
            Self::Derived
        } else {
            Self::Compared
        }
    }

    /// Whether the attribute stands in a new resource.
    pub fn is_created(self) -> bool {
        self != Self::Silent
    }
}

/// Whether a list of a profile names a path.
pub(super) fn names(paths: &[AttrPath], path: &AttrPath) -> bool {
    paths.iter().any(|rule| covers(rule, path))
}

/// Whether a list of a profile names a path, the whole of it or its value.
pub(super) fn touches(paths: &[AttrPath], path: &AttrPath) -> bool {
    paths.iter().any(|rule| covers(rule, path) || is_same_part(rule, path))
}

/// Whether a rule for one path speaks about another: the same attribute, and no narrower than the other.
pub fn covers(rule: &AttrPath, path: &AttrPath) -> bool {
    let (rule, path) = (rule.lowered(), path.lowered());
    rule.attribute == path.attribute
        && rule.schema == path.schema
        && (rule.filter.is_none() || rule.filter == path.filter)
        && (rule.sub.is_none() || rule.sub == path.sub)
}

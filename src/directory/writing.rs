//! What a profile says about writing single attributes.

use super::Parts;
use crate::profile::Profile;
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;
use crate::scim::urn;

/// How far an attribute can be written at a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Writing {
    /// At any time.
    Free,
    /// At creation alone.
    CreateOnly,
    /// The server decides by itself.
    ServerOwned,
    /// Accepted and dropped.
    Ignored,
    /// Not known to the server.
    Unsupported,
}

impl Writing {
    /// Whether it makes sense to send the attribute at all.
    pub const fn is_sent(self) -> bool {
        matches!(self, Self::Free | Self::CreateOnly)
    }

    /// The end of "`displayName` …".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Free => "can be written",
            Self::CreateOnly => "is taken at creation alone",
            Self::ServerOwned => "is decided by the target itself",
            Self::Ignored => "is accepted and dropped by the target",
            Self::Unsupported => "is not known to the target",
        }
    }
}

/// What a profile says of writing attributes.
#[derive(Debug, Default)]
pub struct WriteRules {
    rules: Vec<(AttrPath, Writing)>,
}

impl WriteRules {
    /// Those of a profile.
    pub fn of(profile: &Profile) -> Self {
        let lists = [
            (&profile.attributes.unsupported, Writing::Unsupported),
            (&profile.attributes.ignored, Writing::Ignored),
            (&profile.attributes.server_owned, Writing::ServerOwned),
            (&profile.attributes.create_only, Writing::CreateOnly),
        ];
        let rules =
            lists.into_iter().flat_map(|(paths, writing)| paths.iter().map(move |path| (path.clone(), writing)));
        Self { rules: rules.collect() }
    }

    /// What is never sent of attributes that are.
    pub fn parts(&self, kind: ResourceKind) -> Parts {
        Parts::of(self, kind)
    }

    /// Paths that are not sent.
    pub(super) fn unsent(&self, kind: ResourceKind) -> impl Iterator<Item = &AttrPath> {
        let unsent = self.rules.iter().filter(move |(rule, writing)| !writing.is_sent() && names(rule, kind));
        unsent.map(|(rule, _)| rule)
    }

    /// What holds for a path. The rules name attributes of users; of groups only where they say so by URN.
    pub fn writing(&self, kind: ResourceKind, path: &AttrPath) -> Writing {
        self.rules
            .iter()
            .find(|(rule, _)| names(rule, kind) && covers(rule, path))
            .map_or(Writing::Free, |(_, writing)| *writing)
    }
}

/// Whether a rule is about attributes of a kind: of groups only where it says so by a URN.
fn names(rule: &AttrPath, kind: ResourceKind) -> bool {
    rule.core_kind().map_or(kind == ResourceKind::User || rule.schema.is_some(), |core| core == kind)
}

/// Whether a rule for one path speaks about another: the same attribute, and no narrower than the other.
pub fn covers(rule: &AttrPath, path: &AttrPath) -> bool {
    same_attribute(rule, path)
        && rule.filter.as_ref().is_none_or(|filter| path.filter.as_ref() == Some(filter))
        && rule.sub.as_ref().is_none_or(|sub| path.sub.as_ref().is_some_and(|other| sub.eq_ignore_ascii_case(other)))
}

/// Whether two paths lie within one attribute of one schema (RFC 7643 section 2.1: names have no case).
pub fn same_attribute(a: &AttrPath, b: &AttrPath) -> bool {
    a.attribute.eq_ignore_ascii_case(&b.attribute)
        && extension(a).map(str::to_ascii_lowercase) == extension(b).map(str::to_ascii_lowercase)
}

/// The extension's URN; none for core attributes, whether written with their URN or not.
fn extension(path: &AttrPath) -> Option<&str> {
    let schema = path.schema.as_deref()?;
    let core = [urn::USER, urn::GROUP].iter().any(|core| core.eq_ignore_ascii_case(schema));
    (!core).then_some(schema)
}

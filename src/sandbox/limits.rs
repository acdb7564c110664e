//! What the server can do: without a profile everything that the RFCs describe, with one what its data say.

use crate::profile::{Capabilities, Deletion, MembersShown, Paging, Profile};
use crate::scim::filter::{Filter, Operator};
use crate::scim::path::AttrPath;
use crate::scim::{PerKind, ResourceKind};

/// Resources on a page if the client does not say.
const DEFAULT_PAGE: usize = 100;
/// Resources on a page at most.
const LARGEST_PAGE: usize = 1000;

/// What the server can do.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    /// The profile's capabilities, or those of a server without limits.
    pub(super) can: Capabilities,
    /// Whether a vendor is played.
    pub(super) vendor: bool,
    filter: PerKind<Option<Vec<String>>>,
}

impl Limits {
    /// The limits of a profile.
    pub(super) fn new(profile: Option<&Profile>) -> Self {
        let Some(profile) = profile else {
            let can =
                Capabilities { attributes_parameter: true, members_per_patch: u64::MAX, ..Capabilities::default() };
            return Self { can, vendor: false, filter: PerKind::default() };
        };
        let can = profile.capabilities.clone();
        let keys = |names: &[String]| names.iter().map(|name| key(name)).collect::<Vec<String>>();
        let aliases = profile.attributes.aliases.iter().map(|(standard, own)| (standard.key(), own.key()));
        let (mut users, mut groups) = (keys(&can.filter_users), keys(&can.filter_groups));
        // Where members are shown nowhere there is no other way to them.
        if can.members == MembersShown::Never
            && !users.iter().any(|name| name == "groups.value")
            && !groups.iter().any(|name| name == "members.value")
        {
            users.push("groups.value".to_owned());
            groups.push("members.value".to_owned());
        }
        // An attribute that has another place at the vendor is filtered by there.
        let elsewhere = aliases.filter(|(standard, _)| users.contains(standard)).map(|(_, own)| own);
        users.extend(elsewhere.collect::<Vec<_>>());
        Self { filter: PerKind { users: Some(users), groups: Some(groups) }, can, vendor: true }
    }

    /// Whether a kind of resource exists. People always do: a profile without them leaves them out of what is managed.
    pub(super) fn has(&self, kind: ResourceKind) -> bool {
        match kind {
            ResourceKind::User => true,
            ResourceKind::Group => self.can.resources.groups,
        }
    }

    /// The kinds that exist.
    pub(super) fn kinds(&self) -> Vec<ResourceKind> {
        ResourceKind::ALL.into_iter().filter(|kind| self.has(*kind)).collect()
    }

    /// Whether PATCH works; where nobody knows, it does.
    pub(super) fn patch(&self) -> bool {
        self.can.patch != Some(false)
    }

    /// Whether PUT works on a kind.
    pub(super) fn put(&self, kind: ResourceKind) -> bool {
        match kind {
            ResourceKind::User => self.can.put,
            ResourceKind::Group => self.can.put_groups.unwrap_or(self.can.put),
        }
    }

    /// Whether a kind can be created.
    pub(super) fn create(&self, kind: ResourceKind) -> bool {
        match kind {
            ResourceKind::User => self.can.create_users,
            ResourceKind::Group => self.can.create_groups,
        }
    }

    /// The made-up resource that an unfiltered list shows in place of the real ones.
    pub(super) fn synthetic(&self, kind: ResourceKind) -> Option<&str> {
        let names = &self.can.synthetic;
        match kind {
            ResourceKind::User => names.first(),
            ResourceKind::Group => names.last(),
        }
        .map(String::as_str)
    }

    /// Whether lists of a kind leave out what is inactive.
    pub(super) fn hides_inactive(&self, kind: ResourceKind) -> bool {
        kind == ResourceKind::User && !self.can.inactive_listed
    }

    /// Whether versions are shown and checked.
    pub(super) fn etag(&self) -> bool {
        self.can.etag != Some(false)
    }

    /// What DELETE does.
    pub(super) fn deletion(&self, kind: ResourceKind) -> Deletion {
        match kind {
            ResourceKind::User => self.can.deletion,
            ResourceKind::Group => self.can.group_deletion,
        }
    }

    /// Resources on a page if the client does not say.
    pub(super) fn default_page(&self) -> usize {
        match self.can.paging {
            Paging::None => usize::MAX,
            _ => self.can.page_size.map_or(DEFAULT_PAGE, |size| usize::try_from(size).unwrap_or(usize::MAX)),
        }
    }

    /// Resources on a page at most.
    pub(super) fn largest_page(&self) -> usize {
        match self.can.paging {
            Paging::None => usize::MAX,
            _ => self.can.page_size.map_or(LARGEST_PAGE, |size| usize::try_from(size).unwrap_or(usize::MAX)),
        }
    }

    /// Whether `startIndex` works.
    pub(super) fn by_index(&self) -> bool {
        matches!(self.can.paging, Paging::Auto | Paging::Index)
    }

    /// Whether cursors hold characters that must be encoded in a URL, as those of some servers do that page in no other
    /// way.
    pub(super) fn awkward_cursors(&self) -> bool {
        self.vendor && self.can.paging == Paging::Cursor
    }

    /// Whether `cursor` works.
    pub(super) fn by_cursor(&self) -> bool {
        matches!(self.can.paging, Paging::Auto | Paging::Cursor)
    }

    /// Most members in one PATCH.
    pub(super) fn members_per_patch(&self) -> usize {
        usize::try_from(self.can.members_per_patch).unwrap_or(usize::MAX)
    }

    /// Most bytes of a PATCH.
    pub(super) fn bytes_per_patch(&self) -> usize {
        self.can.bytes_per_patch.map_or(usize::MAX, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX))
    }

    /// Whether the server understands this filter: vendors mostly know `eq` on few attributes, joined by `and`.
    pub(super) fn understands(&self, kind: ResourceKind, filter: &Filter) -> bool {
        let known = self.filter.of(kind);
        let joined = matches!(filter, Filter::And(_)) && !self.can.filter_and;
        !joined && known.as_ref().is_none_or(|known| only_eq(filter, known))
    }
}

fn only_eq(filter: &Filter, known: &[String]) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|part| only_eq(part, known)),
        Filter::Compare(comparison) => comparison.op == Operator::Eq && known.contains(&comparison.path.key()),
        Filter::Element(path) => known.contains(&path.key()),
        Filter::Or(_) | Filter::Not(_) | Filter::Present(_) => false,
    }
}

fn key(name: &str) -> String {
    name.parse::<AttrPath>().map_or_else(|_| name.to_ascii_lowercase(), |path| path.key())
}

//! Types of the live side.

use std::collections::{BTreeMap, BTreeSet};

use crate::scim::name::{shown_name, text_of};
use crate::scim::{Object, PerKind, ResourceKind, urn};

/// What one target answered.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// Users in the order of their ids.
    pub users: Vec<LiveResource>,
    /// Groups in the order of their ids.
    pub groups: Vec<LiveResource>,
    /// How far each list can be trusted.
    pub trust: PerKind<ListTrust>,
    /// Ids that were asked for one by one and answered by 404.
    pub gone: PerKind<BTreeSet<String>>,
    /// What discovery said.
    pub discovery: Discovery,
    /// Id of the account that the credentials belong to, where the target tells (`/Me`, RFC 7644 section 3.11).
    pub identity: Option<String>,
    /// Requests that the read took.
    pub requests: u64,
}

impl Live {
    /// The resources of a kind, in the order of their ids.
    pub fn of(&self, kind: ResourceKind) -> &[LiveResource] {
        match kind {
            ResourceKind::User => &self.users,
            ResourceKind::Group => &self.groups,
        }
    }

    /// The resources of a kind, to change them.
    pub fn of_mut(&mut self, kind: ResourceKind) -> &mut Vec<LiveResource> {
        match kind {
            ResourceKind::User => &mut self.users,
            ResourceKind::Group => &mut self.groups,
        }
    }

    /// The resource with an id.
    pub fn find(&self, kind: ResourceKind, id: &str) -> Option<&LiveResource> {
        let list = self.of(kind);
        let place = list.binary_search_by(|one| one.id.as_str().cmp(id)).ok()?;
        list.get(place)
    }

    /// Whether a resource was read by its id, and so is there whatever a list says.
    pub fn is_confirmed(&self, kind: ResourceKind, id: &str) -> bool {
        self.find(kind, id).is_some_and(|one| one.by_id)
    }

    /// Whether an id was answered by 404.
    pub fn is_gone(&self, kind: ResourceKind, id: &str) -> bool {
        self.gone.of(kind).contains(id)
    }

    /// Why a list does not show everything, for each kind of which that is known.
    pub fn short_because(&self) -> Option<String> {
        let kinds = [("users", &self.trust.users), ("groups", &self.trust.groups)];
        let reasons: Vec<String> =
            kinds.into_iter().filter_map(|(kind, trust)| Some(format!("{kind}: {}", trust.short()?))).collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}

/// How far the list of one kind can be trusted: what may be concluded from a resource that it does not show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ListTrust {
    /// It shows everything that there is.
    Whole,
    /// It says that it is whole, and is much shorter than at the last apply: what follows from that is confirmed by id.
    Shrunken {
        /// How many there were at the last apply, less what that apply removed.
        was: u64,
        /// How many there are.
        now: u64,
    },
    /// Something may be missing; the text says why.
    Short(String),
    /// Not asked for: resources were looked up one by one, or the target has no such resources.
    #[default]
    NotAsked,
}

impl ListTrust {
    /// Whether the list itself says that it is whole.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Whole | Self::Shrunken { .. })
    }

    /// Why something may be missing.
    pub fn short(&self) -> Option<&str> {
        match self {
            Self::Short(why) => Some(why),
            Self::Whole | Self::Shrunken { .. } | Self::NotAsked => None,
        }
    }
}

/// One live resource, cut down to what is asked for.
#[derive(Clone, Debug)]
pub struct LiveResource {
    /// User or group.
    pub kind: ResourceKind,
    /// The server's id, opaque and case-exact.
    pub id: String,
    /// The `ETag` header or `meta.version`, as the server wrote it.
    pub version: Option<String>,
    /// Attributes that were asked for, extensions under their URN; without `id`, `meta`, `schemas`, `groups`, `members`.
    pub attributes: Object,
    /// Members of a group.
    pub members: Members,
    /// Whether it was read by its id. What such a read does not show, the target does not show; what a list does not
    /// show is unknown.
    pub by_id: bool,
    /// What was shown beside that.
    pub unkept: Unkept,
}

impl LiveResource {
    /// The name that people read: the one that the target shows, else the id.
    pub fn name(&self) -> String {
        shown_name(|attribute, part| text_of(self.attributes.get(attribute)?, part)).unwrap_or_else(|| self.id.clone())
    }
}

/// Standard attributes (RFC 7643) that a read showed with a value and that were not asked for. A PUT must not lose them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unkept(u32);

/// Their names, one bit each.
const STANDARD: [&str; 19] = [
    "externalId",
    "name",
    "displayName",
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
    "emails",
    "phoneNumbers",
    "ims",
    "photos",
    "addresses",
    "entitlements",
    "roles",
    "x509Certificates",
    urn::ENTERPRISE_USER,
];

impl Unkept {
    /// Adds an attribute, if it is one of the standard.
    pub fn add(&mut self, name: &str) {
        if let Some(bit) = STANDARD.iter().position(|known| known.eq_ignore_ascii_case(name)) {
            self.0 |= 1 << bit;
        }
    }

    /// Adds all of another read.
    pub const fn add_all(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// The names.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        STANDARD.iter().enumerate().filter(move |(bit, _)| self.0 & (1 << bit) != 0).map(|(_, name)| *name)
    }
}

/// Members of a live group. Unknown is not empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Members {
    /// The server showed them (sorted by id, each once).
    Known(Vec<LiveMember>),
    /// Excluded, hidden or not asked for.
    #[default]
    Unknown,
}

/// One live member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LiveMember {
    /// The member's id.
    pub id: String,
    /// What kind it is, where `type` or `$ref` says so.
    pub kind: Option<ResourceKind>,
    /// The name that the server shows.
    pub display: Option<String>,
}

impl LiveMember {
    /// The name that people read: the one that the target shows, else the id.
    pub fn name(&self) -> String {
        self.display.clone().unwrap_or_else(|| self.id.clone())
    }
}

/// Whose memberships are asked for at a target that shows members nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memberships {
    /// Ids of groups, each with the number of members that it is likely to have.
    pub groups: BTreeMap<String, u64>,
    /// Ids of those who may be in them.
    pub members: BTreeSet<String>,
}

/// A fact that discovery may or may not give.
pub type Support = Option<bool>;

/// What `/ServiceProviderConfig` and `/ResourceTypes` said; all optional, never fatal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovery {
    /// `patch.supported`.
    pub patch: Support,
    /// `bulk.supported`.
    pub bulk: Support,
    /// `filter.supported`.
    pub filter: Support,
    /// `filter.maxResults`.
    pub filter_max_results: Option<u64>,
    /// `sort.supported`.
    pub sort: Support,
    /// `etag.supported`.
    pub etag: Support,
    /// RFC 9865 `pagination.cursor`.
    pub cursor: Support,
    /// RFC 9865 `pagination.index`.
    pub index: Support,
    /// RFC 9865 `pagination.defaultPageSize`.
    pub default_page_size: Option<u64>,
    /// RFC 9865 `pagination.maxPageSize`.
    pub max_page_size: Option<u64>,
    /// Whether a Group resource type is announced.
    pub groups: Support,
    /// Whether the configuration is one of SCIM 1.x; such a target is not read.
    pub outdated: bool,
    /// Oddities worth telling ("ServiceProviderConfig answered HTML").
    pub notices: Vec<String>,
}

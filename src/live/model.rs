//! Types of the live side.

use std::collections::{BTreeMap, BTreeSet};

use crate::scim::{Object, ResourceKind};

/// What one target answered.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// Users in the order of their ids.
    pub users: Vec<LiveResource>,
    /// Groups in the order of their ids.
    pub groups: Vec<LiveResource>,
    /// Whether `users` is all there is.
    pub users_complete: Completeness,
    /// Whether `groups` is all there is.
    pub groups_complete: Completeness,
    /// What discovery said.
    pub discovery: Discovery,
    /// What was asked for by its id because a list is in doubt.
    pub confirmed: Confirmed,
    /// Id of the account that the credentials belong to, where the target tells (`/Me`, RFC 7644 section 3.11).
    pub identity: Option<String>,
    /// Requests that the read took.
    pub requests: u64,
}

/// What came of asking for resources one by one. Nothing is confirmed that was not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confirmed {
    /// Ids that were answered with the resource.
    pub there: BTreeSet<(ResourceKind, String)>,
    /// Ids that were answered by 404.
    pub gone: BTreeSet<(ResourceKind, String)>,
}

impl Confirmed {
    /// Whether an id was answered with the resource.
    pub fn is_there(&self, kind: ResourceKind, id: &str) -> bool {
        self.there.contains(&(kind, id.to_owned()))
    }

    /// Whether an id was answered by 404.
    pub fn is_gone(&self, kind: ResourceKind, id: &str) -> bool {
        self.gone.contains(&(kind, id.to_owned()))
    }
}

/// Whether a listing holds everything. Only a complete one can justify a removal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Completeness {
    /// Everything that the server has.
    Complete,
    /// Something may be missing; the text says why.
    Incomplete(String),
    /// Not asked for: resources were looked up one by one, or the target has no such resources.
    #[default]
    NotListed,
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

//! Types of the validated model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::{BindingName, GroupKey, TargetName, UserKey};
use crate::config::model::AttributePlaces;
use crate::mapping::{Expression, Mapping};
use crate::profile::Profile;
use crate::scim::{PerKind, ResourceKind, Value};
use crate::source::{Span, Spanned};

/// Everything declared.
#[derive(Clone, Debug)]
pub struct Directory {
    /// People by key.
    pub users: BTreeMap<UserKey, User>,
    /// Groups by key.
    pub groups: BTreeMap<GroupKey, Group>,
    /// Targets by name.
    pub targets: BTreeMap<TargetName, Target>,
    /// Bindings by name.
    pub bindings: BTreeMap<BindingName, Binding>,
    /// Profiles that the files declare, by name.
    pub profiles: BTreeMap<String, Arc<Profile>>,
    /// Policies in the order written.
    pub policies: Vec<Policy>,
    /// Where the ledger is kept.
    pub ledger: LedgerLocation,
}

/// A declared person.
#[derive(Clone, Debug)]
pub struct User {
    /// The key.
    pub key: UserKey,
    /// Where the key stands.
    pub origin: Span,
    /// What expressions see as `user`: `key`, every declared attribute as written (core and enterprise
    /// side by side), `custom`; `manager` is the manager's key.
    pub attributes: Value,
    /// Places of the declared attributes, by top-level name.
    pub places: AttributePlaces,
    /// Declared `active`.
    pub active: Option<bool>,
    /// First day of access, UTC.
    pub starts: Option<Date>,
    /// Last day of access, UTC.
    pub ends: Option<Date>,
    /// Former keys of the same person.
    pub previously: Vec<UserKey>,
}

/// A declared group.
#[derive(Clone, Debug)]
pub struct Group {
    /// The key.
    pub key: GroupKey,
    /// Where the key stands.
    pub origin: Span,
    /// What expressions see as `group`: `key`, `displayName`, `externalId`, `custom`.
    pub attributes: Value,
    /// The name for people.
    pub display_name: String,
    /// People named one by one.
    pub members: Vec<Membership>,
    /// Groups within it.
    pub groups: Vec<Spanned<GroupKey>>,
    /// The rule whose matches are members as well.
    pub rule: Option<Expression>,
    /// Whom the rule matches; found once, by validation.
    pub matching: BTreeSet<UserKey>,
    /// Whether its members can do harm.
    pub privileged: bool,
    /// Former keys of the same group.
    pub previously: Vec<GroupKey>,
}

/// A person named as a member.
#[derive(Clone, Debug)]
pub struct Membership {
    /// Who.
    pub user: UserKey,
    /// Last day, UTC.
    pub until: Option<Date>,
    /// Where it is written.
    pub origin: Span,
}

/// People and groups given to a target through a mapping.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Its name.
    pub name: BindingName,
    /// Where the name stands.
    pub origin: Span,
    /// The target.
    pub target: TargetName,
    /// Groups whose members are assigned.
    pub groups: Vec<Spanned<GroupKey>>,
    /// People assigned one by one.
    pub users: Vec<Spanned<UserKey>>,
    /// Assigned as well are those who match (with groups: members who match, when `groups` or `users` are given
    /// everyone assigned must match; alone: everyone who matches).
    pub rule: Option<Expression>,
    /// Whom the rule matches; found once, by validation.
    pub matching: BTreeSet<UserKey>,
    /// Groups created and filled at the target.
    pub push: Vec<Spanned<GroupKey>>,
    /// How their members are kept.
    pub membership: MembershipMode,
    /// The mapping.
    pub mapping: Arc<Mapping>,
}

/// A service provider that we write to.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name.
    pub name: TargetName,
    /// Where the name stands.
    pub origin: Span,
    /// Capabilities and quirks, overrides applied.
    pub profile: Arc<Profile>,
    /// Base URL as written or the profile's; `None` is an error unless the sandbox is used.
    pub url: Option<String>,
    /// How we log in.
    pub auth: Option<Auth>,
    /// Where its addresses are written.
    pub places: Places,
    /// Whether this repository is the only source.
    pub manage: Manage,
    /// Whether it is written to.
    pub mode: Mode,
    /// What may be done there.
    pub actions: Actions,
    /// Last day of the token, and where that is written.
    pub expires: Option<Spanned<Date>>,
    /// What happens to those no longer declared.
    pub on_remove: OnRemove,
    /// Limits by risk class.
    pub limits: Limits,
    /// Who is never removed.
    pub protect: Protect,
}

/// Where a target's addresses are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Its `url`, else the target's name, where the profile has the address.
    pub url: Span,
    /// Its `tokenUrl`, where it has one.
    pub token_url: Option<Span>,
}

pub use crate::mapping::Secret;

/// How requests are authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `Authorization: Bearer …`.
    Bearer(Secret),
    /// A header of the vendor's own.
    Header {
        /// Header name.
        name: String,
        /// Its value.
        value: Secret,
    },
    /// `Authorization: Basic …`.
    Basic {
        /// User name.
        username: String,
        /// Password.
        password: Secret,
    },
    /// OAuth 2.0 client credentials (RFC 6749 section 4.4).
    OAuth2 {
        /// Token endpoint.
        token_url: String,
        /// Client id.
        client_id: String,
        /// Client secret.
        client_secret: Secret,
        /// Scopes, joined by spaces.
        scopes: Vec<String>,
    },
}

impl Auth {
    /// Where its secret comes from.
    pub fn secret(&self) -> &Secret {
        match self {
            Self::Bearer(secret)
            | Self::Header { value: secret, .. }
            | Self::Basic { password: secret, .. }
            | Self::OAuth2 { client_secret: secret, .. } => secret,
        }
    }
}

/// Whether a target is written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Compared and written.
    #[default]
    Sync,
    /// Compared, never written.
    ReadOnly,
    /// Neither read nor written.
    Disabled,
}

/// What may be done at a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is switched on its own")]
pub struct Actions {
    /// Make users and groups.
    pub create: bool,
    /// Change them, and give access again.
    pub update: bool,
    /// Take access away.
    pub deactivate: bool,
    /// Delete them.
    pub delete: bool,
}

impl Default for Actions {
    fn default() -> Self {
        Self { create: true, update: true, deactivate: true, delete: true }
    }
}

/// How the members of a pushed group are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MembershipMode {
    /// Those declared, and of others those who are not ours.
    #[default]
    Exact,
    /// Those declared are added, nobody is taken out.
    Additive,
}

/// Which live objects are ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manage {
    /// Those in the ledger.
    #[default]
    Owned,
    /// Every one.
    All,
}

/// What happens to people who are no longer declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RemoveUsers {
    /// `active: false`.
    #[default]
    Deactivate,
    /// DELETE.
    Delete,
    /// Left alone and forgotten.
    Ignore,
}

/// What happens to groups that are no longer pushed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RemoveGroups {
    /// Its managed members are removed, the group stays.
    #[default]
    Empty,
    /// DELETE.
    Delete,
    /// Left alone and forgotten.
    Ignore,
}

/// What happens to what is no longer declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnRemove {
    /// People.
    pub users: RemoveUsers,
    /// Groups.
    pub groups: RemoveGroups,
    /// Days after a deactivation on which the account is deleted.
    pub delete_after: Option<u32>,
}

impl OnRemove {
    /// Whether resources of a kind are left alone and forgotten.
    pub fn ignores(self, kind: ResourceKind) -> bool {
        match kind {
            ResourceKind::User => self.users == RemoveUsers::Ignore,
            ResourceKind::Group => self.groups == RemoveGroups::Ignore,
        }
    }

    /// Whether resources of a kind are deleted.
    pub fn deletes(self, kind: ResourceKind) -> bool {
        match kind {
            ResourceKind::User => self.users == RemoveUsers::Delete,
            ResourceKind::Group => self.groups == RemoveGroups::Delete,
        }
    }
}

/// A limit: either bound, when passed, trips it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limit {
    /// Highest count allowed.
    pub count: Option<u64>,
    /// Highest share of what is managed, 0 to 100.
    pub percent: Option<f64>,
}

/// Limits by risk class; `None` is no limit, except for removals, which have the default of the guard.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Deactivations, deletions, groups that lose all members.
    pub removals: Option<Limit>,
    /// Creations.
    pub creates: Option<Limit>,
    /// Updates.
    pub updates: Option<Limit>,
    /// Changes of userName or displayName of a group.
    pub renames: Option<Limit>,
    /// Members removed, per group.
    pub member_removals: Option<Limit>,
}

/// Objects that are never removed: expressions over `user` or `group`, which hold the live attributes.
#[derive(Clone, Debug, Default)]
pub struct Protect {
    /// The expressions.
    pub rules: PerKind<Vec<Expression>>,
    /// `userName` or id of the account that the credentials belong to.
    pub identity: Option<Spanned<String>>,
}

/// A rule of the user's own.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub origin: Span,
    /// `user`, `group` or `change`: what the expression sees.
    pub on: PolicySubject,
    /// The condition that breaks it.
    pub condition: Expression,
    /// Whether a breach only warns.
    pub warn: bool,
    /// What people are told.
    pub message: Option<String>,
}

/// What a policy looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicySubject {
    /// Each declared person, as `user`.
    User,
    /// Each declared group, as `group`.
    Group,
    /// Each planned change, as `change`.
    Change,
}

/// Where the ledger is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerLocation {
    /// A directory under the repository root.
    Directory(String),
    /// A ref of the same git repository.
    GitRef {
        /// Its full name.
        reference: String,
        /// The name of the remote that holds it; `.` is the clone itself.
        remote: String,
    },
    /// An object store.
    Url(String),
}

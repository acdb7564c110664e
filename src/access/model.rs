//! Types of a report of access. They serialise as `scimform.access/v1`; fields are only ever added.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Who has what at every target of a run, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// `scimform.access/v1`.
    pub format: String,
    /// `scimform 0.1.0`.
    pub tool: String,
    /// When it was made, RFC 3339 UTC.
    pub created_at: String,
    /// The day for which `starts`, `ends` and `until` were evaluated.
    #[schemars(with = "String")]
    pub as_of: Date,
    /// The git revision of the repository, where there is one.
    pub revision: Option<String>,
    /// Whether the targets are embedded sandboxes.
    #[serde(default)]
    pub sandbox: bool,
    /// Whether the targets were read; without, it tells what is declared.
    #[serde(default)]
    pub live: bool,
    /// Whether what names people is withheld.
    #[serde(default)]
    pub redacted: bool,
    /// The keys of people to whom it is narrowed; none where it covers everyone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// The key of the group to which it is narrowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// One part per target, by name.
    pub targets: Vec<TargetAccess>,
}

/// Who has what at one target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetAccess {
    /// The target.
    pub name: String,
    /// Its profile.
    pub profile: String,
    /// Counts.
    pub summary: Summary,
    /// What was read, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Read>,
    /// Why it could not be read, though that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// Accounts: the declared ones by key, then those that nobody declared by name.
    pub accounts: Vec<Account>,
}

/// Counts of one target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Declared accounts with access.
    pub active: u64,
    /// Declared accounts without access on that day.
    pub inactive: u64,
    /// Groups, roles and entitlements that declared accounts hold.
    pub grants: u64,
    /// Accounts and memberships that are not at the target as declared; none where it was not read.
    pub differing: u64,
    /// Accounts and memberships at the target that nobody declared.
    pub undeclared: u64,
    /// Accounts and memberships of which the target does not show whether they are there as declared.
    #[serde(default)]
    pub unknown: u64,
}

/// What was read from a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Read {
    /// Users seen.
    pub users: u64,
    /// Groups seen.
    pub groups: u64,
    /// Whether everything was seen.
    pub complete: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete_because: Option<String>,
    /// Requests it took.
    pub requests: u64,
}

/// One account at one target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The key; none of an account that nobody declared.
    pub key: Option<String>,
    /// The server's id, where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The readable name.
    pub name: String,
    /// The name to log in with, as sent or as read.
    pub user_name: Option<String>,
    /// Where the person is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Place>,
    /// Whether it has access: as declared, or as read where nobody declared it.
    pub active: bool,
    /// Why it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inactive_because: Option<String>,
    /// First day of access, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub since: Option<Date>,
    /// Last day of access, UTC: of the person, or of the membership that brings them here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub until: Option<Date>,
    /// Each binding that gives the account, by name, and why.
    pub assigned: Vec<Assigned>,
    /// What the account holds: groups by name, then roles, then entitlements.
    pub grants: Vec<Grant>,
    /// What the target says, where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// What an account that nobody declared is to us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// Why the account can't be planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// A binding that gives an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Assigned {
    /// The binding.
    pub binding: String,
    /// Where it stands.
    pub place: Place,
    /// Why the person is in its scope.
    pub why: Why,
    /// The rule by which members of `assign.groups` and `assign.users` have to match as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrowed_by: Option<Rule>,
}

/// A rule of the files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// The expression.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// Something that an account holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Group, role or entitlement.
    pub kind: GrantKind,
    /// The group's key, where it is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The name at the target.
    pub name: String,
    /// Whether the target holds the person in another group that is nested in this one, and not in this one itself.
    #[serde(default)]
    pub nested: bool,
    /// Why; none of what nobody declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// What the target says, where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

/// Kinds of what an account holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GrantKind {
    /// Membership of a group.
    Group,
    /// A value of `roles` (RFC 7643 section 4.1.2).
    Role,
    /// A value of `entitlements`.
    Entitlement,
}

/// What causes an account or a membership.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Why {
    /// In which way.
    pub cause: Cause,
    /// The groups from the one that the binding names to the one that holds the person; empty where none is involved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<Link>,
    /// The rule that matches, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The entry that names the person, or the rule that matches, or where the value comes from.
    pub place: Place,
    /// Last day of it, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub until: Option<Date>,
}

/// Ways to be given something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Named in a binding's `assign.users`.
    Listed,
    /// Matched by a binding's `assign.where`.
    BindingRule,
    /// Named as a member of a group.
    Member,
    /// Matched by a group's `where`.
    GroupRule,
    /// A value that the mapping gives.
    Mapping,
}

/// A group on the way from a binding to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// Its key.
    pub group: String,
    /// Its name.
    pub name: String,
    /// Where the step before names it: the binding, or the group in which it is nested.
    pub place: Place,
}

/// A place in the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Path from the repository root; empty where places are withheld.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.file.is_empty() { Ok(()) } else { write!(f, "{}:{}", self.file, self.line) }
    }
}

/// What a target says of what is declared. The published list is open-ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// There, as declared.
    Present,
    /// There, and something about it differs from what is declared.
    Differs,
    /// There without access, though it should have it.
    Inactive,
    /// There with access, though it should have none.
    StillActive,
    /// Not there, though it should be.
    Missing,
    /// Not there, and it need not be: it should have no access.
    Absent,
    /// There, and nobody declared it.
    Undeclared,
    /// Not known: not everything was read, or the target does not show it.
    Unknown,
}

impl Status {
    /// Whether what is there is not what is declared.
    pub const fn is_difference(self) -> bool {
        matches!(self, Self::Differs | Self::Inactive | Self::StillActive | Self::Missing)
    }
}

/// What an account that nobody declared is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// We never touch it.
    Unmanaged,
    /// A rule of the target protects it.
    Protected,
    /// The ledger knows it: it is to lose its access.
    Managed,
}

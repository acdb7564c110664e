//! Types of the ledger. No personal data stands in it in clear: values are keyed hashes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Hasher, Mark, Marks};
use crate::live::matching::Known;
use crate::scim::ResourceKind;

/// What we manage at one target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TargetLedger {
    /// Hex salt of the hashes, made once.
    #[serde(skip)]
    pub salt: String,
    /// Whether it bore a seal when it was loaded.
    #[serde(skip)]
    pub sealed: bool,
    /// People by key.
    #[serde(default)]
    pub users: BTreeMap<String, Entry>,
    /// Groups by key.
    #[serde(default)]
    pub groups: BTreeMap<String, Entry>,
    /// How much the last whole read showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// What an apply set out to create and has not settled yet: it may be there without an entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Pending>,
    /// What writes showed of the target, kept so that no later run has to find it out again.
    #[serde(default, skip_serializing_if = "Learned::is_empty")]
    pub learned: Learned,
}

/// What writes showed of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Learned {
    /// Forms of membership requests after which members were gone that were to stay. None of them is used again.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub harmful_member_forms: BTreeSet<String>,
    /// Whether the last DELETE of a user left the account there, without access.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deletion_deactivates: bool,
}

impl Learned {
    /// Whether nothing was learned.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How many resources a read that was whole showed, ours or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Seen {
    /// Users.
    pub users: u64,
    /// Groups.
    pub groups: u64,
}

/// A creation that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pending {
    /// User or group.
    pub resource: ResourceKind,
    /// Our key.
    pub key: String,
    /// Keyed hashes of what it is matched by, by attribute path, so that it can be told once it is not declared any more.
    #[serde(default, skip_serializing_if = "Marks::is_empty")]
    pub matches: Marks,
}

impl TargetLedger {
    /// The entries of a kind.
    pub fn of(&self, kind: ResourceKind) -> &BTreeMap<String, Entry> {
        match kind {
            ResourceKind::User => &self.users,
            ResourceKind::Group => &self.groups,
        }
    }

    /// Makes the hashes of this ledger.
    pub fn hasher(&self) -> Hasher {
        Hasher::new(&self.salt)
    }

    /// Whether it knows a key.
    pub fn knows(&self, key: &str) -> bool {
        self.users.contains_key(key) || self.groups.contains_key(key)
    }

    /// Whose is which id.
    pub fn known(&self) -> Known<'_> {
        Known::new(|kind| self.of(kind).iter().map(|(key, entry)| (key.as_str(), entry.id.as_str())).collect())
    }

    /// The entries of a kind, to change them.
    pub fn of_mut(&mut self, kind: ResourceKind) -> &mut BTreeMap<String, Entry> {
        match kind {
            ResourceKind::User => &mut self.users,
            ResourceKind::Group => &mut self.groups,
        }
    }
}

/// One managed resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// The server's id.
    pub id: String,
    /// Keyed hash of the last asserted value, by attribute path.
    #[serde(default, skip_serializing_if = "Marks::is_empty")]
    pub asserted: Marks,
    /// How the server altered what we sent, by attribute path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub witnesses: BTreeMap<String, Witness>,
    /// Ids of members that we added to a group, so that others are left alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// The day on which we deactivated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deactivated: Option<Date>,
}

/// "We sent X, the server kept Y": both as keyed hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Witness {
    /// Hash of what was sent.
    pub sent: Mark,
    /// Hash of what the server kept.
    pub kept: Mark,
}

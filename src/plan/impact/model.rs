//! What a plan means: limits used, head-counts, access per person. Parts of `scimform.plan/v1`.

use serde::{Deserialize, Serialize};

use crate::plan::Action;

/// How much of one limit a plan uses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LimitUse {
    /// The risk class, as under `limits` of a target: `removals`, `creates`, `updates`, `renames`, `memberRemovals`.
    pub class: String,
    /// Key of the group of which most members are taken out; only of `memberRemovals`, which counts group by group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// How many the plan uses.
    pub used: u64,
    /// How many there are to measure the share by: what is managed, or the group's members. 0 where it is not known.
    pub of: u64,
    /// Highest count allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Highest share of `of` allowed, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<f64>,
    /// Whether nobody declared it: the limit on removals that always holds. So few as never trip it are `free`.
    #[serde(default)]
    pub default: bool,
    /// The number up to which the limit is never tripped.
    #[serde(default)]
    pub free: u64,
    /// Whether the plan passes it.
    pub tripped: bool,
    /// Whether the number was confirmed (`--confirm-removals`), so that it refuses nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confirmed: bool,
}

impl LimitUse {
    /// The share that is used, in percent; none of nothing.
    pub fn share(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "counts of resources are far below 2^52")]
        (self.of > 0).then(|| self.used as f64 * 100.0 / self.of as f64)
    }
}

/// One number on both sides of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Heads {
    /// As read.
    pub before: u64,
    /// As the plan makes it.
    pub after: u64,
}

/// How many there are at a target, before and after: everyone there, not only who is managed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeadCounts {
    /// Users.
    pub users: Heads,
    /// Users with access, where the target tells who has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<Heads>,
    /// Groups, where all were listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Heads>,
}

/// One person's access impact over all targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The key; of someone who is not ours the server's id.
    pub key: String,
    /// The readable name.
    pub name: String,
    /// Whether it is someone who is not ours, known at one target alone, by the id there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stranger: bool,
    /// What happens, by target.
    pub targets: Vec<PersonAtTarget>,
}

/// One person's impact at one target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonAtTarget {
    /// The target.
    pub target: String,
    /// What is done to the account, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// Whether the account was there unmanaged: it may have been somebody else's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
    /// Whether the access by the account itself comes or goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountChange>,
    /// Names of groups gained, those by groups within groups among them; then roles and entitlements, as `role admin`.
    pub gains: Vec<String>,
    /// Names of groups lost, those by groups within groups among them; who loses the account loses all of them. Then roles
    /// and entitlements that go while the account stays.
    pub loses: Vec<String>,
    /// Names of those gained or lost that are privileged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub privileged: Vec<String>,
    /// Paths of attributes that change.
    pub changes: Vec<String>,
    /// Whether the account has no access, neither before nor after: then groups come and go, and access does not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inactive: bool,
}

/// What becomes of the access by an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AccountChange {
    /// It is created, or active again.
    Gained,
    /// It is deactivated or deleted.
    Lost,
}

//! Who has access at a target, as far as it shows: the one place that reads `active`.

use super::normal::{Comparison, Handling};
use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value};

/// What a live account shows of its access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// It has access.
    Active,
    /// It has none.
    Inactive,
    /// It has none by a value that the target computes, so that it may only wait for a password (JumpCloud, E30).
    Waiting,
    /// Nothing. `active` left out means true (E29), though of a list it may prove nothing.
    NotShown,
}

impl AccountState {
    /// Whether it has access, as far as is shown.
    pub fn has_access(self) -> bool {
        matches!(self, Self::Active | Self::NotShown)
    }

    /// Whether it has access or may get it by itself: an account that waits for a password, unless we took its access away.
    pub fn may_have_access(self, taken_by_us: bool) -> bool {
        self.has_access() || (self == Self::Waiting && !taken_by_us)
    }
}

/// Reads the state of accounts by a target's profile.
#[derive(Debug)]
pub struct AccountReader {
    active: Comparison,
}

impl AccountReader {
    /// The reader for a target.
    pub fn new(profile: &Profile) -> Self {
        Self { active: Comparison::new(profile, ResourceKind::User, &AttrPath::attribute("active")) }
    }

    /// What an account shows.
    pub fn state(&self, account: &Object) -> AccountState {
        let found = self.active.find(account);
        if found.is_blank() {
            AccountState::NotShown
        } else if !self.active.same(&Value::Bool(false), &found) {
            AccountState::Active
        } else if self.handling() == Handling::Derived {
            AccountState::Waiting
        } else {
            AccountState::Inactive
        }
    }

    /// Whether a path is that of `active`.
    pub fn reads(&self, path: &AttrPath) -> bool {
        path.same(self.active.path())
    }

    /// `active` as it is shown.
    pub fn value(&self, account: &Object) -> Value {
        self.active.find(account).to_value()
    }

    /// What the target does with `active`.
    pub fn handling(&self) -> Handling {
        self.active.handling()
    }
}

//! What a user can write, one type per kind of declaration. The doc comments are the descriptions that an
//! editor shows: the JSON Schema is generated from these types.

mod binding;
pub(super) mod entry;
mod expression;
mod file;
mod group;
mod mapping;
mod places;
mod policy;
mod profile;
mod target;
mod transform;
mod user;
mod user_form;

use std::collections::BTreeMap;

pub use binding::{Assign, Binding, MembershipMode, Push};
pub use entry::Declared;
pub use expression::Expression;
pub use file::{CustomSchemas, File, GitLedger, Ledger, Version};
pub use group::{Group, Member};
pub use mapping::{Apply, FullRow, Mapping, Match, Row};
pub use places::AttributePlaces;
pub use policy::{Policy, Subject};
pub use profile::{Facts, Profile, ProfileMapping};
pub use target::{
    Action, Auth, Basic, Header, Limit, Limits, Manage, Mode, OAuth2, OnRemove, Protect, RemoveGroups, RemoveUsers,
    Secret, Target,
};
pub use user::User;
pub use user_form::{Address, Custom, Labelled, Name, UserForm};

use crate::source::Spanned;

/// Everything that all files declare together, as written: no reference is resolved, no expression compiled.
/// Each name is declared once; a second declaration is reported by `parse` and left out.
#[derive(Debug, Default)]
pub struct Config {
    /// A file could not be read to its end: what is declared nowhere may stand there, so that a reference to it is
    /// no mistake of its own.
    pub incomplete: bool,
    /// `version` of `scimform.yaml`.
    pub version: Option<Spanned<u64>>,
    /// `ledger`, from whichever file has it.
    pub ledger: Option<Declared<Ledger>>,
    /// `customSchema`, from whichever file has it. `parse` has checked `custom` against it.
    pub custom_schema: Option<Declared<CustomSchemas>>,
    /// Targets by name.
    pub targets: BTreeMap<String, Declared<Target>>,
    /// People by key.
    pub users: BTreeMap<String, Declared<User>>,
    /// Groups by key.
    pub groups: BTreeMap<String, Declared<Group>>,
    /// Bindings by name.
    pub bindings: BTreeMap<String, Declared<Binding>>,
    /// Mappings by name.
    pub mappings: BTreeMap<String, Declared<Mapping>>,
    /// Profiles of the user's own by name.
    pub profiles: BTreeMap<String, Declared<Profile>>,
    /// Policies, by path of the file, then in the order written.
    pub policies: Vec<Spanned<Policy>>,
}

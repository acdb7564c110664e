//! The validated model of everything declared. It can only be made by `validate`, so it holds no
//! dangling reference, no cycle and no expression that does not compile.

mod address;
mod keys;
mod model;
mod parts;
pub mod scope;
#[cfg(test)]
pub(crate) mod testing;
mod validate;
mod writing;

pub use address::is_loopback;
pub use keys::{BindingName, GroupKey, TargetName, UserKey};
pub use model::{
    Actions, Auth, Binding, Directory, Group, LedgerLocation, Limit, Limits, Manage, Membership, MembershipMode, Mode,
    OnRemove, Places, Policy, PolicySubject, Protect, RemoveGroups, RemoveUsers, Secret, Target, User,
};
pub use parts::Parts;
pub use validate::validate;
pub use writing::{WriteRules, Writing, covers, same_attribute};

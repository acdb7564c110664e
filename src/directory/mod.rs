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
pub(crate) use validate::contradictions;
pub use validate::validate;

use crate::config;
use crate::diag::Diagnostics;
use crate::source::SourceMap;

/// Makes the model of files, with every problem found: the one way from text to [`Directory`]. The model is `None` where
/// there are errors.
pub fn compile(sources: &SourceMap) -> (Option<Directory>, Diagnostics) {
    let (config, mut found) = config::parse(sources);
    let broken = found.has_errors();
    let (directory, problems) = validate(config, sources);
    found.append(problems);
    (directory.filter(|_| !broken), found)
}
pub use writing::{WriteRules, Writing, covers, same_attribute};

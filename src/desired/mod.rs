//! What the repository implies for a target: projection of the directory through bindings and mappings.

mod model;

pub use model::{
    Apply, Asserted, Assertion, Desired, DesiredResource, MemberKey, Notice, Presence, Problem,
};

//! What the repository implies for a target: projection of the directory through bindings and mappings.

mod groups;
mod model;
mod people;
mod project;
mod rows;
#[cfg(test)]
mod tests;

pub use model::{Apply, Asserted, Assertion, Desired, DesiredResource, MemberKey, Notice, Presence, Problem};
pub use people::presence;
pub use project::project;

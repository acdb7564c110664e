//! Live people and groups as declarations: what they would be called, what would be written of them, into which files,
//! and whether the plan is empty then.

mod key;
mod layout;

pub use key::slug;
pub use layout::{Layout, Section};

//! Live people and groups as declarations: what they would be called, what would be written of them, into which files,
//! and whether the plan is empty then.
//!
//! The rows of the target's mapping are read backwards ([`list`]). Whether that came out right is not reasoned about: the
//! files are drawn up, and the plan that they give is made by the code that makes every plan ([`settle()`]).

mod account;
mod choice;
mod draft;
mod inverse;
mod key;
mod layout;
mod listing;
mod model;
mod settle;
mod shape;
pub mod sheet;

pub use draft::Plan;
pub use layout::Layout;
pub use listing::{Binds, Entry, Listing, Scope, list, mapping_for, wanted};
pub use model::{Difference, FORMAT, File, Import, Item, Status, json_schema};
pub(crate) use settle::merged;
pub use settle::{Settled, settle};
pub(crate) use shape::declarable;

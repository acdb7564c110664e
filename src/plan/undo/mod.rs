//! The way back: what an apply leaves behind so that it can be undone as a reviewed change of its own.

mod back;
mod model;
mod record;
mod scope;

pub(in crate::plan) use back::former;
pub use back::goal;
pub use model::{NewlyManaged, NotRestored, Reversal, ReversedAttribute, State, Undo, UndoOf, UndoTarget};
pub use record::record;
pub(in crate::plan) use record::writable;
pub use scope::narrow;

/// Name of the published format; it only grows.
pub const FORMAT: &str = "scimform.undo/v1";

/// The JSON Schema of the published format.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Undo).to_value()
}

//! The file language: text to spanned tree, JSON Schema check, the user's words.
//!
//! A file is parsed into a tree that knows every node's place, checked against the JSON Schema that is
//! generated from [`model`], and turned into [`Config`]. What refers to other declarations (keys, profiles,
//! expressions) is left as it was written: `directory` decides whether it holds.

mod check;
mod custom;
pub mod model;
mod parse;
mod parts;
mod schema;
mod tree;

pub use model::Config;
pub use parse::{ROOT_FILE, parse};
pub use schema::{json_schema, json_schema_draft07};
pub(crate) use tree::{meaning, reads_as_text};

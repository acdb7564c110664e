//! The file language: text to spanned tree, JSON Schema check, the user's words.
//!
//! A file is parsed into a tree that knows every node's place, checked against the JSON Schema that is
//! generated from [`model`], and turned into [`Config`]. What refers to other declarations (keys, profiles,
//! expressions) is left as it was written: `directory` decides whether it holds.

pub mod model;

pub use model::Config;

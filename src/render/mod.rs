//! Turns values into text for people and machines. Names and values come from servers and from the repository,
//! so everything passes through [`escape`] before it is shown.

pub mod access;
pub mod comment;
pub mod diagnostics;
pub mod drift;
pub mod escape;
pub mod explain;
pub mod html;
pub mod import;
pub mod links;
pub mod look;
pub mod plan;
pub mod probe;
pub mod report;
pub mod reviewed;
mod view;
mod words;
mod wrap;

pub use words::{action_word, attribute_reason, member_reason, reason_words};

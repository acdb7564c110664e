//! The users' YAML, changed in place: comments, order, quotes, indentation and line breaks stay as their authors made
//! them, and a line that no edit concerns keeps its bytes.
//!
//! An edit is a patch of the text at the place where the parser found the value. What comes out is read again and
//! compared with what was meant; where the two differ (an anchor that is repeated elsewhere, a style of writing that is
//! not known here) or a comment would be lost, the edit is refused with the line and what to do by hand.

mod block;
mod emit;
mod flow;
mod intent;
mod operation;
mod page;
mod rounds;
mod shape;
#[cfg(test)]
mod tests;
mod words;

pub use emit::file;

use crate::scim::Value;

/// A step of a way into a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into a mapping, by key; case counts.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// What to change in a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Puts entries at the end of a section (`users`, `groups`, …), which is made if it is missing. A key that stands
    /// there already is refused.
    Insert {
        /// The section.
        section: String,
        /// Keys and what they declare.
        entries: Vec<(String, Value)>,
    },
    /// Gives a place a value. Mappings on the way are made if they are missing; of a list or mapping that is there, only
    /// what differs is touched.
    Set {
        /// The place, as `users`, `ada`, `title`.
        path: Vec<Step>,
        /// The value.
        value: Value,
    },
    /// Takes an entry or item out. A mapping or list that loses its last one stays, as `{}` or `[]`.
    Remove {
        /// The place; it must be there.
        path: Vec<Step>,
    },
    /// Puts items at the end of a list, which is made if it is missing.
    AddItems {
        /// The list.
        path: Vec<Step>,
        /// The items.
        items: Vec<Value>,
    },
    /// Takes members out of a list: items that are one of the words, or mappings whose `user` is.
    RemoveItems {
        /// The list.
        path: Vec<Step>,
        /// The words; each must be there.
        items: Vec<String>,
    },
}

/// Why an edit was refused. The text is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct EditError {
    /// Path of the file.
    pub file: String,
    /// The line at which it failed, from 1.
    pub line: usize,
    /// Why.
    pub message: String,
    /// What to do by hand.
    pub hint: String,
}

/// Makes every edit, in order, or none. `path` is what the file is called in errors.
pub fn apply(path: &str, text: &str, edits: &[Edit]) -> Result<String, EditError> {
    rounds::apply(path, text, edits)
}

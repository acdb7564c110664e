//! What is wrong with the text of a path or a filter.

/// A text that is no attribute path or filter by RFC 7644.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at byte {offset})")]
pub struct SyntaxError {
    /// What is wrong, in words.
    pub message: String,
    /// Where, in bytes from the start of the text.
    pub offset: usize,
}

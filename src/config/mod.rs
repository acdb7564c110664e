//! The file language: text to spanned tree, JSON Schema check, the user's words.

//! What an import says.

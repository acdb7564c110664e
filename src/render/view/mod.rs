//! What all documents are made of, once for each back end: sections, rows, remarks, and what is folded away.

pub(in crate::render) mod markdown;
pub(in crate::render) mod terminal;

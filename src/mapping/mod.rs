//! The expression language and mapping rows, compiled.
//!
//! One language serves everywhere: `where`, mapping rows, `protect`, `policies`. It is minijinja's expression language with
//! undefined carried through (see [`Expression`]), without calls, files or network, and with limits on work and size.

mod builder;
mod context;
mod convert;
mod engine;
mod expression;
mod filters;
mod model;
mod names;
mod row;
mod syntax;
mod tree;
mod types;

pub use builder::{default_mapping, with_whole_mapping};
pub use context::Context;
pub use expression::{Expression, ExpressionError, Reference};
pub use filters::{FILTERS, Named, TESTS, to_ascii};
pub use model::{Apply, Mapping, Row, RowValue, Secret};
pub use names::{NameProblem, Subject, check_names, dry_run, known_attributes, sample};
pub use row::{RawRow, RowError, compile_row};
pub use types::ValueType;

#[cfg(test)]
mod tests;

//! Compiled expressions and mapping rows.

mod model;

pub use model::{Apply, Mapping, Row, RowValue};

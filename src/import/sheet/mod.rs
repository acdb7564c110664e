//! People of a spreadsheet or an HR export as declarations.

mod cells;
mod columns;
mod dates;
mod draft;
mod model;
mod people;

pub use cells::{Sheet, SheetError, read};
pub use columns::{Column, Field, Plan as ColumnPlan, columns};
pub use dates::Order;
pub use draft::{Drafted, draft};
pub use model::{ColumnUse, Entry as SheetEntry, FORMAT as SHEET_FORMAT, SheetImport, json_schema};
pub use people::people;

//! Reports for a browser: one file that loads nothing, is read without scripts, in the dark, on paper and by ear.

mod access;
mod chart;
mod drift;
mod page;
mod plan;
mod words;

pub use access::access;
pub use drift::drift;
pub use plan::plan;

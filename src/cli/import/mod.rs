//! `import`: people and groups into the files, from a target or from a CSV file.

mod choose;
mod csv;
mod live;
pub(super) mod write;

use super::args::ImportOptions;
use super::context::Context;
use super::error::{CommandError, Outcome};

pub(super) fn run(context: &Context, options: &ImportOptions) -> Outcome {
    match (&options.target, &options.csv) {
        (Some(target), None) => live::run(context, options, target),
        (None, Some(file)) => csv::run(context, options, file),
        _ => Err(CommandError::usage("name a target or a CSV file, one of the two")),
    }
}

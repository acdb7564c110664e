//! People of a CSV file.

use std::path::Path;

use crate::cli::args::ImportOptions;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Outcome};

pub(super) fn run(_: &Context, _: &ImportOptions, file: &Path) -> Outcome {
    Err(CommandError::usage(format!("CSV files are not read yet: {}", file.display())))
}

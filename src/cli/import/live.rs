//! People and groups of a target.

use crate::cli::args::ImportOptions;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Outcome};

pub(super) fn run(_: &Context, _: &ImportOptions, target: &str) -> Outcome {
    Err(CommandError::usage(format!("targets are not imported yet: {target}")))
}

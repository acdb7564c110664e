//! `completions SHELL`.

use clap::CommandFactory as _;

use super::args::{Args, CompletionsOptions};
use super::context::Context;
use super::error::{Exit, Outcome};

pub(super) fn run(context: &Context, options: &CompletionsOptions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Args::command(), "scimform", &mut script);
    context.print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

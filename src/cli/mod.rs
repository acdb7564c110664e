//! Command line: arguments, context, exit codes, one file per command.
//!
//! Only this module prints, reads the clock, the environment and the terminal.

mod apply;
mod args;
mod candidates;
mod canvas;
mod completions;
mod comment;
mod context;
mod diff;
mod drift;
mod error;
mod explain;
mod import;
mod init;
mod ledger;
mod load;
mod man;
mod pager;
mod plan;
mod probe;
mod profile;
mod progress;
mod report;
mod review;
mod sandbox;
mod schema;
mod signals;
mod terminal;
mod validate;

use std::ffi::OsString;

use clap::{CommandFactory as _, FromArgMatches as _};

use args::{Args, Command};
use context::Context;
pub use error::Exit;

/// Runs one command line, the program's name first. Standard output carries the result, standard error everything else.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    if let Some(exit) = completions::answered(&args) {
        return exit;
    }
    let command = Args::command().color(color_of_help(&args));
    let parsed = command.try_get_matches_from(args).and_then(|matches| Args::from_arg_matches(&matches));
    let args = match parsed {
        Ok(args) => args,
        Err(error) => {
            // Help and version are results; anything else is a wrong call.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    let context = Context::new(&args.global, args.command.redact());
    if args.global.quiet && args.global.verbose > 0 {
        // The one may stand before the command and the other after it, which the parser does not hold against each other.
        let error = error::CommandError::usage("`--quiet` and `--verbose` exclude each other");
        context.error(&error);
        return error.kind.into();
    }
    context.start_log(&args.global);
    let outcome = match args.command {
        Command::Init(options) => init::run(&context, &options),
        Command::Validate(options) => validate::run(&context, &options),
        Command::Plan(options) => plan::run(&context, &options),
        Command::Diff(options) => diff::run(&context, &options),
        Command::Drift(options) => drift::run(&context, &options),
        Command::Apply(options) => apply::run(&context, &options),
        Command::Import(options) => import::run(&context, &options),
        Command::Explain(options) => explain::run(&context, &options),
        Command::Report(options) => report::run(&context, &options),
        Command::Probe(options) => probe::run(&context, &options),
        Command::Profile(options) => profile::run(&context, &options),
        Command::Ledger(options) => ledger::run(&context, &options),
        Command::Sandbox(options) => sandbox::run(&context, &options),
        Command::Schema(options) => schema::run(&context, &options),
        Command::Completions(options) => completions::run(&context, &options),
        Command::Man(options) => man::run(&context, &options),
    };
    match outcome {
        Ok(exit) => exit,
        Err(error) => {
            context.error(&error);
            error.kind.into()
        }
    }
}

/// The `--color` of a call, for help and for wrong calls, which are told before anything is parsed.
fn color_of_help(args: &[OsString]) -> clap::ColorChoice {
    let mut words = args.iter().filter_map(|word| word.to_str()).take_while(|word| *word != "--");
    let mut asked = None;
    while let Some(word) = words.next() {
        match word.strip_prefix("--color") {
            Some("") => asked = words.next(),
            Some(rest) => asked = rest.strip_prefix('=').or(asked),
            None => {}
        }
    }
    match asked {
        Some("always") => clap::ColorChoice::Always,
        Some("never") => clap::ColorChoice::Never,
        _ => clap::ColorChoice::Auto,
    }
}

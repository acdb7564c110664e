//! `validate`.

use clap::ValueEnum;

const EXAMPLES: &str = "\
Examples:\n\
\x20\x20scimform validate                        every problem, with its line\n\
\x20\x20scimform validate --format github        annotations in a pull request\n\
\x20\x20scimform validate --format sarif         for code scanning";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(in crate::cli) struct ValidateOptions {
    /// How problems are printed.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: ValidateFormat,
}

/// How problems are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ValidateFormat {
    /// With the line and a caret.
    Human,
    /// JSON.
    Json,
    /// GitHub annotations.
    Github,
    /// SARIF 2.1.0.
    Sarif,
}

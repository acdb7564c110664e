//! `validate`.

use clap::ValueEnum;

#[derive(Debug, clap::Args)]
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

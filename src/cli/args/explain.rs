//! `explain`.

use clap::ValueEnum;
use jiff::civil::Date;

use super::date;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ExplainOptions {
    /// The key of a user or group.
    #[arg(value_name = "KEY")]
    pub(in crate::cli) key: String,
    /// Only this target; may be given again.
    #[arg(long = "target", value_name = "TARGET")]
    pub(in crate::cli) targets: Vec<String>,
    /// The day for which `starts`, `ends` and `until` are evaluated, UTC. Today if not given.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(in crate::cli) as_of: Option<Date>,
    /// Ask the embedded servers of the targets' profiles, kept under `.scimform/sandbox/`.
    #[arg(long)]
    pub(in crate::cli) sandbox: bool,
    /// Ask no target: tells what the files say alone.
    #[arg(long, conflicts_with = "sandbox")]
    pub(in crate::cli) offline: bool,
    /// How it is printed.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: ExplainFormat,
}

/// How an explanation is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ExplainFormat {
    /// For a terminal.
    Human,
    /// For a ticket.
    Markdown,
    /// For machines: `scimform.explain/v1`.
    Json,
}

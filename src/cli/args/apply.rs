//! `apply`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ValueEnum, ValueHint};

use super::{Redact, Scope, patience};

const EXAMPLES: &str = "\
Examples:\n\
\x20\x20scimform apply                           shows the plan and asks\n\
\x20\x20scimform apply plan.json                 only what was reviewed, as far as it still holds\n\
\x20\x20scimform apply --expect DIGEST           all of a reviewed plan or nothing\n\
\x20\x20scimform apply --confirm-removals 12     where a limit stands against so many removals\n\
\x20\x20scimform apply --sandbox --auto-approve  against embedded servers, with no account";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(in crate::cli) struct ApplyOptions {
    /// A plan written by `plan --out`: only what stands in it is done.
    #[arg(value_name = "PLANFILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) scope: Scope,
    /// Do not ask.
    #[arg(long)]
    pub(in crate::cli) auto_approve: bool,
    /// Refuse all unless the plan's digest is this one.
    #[arg(long, value_name = "DIGEST", conflicts_with = "plan")]
    pub(in crate::cli) expect: Option<String>,
    /// Take an apply back, as the file that it left has it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) undo: Option<PathBuf>,
    /// Allow exactly this many removals, where a limit stands against them.
    #[arg(long, value_name = "N")]
    pub(in crate::cli) confirm_removals: Option<u64>,
    /// Withhold values, or all that names people, from what is printed.
    #[arg(long, value_name = "WHAT", default_value = "none")]
    pub(in crate::cli) redact: Redact,
    /// Start a new ledger although `CI` is set.
    #[arg(long)]
    pub(in crate::cli) first_run: bool,
    /// Wait so long for another run to free the ledger, as in `5m` or `30s`; not at all if not given.
    #[arg(long, value_name = "DURATION", value_parser = patience, default_value = "0", hide_default_value = true)]
    pub(in crate::cli) lock_timeout: Duration,
    /// How the report is printed.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: ReportFormat,
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ReportFormat {
    /// For people.
    Human,
    /// `scimform.report/v1`.
    Json,
}

//! `probe`.

use clap::ValueEnum;
use clap_complete::engine::ArgValueCandidates;

use crate::cli::candidates;

const EXAMPLES: &str = "\
Examples:\n\
\x20\x20scimform probe lattice                   reads only\n\
\x20\x20scimform probe lattice --write           tries what a plan would do, removes what it made, prints `capabilities:`";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(in crate::cli) struct ProbeOptions {
    /// The target.
    #[arg(value_name = "TARGET", add = ArgValueCandidates::new(candidates::targets))]
    pub(in crate::cli) target: String,
    /// Also make marked users and groups, try all that a plan would do with them, and remove them; says what stayed.
    #[arg(long, visible_alias = "learn")]
    pub(in crate::cli) write: bool,
    /// Do not ask before writing.
    #[arg(long, requires = "write")]
    pub(in crate::cli) auto_approve: bool,
    /// How the result is printed.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: ProbeFormat,
    /// Test the embedded server of the target's profile, kept under `.scimform/sandbox/`.
    #[arg(long)]
    pub(in crate::cli) sandbox: bool,
}

/// How a test is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ProbeFormat {
    /// For people.
    Human,
    /// `scimform.probe/v1`.
    Json,
}

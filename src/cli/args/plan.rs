//! `plan` and `drift`.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};

use super::{CommentOptions, Redact, Scope, days};

const EXAMPLES: &str = "\
Examples:\n\
\x20\x20scimform plan                            what an apply would change\n\
\x20\x20scimform plan --target lattice -v        one target, nothing folded\n\
\x20\x20scimform plan --out plan.json            to be reviewed, then: scimform apply plan.json\n\
\x20\x20scimform plan --format markdown          for a pull request\n\
\x20\x20scimform plan --sandbox                  against embedded servers, with no account\n\
\x20\x20scimform plan -q --detailed-exitcode     the verdict alone; exits with 2 where there are changes";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(in crate::cli) struct PlanOptions {
    #[command(flatten)]
    pub(in crate::cli) scope: Scope,
    /// Write the plan to FILE (readable by you alone), for `apply FILE`.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) out: Option<PathBuf>,
    /// How the plan is printed.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: PlanFormat,
    /// Exit with 2 where the plan has changes.
    #[arg(long)]
    pub(in crate::cli) detailed_exitcode: bool,
    /// Withhold values, or all that names people, from what is printed. The file of `--out` stays whole.
    #[arg(long, value_name = "WHAT", default_value = "none")]
    pub(in crate::cli) redact: Redact,
    /// Plan the way back from an apply, as its file has it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) undo: Option<PathBuf>,
    /// Also apply the plan to a copy of what was read, at an embedded server of the target's profile, and say how it went.
    #[arg(long, conflicts_with = "undo")]
    pub(in crate::cli) rehearse: bool,
    /// Also tell what time alone will change in so many days, as in `30d` or `4w`.
    #[arg(long, value_name = "DAYS", value_parser = days, conflicts_with = "undo")]
    pub(in crate::cli) horizon: Option<u32>,
    /// Plan as `apply --confirm-removals N` would.
    #[arg(long, value_name = "N")]
    pub(in crate::cli) confirm_removals: Option<u64>,
    #[command(flatten)]
    pub(in crate::cli) comment: CommentOptions,
}

/// How a plan is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PlanFormat {
    /// For a terminal.
    Human,
    /// For a pull request.
    Markdown,
    /// For a browser: one file that loads nothing.
    Html,
    /// For machines: `scimform.plan/v1`, `scimform.drift/v1`.
    Json,
}

const DRIFT_EXAMPLES: &str = "\
Examples:\n\
\x20\x20scimform drift                           what moved at the targets alone\n\
\x20\x20scimform drift --detailed-exitcode       exits with 2 where something did, for a nightly run";

#[derive(Debug, clap::Args)]
#[command(after_long_help = DRIFT_EXAMPLES)]
pub(in crate::cli) struct DriftOptions {
    #[command(flatten)]
    pub(in crate::cli) scope: Scope,
    /// How it is printed.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: PlanFormat,
    /// Withhold values, or all that names people, from what is printed.
    #[arg(long, value_name = "WHAT", default_value = "none", conflicts_with = "write")]
    pub(in crate::cli) redact: Redact,
    /// Exit with 2 where something moved at a target alone; with `--write`, where some of it is left.
    #[arg(long)]
    pub(in crate::cli) detailed_exitcode: bool,
    /// Take what moved into the files, in place: comments and order stay. Asks which, and shows the difference first.
    #[arg(long)]
    pub(in crate::cli) write: bool,
    /// With `--write`: take all of it, and ask nothing.
    #[arg(long, requires = "write")]
    pub(in crate::cli) auto_approve: bool,
    #[command(flatten)]
    pub(in crate::cli) comment: CommentOptions,
}

//! `diff`.

use jiff::civil::Date;

use super::{CommentOptions, PlanFormat, Redact, date, days};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct DiffOptions {
    /// The revision of git whose files are the old side; `REV...` takes the last commit in common with it. If not given,
    /// the last commit in common with the default branch of `origin`, else HEAD.
    #[arg(long, value_name = "REV")]
    pub(in crate::cli) base: Option<String>,
    /// The revision whose files are the new side; the work tree if not given.
    #[arg(long, value_name = "REV")]
    pub(in crate::cli) head: Option<String>,
    /// Only this target; may be given again.
    #[arg(long = "target", value_name = "TARGET")]
    pub(in crate::cli) targets: Vec<String>,
    /// Only this user or group key; may be given again.
    #[arg(long = "only", value_name = "KEY")]
    pub(in crate::cli) only: Vec<String>,
    /// The day for which `starts`, `ends` and `until` are evaluated, UTC. Today if not given.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(in crate::cli) as_of: Option<Date>,
    /// Also tell what time alone will change in so many days, as in `30d` or `4w`.
    #[arg(long, value_name = "DAYS", value_parser = days)]
    pub(in crate::cli) horizon: Option<u32>,
    /// How it is printed.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: PlanFormat,
    /// Exit with 2 where something would change.
    #[arg(long)]
    pub(in crate::cli) detailed_exitcode: bool,
    /// Withhold values, or all that names people, from what is printed.
    #[arg(long, value_name = "WHAT", default_value = "none")]
    pub(in crate::cli) redact: Redact,
    #[command(flatten)]
    pub(in crate::cli) comment: CommentOptions,
}

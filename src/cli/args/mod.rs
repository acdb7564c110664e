//! The arguments: those of every command here, each command's own in its file.

mod apply;
mod comment;
mod completions;
mod diff;
mod explain;
mod import;
mod init;
mod ledger;
mod man;
mod plan;
mod probe;
mod profile;
mod report;
mod sandbox;
mod schema;
mod scope;
mod validate;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum, ValueHint};
use jiff::civil::Date;

pub(super) use apply::{ApplyOptions, ReportFormat};
pub(super) use comment::{CommentOptions, CommentPlace};
pub(super) use completions::CompletionsOptions;
pub(super) use diff::DiffOptions;
pub(super) use explain::{ExplainFormat, ExplainOptions};
pub(super) use import::{ImportFormat, ImportOptions};
pub(super) use init::{Forge, InitOptions};
pub(super) use ledger::{LedgerAction, LedgerOptions};
pub(super) use man::ManOptions;
pub(super) use plan::{DriftOptions, PlanFormat, PlanOptions};
pub(super) use probe::{ProbeFormat, ProbeOptions};
pub(super) use profile::{ProfileAction, ProfileFormat, ProfileOptions};
pub(super) use report::{AccessFormat, AccessOptions, ReportAction, ReportOptions, Withhold};
pub(super) use sandbox::SandboxOptions;
pub(super) use schema::{Draft, SchemaKind, SchemaOptions};
pub(super) use scope::{Redact, Scope};
pub(super) use validate::{ValidateFormat, ValidateOptions};

use crate::plan::Redaction;

/// GitOps for SCIM: declare people and groups in YAML, review the plan, apply it.
#[derive(Debug, Parser)]
#[command(name = "scimform", version, propagate_version = true, disable_help_subcommand = true)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done or nothing to do, 1 error, 2 plan has changes or something drifted (with \
--detailed-exitcode), 3 refused by a policy or limit, 4 apply finished with failures or did not converge, nor did a \
rehearsal, 64 wrong call, 130 ended by Ctrl-C before anything was changed.";

/// Options of every command.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Options of every command")]
pub(super) struct Global {
    /// Run as if started in DIR.
    #[arg(short = 'C', value_name = "DIR", global = true, value_hint = ValueHint::DirPath)]
    pub(super) directory: Option<PathBuf>,
    /// When to use colours [auto|always|never].
    ///
    /// `auto`: on a terminal, as NO_COLOR, CLICOLOR, CLICOLOR_FORCE and TERM say; standard output and standard error are
    /// judged apart.
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        global = true,
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub(super) color: When,
    /// When `file:line` is a link [auto|always|never].
    ///
    /// `auto`: where standard output is a terminal that can. SCIMFORM_LINK_FORMAT says where links lead: `default`,
    /// `vscode`, `kitty` and others, or an address with {path}, {line} and {host}, as ripgrep's --hyperlink-format has it.
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        global = true,
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub(super) hyperlinks: When,
    /// Do not show long results in a pager.
    ///
    /// A plan or list that is taller than the terminal is shown in SCIMFORM_PAGER, else PAGER, else `less`, unless `CI` is
    /// set. An `apply` is never paged, since it asks or goes on.
    #[arg(long, global = true)]
    pub(super) no_pager: bool,
    /// Show more: every attribute and member; twice: every request.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(super) verbose: u8,
    /// Only results and errors: no progress and no notices.
    ///
    /// A plan or a drift for people is its verdict alone, and an apply that is not asked for leaves the plan out. Other
    /// formats stay whole.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Run the commands that files name for secrets (`command:`). Whoever can change the files can change these.
    #[arg(long, global = true)]
    pub(super) allow_commands: bool,
    /// Form of log lines on standard error.
    #[arg(long, value_name = "FORM", default_value = "text", global = true)]
    pub(super) log_format: LogFormat,
}

/// When something that not every terminal can is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// Where it can be seen, unless the environment says otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a repository to start from, with CI workflows.
    Init(InitOptions),
    /// Check every file, offline.
    Validate(ValidateOptions),
    /// Show what an apply would change. Never writes to a target.
    Plan(PlanOptions),
    /// Make the targets as declared.
    Apply(ApplyOptions),
    /// Show what a change of the files means, offline: no credentials, no network.
    Diff(DiffOptions),
    /// Show what moved at the targets since the last apply, outside the repository. Never writes to a target.
    Drift(DriftOptions),
    /// Take live people and groups of a target, or people of a CSV file, into the files. Reads a target only.
    Import(ImportOptions),
    /// Tell why one user or group is at a target as it is. Never writes to a target.
    Explain(ExplainOptions),
    /// Reports for reviews and audits.
    Report(ReportOptions),
    /// Test the connection to a target. Reads only, unless `--write` is given.
    Probe(ProbeOptions),
    /// Look at what scimform knows of vendors.
    Profile(ProfileOptions),
    /// Look at what scimform manages, or stop managing something.
    Ledger(LedgerOptions),
    /// Run the embedded SCIM server.
    Sandbox(SandboxOptions),
    /// Print a JSON Schema.
    Schema(SchemaOptions),
    /// Print a shell's completion script, with how to install it.
    Completions(CompletionsOptions),
    /// Print or write manual pages.
    #[command(hide = true)]
    Man(ManOptions),
}

impl Command {
    /// What a command is asked to withhold.
    pub(super) fn redact(&self) -> Redaction {
        let asked = match self {
            Self::Plan(options) => options.redact,
            Self::Apply(options) => options.redact,
            Self::Diff(options) => options.redact,
            Self::Drift(options) => options.redact,
            Self::Report(options) if options.withholds_names() => Redact::Names,
            _ => Redact::None,
        };
        match asked {
            Redact::None => Redaction::None,
            Redact::Values => Redaction::Values,
            Redact::Names => Redaction::Names,
        }
    }
}

fn patience(text: &str) -> Result<Duration, String> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let span: Option<jiff::SignedDuration> = text.parse().ok();
    span.and_then(|span| span.try_into().ok())
        .ok_or_else(|| format!("`{text}` is no length of time; write it as 30s, 5m or 1h30m"))
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("`{text}` is not a date; write it as 2027-01-31"))
}

fn days(text: &str) -> Result<u32, String> {
    let (number, each) = match text.strip_suffix('w') {
        Some(weeks) => (weeks, 7),
        None => (text.strip_suffix('d').unwrap_or(text), 1),
    };
    let days = number.parse::<u32>().ok().and_then(|number| number.checked_mul(each));
    days.filter(|days| (1..=3660).contains(days))
        .ok_or_else(|| format!("`{text}` is no number of days up to ten years; write it as 30d, 4w or 90"))
}

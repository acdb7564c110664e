//! The arguments.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum, ValueHint};
use jiff::civil::Date;

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
rehearsal, 64 wrong call.";

/// Options of every command.
#[derive(Debug, clap::Args)]
pub(super) struct Global {
    /// Run as if started in DIR.
    #[arg(short = 'C', value_name = "DIR", global = true, value_hint = ValueHint::DirPath)]
    pub(super) directory: Option<PathBuf>,
    /// When to use colours.
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(super) color: ColorChoice,
    /// Show more: every attribute and member; twice: every request.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(super) verbose: u8,
    /// Run the commands that files name for secrets (`command:`). Whoever can change the files can change these.
    #[arg(long, global = true)]
    pub(super) allow_commands: bool,
    /// Form of log lines on standard error.
    #[arg(long, value_name = "FORM", default_value = "text", global = true)]
    pub(super) log_format: LogFormat,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
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
    /// Check every file, offline.
    Validate(ValidateOptions),
    /// Show what an apply would change. Never writes to a target.
    Plan(PlanOptions),
    /// Make the targets as declared.
    Apply(ApplyOptions),
    /// Show what moved at the targets since the last apply, outside the repository. Never writes to a target.
    Drift(DriftOptions),
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
    /// Print a shell's completion script.
    Completions(CompletionsOptions),
}

#[derive(Debug, clap::Args)]
pub(super) struct ValidateOptions {
    /// How problems are printed.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: ValidateFormat,
}

/// How problems are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ValidateFormat {
    /// With the line and a caret.
    Human,
    /// JSON.
    Json,
    /// GitHub annotations.
    Github,
    /// SARIF 2.1.0.
    Sarif,
}

/// What a run covers.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Scope {
    /// Only this target; may be given again.
    #[arg(long = "target", value_name = "TARGET")]
    pub(super) targets: Vec<String>,
    /// Only this user or group key; may be given again.
    #[arg(long = "only", value_name = "KEY")]
    pub(super) only: Vec<String>,
    /// The day for which `starts`, `ends` and `until` are evaluated, UTC. Today if not given.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) as_of: Option<Date>,
    /// Send everything to embedded servers of the targets' profiles, kept under `.scimform/sandbox/`.
    #[arg(long)]
    pub(super) sandbox: bool,
    /// What of it a saved plan says, and nobody typed: that may be gone by now.
    #[arg(skip)]
    pub(super) saved: Saved,
}

/// What of a scope comes from a saved plan.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Saved {
    /// The targets.
    pub(super) targets: bool,
    /// The keys.
    pub(super) only: bool,
}

/// What is withheld from what is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Redact {
    /// Nothing but what is sensitive.
    #[default]
    None,
    /// Values of attributes.
    Values,
    /// Values of attributes, and whatever names a person.
    Names,
}

impl Command {
    /// What a command is asked to withhold.
    pub(super) fn redact(&self) -> Redaction {
        let asked = match self {
            Self::Plan(options) => options.redact,
            Self::Apply(options) => options.redact,
            _ => Redact::None,
        };
        match asked {
            Redact::None => Redaction::None,
            Redact::Values => Redaction::Values,
            Redact::Names => Redaction::Names,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct PlanOptions {
    #[command(flatten)]
    pub(super) scope: Scope,
    /// Write the plan to FILE (readable by you alone), for `apply FILE`.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) out: Option<PathBuf>,
    /// How the plan is printed.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: PlanFormat,
    /// Exit with 2 where the plan has changes.
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
    /// Withhold values, or all that names people, from what is printed. The file of `--out` stays whole.
    #[arg(long, value_name = "WHAT", default_value = "none")]
    pub(super) redact: Redact,
    /// Also apply the plan to a copy of what was read, at an embedded server of the target's profile, and say how it went.
    #[arg(long)]
    pub(super) rehearse: bool,
    /// Plan as `apply --confirm-removals N` would.
    #[arg(long, value_name = "N")]
    pub(super) confirm_removals: Option<u64>,
}

/// How a plan is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PlanFormat {
    /// For a terminal.
    Human,
    /// For a pull request.
    Markdown,
    /// For machines: `scimform.plan/v1`, `scimform.drift/v1`.
    Json,
}

#[derive(Debug, clap::Args)]
pub(super) struct DriftOptions {
    #[command(flatten)]
    pub(super) scope: Scope,
    /// How it is printed.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: PlanFormat,
    /// Exit with 2 where something moved at a target alone.
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ApplyOptions {
    /// A plan written by `plan --out`: only what stands in it is done.
    #[arg(value_name = "PLANFILE", value_hint = ValueHint::FilePath)]
    pub(super) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(super) scope: Scope,
    /// Do not ask.
    #[arg(long)]
    pub(super) auto_approve: bool,
    /// Refuse all unless the plan's digest is this one.
    #[arg(long, value_name = "DIGEST", conflicts_with = "plan")]
    pub(super) expect: Option<String>,
    /// Allow exactly this many removals, where a limit stands against them.
    #[arg(long, value_name = "N")]
    pub(super) confirm_removals: Option<u64>,
    /// Withhold values, or all that names people, from what is printed.
    #[arg(long, value_name = "WHAT", default_value = "none")]
    pub(super) redact: Redact,
    /// Start a new ledger although `CI` is set.
    #[arg(long)]
    pub(super) first_run: bool,
    /// Wait so long for another run to free the ledger, as in `5m` or `30s`; not at all if not given.
    #[arg(long, value_name = "DURATION", value_parser = patience, default_value = "0", hide_default_value = true)]
    pub(super) lock_timeout: Duration,
    /// How the report is printed.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: ReportFormat,
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// For people.
    Human,
    /// `scimform.report/v1`.
    Json,
}

#[derive(Debug, clap::Args)]
pub(super) struct ProbeOptions {
    /// The target.
    #[arg(value_name = "TARGET")]
    pub(super) target: String,
    /// Also make a marked user, change it, deactivate it and remove it; says what stayed.
    #[arg(long)]
    pub(super) write: bool,
    /// Do not ask before writing.
    #[arg(long, requires = "write")]
    pub(super) auto_approve: bool,
    /// How the result is printed.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: ProbeFormat,
    /// Test the embedded server of the target's profile, kept under `.scimform/sandbox/`.
    #[arg(long)]
    pub(super) sandbox: bool,
}

/// How a test is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ProbeFormat {
    /// For people.
    Human,
    /// `scimform.probe/v1`.
    Json,
}

#[derive(Debug, clap::Args)]
pub(super) struct ProfileOptions {
    #[command(subcommand)]
    pub(super) action: ProfileAction,
}

#[derive(Debug, Subcommand)]
pub(super) enum ProfileAction {
    /// Every profile: name, vendor, groups, base URL.
    List,
    /// All that a profile says, with the default mapping in effect.
    Show {
        /// The profile.
        #[arg(value_name = "NAME")]
        name: String,
        /// How it is printed.
        #[arg(long, value_name = "FORMAT", default_value = "yaml")]
        format: ProfileFormat,
    },
}

/// How a profile is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ProfileFormat {
    /// As profile files are written.
    Yaml,
    /// JSON.
    Json,
}

#[derive(Debug, clap::Args)]
pub(super) struct LedgerOptions {
    #[command(subcommand)]
    pub(super) action: LedgerAction,
    /// The ledger of the embedded servers.
    #[arg(long, global = true)]
    pub(super) sandbox: bool,
    /// Wait so long for another run to free the ledger, as in `5m` or `30s`; not at all if not given.
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = patience,
        default_value = "0",
        hide_default_value = true,
        global = true
    )]
    pub(super) lock_timeout: Duration,
}

#[derive(Debug, Subcommand)]
pub(super) enum LedgerAction {
    /// What is managed, by target: kind, key, id.
    List,
    /// Everything known of one key.
    Show {
        /// The key.
        key: String,
    },
    /// Stop managing a user or group at a target, and leave it as it is.
    Forget {
        /// The target.
        target: String,
        /// The keys.
        #[arg(required_unless_present_any = ["all", "counts"])]
        keys: Vec<String>,
        /// How many users and groups the target showed at the last apply, for one that truly shrank.
        #[arg(long, conflicts_with_all = ["keys", "all"])]
        counts: bool,
        /// Everything at the target, as after a tenant was emptied or replaced.
        #[arg(long, conflicts_with = "keys")]
        all: bool,
        /// How many users and groups `--all` forgets, exactly; asked for where it is not given.
        #[arg(long, value_name = "N", requires = "all")]
        confirm: Option<u64>,
    },
    /// Free a lock that a run which is no longer there has left.
    Unlock {
        /// The lock, as the message names it; asked for where it is not given.
        #[arg(value_name = "ID")]
        id: Option<String>,
    },
    /// Seal the ledger as it is with the key in SCIMFORM_LEDGER_KEY, after a look at it.
    Seal {
        /// Take the seal off instead.
        #[arg(long)]
        remove: bool,
        /// How many users and groups stand in it, exactly; asked for where it is not given.
        #[arg(long, value_name = "N")]
        confirm: Option<u64>,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct SandboxOptions {
    /// Address to listen on; only loopback ones without `--token` are accepted.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787")]
    pub(super) listen: std::net::SocketAddr,
    /// Play this vendor.
    #[arg(long, value_name = "PROFILE")]
    pub(super) profile: Option<String>,
    /// The token that clients must send; taken from SCIMFORM_SANDBOX_TOKEN if set.
    #[arg(long, value_name = "TOKEN", env = "SCIMFORM_SANDBOX_TOKEN", hide_env_values = true)]
    pub(super) token: Option<String>,
    /// Keep everything in this file; in memory if not given.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) store: Option<PathBuf>,
    /// A fault to play, as in `429,every=10` or `latency=200ms,on=POST`; may be given again.
    #[arg(long = "fault", value_name = "FAULT")]
    pub(super) faults: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct SchemaOptions {
    /// Which schema.
    #[arg(value_name = "SCHEMA", default_value = "files")]
    pub(super) which: SchemaKind,
    /// The draft of JSON Schema (draft 7 suits older editors).
    #[arg(long, value_name = "DRAFT", default_value = "2020-12")]
    pub(super) draft: Draft,
}

/// Which schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaKind {
    /// Of the YAML files.
    Files,
    /// Of `plan --format json`.
    Plan,
    /// Of `drift --format json`.
    Drift,
    /// Of the files that describe a vendor.
    Profile,
    /// Of a line of a journal.
    Journal,
    /// Of `apply --format json`.
    Report,
    /// Of a ledger.
    Ledger,
}

/// A draft of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Draft {
    /// 2020-12.
    #[value(name = "2020-12")]
    Latest,
    /// Draft 7.
    #[value(name = "07")]
    Seven,
}

#[derive(Debug, clap::Args)]
pub(super) struct CompletionsOptions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(super) shell: clap_complete::Shell,
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

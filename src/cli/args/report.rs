//! `report`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum, ValueHint};

use super::Scope;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ReportOptions {
    #[command(subcommand)]
    pub(in crate::cli) action: ReportAction,
}

impl ReportOptions {
    /// Whether what names people is withheld.
    pub(in crate::cli) fn withholds_names(&self) -> bool {
        let ReportAction::Access(options) = &self.action;
        options.redact == Withhold::Names
    }
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ReportAction {
    /// Who has what at every target, and why: for reviews and audits.
    ///
    /// Tells what the files declare, without credentials and network; `--live` also asks the targets, by GET alone.
    Access(AccessOptions),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AccessOptions {
    #[command(flatten)]
    pub(in crate::cli) scope: Scope,
    /// Only who is in this group, by its key.
    #[arg(long, value_name = "GROUP")]
    pub(in crate::cli) group: Option<String>,
    /// Also read the targets: what is there as declared, what is not, and what nobody declared.
    #[arg(long)]
    pub(in crate::cli) live: bool,
    /// How it is printed.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: AccessFormat,
    /// Withhold what names people: keys become numbers, rules and places in files are left out.
    #[arg(long, value_name = "WHAT", default_value = "none")]
    pub(in crate::cli) redact: Withhold,
    /// Write it to FILE (readable by you alone) instead of standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) out: Option<PathBuf>,
}

/// How a report of access is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum AccessFormat {
    /// For a terminal.
    Human,
    /// For a spreadsheet: one row per account, and one per group, role or entitlement.
    Csv,
    /// For a ticket or a wiki.
    Markdown,
    /// For a browser and for paper: one file that loads nothing.
    Html,
    /// For machines: `scimform.access/v1`.
    Json,
}

/// What is withheld from a report of access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Withhold {
    /// Nothing.
    None,
    /// Whatever names a person.
    Names,
}

//! What a run covers, and what is withheld from what it prints.

use clap::ValueEnum;
use clap_complete::engine::ArgValueCandidates;
use jiff::civil::Date;

use super::date;
use crate::cli::candidates;

/// What a run covers.
#[derive(Debug, Default, clap::Args)]
pub(in crate::cli) struct Scope {
    /// Only this target; may be given again.
    #[arg(long = "target", value_name = "TARGET", add = ArgValueCandidates::new(candidates::targets))]
    pub(in crate::cli) targets: Vec<String>,
    /// Only this user or group key; may be given again.
    #[arg(long = "only", value_name = "KEY", add = ArgValueCandidates::new(candidates::keys))]
    pub(in crate::cli) only: Vec<String>,
    /// The day for which `starts`, `ends` and `until` are evaluated, UTC. Today if not given.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(in crate::cli) as_of: Option<Date>,
    /// Send everything to embedded servers of the targets' profiles, kept under `.scimform/sandbox/`.
    #[arg(long)]
    pub(in crate::cli) sandbox: bool,
    /// What of it a saved plan says, and nobody typed: that may be gone by now.
    #[arg(skip)]
    pub(in crate::cli) saved: Saved,
}

/// What of a scope comes from a saved plan.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Saved {
    /// The targets.
    pub(in crate::cli) targets: bool,
    /// The keys.
    pub(in crate::cli) only: bool,
}

/// What is withheld from what is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Redact {
    /// Nothing but what is sensitive.
    #[default]
    None,
    /// Values of attributes.
    Values,
    /// Values of attributes, and whatever names a person.
    Names,
}

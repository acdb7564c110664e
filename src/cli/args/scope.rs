//! What a run covers, and what is withheld from what it prints.

use clap::ValueEnum;
use clap_complete::engine::ArgValueCandidates;
use jiff::civil::Date;

use super::date;
use crate::cli::candidates;
use crate::engine;

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
}

impl From<&Scope> for engine::Scope {
    fn from(given: &Scope) -> Self {
        Self {
            targets: given.targets.clone(),
            only: given.only.clone(),
            as_of: given.as_of,
            sandbox: given.sandbox,
            ..Self::default()
        }
    }
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

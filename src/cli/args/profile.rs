//! `profile`.

use clap::{Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCandidates;

use crate::cli::candidates;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ProfileOptions {
    #[command(subcommand)]
    pub(in crate::cli) action: ProfileAction,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ProfileAction {
    /// Every profile: name, vendor, groups, base URL.
    List,
    /// All that a profile says, with the default mapping in effect.
    Show {
        /// The profile.
        #[arg(value_name = "NAME", add = ArgValueCandidates::new(candidates::profiles))]
        name: String,
        /// How it is printed.
        #[arg(long, value_name = "FORMAT", default_value = "yaml")]
        format: ProfileFormat,
    },
}

/// How a profile is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ProfileFormat {
    /// As profile files are written.
    Yaml,
    /// JSON.
    Json,
}

//! `man`.

use std::path::PathBuf;

use clap::ValueHint;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ManOptions {
    /// Write a page for each command into DIR; without it the page of scimform itself is printed.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(in crate::cli) out: Option<PathBuf>,
}

//! What a page of Markdown is for.

use clap::ValueEnum;

#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "For --format markdown and html")]
pub(in crate::cli) struct CommentOptions {
    /// Where the page goes, which says how much fits. What is left out is said.
    #[arg(long = "for", value_name = "PLACE", default_value = "github")]
    pub(in crate::cli) place: CommentPlace,
    /// Address of the files, to which `/path#L3` is added. Found out where the environment of GitHub or GitLab, or the
    /// remote of the clone, tells.
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) link_base: Option<String>,
    /// Where all of it is to be had, if some is left out: an address, or the name of an artifact.
    #[arg(long, value_name = "WHERE")]
    pub(in crate::cli) full_at: Option<String>,
}

/// Where a page goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum CommentPlace {
    /// A comment on GitHub: up to 65,536 characters.
    #[default]
    Github,
    /// A note on GitLab: up to 1,000,000 characters.
    Gitlab,
    /// The summary of a step on GitHub: up to 1 MiB.
    GithubSummary,
    /// A file: as long as it is.
    File,
}

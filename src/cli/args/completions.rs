//! `completions`.

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CompletionsOptions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(in crate::cli) shell: clap_complete::Shell,
}

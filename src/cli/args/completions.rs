//! `completions`.

const EXAMPLES: &str = "\
Examples:\n\
\x20\x20source <(scimform completions bash)              in ~/.bashrc\n\
\x20\x20source <(scimform completions zsh)               in ~/.zshrc, after compinit\n\
\x20\x20scimform completions fish | source               in ~/.config/fish/config.fish";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(in crate::cli) struct CompletionsOptions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(in crate::cli) shell: clap_complete::Shell,
}

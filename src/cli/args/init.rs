//! `init`.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct InitOptions {
    /// Where; the current folder if not given.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(in crate::cli) folder: Option<PathBuf>,
    /// What the first target is called in the files.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) target: Option<String>,
    /// Its profile, as `profile list` has them.
    #[arg(long, value_name = "PROFILE")]
    pub(in crate::cli) profile: Option<String>,
    /// Its base URL; not needed where all tenants of the vendor share one.
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(in crate::cli) url: Option<String>,
    /// The environment variable that holds its token, as in `env:APP_TOKEN`.
    #[arg(long, value_name = "env:VARIABLE")]
    pub(in crate::cli) auth: Option<String>,
    /// For which forge workflows are written; the one that `origin` names, else GitHub.
    #[arg(long, value_name = "FORGE")]
    pub(in crate::cli) ci: Option<Forge>,
    /// Who owns the files in CODEOWNERS, as in `@acme/identity`, or those below a path, as in
    /// `/people/product.yaml=@acme/product`; may be given again.
    #[arg(long, value_name = "[PATH=]TEAM")]
    pub(in crate::cli) owners: Vec<String>,
    /// Where the ledger is kept: `git`, `dir`, or an object store, as in `s3://bucket/prefix`.
    #[arg(long, value_name = "PLACE")]
    pub(in crate::cli) ledger: Option<String>,
    /// The branch from which CI applies; the one that is checked out, else `main`.
    #[arg(long, value_name = "BRANCH")]
    pub(in crate::cli) default_branch: Option<String>,
    /// Ask nothing: take what is not given as it would be proposed.
    #[arg(long)]
    pub(in crate::cli) yes: bool,
}

/// Whose workflows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Forge {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// Both.
    Both,
    /// None.
    None,
}

impl Forge {
    /// Whether GitHub's are among them.
    pub(in crate::cli) fn github(self) -> bool {
        matches!(self, Self::Github | Self::Both)
    }

    /// Whether GitLab's are among them.
    pub(in crate::cli) fn gitlab(self) -> bool {
        matches!(self, Self::Gitlab | Self::Both)
    }
}

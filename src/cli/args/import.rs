//! `import`.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};

use crate::import::Layout;

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("from").required(true).args(["target", "csv"])))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(in crate::cli) struct ImportOptions {
    /// The target whose people and groups are taken over.
    #[arg(value_name = "TARGET")]
    pub(in crate::cli) target: Option<String>,
    /// Take people from a CSV file instead.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) csv: Option<PathBuf>,
    /// Take over everyone and every group.
    #[arg(long, visible_alias = "auto-approve")]
    pub(in crate::cli) all: bool,
    /// Only this one, by key, userName, displayName of a group or id; may be given again.
    #[arg(long = "only", value_name = "WHO")]
    pub(in crate::cli) only: Vec<String>,
    /// Only those for whom the expression holds, over `user` or `group` as they would be declared.
    #[arg(long = "where", value_name = "EXPRESSION")]
    pub(in crate::cli) rule: Option<String>,
    /// Only people.
    #[arg(long, conflicts_with = "groups_only")]
    pub(in crate::cli) users_only: bool,
    /// Only groups.
    #[arg(long)]
    pub(in crate::cli) groups_only: bool,
    /// Show and choose only those who are not declared yet.
    #[arg(long)]
    pub(in crate::cli) new_only: bool,
    /// Write nothing; show what would be written.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Into which files people are written.
    #[arg(long, value_name = "LAYOUT", default_value = "per-section")]
    pub(in crate::cli) layout: ImportLayout,
    /// The folder of the files, from the repository's root.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(in crate::cli) out: Option<PathBuf>,
    /// The binding that gives the target to those who are imported. It is made if it is not there.
    #[arg(long, value_name = "NAME", conflicts_with = "csv")]
    pub(in crate::cli) binding: Option<String>,
    /// Give the target to nobody: those who are imported stay unmanaged.
    #[arg(long, conflicts_with_all = ["csv", "binding"])]
    pub(in crate::cli) no_binding: bool,
    /// How the result is printed.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: ImportFormat,
    /// Import from the embedded server of the target's profile, kept under `.scimform/sandbox/`.
    #[arg(long, conflicts_with = "csv")]
    pub(in crate::cli) sandbox: bool,
}

/// Into which files people are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ImportLayout {
    /// All in one file, `imported.yaml`.
    Single,
    /// `users.yaml`, `groups.yaml`, `bindings.yaml`.
    PerSection,
    /// A file for each person, `users/KEY.yaml`.
    PerPerson,
    /// A file for each department, `users/DEPARTMENT.yaml`.
    PerDepartment,
}

impl From<ImportLayout> for Layout {
    fn from(layout: ImportLayout) -> Self {
        match layout {
            ImportLayout::Single => Self::Single,
            ImportLayout::PerSection => Self::PerSection,
            ImportLayout::PerPerson => Self::PerPerson,
            ImportLayout::PerDepartment => Self::PerDepartment,
        }
    }
}

/// How an import is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ImportFormat {
    /// For people.
    Human,
    /// `scimform.import/v1`.
    Json,
}

//! `import`.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};
use clap_complete::engine::ArgValueCandidates;

use crate::cli::candidates;
use crate::import::Layout;
use crate::import::sheet::Order;

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("from").required(true).args(["target", "csv"])))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(in crate::cli) struct ImportOptions {
    /// The target whose people and groups are taken over.
    #[arg(value_name = "TARGET", add = ArgValueCandidates::new(candidates::targets))]
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
    #[command(flatten)]
    pub(in crate::cli) sheet: SheetOptions,
}

/// How a CSV file is read.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Options of --csv")]
pub(in crate::cli) struct SheetOptions {
    /// What a column is, where its header does not tell: `"Mail=email"`, `"Size=custom.size"`; `-` leaves it out. May be
    /// given again.
    #[arg(long = "map", value_name = "COLUMN=ATTRIBUTE", requires = "csv")]
    pub(in crate::cli) map: Vec<String>,
    /// The same from a YAML file of `COLUMN: ATTRIBUTE`.
    #[arg(long, value_name = "FILE", requires = "csv", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) map_file: Option<PathBuf>,
    /// The column, or attribute, of which keys are made. The part of userName before the `@` if not given.
    #[arg(long, value_name = "COLUMN", requires = "csv")]
    pub(in crate::cli) key: Option<String>,
    /// What stands between cells: `,`, `;` or `tab`. Found from the line of headers if not given.
    #[arg(long, value_name = "WHAT", requires = "csv", value_parser = delimiter)]
    pub(in crate::cli) delimiter: Option<char>,
    /// How dates with slashes are written: `dmy`, `mdy`, or as strptime has it (`%d.%m.%y`).
    #[arg(long, value_name = "ORDER", requires = "csv", value_parser = order)]
    pub(in crate::cli) date_format: Option<Order>,
}

fn delimiter(text: &str) -> Result<char, String> {
    match text {
        "tab" | "\\t" | "\t" => Ok('\t'),
        "comma" => Ok(','),
        "semicolon" => Ok(';'),
        other => match other.chars().collect::<Vec<_>>().as_slice() {
            [one] if one.is_ascii_punctuation() && *one != '"' => Ok(*one),
            _ => Err(format!("`{other}` is no delimiter; write `,`, `;` or `tab`")),
        },
    }
}

fn order(text: &str) -> Result<Order, String> {
    match text.to_ascii_lowercase().as_str() {
        "dmy" | "dd/mm/yyyy" => Ok(Order::DayMonth),
        "mdy" | "mm/dd/yyyy" => Ok(Order::MonthDay),
        _ if text.contains('%') => Ok(Order::Format(text.to_owned())),
        _ => Err(format!("`{text}` is no order; write `dmy`, `mdy` or a format like `%d.%m.%y`")),
    }
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
    /// `scimform.import/v1`, of a CSV file `scimform.import.csv/v1`.
    Json,
}

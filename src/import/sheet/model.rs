//! What an import of a sheet found and did. Serialises as `scimform.import.csv/v1`; fields are only ever added.

use serde::Serialize;

use crate::import::model::{File, Status};

/// Name of the published format.
pub const FORMAT: &str = "scimform.import.csv/v1";

/// The JSON Schema of the format, for publication.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(SheetImport).to_value()
}

/// An import of one sheet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SheetImport {
    /// [`FORMAT`].
    pub format: String,
    /// `scimform 0.1.0`.
    pub tool: String,
    /// The sheet, as it was named.
    pub file: String,
    /// What stands between its cells.
    pub delimiter: String,
    /// Whether nothing was written on purpose.
    pub dry_run: bool,
    /// What each column was taken for.
    pub columns: Vec<ColumnUse>,
    /// Counts.
    pub summary: SheetSummary,
    /// Everyone: New before Imported, in the order of the sheet.
    pub entries: Vec<Entry>,
    /// Groups that the sheet names, by key.
    pub groups: Vec<GroupUse>,
    /// Files that were written, or would be, by path.
    pub files: Vec<File>,
    /// What to do next.
    pub next: Vec<String>,
}

/// What a column was taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ColumnUse {
    /// The header.
    pub header: String,
    /// The attribute; none where the column was left.
    pub attribute: Option<String>,
}

/// Counts of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SheetSummary {
    /// People who were not declared before; they are now.
    pub new: u64,
    /// People who were; nothing is written of them.
    pub imported: u64,
    /// Groups that were not declared before.
    pub new_groups: u64,
    /// New people who were put into groups that are declared.
    pub joins: u64,
}

/// One person.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Whether the person was declared before.
    pub status: Status,
    /// The key.
    pub key: String,
    /// `userName`.
    pub user_name: String,
    /// The line of the sheet.
    pub line: u64,
    /// The file of a new one's declaration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What should be known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A group that the sheet names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupUse {
    /// Whether it was declared before.
    pub status: Status,
    /// The key.
    pub key: String,
    /// The name of the sheet.
    pub name: String,
    /// New people who are put into it.
    pub members: u64,
}

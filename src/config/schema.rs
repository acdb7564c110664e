//! The JSON Schema of a file, for editors and for `parse`.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::model::File;

/// The folder in which the schemas are published.
const HOME: &str = "https://raw.githubusercontent.com/scimform/scimform/main/schema";

/// The JSON Schema of every file of a repository, draft 2020-12.
pub fn json_schema() -> Value {
    generate(SchemaSettings::draft2020_12(), "scimform.schema.json")
}

/// The same in draft 07, which more editors understand.
pub fn json_schema_draft07() -> Value {
    generate(SchemaSettings::draft07(), "scimform.draft07.schema.json")
}

fn generate(settings: SchemaSettings, name: &str) -> Value {
    let mut schema = settings.into_generator().into_root_schema_for::<File>();
    schema.insert("$id".to_owned(), json!(format!("{HOME}/{name}")));
    schema.to_value()
}

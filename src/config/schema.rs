//! The JSON Schema of a file, for editors and for `parse`.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::model::File;

/// Where the published schema says that it lives.
const ID: &str = "https://scimform.dev/schema/scimform.schema.json";

/// The JSON Schema of every file of a repository, draft 2020-12.
pub fn json_schema() -> Value {
    generate(SchemaSettings::draft2020_12())
}

/// The same in draft 07, which more editors understand.
pub fn json_schema_draft07() -> Value {
    generate(SchemaSettings::draft07())
}

fn generate(settings: SchemaSettings) -> Value {
    let mut schema = settings.into_generator().into_root_schema_for::<File>();
    schema.insert("$id".to_owned(), json!(ID));
    schema.to_value()
}

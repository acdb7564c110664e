//! The JSON Schema of a profile file, for editors and for the profiles' own test.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::{AuthForm, Profile};

/// Where the schema is published.
const ID: &str = "https://raw.githubusercontent.com/scimform/scimform/main/schema/profile.schema.json";

/// The JSON Schema of a profile file, draft 2020-12.
pub fn json_schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Profile>();
    schema.insert("$id".to_owned(), json!(ID));
    schema.to_value()
}

/// Rows of a default mapping.
pub(super) fn rows(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": {
            "anyOf": [
                { "type": "string", "description": "An expression." },
                { "type": "null", "description": "Takes the row of the profile that is extended out." },
                {
                    "type": "object",
                    "properties": {
                        "value": { "type": "string", "description": "An expression." },
                        "const": { "description": "A value sent as it stands." },
                        "default": { "type": "string", "description": "Taken where the value is undefined." },
                        "apply": {
                            "enum": ["always", "onCreate"],
                            "description": "When it is sent: whenever it differs, or at creation alone.",
                        },
                    },
                    "additionalProperties": false,
                    "oneOf": [{ "required": ["value"] }, { "required": ["const"] }],
                },
            ],
        },
    })
}

impl JsonSchema for AuthForm {
    fn schema_name() -> Cow<'static, str> {
        "AuthForm".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "title": "Form of the login",
            "anyOf": [
                { "type": "string", "enum": ["bearer", "basic", "oauth2"] },
                {
                    "type": "object",
                    "properties": {
                        "header": { "type": "string", "minLength": 1, "description": "Name of a header of the vendor's own." },
                    },
                    "required": ["header"],
                    "additionalProperties": false,
                },
            ],
        })
    }
}

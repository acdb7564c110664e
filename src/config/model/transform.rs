//! Shapes that the JSON Schema of our types should have and that derives don't give.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

/// Keys and names: some text, no blank at either end.
pub(super) fn names() -> Value {
    json!({ "pattern": r"^\S(.*\S)?$", "minLength": 1 })
}

/// Paths of SCIM attributes. `directory` parses them.
pub(super) fn path_names() -> Value {
    json!({ "minLength": 1 })
}

/// A calendar day.
pub(super) fn date(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "format": "date",
        "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        "examples": ["2027-01-31"]
    })
}

/// Any value.
pub(super) fn anything(_: &mut SchemaGenerator) -> Schema {
    json_schema!({})
}

/// Any mapping.
pub(super) fn object(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object" })
}

fn properties(schema: &mut Schema) -> impl Iterator<Item = &mut Map<String, Value>> {
    schema
        .get_mut("properties")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(Map::values_mut)
        .filter_map(Value::as_object_mut)
}

/// Properties of this type are left out when there is nothing to say; `null` is refused.
pub(super) fn not_null(schema: &mut Schema) {
    for property in properties(schema) {
        if let Some(Value::Array(types)) = property.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                property.insert("type".to_owned(), only);
            }
        }
    }
}

/// Everything may be left out.
pub(super) fn optional(schema: &mut Schema) {
    schema.remove("required");
}

/// Defaults are said in words: `[]` and `{}` as defaults tell an editor's user nothing.
pub(super) fn no_defaults(schema: &mut Schema) {
    for property in properties(schema) {
        property.remove("default");
    }
}

/// An enum that is written as a mapping with one key: a `oneOf` of objects becomes one object, so that editors
/// complete the keys and errors name them.
pub(super) fn one_key(schema: &mut Schema) {
    let Some(Value::Array(forms)) = schema.remove("oneOf") else { return };
    let mut all = Map::new();
    for form in forms {
        let Value::Object(mut form) = form else { continue };
        let description = form.remove("description");
        let Some(Value::Object(properties)) = form.remove("properties") else { continue };
        for (name, mut property) in properties {
            if let (Some(text), Some(property)) = (&description, property.as_object_mut()) {
                property.insert("description".to_owned(), text.clone());
            }
            all.insert(name, property);
        }
    }
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(all));
    schema.insert("additionalProperties".to_owned(), json!(false));
    schema.insert("minProperties".to_owned(), json!(1));
    schema.insert("maxProperties".to_owned(), json!(1));
}

/// A row has a value, a constant or a secret.
pub(super) fn value_or_const(schema: &mut Schema) {
    schema.insert(
        "oneOf".to_owned(),
        json!([{ "required": ["value"] }, { "required": ["const"] }, { "required": ["secret"] }]),
    );
}

/// A policy denies or warns.
pub(super) fn deny_or_warn(schema: &mut Schema) {
    schema.insert("oneOf".to_owned(), json!([{ "required": ["deny"] }, { "required": ["warn"] }]));
}

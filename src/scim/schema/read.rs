//! Reads what a server tells about its schemas. Vendors' schema documents are often wrong in form, so whatever
//! cannot be understood has the default of RFC 7643 section 2.2, and nothing is an error.

use serde::{Deserialize, Deserializer};

use super::{Attribute, Mutability, Returned, Schema, Schemas, Type, Uniqueness};
use crate::scim::{Object, Value};

impl Schemas {
    /// Reads an answer of `/Schemas`: a list response, an array of schemas or one schema. What is no schema with an
    /// `id` is left out.
    pub fn read(answer: &Value) -> Self {
        let resources = answer.get("Resources").unwrap_or(answer);
        let one = std::slice::from_ref(resources);
        let items = resources.as_array().unwrap_or(one);
        Self::new(items.iter().filter_map(Value::as_object).map(Schema::read).filter(|s| !s.id.is_empty()).collect())
    }
}

impl Schema {
    /// Reads one schema; what is missing is empty.
    pub fn read(object: &Object) -> Self {
        Self {
            id: text(object, "id"),
            name: text(object, "name"),
            description: text(object, "description"),
            attributes: attributes(object, "attributes"),
        }
    }
}

impl Attribute {
    /// Reads one definition; what is missing or not understood has its default.
    pub fn read(object: &Object) -> Self {
        let sub_attributes = attributes(object, "subAttributes");
        let kind = match text(object, "type").to_ascii_lowercase().as_str() {
            "boolean" => Type::Boolean,
            "decimal" => Type::Decimal,
            "integer" => Type::Integer,
            "datetime" => Type::DateTime,
            "binary" => Type::Binary,
            "reference" => Type::Reference,
            "complex" => Type::Complex,
            _ if !sub_attributes.is_empty() => Type::Complex,
            _ => Type::String,
        };
        Self {
            name: text(object, "name"),
            kind,
            multi_valued: flag(object, "multiValued"),
            description: text(object, "description"),
            required: flag(object, "required"),
            canonical_values: texts(object, "canonicalValues"),
            case_exact: flag(object, "caseExact"),
            mutability: match text(object, "mutability").to_ascii_lowercase().as_str() {
                "readonly" => Mutability::ReadOnly,
                "immutable" => Mutability::Immutable,
                "writeonly" => Mutability::WriteOnly,
                _ => Mutability::ReadWrite,
            },
            returned: match text(object, "returned").to_ascii_lowercase().as_str() {
                "always" => Returned::Always,
                "never" => Returned::Never,
                "request" => Returned::Request,
                _ => Returned::Default,
            },
            uniqueness: match text(object, "uniqueness").to_ascii_lowercase().as_str() {
                "server" => Uniqueness::Server,
                "global" => Uniqueness::Global,
                _ => Uniqueness::None,
            },
            reference_types: texts(object, "referenceTypes"),
            sub_attributes,
        }
    }
}

fn text(object: &Object, name: &str) -> String {
    object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn texts(object: &Object, name: &str) -> Vec<String> {
    let items = object.get(name).and_then(Value::as_array).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn flag(object: &Object, name: &str) -> bool {
    object.get(name).and_then(Value::flag).unwrap_or(false)
}

fn attributes(object: &Object, name: &str) -> Vec<Attribute> {
    let items = object.get(name).and_then(Value::as_array).unwrap_or_default();
    items.iter().filter_map(Value::as_object).map(Attribute::read).filter(|a| !a.name.is_empty()).collect()
}

impl<'de> Deserialize<'de> for Schemas {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|answer| Self::read(&answer))
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Object::deserialize(deserializer).map(|object| Self::read(&object))
    }
}

//! Expressions, as text.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use crate::source::Spanned;

/// The text of an expression, not compiled. Its span covers the YAML scalar, quotes included;
/// `SourceMap::within` finds a character of the text in it.
#[derive(Clone, Debug, Default)]
pub struct Expression(pub Spanned<String>);

impl std::ops::Deref for Expression {
    type Target = Spanned<String>;
    fn deref(&self) -> &Spanned<String> {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::deserialize(deserializer).map(Self)
    }
}

impl JsonSchema for Expression {
    fn schema_name() -> Cow<'static, str> {
        "Expression".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "title": "Expression",
            "description": "An expression (Jinja syntax): attributes as `user.title`, text joined with `~`, filters after `|`, conditions with `and`, `or`, `not`, `==`, `in`.",
            "type": ["string", "boolean"],
            "examples": ["user.department == \"Engineering\"", "user.name.givenName ~ \" \" ~ user.name.familyName"]
        })
    }
}

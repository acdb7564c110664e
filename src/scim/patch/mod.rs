//! Modifications of a resource (RFC 7644 section 3.5.2).

mod apply;
mod change;
mod elements;
mod read;
#[cfg(test)]
mod tests;

pub use apply::apply;

use serde::{Deserialize, Deserializer, Serialize};

use super::path::AttrPath;
use super::{ScimError, ScimType};
use super::{Value, urn};

/// What an operation does. Written in lower case, read in any (clients are known that write `Replace`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    /// Adds values (section 3.5.2.1).
    Add,
    /// Removes values (section 3.5.2.2).
    Remove,
    /// Puts values in place of those there are (section 3.5.2.3).
    Replace,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatchOp {
    /// What to do.
    pub op: Op,
    /// Where; without it `value` is an object of attributes. An empty path reads as none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "read::path")]
    pub path: Option<AttrPath>,
    /// What to put there; `Some(Null)` is a `null` that was written.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "read::present")]
    pub value: Option<Value>,
}

/// The body of a PATCH.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatchRequest {
    /// Holds [`urn::PATCH_OP`].
    #[serde(default)]
    pub schemas: Vec<String>,
    /// What to do, in this order and as a whole or not at all.
    #[serde(rename = "Operations")]
    pub operations: Vec<PatchOp>,
}

impl Op {
    /// Its name as it is sent.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

impl PatchOp {
    /// `add` at a path.
    pub fn add(path: AttrPath, value: Value) -> Self {
        Self { op: Op::Add, path: Some(path), value: Some(value) }
    }

    /// `replace` at a path.
    pub fn replace(path: AttrPath, value: Value) -> Self {
        Self { op: Op::Replace, path: Some(path), value: Some(value) }
    }

    /// `remove` of a path.
    pub fn remove(path: AttrPath) -> Self {
        Self { op: Op::Remove, path: Some(path), value: None }
    }
}

impl PatchRequest {
    /// A body of these operations.
    pub fn new(operations: Vec<PatchOp>) -> Self {
        Self { schemas: vec![urn::PATCH_OP.to_owned()], operations }
    }
}

impl PatchRequest {
    /// Reads a body and says what is wrong with it in the protocol's words.
    ///
    /// # Errors
    /// 400 with `invalidSyntax`, `invalidPath` or `invalidFilter` (RFC 7644 Table 9).
    pub fn read(body: &Value) -> Result<Self, ScimError> {
        let syntax = |detail: &str| ScimError::new(ScimType::InvalidSyntax, detail);
        let schemas = body.get("schemas").and_then(Value::as_array).unwrap_or_default();
        if !schemas.iter().filter_map(Value::as_str).any(|schema| schema.eq_ignore_ascii_case(urn::PATCH_OP)) {
            return Err(syntax("schemas must name the PatchOp message"));
        }
        // The one name whose case every client and server keeps to, so another spelling is more likely a slip.
        let named = body.as_object().and_then(|object| object.iter().find(|(name, _)| *name == "Operations"));
        let operations = named.and_then(|(_, value)| value.as_array());
        let operations = operations.ok_or_else(|| syntax("Operations must be an array"))?;
        Ok(Self::new(operations.iter().map(PatchOp::read).collect::<Result<_, _>>()?))
    }
}

impl PatchOp {
    /// Reads one operation; see [`PatchRequest::read`].
    ///
    /// # Errors
    /// 400 with `invalidSyntax`, `invalidPath` or `invalidFilter`.
    pub fn read(operation: &Value) -> Result<Self, ScimError> {
        let op = operation.get("op").and_then(Value::as_str).unwrap_or_default();
        let op =
            op.parse().map_err(|error: super::SyntaxError| ScimError::new(ScimType::InvalidSyntax, error.message))?;
        let path = match operation.get("path") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.trim().is_empty() => None,
            Some(Value::String(text)) => Some(text.parse().map_err(|error: super::SyntaxError| {
                let in_filter = text.find('[').is_some_and(|bracket| error.offset > bracket);
                let kind = if in_filter { ScimType::InvalidFilter } else { ScimType::InvalidPath };
                ScimError::new(kind, format!("path `{text}`: {error}"))
            })?),
            Some(_) => return Err(ScimError::new(ScimType::InvalidPath, "path must be a string")),
        };
        Ok(Self { op, path, value: operation.get("value").cloned() })
    }
}

impl std::fmt::Display for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Op {
    type Err = super::SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Add, Self::Remove, Self::Replace]
            .into_iter()
            .find(|op| op.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| super::SyntaxError { message: format!("`{text}` is not add, remove or replace"), offset: 0 })
    }
}

impl<'de> Deserialize<'de> for Op {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

//! How the parts of an operation are read.

use serde::{Deserialize, Deserializer};

use crate::scim::Value;
use crate::scim::path::AttrPath;

pub(super) fn path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AttrPath>, D::Error> {
    match Option::<String>::deserialize(deserializer)? {
        Some(text) if !text.trim().is_empty() => text.parse().map(Some).map_err(serde::de::Error::custom),
        _ => Ok(None),
    }
}

/// A `null` that is written is a value, other than none at all.
pub(super) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

//! Errors (RFC 7644 section 3.12).

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::lenient;
use crate::scim::{Object, Value, urn};

/// Detail of a 400 or 409 (RFC 7644 Table 9, RFC 9865 section 2.3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScimType {
    /// The filter is malformed or cannot be applied.
    InvalidFilter,
    /// The query would give more than the server wants to work on.
    TooMany,
    /// A value is in use already.
    Uniqueness,
    /// The attribute cannot be changed this way.
    Mutability,
    /// The body is malformed.
    InvalidSyntax,
    /// The path of an operation is malformed.
    InvalidPath,
    /// The path of an operation leads to nothing.
    NoTarget,
    /// A value is missing or does not fit the attribute.
    InvalidValue,
    /// The protocol version is not supported.
    InvalidVers,
    /// What is asked for must not be in a URI.
    Sensitive,
    /// The cursor is not valid.
    InvalidCursor,
    /// The cursor is too old: the query has to start again.
    ExpiredCursor,
    /// The count is not valid, or not that of the first page.
    InvalidCount,
    /// What no RFC names.
    Other(String),
}

const KNOWN: [ScimType; 13] = [
    ScimType::InvalidFilter,
    ScimType::TooMany,
    ScimType::Uniqueness,
    ScimType::Mutability,
    ScimType::InvalidSyntax,
    ScimType::InvalidPath,
    ScimType::NoTarget,
    ScimType::InvalidValue,
    ScimType::InvalidVers,
    ScimType::Sensitive,
    ScimType::InvalidCursor,
    ScimType::ExpiredCursor,
    ScimType::InvalidCount,
];

impl ScimType {
    /// The keyword as it is sent.
    pub fn name(&self) -> &str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
            Self::Other(name) => name,
        }
    }
}

impl FromStr for ScimType {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let known = KNOWN.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text));
        Ok(known.unwrap_or_else(|| Self::Other(text.to_owned())))
    }
}

impl fmt::Display for ScimType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for ScimType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for ScimType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|never: Infallible| match never {})
    }
}

/// Why a server refuses something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{status}{}: {detail}", .scim_type.as_ref().map(|kind| format!(" {kind}")).unwrap_or_default())]
pub struct ScimError {
    /// The HTTP status.
    pub status: u16,
    /// The detail keyword.
    pub scim_type: Option<ScimType>,
    /// What is wrong, in words.
    pub detail: String,
}

impl ScimError {
    /// An error without a keyword.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// A 400 with a keyword.
    pub fn bad_request(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { status: 400, scim_type: Some(scim_type), detail: detail.into() }
    }

    /// 409 `uniqueness`, as RFC 7644 section 3.3 demands of a duplicate.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self { status: 409, scim_type: Some(ScimType::Uniqueness), detail: detail.into() }
    }

    /// The body to answer with.
    pub fn body(&self) -> ErrorBody {
        ErrorBody {
            status: Some(self.status),
            scim_type: self.scim_type.clone(),
            detail: Some(self.detail.clone()).filter(|detail| !detail.is_empty()),
        }
    }
}

/// The body of an error. The HTTP status is the truth where the two differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// The HTTP status; written as a string, as the RFC says, read as a number too.
    pub status: Option<u16>,
    /// The detail keyword.
    pub scim_type: Option<ScimType>,
    /// What is wrong, in words.
    pub detail: Option<String>,
}

impl ErrorBody {
    /// Reads a body: that of the RFC, that of SCIM 1.1 (`Errors: [{description, code}]`), and common others that
    /// carry a `message`. `None` if it holds nothing of these.
    pub fn read(body: &Value) -> Option<Self> {
        let object = body.as_object()?;
        let old = object.get("Errors").and_then(Value::as_array).and_then(|errors| errors.first()?.as_object());
        let source = old.unwrap_or(object);
        let first = |names: &[&str]| names.iter().find_map(|name| source.get(name)).and_then(lenient::text);
        let found = Self {
            status: first(&["status", "code"]).and_then(|text| text.parse().ok()),
            scim_type: first(&["scimType"]).and_then(|text| text.parse().ok()),
            detail: first(&["detail", "description", "message", "error_description", "error"]),
        };
        (found != Self::default()).then_some(found)
    }

    /// The body as an object.
    pub fn to_object(&self) -> Object {
        let mut object = Object::new();
        object.insert("schemas", Value::Array(vec![urn::ERROR.into()]));
        if let Some(status) = self.status {
            object.insert("status", status.to_string().into());
        }
        if let Some(kind) = &self.scim_type {
            object.insert("scimType", kind.name().into());
        }
        if let Some(detail) = &self.detail {
            object.insert("detail", detail.as_str().into());
        }
        object
    }
}

impl Serialize for ErrorBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_object().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ErrorBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|body| Self::read(&body).unwrap_or_default())
    }
}

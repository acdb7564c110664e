//! Errors of a request that can't be carried out (RFC 7644 section 3.12).

use std::fmt;

/// What is wrong with a request that is answered by 400 (RFC 7644 Table 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScimType {
    /// The filter is malformed or cannot be applied.
    InvalidFilter,
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
}

impl ScimType {
    /// The keyword as it is sent.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
        }
    }
}

impl fmt::Display for ScimType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a server answers a request by 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("400 {scim_type}: {detail}")]
pub struct ScimError {
    /// The detail keyword.
    pub scim_type: ScimType,
    /// What is wrong, in words.
    pub detail: String,
}

impl ScimError {
    /// An error with its keyword.
    pub fn new(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { scim_type, detail: detail.into() }
    }
}

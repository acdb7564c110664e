//! Rows of a mapping: from their raw form to compiled ones, and to a value.

use std::ops::Range;
use std::str::FromStr;

use super::{Apply, Context, Expression, ExpressionError, Row, RowValue, Secret};
use crate::scim::Value;
use crate::scim::path::AttrPath;
use crate::source::Span;

/// A row as written: an expression or a constant, what stands in for it, and when it is sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawRow {
    /// The expression, with the place of its scalar.
    pub value: Option<(String, Option<Span>)>,
    /// The constant.
    pub constant: Option<Value>,
    /// Where a secret is looked up when it is sent.
    pub secret: Option<Secret>,
    /// The expression that is taken when the value is undefined.
    pub default: Option<(String, Option<Span>)>,
    /// When the row is sent.
    pub apply: Apply,
}

/// Why a row can't be compiled.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RowError {
    /// The path is not a SCIM attribute path.
    #[error("{message}")]
    Path {
        /// What is wrong.
        message: String,
        /// First byte of the path that is wrong.
        offset: usize,
    },
    /// The value's expression.
    #[error(transparent)]
    Value(ExpressionError),
    /// The default's expression.
    #[error(transparent)]
    Default(ExpressionError),
    /// Neither a value nor a constant, or both, or a constant with a default.
    #[error("{0}")]
    Form(&'static str),
}

impl RowError {
    /// Bytes in the text that is wrong (path, value or default), where known.
    pub fn range(&self) -> Option<Range<usize>> {
        match self {
            Self::Path { offset, .. } => Some(*offset..*offset),
            Self::Value(error) | Self::Default(error) => error.range.clone(),
            Self::Form(_) => None,
        }
    }
}

/// Compiles a row; `origin` is the place of its key.
///
/// # Errors
/// A path or an expression that can't be read, or a row that has not exactly one of `value` and `const`.
pub fn compile_row(path: &str, raw: &RawRow, origin: Option<Span>) -> Result<Row, RowError> {
    let path =
        AttrPath::from_str(path).map_err(|error| RowError::Path { message: error.message, offset: error.offset })?;
    let compile = |(text, span): &(String, Option<Span>)| Expression::compile(text, *span);
    if let Some(secret) = &raw.secret {
        return secret_row(path, raw, secret, origin);
    }
    let value = match (&raw.value, &raw.constant) {
        (Some(value), None) => RowValue::Expression(compile(value).map_err(RowError::Value)?),
        (None, Some(constant)) => RowValue::Const(constant.clone()),
        (None, None) => return Err(RowError::Form("a row needs `value` or `const`")),
        (Some(_), Some(_)) => return Err(RowError::Form("a row has either `value` or `const`, not both")),
    };
    if raw.constant.is_some() && raw.default.is_some() {
        return Err(RowError::Form("a constant is never undefined, so `default` has no use here"));
    }
    let default = raw.default.as_ref().map(compile).transpose().map_err(RowError::Default)?;
    Ok(Row { path, value, default, apply: raw.apply, origin })
}

/// A password is never shown by a server (RFC 7643 section 4.1.1), so that it is sent once; anything else could be
/// read there and is no secret.
fn secret_row(path: AttrPath, raw: &RawRow, secret: &Secret, origin: Option<Span>) -> Result<Row, RowError> {
    if raw.value.is_some() || raw.constant.is_some() || raw.default.is_some() {
        return Err(RowError::Form("a row with a `secret` has no `value`, `const` or `default`"));
    }
    if !path.same(&AttrPath::attribute("password")) {
        return Err(RowError::Form("only `password` can be a `secret`: what else is sent can be read at the target"));
    }
    Ok(Row { path, value: RowValue::Secret(secret.clone()), default: None, apply: Apply::OnCreate, origin })
}

impl Row {
    /// The value that the row asserts: `None` asserts nothing, `Value::Null` or an empty array asserts emptiness.
    /// The default is taken when the value is undefined. A secret is not looked up here, and gives nothing.
    ///
    /// # Errors
    /// As for [`Expression::evaluate`].
    pub fn evaluate(&self, context: &Context<'_>) -> Result<Option<Value>, ExpressionError> {
        let value = match &self.value {
            RowValue::Const(value) => Some(value.clone()),
            RowValue::Expression(expression) => expression.evaluate(context)?,
            RowValue::Secret(_) => None,
        };
        match (value, &self.default) {
            (None, Some(default)) => default.evaluate(context),
            (value, _) => Ok(value),
        }
    }

    /// Every expression of the row: its value's, its default's.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let value = match &self.value {
            RowValue::Expression(expression) => Some(expression),
            RowValue::Const(_) | RowValue::Secret(_) => None,
        };
        value.into_iter().chain(&self.default)
    }
}

//! Types of a compiled mapping.

use super::Expression;
use crate::scim::path::AttrPath;
use crate::scim::{PerKind, Value};
use crate::source::Span;

/// Rules from our attributes to a target's SCIM attributes, `extends` resolved.
#[derive(Debug)]
pub struct Mapping {
    /// Its name; the profile's name for a profile's default mapping.
    pub name: String,
    /// The rows, one per path, in the order of paths.
    pub rows: PerKind<Vec<Row>>,
    /// The match attributes in their order.
    pub matching: PerKind<Vec<AttrPath>>,
}

/// One row.
#[derive(Debug)]
pub struct Row {
    /// The SCIM attribute that is written.
    pub path: AttrPath,
    /// Where the value comes from.
    pub value: RowValue,
    /// Taken when the value is undefined; only at creation unless `apply` is always and the value stays undefined.
    pub default: Option<Expression>,
    /// When it is sent.
    pub apply: Apply,
    /// Where the row stands; `None` for a profile's default mapping.
    pub origin: Option<Span>,
}

/// Where a row's value comes from.
#[derive(Debug)]
pub enum RowValue {
    /// An expression.
    Expression(Expression),
    /// A constant.
    Const(Value),
    /// A secret that is looked up when it is sent.
    Secret(Secret),
}

/// Where a secret comes from; never the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// An environment variable.
    Env(String),
    /// A file, relative to the repository root unless absolute.
    File(String),
    /// Standard output of a command, in the repository root.
    Command(Vec<String>),
}

/// When a row is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Apply {
    /// At creation and whenever it differs.
    #[default]
    Always,
    /// At creation alone; never compared afterwards.
    OnCreate,
}

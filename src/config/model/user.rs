//! People.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::scim::Value;
use crate::source::{Span, Spanned};

/// A declared person. What can be written is described by [`UserForm`](super::UserForm).
#[derive(Clone, Debug, Default)]
pub struct User {
    /// Every declared attribute as written, core and enterprise side by side, `custom`, `manager` (a user key),
    /// `starts` and `ends` (as text) included; all but `previously`. `null` and `[]` are kept: they assert emptiness.
    pub attributes: Value,
    /// Where each of them stands (its value), by name.
    pub places: BTreeMap<String, Span>,
    /// `userName`.
    pub user_name: Option<Spanned<String>>,
    /// `manager`, a user key.
    pub manager: Option<Spanned<String>>,
    /// `active`.
    pub active: Option<Spanned<bool>>,
    /// First day of access, UTC.
    pub starts: Option<Spanned<Date>>,
    /// Last day of access, UTC.
    pub ends: Option<Spanned<Date>>,
    /// Former keys of the same person.
    pub previously: Vec<Spanned<String>>,
}

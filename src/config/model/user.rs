//! People.

use jiff::civil::Date;

use super::AttributePlaces;
use crate::config::tree::{Node, read};
use crate::scim::{Object, Value};
use crate::source::{FileId, Spanned};

/// A declared person. What can be written is described by [`UserForm`](super::UserForm).
#[derive(Clone, Debug, Default)]
pub struct User {
    /// Every declared attribute as written, core and enterprise side by side, `custom`, `manager` (a user key),
    /// `starts` and `ends` (as text) included; all but `previously`. `null` and `[]` are kept: they assert emptiness.
    pub attributes: Value,
    /// Where each of them stands (its value), by name.
    pub places: AttributePlaces,
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

impl User {
    /// Reads a person. Every attribute is kept as written; those that we look at ourselves are read where they have
    /// the right type, which the schema makes sure of.
    pub(in crate::config) fn read(node: &Node<'_>, file: FileId) -> Self {
        let mut user = Self::default();
        let mut attributes = Object::new();
        for entry in node.entries() {
            let value = &entry.value;
            match entry.key.as_ref() {
                "previously" => {
                    user.previously = read(value, file).unwrap_or_default();
                    continue;
                }
                "userName" => user.user_name = read(value, file).ok(),
                "manager" if !value.is_null() => user.manager = read(value, file).ok(),
                "active" => user.active = read(value, file).ok(),
                "starts" => user.starts = read(value, file).ok(),
                "ends" => user.ends = read(value, file).ok(),
                _ => {}
            }
            attributes.insert(entry.key.as_ref(), value.to_value());
        }
        user.attributes = Value::Object(attributes);
        let kept = node.entries().filter(|entry| entry.key != "previously");
        user.places = AttributePlaces::new(file, kept.map(|entry| (entry.key.as_ref(), entry.value.span(file))));
        user
    }
}

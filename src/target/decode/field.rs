//! Says of each top-level name of a resource what becomes of it, without copying those that are skipped.

use std::fmt;

use compact_str::CompactString;
use serde::de::{DeserializeSeed, Deserializer, Visitor};

use super::super::wanted::Wanted;

/// What becomes of a top-level name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    Meta,
    Members,
    /// Kept under its name.
    Keep(CompactString),
    /// A flattened name: the attribute, and the path below it.
    Nested(CompactString, Vec<CompactString>),
    /// Not kept; its name, where whether it has a value matters.
    Skip(Option<CompactString>),
}

pub(super) struct FieldSeed<'w>(pub(super) &'w Wanted);

impl<'de> DeserializeSeed<'de> for FieldSeed<'_> {
    type Value = Field;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Field, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldSeed<'_> {
    type Value = Field;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an attribute name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Field, E> {
        Ok(classify(name, self.0))
    }
}

fn classify(name: &str, wanted: &Wanted) -> Field {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    if is("id") {
        return Field::Id;
    }
    if is("meta") {
        return Field::Meta;
    }
    if is("schemas") || is("groups") {
        return Field::Skip(None);
    }
    if is("members") {
        return if wanted.members() { Field::Members } else { Field::Skip(None) };
    }
    if wanted.names(name) {
        return Field::Keep(name.into());
    }
    // `urn:…:User:department`, seen at the top level of some answers.
    if let Some((urn, rest)) = wanted.urn_of(name) {
        return Field::Nested(urn.into(), rest.split('.').map(CompactString::from).collect());
    }
    // `name.formatted`, as GitLab's documentation shows it.
    if !name.contains(':')
        && let Some((outer, rest)) = name.split_once('.')
        && !outer.is_empty()
        && (wanted.names(outer) || wanted.is_everything())
    {
        return Field::Nested(outer.into(), rest.split('.').map(CompactString::from).collect());
    }
    if wanted.is_everything() { Field::Keep(name.into()) } else { Field::Skip(Some(name.into())) }
}

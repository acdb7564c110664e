//! YAML as a tree in which every node knows its place.
//!
//! Scalars keep their text as written and are read lazily: whoever wants text gets `0123`, whoever asks for the
//! type is told that it is the integer 123 (YAML 1.2, core schema).

mod block;
mod build;
mod de;
mod json;
mod scalar;
mod syntax;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cell::Cell;

pub(super) use block::read_part;
pub(super) use build::{Tree, parse};
pub(super) use de::read;
pub(super) use json::{TreeJson, View};
pub(super) use scalar::Core;
use scalar::is_old_boolean;

use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::scim::{Object, Value};
use crate::source::{FileId, Span};

/// What a file says, without its places; keys keep their case. The first error if it can't be read or is refused.
pub(crate) fn meaning(text: &str) -> Result<serde_json::Value, Box<Diagnostic>> {
    let mut found = Diagnostics::default();
    let tree = parse(text, FileId::new(0), &mut found);
    match found.into_sorted().into_iter().find(|found| found.severity == Severity::Error) {
        Some(error) => Err(Box::new(error)),
        None => Ok(tree.root.map_or(serde_json::Value::Null, |root| root.to_json())),
    }
}

/// Whether a word without quotes is text, and no number, boolean or null, in YAML 1.2 and 1.1.
pub(crate) fn reads_as_text(text: &str) -> bool {
    matches!(scalar::resolve(text), Core::Text(_)) && !is_old_boolean(text) && !scalar::is_not_finite(text)
}

/// One value.
#[derive(Clone, Debug)]
pub(super) struct Node<'s> {
    /// First byte.
    pub(super) start: u32,
    /// One past the last byte.
    pub(super) end: u32,
    /// What it is.
    pub(super) kind: Kind<'s>,
    /// Reported already: readers leave it out, so that one mistake is told once.
    broken: Cell<bool>,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(super) enum Kind<'s> {
    /// A word. `plain` if neither quotes, a block nor `!!str` say that it is text.
    Scalar { text: Cow<'s, str>, plain: bool },
    /// A list.
    Sequence(Vec<Node<'s>>),
    /// A mapping, in the order written; keys are unique.
    Mapping(Vec<Entry<'s>>),
}

/// One entry of a mapping.
#[derive(Clone, Debug)]
pub(super) struct Entry<'s> {
    /// The key's text.
    pub(super) key: Cow<'s, str>,
    /// First byte of the key.
    pub(super) start: u32,
    /// One past the key's last byte.
    pub(super) end: u32,
    /// The value.
    pub(super) value: Node<'s>,
}

impl Entry<'_> {
    /// Where the key stands.
    pub(super) fn key_span(&self, file: FileId) -> Span {
        Span { file, start: self.start, end: self.end }
    }
}

impl<'s> Node<'s> {
    fn new(start: u32, end: u32, kind: Kind<'s>) -> Self {
        Self { start, end, kind, broken: Cell::new(false) }
    }

    /// Where it stands.
    pub(super) fn span(&self, file: FileId) -> Span {
        Span { file, start: self.start, end: self.end }
    }

    /// Leaves it out from now on.
    pub(super) fn mark_broken(&self) {
        self.broken.set(true);
    }

    /// Whether it was reported.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.get()
    }

    /// Entries of a mapping that were not reported; none for anything else.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry<'s>> {
        let entries: &[Entry<'s>] = if let Kind::Mapping(entries) = &self.kind { entries } else { &[] };
        entries.iter().filter(|entry| !entry.value.is_broken())
    }

    /// The entry of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Entry<'s>> {
        self.entries().find(|entry| entry.key == key)
    }

    /// What the text of a scalar means.
    pub(super) fn core(&self) -> Option<Core<'_>> {
        match &self.kind {
            Kind::Scalar { text, plain: true } => Some(scalar::resolve(text)),
            Kind::Scalar { text, plain: false } => Some(Core::Text(text)),
            Kind::Sequence(_) | Kind::Mapping(_) => None,
        }
    }

    /// Whether it is `null`, `~` or nothing.
    pub(super) fn is_null(&self) -> bool {
        matches!(self.core(), Some(Core::Null))
    }

    /// The value as SCIM has it.
    pub(super) fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Scalar { .. } => match self.core() {
                None | Some(Core::Null) => Value::Null,
                Some(Core::Boolean(flag)) => Value::Bool(flag),
                Some(Core::Number(number)) => Value::Number(number),
                Some(Core::Text(text)) => Value::from(text),
            },
            Kind::Sequence(items) => {
                let mut values: Vec<Value> =
                    items.iter().filter(|item| !item.is_broken()).map(Self::to_value).collect();
                values.shrink_to_fit();
                Value::Array(values)
            }
            Kind::Mapping(_) => Value::Object(
                self.entries().map(|entry| (entry.key.as_ref(), entry.value.to_value())).collect::<Object>(),
            ),
        }
    }

    /// The value as JSON.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.kind {
            Kind::Scalar { .. } => match self.core() {
                None | Some(Core::Null) => serde_json::Value::Null,
                Some(Core::Boolean(flag)) => serde_json::Value::Bool(flag),
                Some(Core::Number(number)) => serde_json::Value::Number(number),
                Some(Core::Text(text)) => serde_json::Value::String(text.to_owned()),
            },
            Kind::Sequence(items) => items.iter().filter(|item| !item.is_broken()).map(Self::to_json).collect(),
            Kind::Mapping(_) => self.entries().map(|entry| (entry.key.to_string(), entry.value.to_json())).collect(),
        }
    }

    /// The scalars at and below it.
    pub(super) fn scalars(&self) -> Vec<&Node<'s>> {
        match &self.kind {
            Kind::Scalar { .. } => vec![self],
            Kind::Sequence(items) => items.iter().flat_map(Node::scalars).collect(),
            Kind::Mapping(entries) => entries.iter().flat_map(|entry| entry.value.scalars()).collect(),
        }
    }
}

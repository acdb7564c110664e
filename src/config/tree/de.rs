//! The tree to our types.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::{Core, Entry, Kind, Node};
use crate::config::model::entry::{DECLARED, SHAPE, SPANNED};
use crate::source::FileId;

/// Why a value can't be read.
#[derive(Debug)]
pub(in crate::config) struct ReadError {
    /// What is wrong.
    pub(in crate::config) message: String,
    /// Key of the outermost entry in which it is wrong.
    pub(in crate::config) field: Option<String>,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ReadError {}

impl serde::de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), field: None }
    }
}

/// Reads a value, all of whose entries can be read or were reported.
pub(in crate::config) fn read<'de, T: Deserialize<'de>>(node: &'de Node<'de>, file: FileId) -> Result<T, ReadError> {
    T::deserialize(Reader { node, file, key: (node.start, node.end) })
}

/// A node, its file, and the place of its key.
#[derive(Clone, Copy)]
struct Reader<'de> {
    node: &'de Node<'de>,
    file: FileId,
    key: (u32, u32),
}

impl<'de> Reader<'de> {
    fn of(node: &'de Node<'de>, file: FileId) -> Self {
        Self { node, file, key: (node.start, node.end) }
    }

    fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match &self.node.kind {
            Kind::Scalar { text, .. } if !self.node.is_null() => visitor.visit_borrowed_str(text),
            _ => self.deserialize_any(visitor),
        }
    }

    fn shape(self) -> &'static str {
        match &self.node.kind {
            Kind::Scalar { .. } if self.node.is_null() => "null",
            Kind::Scalar { .. } => "scalar",
            Kind::Sequence(_) => "sequence",
            Kind::Mapping(_) => "mapping",
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match &self.node.kind {
            Kind::Sequence(items) => visitor.visit_seq(Items { items: items.iter(), file: self.file }),
            Kind::Mapping(entries) => {
                visitor.visit_map(Entries { entries: entries.iter(), file: self.file, current: None })
            }
            Kind::Scalar { .. } => match self.node.core() {
                None | Some(Core::Null) => visitor.visit_unit(),
                Some(Core::Boolean(flag)) => visitor.visit_bool(flag),
                Some(Core::Text(text)) => visitor.visit_borrowed_str(text),
                Some(Core::Number(number)) => {
                    number.deserialize_any(visitor).map_err(|error: serde_json::Error| ReadError::custom(error))
                }
            },
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.text(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if self.node.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let place = [self.file.index(), self.node.start, self.node.end, self.key.0, self.key.1];
        let rest: &[u32] = match name {
            SPANNED => place.get(..3).unwrap_or_default(),
            DECLARED => &place,
            _ => return self.deserialize_any(visitor),
        };
        visitor.visit_seq(Parts { value: Some(self), place: rest.iter() })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        if name == SHAPE {
            return visitor.visit_enum(Variant { name: self.shape(), field: None, value: Some(self) });
        }
        match &self.node.kind {
            Kind::Scalar { text, .. } => visitor.visit_enum(Variant { name: text, field: None, value: None }),
            Kind::Mapping(_) => {
                let mut entries = self.node.entries();
                match (entries.next(), entries.next()) {
                    (Some(entry), None) => {
                        let value = Some(Reader::of(&entry.value, self.file));
                        visitor.visit_enum(Variant { name: &entry.key, field: Some(&entry.key), value })
                    }
                    _ => Err(ReadError::custom("expected exactly one key")),
                }
            }
            Kind::Sequence(_) => Err(ReadError::custom("expected a word or a mapping with one key")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct seq tuple map struct
        identifier ignored_any
    }
}

struct Items<'de> {
    items: std::slice::Iter<'de, Node<'de>>,
    file: FileId,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ReadError> {
        match self.items.find(|item| !item.is_broken()) {
            Some(item) => seed.deserialize(Reader::of(item, self.file)).map(Some),
            None => Ok(None),
        }
    }
}

struct Entries<'de> {
    entries: std::slice::Iter<'de, Entry<'de>>,
    file: FileId,
    current: Option<&'de Entry<'de>>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        self.current = self.entries.find(|entry| !entry.value.is_broken());
        let Some(entry) = self.current else { return Ok(None) };
        let key: StrDeserializer<'_, ReadError> = entry.key.as_ref().into_deserializer();
        seed.deserialize(key).map(Some).map_err(|error| within(error, entry))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let Some(entry) = self.current else { return Err(ReadError::custom("a value was asked for before its key")) };
        let reader = Reader { node: &entry.value, file: self.file, key: (entry.start, entry.end) };
        seed.deserialize(reader).map_err(|error| within(error, entry))
    }
}

fn within(error: ReadError, entry: &Entry<'_>) -> ReadError {
    ReadError { field: Some(entry.key.to_string()), ..error }
}

/// A value, then the numbers of its place.
struct Parts<'de, 'p> {
    value: Option<Reader<'de>>,
    place: std::slice::Iter<'p, u32>,
}

impl<'de> SeqAccess<'de> for Parts<'de, '_> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ReadError> {
        if let Some(value) = self.value.take() {
            return seed.deserialize(value).map(Some);
        }
        match self.place.next() {
            Some(number) => seed.deserialize((*number).into_deserializer()).map(Some),
            None => Ok(None),
        }
    }
}

/// A variant's name and, unless it is a bare word, its value.
struct Variant<'de> {
    name: &'de str,
    field: Option<&'de str>,
    value: Option<Reader<'de>>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = ReadError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), ReadError> {
        let name: StrDeserializer<'_, ReadError> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = ReadError;

    fn unit_variant(self) -> Result<(), ReadError> {
        if self.value.is_none() { Ok(()) } else { Err(ReadError::custom("expected a word")) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, ReadError> {
        let Some(value) = self.value else { return Err(ReadError::custom("expected a value")) };
        seed.deserialize(value).map_err(|error| match self.field {
            Some(field) => ReadError { field: Some(field.to_owned()), ..error },
            None => error,
        })
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, ReadError> {
        Err(ReadError::custom("expected no list"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, ReadError> {
        Err(ReadError::custom("expected no mapping"))
    }
}

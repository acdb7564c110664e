//! Values with their places, out of a deserializer that knows places.
//!
//! Serde has no notion of a place in a text. The deserializer of `config::tree` knows some struct names that no
//! format uses: for those it hands out the value followed by where it stands. Any other deserializer refuses.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::source::{FileId, Span, Spanned};

/// Asks for `(value, file, start, end)`.
pub(in crate::config) const SPANNED: &str = "$scimform::Spanned";
/// Asks for `(value, file, start, end, start of the key, end of the key)`.
pub(in crate::config) const DECLARED: &str = "$scimform::Declared";
/// Asks for an enum whose variant is the node's shape: `null`, `scalar`, `sequence` or `mapping`.
pub(in crate::config) const SHAPE: &str = "$scimform::Shape";

/// A declaration and where it stands.
#[derive(Clone, Debug, Default)]
pub struct Declared<T> {
    /// Where the key stands.
    pub key: Span,
    /// Where the value stands.
    pub span: Span,
    /// What is declared.
    pub value: T,
}

impl<T> std::ops::Deref for Declared<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parts = deserializer.deserialize_tuple_struct(SPANNED, 4, Parts { keyed: false, value: PhantomData })?;
        Ok(Self { value: parts.value, span: parts.span })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Declared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple_struct(DECLARED, 6, Parts { keyed: true, value: PhantomData })
    }
}

struct Parts<T> {
    keyed: bool,
    value: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Parts<T> {
    type Value = Declared<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value with its place")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let missing = || A::Error::custom("the place of a value is missing");
        let value = seq.next_element()?.ok_or_else(missing)?;
        let mut number = || seq.next_element::<u32>()?.ok_or_else(missing);
        let file = FileId::new(number()?);
        let span = Span { file, start: number()?, end: number()? };
        let key = if self.keyed { Span { file, start: number()?, end: number()? } } else { span };
        Ok(Declared { key, span, value })
    }
}

macro_rules! schema_of_the_value {
    ($($type:ident),+) => {$(
        impl<T: JsonSchema> JsonSchema for $type<T> {
            fn inline_schema() -> bool {
                T::inline_schema()
            }

            fn schema_name() -> Cow<'static, str> {
                T::schema_name()
            }

            fn schema_id() -> Cow<'static, str> {
                T::schema_id()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                T::json_schema(generator)
            }
        }
    )+};
}

schema_of_the_value!(Spanned, Declared);

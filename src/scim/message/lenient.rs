//! Reads what servers write instead of what the RFCs say.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::scim::Value;

/// A number that is not negative, also one written as a string or as a decimal.
pub(in crate::scim) fn unsigned(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was tested just before")]
fn whole(number: f64) -> Option<u64> {
    (number.fract() == 0.0 && (0.0..9e15).contains(&number)).then_some(number as u64)
}

/// A text that is not empty; numbers are taken as text.
pub(in crate::scim) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub(super) fn optional_unsigned<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Value::deserialize(deserializer).map(|value| unsigned(&value))
}

/// As [`optional_unsigned`], with negative numbers kept: RFC 7644 section 3.4.2.4 has rules for them.
pub(super) fn optional_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Value::deserialize(deserializer).map(|value| match &value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    })
}

pub(super) fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Value::deserialize(deserializer).map(|value| text(&value))
}

/// An array, also `null` (none) and a single object.
pub(super) fn items<'de, R: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<R>, D::Error> {
    deserializer.deserialize_any(Items(PhantomData))
}

struct Items<R>(PhantomData<R>);

impl<'de, R: Deserialize<'de>> Visitor<'de> for Items<R> {
    type Value = Vec<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of resources")
    }

    fn visit_unit<E>(self) -> Result<Vec<R>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<R>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<R>, A::Error> {
        R::deserialize(MapAccessDeserializer::new(map)).map(|only| vec![only])
    }
}

/// URNs as an array, also as a single string (Salesforce).
pub(super) fn urns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Value::deserialize(deserializer).map(|value| match value {
        Value::Array(items) => items.iter().filter_map(text).collect(),
        single => text(&single).into_iter().collect(),
    })
}

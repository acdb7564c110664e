//! Numbers, texts and flags in the forms that servers write them in.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A scalar as text; `None` for null and anything else.
#[derive(Debug, Default)]
pub(crate) struct LooseText(pub(crate) Option<String>);

/// A count: a number or a number in a string; `None` for everything else.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LooseCount(pub(crate) Option<u64>);

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = LooseText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<LooseText, E> {
        Ok(LooseText(Some(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<LooseText, E> {
        Ok(LooseText(Some(text)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<LooseText, E> {
        Ok(LooseText(Some(number.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<LooseText, E> {
        Ok(LooseText(Some(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<LooseText, E> {
        Ok(LooseText(Some(number.to_string())))
    }

    fn visit_bool<E>(self, _: bool) -> Result<LooseText, E> {
        Ok(LooseText(None))
    }

    fn visit_unit<E>(self) -> Result<LooseText, E> {
        Ok(LooseText(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<LooseText, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(LooseText(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LooseText, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(LooseText(None))
    }
}

impl<'de> Deserialize<'de> for LooseText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

impl<'de> Deserialize<'de> for LooseCount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = LooseText::deserialize(deserializer)?.0;
        Ok(Self(text.and_then(|text| {
            let text = text.trim();
            text.strip_suffix(".0").unwrap_or(text).parse().ok()
        })))
    }
}

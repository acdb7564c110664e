//! One resource, cut down to what is wanted while it is read.

use std::fmt;

use compact_str::CompactString;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::wanted::Wanted;
use super::field::{Field, FieldSeed};
use super::lenient::LooseText;
use super::lift::lift;
use super::members::MembersSeed;
use crate::live::{LiveResource, Members, Unkept};
use crate::scim::{Object, ResourceKind, Value};

/// Reads a resource; `None` for one without an id, and for what is no resource. `members` are `Unknown` where the
/// answer does not show them: what that means is for the caller to say.
#[derive(Clone, Copy)]
pub(super) struct ResourceSeed<'w> {
    pub(super) kind: ResourceKind,
    pub(super) wanted: &'w Wanted,
}

impl<'de> DeserializeSeed<'de> for ResourceSeed<'_> {
    type Value = Option<LiveResource>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ResourceSeed<'_> {
    type Value = Option<LiveResource>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a resource")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut id = None;
        let mut version = None;
        let mut members = Members::Unknown;
        let mut attributes = Object::new();
        let mut unkept = Unkept::default();
        while let Some(field) = map.next_key_seed(FieldSeed(self.wanted))? {
            match field {
                Field::Id => id = map.next_value::<LooseText>()?.0,
                Field::Meta => version = map.next_value::<Meta>()?.version,
                Field::Members => members = Members::Known(map.next_value_seed(MembersSeed)?),
                Field::Keep(name) => {
                    let value = lift(&name, map.next_value()?);
                    merge(&mut attributes, name, value);
                }
                Field::Nested(outer, inner) => {
                    nest(&mut attributes, &outer, &inner, map.next_value()?);
                }
                Field::Skip(None) => {
                    map.next_value::<IgnoredAny>()?;
                }
                Field::Skip(Some(name)) => {
                    if map.next_value::<HasValue>()?.0 {
                        unkept.add(&name);
                    }
                }
            }
        }
        attributes.retain(|name, value| {
            settle(name, value);
            true
        });
        attributes.shrink_to_fit();
        let id = id.filter(|id| !id.is_empty());
        Ok(id.map(|id| LiveResource { kind: self.kind, id, version, attributes, members, by_id: false, unkept }))
    }
}

/// Lifts what flattened names put together. An `active` that can't be read says as little as one that is not shown: what
/// is no flag must never pass for access, nor for the lack of it.
fn settle(name: &str, value: &mut Value) {
    if value.as_object().is_some() {
        *value = lift(name, std::mem::take(value));
    } else if name.eq_ignore_ascii_case("active") && value.as_bool().is_none() {
        *value = Value::Null;
    }
}

/// A name that comes twice: the last one wins, but a complex value keeps what flattened names put into it.
fn merge(attributes: &mut Object, name: CompactString, value: Value) {
    if let (Some(Value::Object(known)), Value::Object(new)) = (attributes.get_mut(&name), &value)
        && known.iter().all(|(inner, _)| new.get(inner).is_none())
    {
        for (inner, value) in new.clone() {
            known.insert(inner, value);
        }
        return;
    }
    attributes.insert(name, value);
}

/// Puts a flattened name where it belongs.
fn nest(attributes: &mut Object, outer: &str, inner: &[CompactString], value: Value) {
    let Some((last, between)) = inner.split_last() else {
        return;
    };
    let mut slot = attributes.entry_or(outer, Value::Null);
    for name in between {
        slot = slot.make_object().entry_or(name, Value::Null);
    }
    slot.make_object().insert(last.as_str(), value);
}

/// Whether there is a value, without building it.
struct HasValue(bool);

impl<'de> Deserialize<'de> for HasValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = HasValue;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_unit<E>(self) -> Result<HasValue, E> {
                Ok(HasValue(false))
            }
            fn visit_bool<E>(self, _: bool) -> Result<HasValue, E> {
                Ok(HasValue(true))
            }
            fn visit_u64<E>(self, _: u64) -> Result<HasValue, E> {
                Ok(HasValue(true))
            }
            fn visit_i64<E>(self, _: i64) -> Result<HasValue, E> {
                Ok(HasValue(true))
            }
            fn visit_f64<E>(self, _: f64) -> Result<HasValue, E> {
                Ok(HasValue(true))
            }
            fn visit_str<E>(self, text: &str) -> Result<HasValue, E> {
                Ok(HasValue(!text.is_empty()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<HasValue, A::Error> {
                let mut any = false;
                while let Some(HasValue(has)) = seq.next_element()? {
                    any |= has;
                }
                Ok(HasValue(any))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<HasValue, A::Error> {
                let mut any = false;
                while map.next_key::<IgnoredAny>()?.is_some() {
                    any |= map.next_value::<HasValue>()?.0;
                }
                Ok(HasValue(any))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// The part of `meta` that is used.
#[derive(Default)]
struct Meta {
    version: Option<String>,
}

impl<'de> Deserialize<'de> for Meta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = Meta;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("meta")
            }
            fn visit_unit<E>(self) -> Result<Meta, E> {
                Ok(Meta::default())
            }
            fn visit_str<E>(self, _: &str) -> Result<Meta, E> {
                Ok(Meta::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Meta, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Meta::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Meta, A::Error> {
                let mut meta = Meta::default();
                while let Some(name) = map.next_key::<std::borrow::Cow<'_, str>>()? {
                    if name.eq_ignore_ascii_case("version") {
                        meta.version = map.next_value::<LooseText>()?.0.filter(|version| !version.is_empty());
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(meta)
            }
        }
        deserializer.deserialize_any(Parts)
    }
}

//! Members of a group, straight from the answer: a group may have a hundred thousand.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::lenient::LooseText;
use crate::live::LiveMember;
use crate::scim::{ResourceKind, percent};

/// Reads `members` (RFC 7643 section 4.2): sorted by id, each once. Entries without `value` are known by the last
/// segment of `$ref`.
pub(super) struct MembersSeed;

impl<'de> DeserializeSeed<'de> for MembersSeed {
    type Value = Vec<LiveMember>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let mut members = deserializer.deserialize_any(self)?;
        members.sort_unstable();
        // Of entries with one id the most telling stands last in the order of fields.
        members.reverse();
        members.dedup_by(|a, b| a.id == b.id);
        members.reverse();
        Ok(members)
    }
}

impl<'de> Visitor<'de> for MembersSeed {
    type Value = Vec<LiveMember>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the members of a group")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_str<E>(self, id: &str) -> Result<Self::Value, E> {
        Ok(MaybeMember::bare(id.to_owned()).0.into_iter().collect())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(seq.size_hint().unwrap_or_default());
        while let Some(MaybeMember(member)) = seq.next_element()? {
            members.extend(member);
        }
        Ok(members)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok(MaybeMember::from_map(map)?.0.into_iter().collect())
    }
}

struct MaybeMember(Option<LiveMember>);

impl MaybeMember {
    fn bare(id: String) -> Self {
        Self((!id.is_empty()).then_some(LiveMember { id, kind: None, display: None }))
    }

    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let (mut value, mut reference, mut kind, mut display) = (None, None, None, None);
        while let Some(name) = map.next_key::<LooseKey>()? {
            match name {
                LooseKey::Value => value = map.next_value::<LooseText>()?.0,
                LooseKey::Reference => reference = map.next_value::<LooseText>()?.0,
                LooseKey::Type => kind = map.next_value::<LooseText>()?.0,
                LooseKey::Display => display = map.next_value::<LooseText>()?.0,
                LooseKey::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let (endpoint, tail) = reference.as_deref().map_or((None, None), place);
        let id = value.filter(|id| !id.is_empty()).or(tail);
        let kind = kind.as_deref().and_then(kind_of).or_else(|| endpoint.as_deref().and_then(kind_of));
        Ok(Self(id.map(|id| LiveMember { id, kind, display })))
    }
}

/// Endpoint and id at the end of a reference, absolute or relative.
pub(super) fn place(reference: &str) -> (Option<String>, Option<String>) {
    let path = reference.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let mut segments = path.rsplit('/');
    let id = segments.next().filter(|id| !id.is_empty()).map(|id| percent::decode(id).into_owned());
    (segments.next().map(str::to_owned), id)
}

fn kind_of(text: &str) -> Option<ResourceKind> {
    match text.to_ascii_lowercase().as_str() {
        "user" | "users" => Some(ResourceKind::User),
        "group" | "groups" => Some(ResourceKind::Group),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for MaybeMember {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct One;
        impl<'de> Visitor<'de> for One {
            type Value = MaybeMember;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member")
            }
            fn visit_unit<E>(self) -> Result<MaybeMember, E> {
                Ok(MaybeMember(None))
            }
            fn visit_str<E>(self, id: &str) -> Result<MaybeMember, E> {
                Ok(MaybeMember::bare(id.to_owned()))
            }
            fn visit_u64<E>(self, id: u64) -> Result<MaybeMember, E> {
                Ok(MaybeMember::bare(id.to_string()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<MaybeMember, A::Error> {
                MaybeMember::from_map(map)
            }
        }
        deserializer.deserialize_any(One)
    }
}

enum LooseKey {
    Value,
    Reference,
    Type,
    Display,
    Other,
}

impl<'de> Deserialize<'de> for LooseKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Key;
        impl Visitor<'_> for Key {
            type Value = LooseKey;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a sub-attribute name")
            }
            fn visit_str<E>(self, name: &str) -> Result<LooseKey, E> {
                Ok(match name {
                    n if n.eq_ignore_ascii_case("value") => LooseKey::Value,
                    n if n.eq_ignore_ascii_case("$ref") => LooseKey::Reference,
                    n if n.eq_ignore_ascii_case("type") => LooseKey::Type,
                    n if n.eq_ignore_ascii_case("display") => LooseKey::Display,
                    _ => LooseKey::Other,
                })
            }
        }
        deserializer.deserialize_identifier(Key)
    }
}

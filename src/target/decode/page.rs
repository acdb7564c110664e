//! One page of a list.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::wanted::Wanted;
use super::lenient::{LooseCount, LooseText};
use super::resource::ResourceSeed;
use crate::live::{LiveResource, Members};
use crate::scim::{ResourceKind, Value};

/// What one page holds.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Its resources, in its order.
    pub(crate) resources: Vec<LiveResource>,
    /// Entries without an id.
    pub(crate) nameless: u64,
    /// `totalResults`, where it is there and a number.
    pub(crate) total: Option<u64>,
    /// `nextCursor` (RFC 9865 section 2), empty ones aside.
    pub(crate) next_cursor: Option<String>,
    /// Whether it looks like a list at all.
    pub(super) is_list: bool,
}

impl Page {
    /// How many entries came; the next page starts after them.
    pub(crate) fn received(&self) -> u64 {
        self.resources.len() as u64 + self.nameless
    }

    /// Whether any resource showed members.
    pub(crate) fn shows_members(&self) -> bool {
        self.resources.iter().any(|resource| matches!(resource.members, Members::Known(_)))
    }
}

pub(super) struct PageSeed<'w> {
    pub(super) kind: ResourceKind,
    pub(super) wanted: &'w Wanted,
}

impl<'de> DeserializeSeed<'de> for PageSeed<'_> {
    type Value = Page;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Page, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PageSeed<'_> {
    type Value = Page;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list response")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Page, A::Error> {
        let mut page = Page::default();
        while let Some(name) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            let is = |known: &str| name.eq_ignore_ascii_case(known);
            if is("Resources") {
                page.is_list = true;
                let resource = ResourceSeed { kind: self.kind, wanted: self.wanted };
                (page.resources, page.nameless) = map.next_value_seed(Resources(resource))?;
            } else if is("totalResults") {
                page.is_list = true;
                page.total = map.next_value::<LooseCount>()?.0;
            } else if is("nextCursor") {
                page.next_cursor = map.next_value::<LooseText>()?.0.filter(|cursor| !cursor.is_empty());
            } else if is("schemas") {
                page.is_list |= names_list_response(&map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(page)
    }
}

fn names_list_response(schemas: &Value) -> bool {
    let is = |value: &Value| value.as_str().is_some_and(|urn| urn.to_ascii_lowercase().ends_with(":listresponse"));
    is(schemas) || schemas.as_array().is_some_and(|items| items.iter().any(is))
}

/// The resources of a page: an array, nothing, or one alone.
struct Resources<'w>(ResourceSeed<'w>);

impl<'de> DeserializeSeed<'de> for Resources<'_> {
    type Value = (Vec<LiveResource>, u64);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Resources<'_> {
    type Value = (Vec<LiveResource>, u64);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of resources")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok((Vec::new(), 0))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut resources = Vec::new();
        let mut nameless = 0;
        while let Some(resource) = seq.next_element_seed(self.0)? {
            match resource {
                Some(resource) => resources.push(resource),
                None => nameless += 1,
            }
        }
        Ok((resources, nameless))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let resource = self.0.visit_map(map)?;
        let nameless = u64::from(resource.is_none());
        Ok((resource.into_iter().collect(), nameless))
    }
}

//! One page of a list.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::version::is_outdated;
use super::super::wanted::Wanted;
use super::lenient::{LooseCount, LooseText};
use super::resource::ResourceSeed;
use crate::live::LiveResource;
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
    /// Whether neither a total nor resources are there: that nothing was found is then not said.
    pub(crate) bare: bool,
    /// Whether it is an answer of SCIM 1.1.
    pub(crate) outdated: bool,
    /// Whether it looks like a list at all.
    pub(super) is_list: bool,
}

impl Page {
    /// How many entries came; the next page starts after them.
    pub(crate) fn received(&self) -> u64 {
        self.resources.len() as u64 + self.nameless
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
        let mut page = Page { bare: true, ..Page::default() };
        while let Some(name) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            let is = |known: &str| name.eq_ignore_ascii_case(known);
            if is("Resources") {
                page.is_list = true;
                let resource = ResourceSeed { kind: self.kind, wanted: self.wanted };
                if let Some((resources, nameless)) = map.next_value_seed(Resources(resource))? {
                    (page.resources, page.nameless) = (resources, nameless);
                    page.bare = false;
                }
            } else if is("totalResults") {
                page.is_list = true;
                page.total = map.next_value::<LooseCount>()?.0;
                page.bare &= page.total.is_none();
            } else if is("nextCursor") {
                page.next_cursor = map.next_value::<LooseText>()?.0.filter(|cursor| !cursor.is_empty());
            } else if is("schemas") {
                let schemas: Value = map.next_value()?;
                page.is_list |= names_list_response(&schemas);
                page.outdated = is_outdated(texts(&schemas));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(page)
    }
}

/// The URNs of `schemas`, also where it is one alone.
fn texts(schemas: &Value) -> impl Iterator<Item = &str> {
    let items = schemas.as_array().into_iter().flatten();
    items.chain(std::iter::once(schemas)).filter_map(Value::as_str)
}

fn names_list_response(schemas: &Value) -> bool {
    texts(schemas).any(|urn| urn.to_ascii_lowercase().ends_with(":listresponse"))
}

/// The resources of a page: an array, or one alone; `None` where it is null.
struct Resources<'w>(ResourceSeed<'w>);

impl<'de> DeserializeSeed<'de> for Resources<'_> {
    type Value = Option<(Vec<LiveResource>, u64)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Resources<'_> {
    type Value = Option<(Vec<LiveResource>, u64)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of resources")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
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
        Ok(Some((resources, nameless)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let resource = self.0.visit_map(map)?;
        let nameless = u64::from(resource.is_none());
        Ok(Some((resource.into_iter().collect(), nameless)))
    }
}

//! Turns answers into compact records: only what is wanted is kept, everything else is skipped without being built.
//! Servers differ from RFC 7644 in many small ways; what can be understood is, and the rest is a clear error.

mod field;
mod lenient;
mod lift;
mod members;
mod page;
mod resource;

use serde::Deserializer;
use serde::de::DeserializeSeed;

use crate::live::LiveResource;
use crate::scim::{Object, ResourceKind, Value};

pub(crate) use page::Page;

use super::wanted::Wanted;

/// The text of an answer, without a byte order mark.
fn text(body: &[u8]) -> Result<&str, String> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    std::str::from_utf8(body).map_err(|error| format!("the answer is not valid UTF-8 at byte {}", error.valid_up_to()))
}

fn decode<'de, S: DeserializeSeed<'de>>(body: &'de [u8], seed: S) -> Result<S::Value, String> {
    let text = text(body)?;
    if text.trim().is_empty() {
        return Err("the answer is empty".to_owned());
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let value = seed.deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    value.map_err(|error| {
        let start: String = text.chars().take(200).collect();
        format!("the answer is no SCIM: {error}: {start}")
    })
}

/// A ListResponse (RFC 7644 section 3.4.2). One of SCIM 1.1 is given out as such, for the caller to refuse.
pub(crate) fn page(body: &[u8], kind: ResourceKind, wanted: &Wanted) -> Result<Page, String> {
    let page = decode(body, page::PageSeed { kind, wanted })?;
    if !page.is_list && !page.outdated {
        let start: String = text(body)?.chars().take(200).collect();
        return Err(format!("the answer is not a SCIM list: {start}"));
    }
    Ok(page)
}

/// One resource, `None` if it holds no id.
pub(crate) fn resource(body: &[u8], kind: ResourceKind, wanted: &Wanted) -> Result<Option<LiveResource>, String> {
    decode(body, resource::ResourceSeed { kind, wanted })
}

/// One resource with all that it has, its attributes in the shape of RFC 7643 as in lists, so that both compare.
pub(crate) fn whole(body: &[u8]) -> Result<Object, String> {
    struct Seed;
    impl<'de> DeserializeSeed<'de> for Seed {
        type Value = Value;
        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
            serde::Deserialize::deserialize(deserializer)
        }
    }
    match decode(body, Seed)? {
        Value::Object(mut object) => {
            object.retain(|name, value| {
                *value = lift::lift_any(name, std::mem::take(value));
                true
            });
            Ok(object)
        }
        _ => Err("the answer is no resource".to_owned()),
    }
}

#[cfg(test)]
mod tests;

//! Attribute paths (RFC 7644 sections 3.10 and 3.5.2).

pub(super) mod place;
#[cfg(test)]
mod tests;

use crate::scim::ResourceKind;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::filter::Filter;
use super::filter::parse::{Parser, is_name};
use super::{SyntaxError, urn};

/// Where an attribute stands in a resource: `[URN:]attribute[value filter][.sub]`.
///
/// Equality and order are of the spelling; [`AttrPath::same`] and [`AttrPath::key`] see names without their case
/// (RFC 7643 section 2.1, RFC 7644 section 3.10).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttrPath {
    /// The schema's URN, where one was written.
    pub schema: Option<String>,
    /// Name of the attribute. Empty if the path is a URN alone: the whole extension (RFC 7644 section 3.5.2).
    pub attribute: String,
    /// Which elements of a multi-valued attribute.
    pub filter: Option<Filter>,
    /// Name of a sub-attribute.
    pub sub: Option<String>,
}

/// The part of a path in front of a value filter.
pub(super) struct Head {
    pub(super) schema: Option<String>,
    pub(super) attribute: String,
    pub(super) sub: Option<String>,
}

impl AttrPath {
    /// The path of a core attribute. The name is taken as it is.
    pub fn attribute(name: &str) -> Self {
        Self { schema: None, attribute: name.to_owned(), filter: None, sub: None }
    }

    /// The path of an extension's attribute. The names are taken as they are.
    pub fn extension(schema: &str, name: &str) -> Self {
        Self { schema: Some(schema.to_owned()), ..Self::attribute(name) }
    }

    /// The same path, at a sub-attribute.
    pub fn with_sub(self, name: &str) -> Self {
        Self { sub: Some(name.to_owned()), ..self }
    }

    /// The same path, at the elements that a filter keeps.
    pub fn with_filter(self, filter: Filter) -> Self {
        Self { filter: Some(filter), ..self }
    }

    /// The path of the attribute itself, without value filter and sub-attribute.
    pub fn parent(&self) -> Self {
        Self { schema: self.schema.clone(), attribute: self.attribute.clone(), filter: None, sub: None }
    }

    /// The key at the top of a resource: the URN of an extension (none for core attributes) and the attribute's name.
    pub fn top(&self) -> (Option<&str>, &str) {
        (self.schema.as_deref().filter(|schema| !urn::is_core(schema)), &self.attribute)
    }

    /// Whether the attribute stands at the top of a resource and not under an extension's URN.
    pub fn is_core(&self) -> bool {
        self.top().0.is_none()
    }

    /// The kind of resource that a core URN in front of the path names.
    pub fn core_kind(&self) -> Option<ResourceKind> {
        let schema = self.schema.as_deref()?;
        let named = |(urn, kind): &(&str, ResourceKind)| urn.eq_ignore_ascii_case(schema).then_some(*kind);
        [(urn::USER, ResourceKind::User), (urn::GROUP, ResourceKind::Group)].iter().find_map(named)
    }

    /// Whether it is the whole of a core attribute, or the part that `attribute.part` names; whatever the case.
    pub fn is(&self, name: &str) -> bool {
        let (attribute, sub) = split_sub(name);
        let is_sub = match (self.sub.as_deref(), sub) {
            (Some(own), Some(sub)) => own.eq_ignore_ascii_case(sub),
            (own, sub) => own == sub,
        };
        is_sub && self.filter.is_none() && self.is_within(attribute)
    }

    /// Whether it is a core attribute, an element of it or a part of one; whatever the case.
    pub fn is_within(&self, attribute: &str) -> bool {
        self.is_core() && self.attribute.eq_ignore_ascii_case(attribute)
    }

    /// Whether this is a URN alone, which stands for all attributes of that schema.
    pub fn is_bare(&self) -> bool {
        self.attribute.is_empty()
    }

    /// The same path with names and URNs in lower case and without a core URN. Values in a filter keep their case.
    pub fn lowered(&self) -> Self {
        Self {
            schema: self
                .schema
                .as_deref()
                .filter(|schema| self.is_bare() || !urn::is_core(schema))
                .map(str::to_ascii_lowercase),
            attribute: self.attribute.to_ascii_lowercase(),
            filter: self.filter.as_ref().map(Filter::lowered),
            sub: self.sub.as_deref().map(str::to_ascii_lowercase),
        }
    }

    /// One text for all spellings of the path.
    pub fn key(&self) -> String {
        self.lowered().to_string()
    }

    /// Whether both name the same place, whatever the case of names and with or without a core URN.
    pub fn same(&self, other: &Self) -> bool {
        self.attribute.eq_ignore_ascii_case(&other.attribute) && self.lowered() == other.lowered()
    }
}

impl Head {
    /// Splits `[URN:]attribute[.sub]`; `offset` is its place in the whole text.
    pub(super) fn parse(text: &str, offset: usize) -> Result<Self, SyntaxError> {
        let error = |message: String| Err(SyntaxError { message, offset });
        if text.is_empty() {
            return error("expected an attribute".to_owned());
        }
        if !urn::is_urn(text) {
            if text.contains(':') {
                return error(format!("`{text}` has a colon but does not start with `urn:`"));
            }
            let (attribute, sub) = split_sub(text);
            if !is_name(attribute) || !sub.is_none_or(is_name) {
                return error(format!("`{text}` is not an attribute name"));
            }
            return Ok(Self { schema: None, attribute: attribute.to_owned(), sub: sub.map(str::to_owned) });
        }
        if is_bare(text) {
            if !is_schema(text) {
                return error(format!("`{text}` is not a schema's URN"));
            }
            return Ok(Self { schema: Some(text.to_owned()), attribute: String::new(), sub: None });
        }
        // The version in a URN has a dot ("2.0"), so the attribute starts after the last colon (section 3.10).
        let (schema, name) = text.rsplit_once(':').unwrap_or((text, ""));
        let (attribute, sub) = split_sub(name);
        if !is_schema(schema) || !is_extension_name(attribute) || !sub.is_none_or(is_name) {
            return error(format!("`{text}` is not a schema's URN and an attribute name"));
        }
        Ok(Self { schema: Some(schema.to_owned()), attribute: attribute.to_owned(), sub: sub.map(str::to_owned) })
    }
}

fn split_sub(name: &str) -> (&str, Option<&str>) {
    name.split_once('.').map_or((name, None), |(attribute, sub)| (attribute, Some(sub)))
}

/// Whether a URN ends with the schema and names no attribute. The text alone cannot tell `…:2.0:User` (a schema) from
/// `…:User:title` (an attribute), so it goes by the usual form of schema URNs: a version, then a resource's name.
fn is_bare(text: &str) -> bool {
    let mut parts = text.rsplit(':');
    let last = parts.next().unwrap_or_default();
    let version = parts.next().unwrap_or_default();
    if last.starts_with(|c: char| c.is_ascii_digit()) {
        return true;
    }
    version.starts_with(|c: char| c.is_ascii_digit())
        && version.chars().all(|c| c.is_ascii_digit() || c == '.')
        && last.chars().all(|c| c.is_ascii_alphanumeric())
        && (last.starts_with(|c: char| c.is_ascii_uppercase())
            || last.eq_ignore_ascii_case("user")
            || last.eq_ignore_ascii_case("group"))
}

fn is_schema(text: &str) -> bool {
    urn::is_urn(text)
        && !text.ends_with(':')
        && text.len() > 4
        && text.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"()[]\"".contains(c))
}

/// Names of extension attributes are taken as vendors ship them, with spaces even ("Tee Shirt Size").
fn is_extension_name(name: &str) -> bool {
    !name.is_empty()
        && name == name.trim()
        && !name.contains("  ")
        && name.chars().all(|c| !c.is_control() && (c == ' ' || !c.is_whitespace()) && !"()[]\":.".contains(c))
}

impl FromStr for AttrPath {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        Parser::new(text).whole_path()
    }
}

impl fmt::Display for AttrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            f.write_str(schema)?;
            if !self.attribute.is_empty() {
                f.write_str(":")?;
            }
        }
        f.write_str(&self.attribute)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        if let Some(sub) = &self.sub {
            write!(f, ".{sub}")?;
        }
        Ok(())
    }
}

/// Paths that many share, as texts.
pub mod shared {
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::AttrPath;

    /// Writes a path.
    pub fn serialize<S: Serializer>(path: &Arc<AttrPath>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(path)
    }

    /// Reads a path.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<AttrPath>, D::Error> {
        AttrPath::deserialize(deserializer).map(Arc::new)
    }
}

impl Serialize for AttrPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AttrPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

//! Where a value stands in a live resource.

use std::borrow::Cow;

use super::blank::is_blank;
use super::element::Element;
use super::facts::Facts;
use super::handling::covers;
use super::texts;
use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::{Object, Value};

/// What stands at a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Found<'a> {
    /// Nothing.
    Nothing,
    /// The attribute's value as it is, an array for a multi-valued one.
    One(&'a Value),
    /// Elements that a value filter keeps, or one sub-attribute of several elements.
    Many(Vec<&'a Value>),
    /// A value put together from others.
    Made(Value),
}

impl Found<'_> {
    /// Whether nothing is assigned.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::One(value) => is_blank(value),
            Self::Many(values) => values.iter().all(|value| is_blank(value)),
            Self::Made(value) => is_blank(value),
        }
    }

    /// Whether nothing is assigned, or what stands there says so (E49).
    fn says_nothing(&self, path: &AttrPath, facts: &Facts) -> bool {
        let nothing = |value: &Value| facts.is_nothing(path.sub.as_deref(), value);
        match self {
            Self::Nothing => true,
            Self::One(value) => nothing(value),
            Self::Many(values) => values.iter().all(|value| nothing(value)),
            Self::Made(value) => nothing(value),
        }
    }

    /// The value to show: one alone as it is, several as an array, nothing as null.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::One(value) => (*value).clone(),
            Self::Made(value) => value.clone(),
            Self::Many(values) => match values.as_slice() {
                [] => Value::Null,
                [value] => (*value).clone(),
                several => Value::Array(several.iter().map(|value| (*value).clone()).collect()),
            },
        }
    }

    /// The value, borrowed where it stands as it is.
    pub fn value(&self) -> Cow<'_, Value> {
        match self {
            Self::One(value) => Cow::Borrowed(*value),
            Self::Made(value) => Cow::Borrowed(value),
            Self::Nothing | Self::Many(_) => Cow::Owned(self.to_value()),
        }
    }

    /// The elements, a single value as the only one (E50).
    pub(super) fn elements(&self) -> Vec<Element<'_>> {
        match self {
            Self::Nothing => Vec::new(),
            Self::One(value) => Element::all(value),
            Self::Made(value) => Element::all(value),
            Self::Many(values) => values.iter().filter_map(|value| Element::new(value)).collect(),
        }
    }
}

/// The places of one attribute: as asserted, as the target spells it, as a flat key.
#[derive(Debug)]
pub(super) struct Places {
    paths: Vec<AttrPath>,
    flat: String,
    formatted_name: bool,
}

impl Places {
    pub(super) fn new(profile: &Profile, path: &AttrPath) -> Self {
        let mut paths = vec![path.clone()];
        for (standard, other) in &profile.attributes.aliases {
            paths.extend(moved(standard, other, path));
            paths.extend(moved(other, standard, path));
        }
        let named = |sub: &str| path.sub.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(sub));
        Self {
            flat: AttrPath { filter: None, ..path.clone() }.to_string(),
            formatted_name: path.is_core() && path.attribute.eq_ignore_ascii_case("name") && named("formatted"),
            paths,
        }
    }

    /// Where the target may show the value other than at the path itself.
    pub(super) fn elsewhere(&self) -> &[AttrPath] {
        self.paths.get(1..).unwrap_or_default()
    }

    pub(super) fn find<'a>(&self, attributes: &'a Object, facts: &Facts) -> Found<'a> {
        for path in &self.paths {
            let found = at(path, attributes);
            if !found.says_nothing(path, facts) {
                return found;
            }
        }
        let flat = attributes.get(&self.flat).map(Found::One);
        if let Some(found) = flat
            && !self.paths.first().is_some_and(|path| found.says_nothing(path, facts))
        {
            return found;
        }
        if self.formatted_name { joined_name(attributes, facts) } else { Found::Nothing }
    }
}

/// The path as seen through an alias, where the alias speaks about it.
fn moved(from: &AttrPath, to: &AttrPath, path: &AttrPath) -> Option<AttrPath> {
    covers(from, path).then(|| AttrPath {
        filter: to.filter.clone().or_else(|| path.filter.clone().filter(|_| from.filter.is_none())),
        sub: to.sub.clone().or_else(|| path.sub.clone().filter(|_| from.sub.is_none())),
        ..to.clone()
    })
}

fn at<'a>(path: &AttrPath, attributes: &'a Object) -> Found<'a> {
    let base = match path.top() {
        (Some(extension), _) => match attributes.get(extension) {
            Some(value) if path.is_bare() => return Found::One(value),
            Some(value) => value.as_object(),
            None => None,
        },
        (None, _) => Some(attributes),
    };
    let Some(value) = base.and_then(|base| base.get(&path.attribute)) else {
        return Found::Nothing;
    };
    if path.filter.is_none() && path.sub.is_none() {
        return Found::One(value);
    }
    let elements = if path.filter.is_some() { kept(path, attributes, value) } else { spread(value) };
    match &path.sub {
        None => Found::Many(elements),
        Some(sub) => match elements.as_slice() {
            [Value::Object(only)] if sub.eq_ignore_ascii_case("value") && only.get("value").is_none() => {
                referenced(only)
            }
            _ => Found::Many(elements.into_iter().filter_map(|element| sub_of(element, sub)).collect()),
        },
    }
}

/// Elements that the value filter keeps. A server that drops `type` (E22) or `primary` of an only element (E20)
/// leaves nothing for the filter to see: such elements count as kept.
fn kept<'a>(path: &AttrPath, attributes: &'a Object, value: &'a Value) -> Vec<&'a Value> {
    let whole = AttrPath { sub: None, ..path.clone() };
    let found = whole.read(attributes);
    if !found.is_empty() {
        return found;
    }
    let elements = spread(value);
    let asked: Vec<String> = path
        .filter
        .as_ref()
        .and_then(crate::scim::filter::Filter::equalities)
        .map(|parts| parts.into_iter().map(|(path, _)| path.attribute.to_ascii_lowercase()).collect())
        .unwrap_or_default();
    let lacks = |name: &str| elements.iter().all(|element| element.get(name).is_none_or(is_blank));
    let unseen = !asked.is_empty()
        && asked.iter().all(|name| match name.as_str() {
            "type" => lacks("type"),
            "primary" => elements.len() == 1 && lacks("primary"),
            _ => false,
        });
    if unseen { elements } else { Vec::new() }
}

fn spread(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |items| items.iter().collect())
}

/// A reference without `value` still names the resource, by the end of its `$ref` (E23, E24).
fn referenced<'a>(reference: &Object) -> Found<'a> {
    match reference.get("$ref").and_then(Value::as_str) {
        Some(uri) => Found::Made(Value::from(texts::reference(uri).as_ref())),
        None => Found::Nothing,
    }
}

/// A sub-attribute of an element; a scalar where an object is expected is its `value` (E50).
fn sub_of<'a>(element: &'a Value, sub: &str) -> Option<&'a Value> {
    match element {
        Value::Object(object) => object.get(sub),
        Value::Null | Value::Array(_) => None,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => sub.eq_ignore_ascii_case("value").then_some(element),
    }
}

/// `name.formatted` from its parts: a server may return only the parts (RFC 7643 section 4.1.1; E25).
fn joined_name<'a>(attributes: &Object, facts: &Facts) -> Found<'a> {
    let Some(name) = attributes.get("name").and_then(Value::as_object) else {
        return Found::Nothing;
    };
    let parts: Vec<&str> = ["honorificPrefix", "givenName", "middleName", "familyName", "honorificSuffix"]
        .into_iter()
        .filter_map(|part| name.get(part).filter(|value| !facts.is_nothing(Some(part), value)))
        .filter_map(|value| value.as_str().map(str::trim))
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() { Found::Nothing } else { Found::Made(Value::from(parts.join(" "))) }
}

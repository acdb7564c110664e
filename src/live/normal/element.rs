//! One complex value, or a scalar lifted to one (E50).

use std::borrow::Cow;

use super::Comparison;
use super::blank::is_blank;
use super::leaf::Leaf;
use crate::scim::{Object, Value};

/// An element of a multi-valued attribute, or the value of a complex one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Element<'a> {
    /// With sub-attributes.
    Complex(&'a Object),
    /// A bare value: its `value`.
    Scalar(&'a Value),
}

/// Sub-attributes that say nothing in the case at hand.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ignore {
    /// No live element has a type (E22).
    pub(super) kind: bool,
    /// There is one element on both sides, which is the primary one whatever is said (E20).
    pub(super) lone: bool,
}

impl<'a> Element<'a> {
    /// The element of a value; `None` for a blank one.
    pub(super) fn new(value: &'a Value) -> Option<Self> {
        match value {
            _ if is_blank(value) => None,
            Value::Object(object) => Some(Self::Complex(object)),
            _ => Some(Self::Scalar(value)),
        }
    }

    /// The elements of an array; a single value as the only one (E50).
    pub(super) fn all(value: &'a Value) -> Vec<Self> {
        match value {
            Value::Array(items) => items.iter().filter_map(Self::new).collect(),
            _ => Self::new(value).into_iter().collect(),
        }
    }

    /// A sub-attribute, unless blank. A reference without `value` still names the resource in `$ref` (E23).
    pub(super) fn get(&self, sub: &str) -> Option<&'a Value> {
        match self {
            Self::Complex(object) => object.get(sub),
            Self::Scalar(value) => sub.eq_ignore_ascii_case("value").then_some(*value),
        }
        .filter(|value| !is_blank(value))
    }

    /// The `value` of the element.
    pub(super) fn main(&self) -> Option<Cow<'a, Value>> {
        if let Some(value) = self.get("value") {
            return Some(Cow::Borrowed(value));
        }
        let reference = self.get("$ref")?;
        Some(Cow::Owned(Value::from(Leaf::Reference.text(reference).into_owned())))
    }

    /// The asserted sub-attributes.
    fn asserted(&self) -> Vec<(&'a str, &'a Value)> {
        match self {
            Self::Complex(object) => object.iter().collect(),
            Self::Scalar(value) => vec![("value", *value)],
        }
    }

    /// Whether a live element holds all that this desired one asserts.
    pub(super) fn is_within(&self, live: &Element<'_>, comparison: &Comparison, ignore: Ignore) -> bool {
        let named = comparison.path.attribute.eq_ignore_ascii_case("name");
        let by_parts = named && (self.get("givenName").is_some() || self.get("familyName").is_some());
        self.asserted().into_iter().all(|(sub, wanted)| {
            let is = |name: &str| sub.eq_ignore_ascii_case(name);
            if comparison.is_server_sub(sub)
                || comparison.facts.is_silent(sub)
                || (is("type") && ignore.kind)
                || (is("formatted") && by_parts)
            {
                return true;
            }
            if is("primary") {
                return same_primary(wanted, live.get("primary"), ignore.lone);
            }
            let facts = &comparison.facts;
            let held = if is("value") { live.main() } else { live.get(sub).map(Cow::Borrowed) };
            let held = held.filter(|held| !facts.is_nothing(Some(sub), held));
            let rule = comparison.rule(Some(sub));
            match (facts.is_nothing(Some(sub), wanted), held) {
                (true, None) => true,
                (true, Some(held)) => facts.default(Some(sub)).is_some_and(|default| rule.same(default, &held)),
                (false, None) => wanted.as_bool() == Some(false),
                (false, Some(held)) => rule.same(wanted, &held),
            }
        })
    }

    /// A copy with these sub-attributes alone; a scalar stays as it is.
    pub(super) fn cut(&self, subs: &[&str]) -> Value {
        match self {
            Self::Scalar(value) => (*value).clone(),
            Self::Complex(object) => {
                let kept = object.iter().filter(|(name, _)| subs.iter().any(|sub| sub.eq_ignore_ascii_case(name)));
                Value::Object(kept.map(|(name, value)| (name, value.clone())).collect())
            }
        }
    }
}

/// `primary` left out is false (RFC 7643 section 2.4; E19). Of an only element it says nothing, unless the server
/// denies outright what is asserted (E20).
fn same_primary(wanted: &Value, live: Option<&Value>, lone: bool) -> bool {
    let wanted = wanted.flag().unwrap_or(false);
    match live {
        None => lone || !wanted,
        Some(live) => {
            let live = live.flag().unwrap_or(false);
            wanted == live || (lone && live)
        }
    }
}

//! What a profile says about the values of one attribute, by sub-attribute.

use super::blank::is_blank;
use crate::profile::{AttributeRules, Form};
use crate::scim::Value;
use crate::scim::filter::Filter;
use crate::scim::path::AttrPath;
use crate::scim::schema::Attribute;

/// Facts of one attribute. The attribute's own value and its sub-attribute `value` are one thing.
#[derive(Debug, Default)]
pub(super) struct Facts {
    forms: Vec<(String, Form)>,
    placeholders: Vec<(String, Value)>,
    defaults: Vec<(String, Value)>,
    /// Sub-attributes that the server drops, decides or does not know.
    silent: Vec<String>,
    /// What picks the elements that are the server's own.
    theirs: Vec<Filter>,
}

impl Facts {
    pub(super) fn new(rules: &AttributeRules, path: &AttrPath) -> Self {
        let sub = |rule: &AttrPath| is_same_attribute(rule, path).then(|| key(rule.sub.as_deref()));
        let values = |facts: &indexmap::IndexMap<AttrPath, serde_json::Value>| {
            let named = facts.iter().filter_map(|(rule, value)| Some((sub(rule)?, Value::from(value.clone()))));
            named.collect::<Vec<_>>()
        };
        let silent = || [&rules.server_owned, &rules.ignored, &rules.unsupported].into_iter().flatten();
        let whole = |rule: &AttrPath| {
            let whole = rule.sub.is_none() && path.filter.is_none() && is_same_attribute(rule, path);
            rule.filter.clone().filter(|_| whole)
        };
        Self {
            forms: rules.normalised.iter().filter_map(|fact| Some((sub(&fact.path)?, fact.form))).collect(),
            placeholders: values(&rules.placeholders),
            defaults: values(&rules.defaults),
            silent: silent().filter_map(sub).filter(|sub| !sub.is_empty()).collect(),
            theirs: silent().filter_map(whole).collect(),
        }
    }

    /// The form in which the server stores a sub-attribute.
    pub(super) fn form(&self, sub: Option<&str>) -> Option<Form> {
        find(&self.forms, sub).copied()
    }

    /// Whether the server has its own way with a sub-attribute, so that nothing can be said about it.
    pub(super) fn is_silent(&self, sub: &str) -> bool {
        !self.silent.is_empty() && self.silent.contains(&key(Some(sub)))
    }

    /// Whether an element is the server's own, which comes and goes without us.
    pub(super) fn is_theirs(&self, element: &Value, attribute: Option<&Attribute>) -> bool {
        self.theirs.iter().any(|filter| filter.matches_element(element, attribute))
    }

    /// What the server fills in for a sub-attribute.
    pub(super) fn default(&self, sub: Option<&str>) -> Option<&Value> {
        find(&self.defaults, sub)
    }

    /// Whether a value says nothing: blank, or what the server shows in place of nothing (E49).
    pub(super) fn is_nothing(&self, sub: Option<&str>, value: &Value) -> bool {
        is_blank(value) || (!self.placeholders.is_empty() && self.is_placeholder(sub, value))
    }

    fn is_placeholder(&self, sub: Option<&str>, value: &Value) -> bool {
        match value {
            Value::Object(object) => object.iter().all(|(name, value)| self.is_nothing(Some(name), value)),
            Value::Array(items) => items.iter().all(|item| self.is_nothing(sub, item)),
            _ => find(&self.placeholders, sub).is_some_and(|placeholder| alike(placeholder, value)),
        }
    }
}

fn alike(placeholder: &Value, value: &Value) -> bool {
    match (placeholder.as_str(), value.as_str()) {
        (Some(a), Some(b)) => a.trim().eq_ignore_ascii_case(b.trim()),
        _ => placeholder == value,
    }
}

fn find<'a, T>(facts: &'a [(String, T)], sub: Option<&str>) -> Option<&'a T> {
    if facts.is_empty() {
        return None;
    }
    let sub = key(sub);
    facts.iter().find(|(known, _)| *known == sub).map(|(_, fact)| fact)
}

/// The name of a sub-attribute in lower case; empty for the value itself.
fn key(sub: Option<&str>) -> String {
    sub.filter(|sub| !sub.eq_ignore_ascii_case("value")).unwrap_or_default().to_ascii_lowercase()
}

/// Whether two paths are about one attribute, whatever its part.
pub(super) fn is_same_attribute(rule: &AttrPath, path: &AttrPath) -> bool {
    let (rule, path) = (rule.lowered(), path.lowered());
    rule.attribute == path.attribute
        && rule.schema == path.schema
        && (rule.filter.is_none() || path.filter.is_none() || rule.filter == path.filter)
}

/// Whether two paths are about one part of one attribute.
pub(super) fn is_same_part(rule: &AttrPath, path: &AttrPath) -> bool {
    is_same_attribute(rule, path) && key(rule.sub.as_deref()) == key(path.sub.as_deref())
}

//! Whether a resource fulfils a filter (RFC 7644 section 3.4.2.2), by the characteristics of its attributes.

use std::cmp::Ordering;

use super::{Comparison, Filter, Literal, Operator};
use crate::scim::fold::case_fold;
use crate::scim::path::AttrPath;
use crate::scim::schema::{Attribute, Schemas, Type};
use crate::scim::{Object, Value};
use crate::scim::{ScimError, ScimType};

/// What paths in a filter start from.
#[derive(Clone, Copy)]
enum Scope<'a> {
    Resource(&'a Object, &'a Schemas),
    /// An element of a multi-valued attribute, with the attribute's definition.
    Element(&'a Value, Option<&'a Attribute>),
}

impl Filter {
    /// Whether a resource fulfils it. What the schemas do not know is compared as a string without case, the default
    /// of RFC 7643 section 2.2. A comparison that makes no sense for the types is not fulfilled.
    pub fn matches(&self, resource: &Object, schemas: &Schemas) -> bool {
        self.holds(Scope::Resource(resource, schemas))
    }

    /// Whether an element of a multi-valued attribute fulfils a value filter.
    pub fn matches_element(&self, element: &Value, attribute: Option<&Attribute>) -> bool {
        self.holds(Scope::Element(element, attribute))
    }

    fn holds(&self, scope: Scope<'_>) -> bool {
        match self {
            Self::Or(parts) => parts.iter().any(|part| part.holds(scope)),
            Self::And(parts) => parts.iter().all(|part| part.holds(scope)),
            Self::Not(inner) => !inner.holds(scope),
            Self::Compare(comparison) => compares(comparison, scope),
            Self::Present(path) => addressed(path, scope).0.into_iter().any(is_present),
            Self::Element(path) => !addressed(path, scope).0.is_empty(),
        }
    }

    /// Says which comparison does not go with the attribute's type: booleans and binary data have no order
    /// (RFC 7644 Table 3), which a server has to refuse.
    ///
    /// # Errors
    /// 400 `invalidFilter`.
    pub fn check(&self, schemas: &Schemas) -> Result<(), ScimError> {
        match self {
            Self::Or(parts) | Self::And(parts) => parts.iter().try_for_each(|part| part.check(schemas)),
            Self::Not(inner) => inner.check(schemas),
            Self::Present(path) | Self::Element(path) => check_path(path, schemas),
            Self::Compare(comparison) => {
                check_path(&comparison.path, schemas)?;
                check_order(comparison, schemas.attribute(&comparison.path))
            }
        }
    }

    fn check_inside(&self, attribute: &Attribute) -> Result<(), ScimError> {
        match self {
            Self::Or(parts) | Self::And(parts) => parts.iter().try_for_each(|part| part.check_inside(attribute)),
            Self::Not(inner) => inner.check_inside(attribute),
            Self::Compare(comparison) => check_order(comparison, attribute.sub(&comparison.path.attribute)),
            Self::Present(_) | Self::Element(_) => Ok(()),
        }
    }
}

fn check_path(path: &AttrPath, schemas: &Schemas) -> Result<(), ScimError> {
    match (&path.filter, schemas.attribute(&path.parent())) {
        (Some(filter), Some(attribute)) => filter.check_inside(attribute),
        _ => Ok(()),
    }
}

fn check_order(comparison: &Comparison, attribute: Option<&Attribute>) -> Result<(), ScimError> {
    let ordered = matches!(comparison.op, Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le);
    let orderless = attribute.is_some_and(|attribute| matches!(attribute.kind, Type::Boolean | Type::Binary));
    if ordered && orderless {
        let detail = format!("`{}` has no order, so `{}` cannot be used on it", comparison.path, comparison.op);
        return Err(ScimError::new(ScimType::InvalidFilter, detail));
    }
    Ok(())
}

/// The values of an attribute one by one: the elements of an array, else the value itself. Nothing for `null`.
pub(in crate::scim) fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null => &[],
        single => std::slice::from_ref(single),
    }
}

/// A part of an element. An element that is a plain value is its own `value`: some servers lift `{"value": "x"}` to
/// `"x"`.
pub(in crate::scim) fn part<'a>(element: &'a Value, name: &str) -> Option<&'a Value> {
    match element {
        Value::Object(object) => object.get(name),
        plain => name.eq_ignore_ascii_case("value").then_some(plain),
    }
}

/// All values that a path leads to, and the definition of what they are.
fn addressed<'a>(path: &AttrPath, scope: Scope<'a>) -> (Vec<&'a Value>, Option<&'a Attribute>) {
    let (found, attribute) = match scope {
        Scope::Element(element, attribute) => {
            (part(element, &path.attribute), attribute.and_then(|a| a.sub(&path.attribute)))
        }
        Scope::Resource(resource, schemas) => {
            let (extension, name) = path.top();
            let container = match extension {
                Some(urn) => resource.get(urn).and_then(Value::as_object),
                None => Some(resource),
            };
            let found = match (path.is_bare(), &path.schema) {
                (true, Some(urn)) => resource.get(urn),
                _ => container.and_then(|object| object.get(name)),
            };
            (found, schemas.top_attribute(extension, name))
        }
    };
    let whole = found.map(elements).unwrap_or_default().iter();
    let kept = whole.filter(|element| path.filter.as_ref().is_none_or(|f| f.matches_element(element, attribute)));
    match path.sub.as_deref() {
        None => (kept.collect(), attribute),
        Some(sub) => {
            let parts = kept.filter_map(|element| part(element, sub)).flat_map(elements).collect();
            (parts, attribute.and_then(|a| a.sub(sub)))
        }
    }
}

/// `pr`: "has a non-empty or non-null value, or if it contains a non-empty node for complex attributes".
fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(is_present),
        Value::Object(object) => object.iter().any(|(_, value)| is_present(value)),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// A multi-valued attribute fulfils a comparison if any of its values does; a complex one stands for its `value`.
fn compares(comparison: &Comparison, scope: Scope<'_>) -> bool {
    let (values, attribute) = addressed(&comparison.path, scope);
    let mut leaves = values.into_iter().filter(|value| !value.is_unassigned()).peekable();
    let negative = comparison.op == Operator::Ne;
    if comparison.value == Literal::Null {
        // An attribute without a value and one that is null are the same (RFC 7643 section 2.5).
        let absent = leaves.peek().is_none();
        return if negative { !absent } else { comparison.op == Operator::Eq && absent };
    }
    if leaves.peek().is_none() {
        return negative;
    }
    leaves.any(|value| match value {
        Value::Object(object) => object
            .get("value")
            .map_or(negative, |value| compare(value, attribute.and_then(|a| a.sub("value")), comparison)),
        leaf => compare(leaf, attribute, comparison),
    })
}

fn compare(value: &Value, attribute: Option<&Attribute>, comparison: &Comparison) -> bool {
    let op = comparison.op;
    match (value, &comparison.value) {
        (Value::String(have), Literal::String(want)) => compare_text(have, want, attribute, op),
        (Value::Number(have), Literal::Number(want)) => by_order(compare_numbers(have, want), op),
        (Value::Bool(have), Literal::Bool(want)) => by_equality(have == want, op),
        // Clients are known that quote booleans (`active eq "True"`).
        (Value::Bool(have), Literal::String(want)) => by_equality(want.eq_ignore_ascii_case(&have.to_string()), op),
        (Value::String(have), Literal::Bool(want)) => by_equality(have.eq_ignore_ascii_case(&want.to_string()), op),
        _ => op == Operator::Ne,
    }
}

fn by_equality(equal: bool, op: Operator) -> bool {
    match op {
        Operator::Eq => equal,
        Operator::Ne => !equal,
        _ => false,
    }
}

fn by_order(order: Option<Ordering>, op: Operator) -> bool {
    let Some(order) = order else { return op == Operator::Ne };
    match op {
        Operator::Eq => order.is_eq(),
        Operator::Ne => order.is_ne(),
        Operator::Gt => order.is_gt(),
        Operator::Ge => order.is_ge(),
        Operator::Lt => order.is_lt(),
        Operator::Le => order.is_le(),
        Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}

fn compare_numbers(have: &serde_json::Number, want: &str) -> Option<Ordering> {
    let want: serde_json::Number = serde_json::from_str(want).ok()?;
    match (have.as_i64(), want.as_i64()) {
        (Some(have), Some(want)) => Some(have.cmp(&want)),
        _ => have.as_f64()?.partial_cmp(&want.as_f64()?),
    }
}

fn compare_text(have: &str, want: &str, attribute: Option<&Attribute>, op: Operator) -> bool {
    if attribute.is_some_and(|a| a.kind == Type::DateTime)
        && let (Ok(have), Ok(want)) = (have.parse::<jiff::Timestamp>(), want.parse::<jiff::Timestamp>())
        && !matches!(op, Operator::Co | Operator::Sw | Operator::Ew)
    {
        // Moments are compared as such, in whatever zone they are written (RFC 7644 Table 3).
        return by_order(Some(have.cmp(&want)), op);
    }
    if attribute.is_some_and(Attribute::is_case_exact) {
        return compare_strings(have, want, op);
    }
    compare_strings(&case_fold(have), &case_fold(want), op)
}

fn compare_strings(have: &str, want: &str, op: Operator) -> bool {
    match op {
        Operator::Co => have.contains(want),
        Operator::Sw => have.starts_with(want),
        Operator::Ew => have.ends_with(want),
        _ => by_order(Some(have.cmp(want)), op),
    }
}

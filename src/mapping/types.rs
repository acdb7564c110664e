//! What kind of value an attribute of the RFC's schemas takes.

use crate::scim::path::AttrPath;
use crate::scim::schema::{Attribute, Schemas, Type};
use crate::scim::{ResourceKind, Value};

/// The kind of value that fits at a path (RFC 7643 section 2.3), found once per row.
#[derive(Clone, Copy, Debug)]
pub struct ValueType {
    attribute: &'static Attribute,
    form: Form,
    /// Whether text may stand for an object: a manager's key, of which the plan makes the id.
    key: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    One,
    Many,
    /// A part of every element: one value, or one of each.
    Either,
}

impl ValueType {
    /// The type at a path; `None` where the schemas of the RFC do not know the attribute, or know it as the server's.
    pub fn of(kind: ResourceKind, path: &AttrPath) -> Option<Self> {
        let (extension, name) = path.top();
        let whole = Schemas::core(kind).top_attribute(extension, name)?;
        let manager = extension.is_some() && path.sub.is_none() && whole.name == "manager";
        let of_elements = whole.multi_valued && path.filter.is_none();
        if let Some(sub) = &path.sub {
            let form = if of_elements { Form::Either } else { Form::One };
            return Some(Self { attribute: whole.sub(sub)?, form, key: false });
        }
        let form = if of_elements { Form::Many } else { Form::One };
        Some(Self { attribute: whole, form, key: manager })
    }

    /// Why a value does not fit: the end of "`title` …", without the value, which may be a secret. Emptiness fits
    /// everywhere.
    pub fn fault(&self, value: &Value) -> Option<String> {
        if value.is_unassigned() || (self.key && value.as_str().is_some()) {
            return None;
        }
        let wrong = match (self.form, value.as_array()) {
            (Form::Many | Form::Either, Some(values)) => values.iter().find_map(|value| misfit(self.attribute, value)),
            (Form::One, _) | (Form::Either, None) => misfit(self.attribute, value),
            (Form::Many, None) => Some(Misfit { part: None, attribute: self.attribute, is: name_of(value) }),
        }?;
        let wanted = match (wrong.part, self.form) {
            (None, Form::Many) => format!("a list of {}", words(wrong.attribute.kind).1),
            (Some(part), _) => format!("{} as `{part}`", words(wrong.attribute.kind).0),
            (None, _) => words(wrong.attribute.kind).0.to_owned(),
        };
        Some(format!("takes {wanted}, not {}", wrong.is))
    }
}

struct Misfit {
    /// The part of a complex value that is wrong.
    part: Option<&'static str>,
    attribute: &'static Attribute,
    is: &'static str,
}

fn misfit(attribute: &'static Attribute, value: &Value) -> Option<Misfit> {
    let fits = match attribute.kind {
        Type::String | Type::Reference | Type::Binary => value.as_str().is_some(),
        Type::DateTime => value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
        Type::Boolean => value.as_bool().is_some(),
        Type::Integer => value.as_i64().is_some(),
        Type::Decimal => matches!(value, Value::Number(_)),
        Type::Complex => value.as_object().is_some(),
    };
    if value.is_unassigned() {
        return None;
    }
    if !fits {
        return Some(Misfit { part: None, attribute, is: name_of(value) });
    }
    let parts = value.as_object().filter(|_| attribute.kind == Type::Complex)?;
    parts.iter().find_map(|(name, value)| {
        let sub = attribute.sub(name)?;
        let wrong = misfit(sub, value)?;
        Some(Misfit { part: Some(wrong.part.unwrap_or(&sub.name)), ..wrong })
    })
}

const fn words(kind: Type) -> (&'static str, &'static str) {
    match kind {
        Type::String => ("text", "texts"),
        Type::Boolean => ("true or false", "flags"),
        Type::Decimal => ("a number", "numbers"),
        Type::Integer => ("a whole number", "whole numbers"),
        Type::DateTime => ("a moment", "moments"),
        Type::Binary => ("bytes in base 64", "bytes in base 64"),
        Type::Reference => ("a URI", "URIs"),
        Type::Complex => ("a map", "maps"),
    }
}

const fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

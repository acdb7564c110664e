//! What answers show in place of what is stored.

use super::place::{each, fill};
use super::{active, values};
use crate::profile::AttributeRules;
use crate::scim::path::AttrPath;
use crate::scim::schema::{Attribute, Returned, Type};
use crate::scim::{Object, ResourceKind, Value};

use super::super::model::Kind;

/// How a profile's answers differ from what is stored.
#[derive(Clone, Debug, Default)]
pub(in crate::sandbox) struct Shown {
    placeholders: Vec<(AttrPath, Value)>,
    disguised: Vec<AttrPath>,
    text_booleans: bool,
    explicit_nulls: bool,
    pending_until_password: bool,
}

impl Shown {
    /// What a profile says.
    pub(super) fn new(rules: &AttributeRules) -> Self {
        Self {
            placeholders: values(&rules.placeholders),
            disguised: rules.disguised_when_inactive.clone(),
            text_booleans: rules.text_booleans,
            explicit_nulls: rules.explicit_nulls,
            pending_until_password: rules.pending_until_password,
        }
    }

    /// Whether resources of a kind are shown otherwise than they are stored.
    pub(in crate::sandbox) fn alters(&self, kind: ResourceKind) -> bool {
        let users = !self.placeholders.is_empty() || !self.disguised.is_empty() || self.pending_until_password;
        self.text_booleans || self.explicit_nulls || (users && kind == ResourceKind::User)
    }

    /// What holds for filters and for answers: a computed `active`, and values in disguise.
    pub(in crate::sandbox) fn settle(&self, object: &mut Object, model: &Kind, id: &str, has_password: bool) {
        if self.pending_until_password && !has_password {
            object.insert("active", Value::from(false));
        }
        if active(object) == Some(false) {
            for path in &self.disguised {
                each(object, path, &model.schemas, &mut |value| disguise(value, id));
            }
        }
    }

    /// The id in a disguised text, so that what is disguised is still found by what is shown.
    pub(in crate::sandbox) fn undisguised<'a>(&self, text: &'a str) -> Option<&'a str> {
        let (id, end) = text.split_at_checked(text.find(MARK)?)?;
        (!self.disguised.is_empty() && (end == MARK || end == DOMAIN)).then_some(id)
    }

    /// What holds for answers alone.
    pub(in crate::sandbox) fn dress(&self, kind: ResourceKind, object: &mut Object, model: &Kind) {
        if kind == ResourceKind::User {
            for (path, value) in &self.placeholders {
                fill(object, path, &model.schemas, value);
            }
        }
        if self.explicit_nulls
            && let Some(core) = model.schemas.schema(model.core)
        {
            for attribute in core.attributes.iter().filter(|known| known.returned == Returned::Default) {
                object.entry_or(&attribute.name, Value::Null);
            }
        }
        if self.text_booleans {
            let core = model.schemas.schema(model.core).map(|schema| schema.attributes.as_slice());
            retype(object, core.unwrap_or_default(), &|value| match value {
                Value::Bool(flag) => Some(Value::from(if *flag { "True" } else { "False" })),
                _ => None,
            });
        }
    }
}

/// What a disguised text ends with.
const MARK: &str = "-suspended";
/// What a disguised address ends with.
const DOMAIN: &str = "-suspended@invalid.example";

fn disguise(value: &mut Value, id: &str) {
    match value {
        Value::String(text) => {
            *text = compact_str::format_compact!("{id}{}", if text.contains('@') { DOMAIN } else { MARK });
        }
        Value::Array(items) => items.iter_mut().for_each(|item| disguise(item, id)),
        Value::Object(parts) => parts.retain(|name, value| {
            if name.eq_ignore_ascii_case("value") {
                disguise(value, id);
            }
            true
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Booleans that came as text, as booleans.
pub(in crate::sandbox) fn read_booleans(object: &mut Object, model: &Kind) {
    let core = model.schemas.schema(model.core).map(|schema| schema.attributes.as_slice());
    retype(object, core.unwrap_or_default(), &|value| match value.as_str()? {
        text if text.eq_ignore_ascii_case("true") => Some(Value::from(true)),
        text if text.eq_ignore_ascii_case("false") => Some(Value::from(false)),
        _ => None,
    });
}

/// Changes the values of boolean attributes, at the top and one level below.
fn retype(object: &mut Object, attributes: &[Attribute], change: &dyn Fn(&Value) -> Option<Value>) {
    object.retain(|name, value| {
        let Some(known) = attributes.iter().find(|known| known.name.eq_ignore_ascii_case(name)) else { return true };
        match (known.kind, value) {
            (Type::Boolean, value) => {
                if let Some(other) = change(value) {
                    *value = other;
                }
            }
            (Type::Complex, Value::Array(items)) => {
                for item in items.iter_mut().filter_map(Value::as_object_mut) {
                    retype(item, &known.sub_attributes, change);
                }
            }
            (Type::Complex, Value::Object(parts)) => retype(parts, &known.sub_attributes, change),
            _ => {}
        }
        true
    });
}

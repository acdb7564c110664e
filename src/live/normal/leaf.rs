//! Rules for single values, by the attribute they stand at.

use std::borrow::Cow;

use super::texts;
use crate::profile::Form;
use crate::scim::path::AttrPath;
use crate::scim::schema::{Attribute, Type};
use crate::scim::{Value, fold};

/// How two single values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaf {
    /// Character by character (E16).
    Exact,
    /// Text for people: case counts (E15), composition and white space around it do not (E38).
    Text,
    /// Case-insensitive identifiers: `userName`, `type` (E14).
    Folded,
    /// A mail address: case folded on both sides of the `@` (E17).
    Email,
    /// A telephone number (E18).
    Phone,
    /// A language tag (E31).
    Locale,
    /// A list of language ranges (E32).
    Languages,
    /// A moment (E33).
    Instant,
    /// Base 64 (E35).
    Binary,
    /// A URI (E36).
    Uri,
    /// A URI of a SCIM resource: its id counts (E24).
    Reference,
    /// True or false (E12).
    Boolean,
    /// A number (E13).
    Number,
    /// Of an attribute that no schema describes: text, or dates where both look like it (E34).
    Loose,
}

impl Leaf {
    /// The rule at a path; `definition` describes the attribute, `sub` names the sub-attribute.
    pub(super) fn of(path: &AttrPath, sub: Option<&str>, definition: Option<&Attribute>) -> Self {
        if let Some(rule) = Self::by_name(path, sub) {
            return rule;
        }
        let described = match sub {
            Some(sub) => definition.and_then(|attribute| attribute.sub(sub)),
            // The value of a complex attribute stands for its sub-attribute `value`.
            None => definition.map(|attribute| attribute.sub("value").unwrap_or(attribute)),
        };
        let Some(attribute) = described else {
            return Self::Loose;
        };
        match attribute.kind {
            Type::Boolean => Self::Boolean,
            Type::Decimal | Type::Integer => Self::Number,
            Type::DateTime => Self::Instant,
            Type::Binary => Self::Binary,
            Type::Reference => Self::Uri,
            Type::String | Type::Complex if attribute.case_exact => Self::Exact,
            Type::String | Type::Complex => Self::Text,
        }
    }

    fn by_name(path: &AttrPath, sub: Option<&str>) -> Option<Self> {
        let sub = sub.map(str::to_ascii_lowercase);
        let attribute = path.attribute.to_ascii_lowercase();
        match (attribute.as_str(), sub.as_deref()) {
            (_, Some("$ref")) => Some(Self::Reference),
            (_, Some("primary")) => Some(Self::Boolean),
            ("manager" | "members" | "groups", None | Some("value")) => Some(Self::Exact),
            _ if !path.is_core() => None,
            (_, Some("type")) | ("username", None) => Some(Self::Folded),
            ("externalid" | "id", None) => Some(Self::Exact),
            ("locale", None) => Some(Self::Locale),
            ("preferredlanguage", None) => Some(Self::Languages),
            ("emails", None | Some("value")) => Some(Self::Email),
            ("phonenumbers", None | Some("value")) => Some(Self::Phone),
            ("photos", None | Some("value")) | ("profileurl", None) => Some(Self::Uri),
            ("x509certificates", None | Some("value")) => Some(Self::Binary),
            _ => None,
        }
    }

    /// Whether two values are the same under this rule.
    pub(super) fn same(self, desired: &Value, live: &Value) -> bool {
        if desired == live {
            return true;
        }
        match (desired, live) {
            // A flag is one however the server spells it; a text that became a flag has lost its spelling.
            (Value::Bool(flag), other) => other.flag() == Some(*flag),
            (other, Value::Bool(flag)) if self == Self::Boolean => other.flag() == Some(*flag),
            (Value::Number(_), _) => texts::number(desired) == texts::number(live),
            (_, Value::Number(_)) if self == Self::Number => texts::number(desired) == texts::number(live),
            // A text that became a number has lost a leading zero, a `+`, a trailing `.10`, unless it is the number's own.
            (Value::String(_), Value::Number(_) | Value::Bool(_)) => self.text(desired) == self.text(live),
            (Value::String(a), Value::String(b)) => {
                self.text(desired) == self.text(live)
                    || (matches!(self, Self::Instant | Self::Loose) && texts::same_moment(a, b))
            }
            _ => false,
        }
    }

    /// The text that stands for a value: equal texts are equal values.
    pub(super) fn text(self, value: &Value) -> Cow<'_, str> {
        let text = match value {
            Value::String(text) => text.as_str(),
            Value::Number(_) => return Cow::Owned(value.number_text().unwrap_or_default()),
            _ => return Cow::Owned(value.to_string()),
        };
        match self {
            Self::Exact => Cow::Borrowed(text),
            Self::Text | Self::Loose | Self::Instant => texts::composed(text),
            Self::Number => Cow::Owned(texts::number(value).unwrap_or_default()),
            Self::Boolean => value.flag().map_or(Cow::Borrowed(text), |flag| Cow::Owned(flag.to_string())),
            Self::Folded | Self::Email => Cow::Owned(fold::canonical(text)),
            Self::Phone => Form::Phone.apply(text),
            Self::Locale => texts::locale(text),
            Self::Languages => Cow::Owned(texts::languages(text)),
            Self::Binary => Cow::Owned(texts::base64(text)),
            Self::Uri => texts::uri(text),
            Self::Reference => texts::reference(text),
        }
    }

    /// The text under which a value is matched: like [`Leaf::text`], and case is folded where the attribute is not
    /// case-exact, display names included (E14).
    pub(super) fn match_text(self, value: &Value) -> String {
        let text = self.text(value);
        match self {
            Self::Text | Self::Loose => fold::canonical(&text),
            _ => text.into_owned(),
        }
    }
}

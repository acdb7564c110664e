//! One mistake in words.

use jsonschema::error::{ValidationError, ValidationErrorKind};
use jsonschema::JsonType;
use serde_json::Value;

use super::locate::Place;
use super::{suggest, words};
use crate::config::tree::{Core, Entry, Kind, Node};
use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, Span};

/// A hint lists all keys that are allowed up to this many.
const LISTED: usize = 12;

/// A mistake and what is needed to explain it.
pub(super) struct About<'a, 't> {
    pub(super) error: &'a ValidationError<'a>,
    pub(super) place: &'a Place<'t>,
    pub(super) schema: &'a Value,
    pub(super) file: FileId,
}

impl About<'_, '_> {
    /// The diagnostics of this mistake. What must not be read is marked.
    pub(super) fn diagnostics(&self) -> Vec<Diagnostic> {
        use ValidationErrorKind as Kind;
        match self.error.kind() {
            Kind::AdditionalProperties { unexpected } => unexpected.iter().filter_map(|name| self.unknown(name)).collect(),
            Kind::Required { property } => self.missing(property.as_str().unwrap_or_default()).into_iter().collect(),
            Kind::PropertyNames { error } => vec![self.bad_name(error.instance().as_str().unwrap_or_default())],
            Kind::MinProperties { .. } => vec![self.keys_needed("one of", "is needed")],
            Kind::MaxProperties { .. } => vec![self.keys_needed("only one of", "can stand here")],
            Kind::OneOfMultipleValid { .. } => vec![self.keys_needed("only one of", "can stand here")],
            Kind::OneOfNotValid { context } | Kind::AnyOf { context } => vec![self.no_form(context)],
            Kind::Type { kind } => vec![self.wrong_type(&words::types(kind))],
            Kind::Constant { expected_value } => vec![self.not_one_of(&[expected_value.as_ref()])],
            Kind::Enum { options } => {
                vec![self.not_one_of(&options.as_array().into_iter().flatten().collect::<Vec<_>>())]
            }
            kind => vec![self.wrong_value(kind)],
        }
    }

    /// The schema around the keyword that failed.
    fn owner(&self) -> Option<&Value> {
        let pointer = self.error.schema_path().as_str();
        self.schema.pointer(pointer.rsplit_once('/').map_or("", |(owner, _)| owner))
    }

    fn known_keys(&self) -> Vec<&str> {
        let properties = self.owner().and_then(|owner| owner.get("properties")).and_then(Value::as_object);
        properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
    }

    fn entry(&self, key: &str) -> Option<&Entry<'_>> {
        let Kind::Mapping(entries) = &self.place.node.kind else { return None };
        entries.iter().find(|entry| entry.key == key)
    }

    /// Where a mistake of a whole mapping is shown: at the key it stands under, else at its first line.
    fn head(&self) -> Span {
        if let Some(entry) = self.place.entry {
            return entry.key_span(self.file);
        }
        match &self.place.node.kind {
            Kind::Mapping(entries) => {
                entries.first().map_or_else(|| self.place.node.span(self.file), |entry| entry.key_span(self.file))
            }
            _ => self.place.node.span(self.file),
        }
    }

    /// Whether what stands here could be a secret.
    fn is_secret(&self) -> bool {
        matches!(self.place.path.as_slice(), [section, _, auth, ..] if section == "targets" && auth == "auth")
    }

    /// Adds what must stay unseen.
    fn guard(&self, diagnostic: Diagnostic, node: &Node<'_>) -> Diagnostic {
        if !self.is_secret() {
            return diagnostic;
        }
        node.scalars().into_iter().fold(diagnostic, |diagnostic, scalar| diagnostic.hide(scalar.span(self.file)))
    }

    fn unknown(&self, name: &str) -> Option<Diagnostic> {
        let entry = self.entry(name)?;
        if entry.value.is_broken() {
            return None;
        }
        entry.value.mark_broken();
        let known = self.known_keys();
        let depth = self.place.path.len();
        let section = self.place.path.first().map_or("", String::as_str);
        let message = format!("`{}` is not a known key here", words::cut(name));
        let hint = if let Some(near) = suggest::nearest(name, known.iter().copied()) {
            format!("Did you mean `{near}`?")
        } else if depth == 0 {
            format!(
                "The sections of a file are {}. List the file in `.scimformignore` if it is not meant for scimform.",
                words::list(&known, "and")
            )
        } else if section == "users" && depth == 2 && name == "password" {
            "Passwords never stand in a file of the repository; people set their own, or log in through SSO.".to_owned()
        } else if matches!(section, "users" | "groups") && depth == 2 {
            "Attributes of your own stand under `custom`.".to_owned()
        } else if known.len() <= LISTED && !known.is_empty() {
            format!("The keys here are {}.", words::list(&known, "and"))
        } else {
            "`scimform schema` prints every key that is known.".to_owned()
        };
        let diagnostic = Diagnostic::new(Code::UnknownKey, entry.key_span(self.file), message).hint(hint);
        let is_password = name.eq_ignore_ascii_case("password");
        let diagnostic = if is_password { diagnostic.hide(entry.value.span(self.file)) } else { diagnostic };
        Some(self.guard(diagnostic, &entry.value))
    }

    fn missing(&self, name: &str) -> Option<Diagnostic> {
        // A misspelt key is reported as such.
        let known = self.known_keys();
        if let Kind::Mapping(entries) = &self.place.node.kind {
            let mut strange = entries.iter().filter(|entry| !known.contains(&entry.key.as_ref()));
            if strange.any(|entry| suggest::nearest(&entry.key, known.iter().copied()) == Some(name)) {
                return None;
            }
        }
        let message = match self.place.entry {
            Some(entry) => format!("`{}` lacks the key `{name}`", words::cut(&entry.key)),
            None => format!("the key `{name}` is missing here"),
        };
        let description = self
            .owner()
            .and_then(|owner| owner.pointer(&format!("/properties/{name}/description")))
            .and_then(Value::as_str);
        let diagnostic = Diagnostic::new(Code::MissingKey, self.head(), message);
        Some(match description {
            Some(text) => diagnostic.hint(format!("`{name}`: {}", text.replace('\n', " "))),
            None => diagnostic,
        })
    }

    fn bad_name(&self, name: &str) -> Diagnostic {
        let span = self.entry(name).map_or_else(|| self.head(), |entry| entry.key_span(self.file));
        Diagnostic::new(Code::Schema, span, "a name is empty or has blanks around it")
            .hint("Names need at least one character, and none of the outer ones is a blank.")
    }

    /// A choice of keys of which exactly one is expected.
    fn keys_needed(&self, before: &str, after: &str) -> Diagnostic {
        let owner = self.owner();
        let required = owner.and_then(|owner| owner.get("oneOf")).and_then(Value::as_array).into_iter().flatten();
        let mut keys: Vec<&str> =
            required.filter_map(|form| form.pointer("/required/0")).filter_map(Value::as_str).collect();
        if keys.is_empty() {
            keys = self.known_keys();
        }
        let list = words::list(&keys, if before == "one of" { "or" } else { "and" });
        Diagnostic::new(Code::Schema, self.head(), format!("{before} {list} {after}"))
    }

    /// No form fits: other words, other keys, or another type altogether.
    fn no_form(&self, context: &[Vec<ValidationError<'static>>]) -> Diagnostic {
        let mut types = Vec::new();
        let mut constants = Vec::new();
        for error in context.iter().flatten().filter(|error| error.instance_path() == self.error.instance_path()) {
            match error.kind() {
                ValidationErrorKind::Type { kind } => types.extend(words::types(kind)),
                ValidationErrorKind::Constant { expected_value } => constants.push(expected_value.as_ref()),
                ValidationErrorKind::Required { .. } => return self.keys_needed("one of", "is needed"),
                _ => {}
            }
        }
        types.sort();
        types.dedup();
        if constants.is_empty() { self.wrong_type(&types) } else { self.not_one_of(&constants) }
    }

    fn wrong_type(&self, types: &[JsonType]) -> Diagnostic {
        let node = self.place.node;
        node.mark_broken();
        if self.is_secret() && types.contains(&JsonType::Object) && matches!(node.kind, Kind::Scalar { .. }) && !node.is_null() {
            let message = "a secret must not stand in a file of the repository";
            let hint = "Say where it comes from: `{ env: NAME }`, `{ file: PATH }` or `{ command: [WORD, …] }`. \
                        If this one was committed, replace it at the vendor.";
            return self.guard(Diagnostic::new(Code::Schema, self.head(), message).hint(hint), node);
        }
        let actual = if self.is_secret() { "this is something else".to_owned() } else { words::actual(node) };
        let message = format!("expected {}, {actual}", words::expected(types));
        let diagnostic = Diagnostic::new(Code::Schema, self.value_span(), message);
        let diagnostic = match self.type_hint(types) {
            Some(hint) if !self.is_secret() => diagnostic.hint(hint),
            _ => diagnostic,
        };
        self.guard(diagnostic, node)
    }

    fn type_hint(&self, types: &[JsonType]) -> Option<String> {
        let node = self.place.node;
        let text = words::shown(node);
        let core = node.core()?;
        if matches!(core, Core::Null) {
            return Some(match types {
                [JsonType::Object] => "Write `{}` if there is nothing more to say.".to_owned(),
                _ => "Write a value, or remove the key.".to_owned(),
            });
        }
        if types.contains(&JsonType::String) && !matches!(core, Core::Text(_)) {
            return Some(format!("Quote it: \"{text}\"."));
        }
        if types.contains(&JsonType::Boolean) && matches!(text.as_str(), "true" | "false") {
            return Some(format!("Write `{text}` without quotes."));
        }
        if types.iter().any(|kind| matches!(kind, JsonType::Integer | JsonType::Number)) && text.parse::<f64>().is_ok() {
            return Some("Write a number, without quotes.".to_owned());
        }
        types.contains(&JsonType::Array).then(|| format!("Write a list: [{text}]."))
    }

    fn not_one_of(&self, options: &[&Value]) -> Diagnostic {
        let node = self.place.node;
        node.mark_broken();
        let texts: Vec<String> =
            options.iter().filter(|value| !value.is_null()).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect();
        let names: Vec<&str> = texts.iter().map(String::as_str).collect();
        let message = format!("expected {}, {}", words::list(&names, "or"), words::actual(node));
        let diagnostic = Diagnostic::new(Code::Schema, self.value_span(), message);
        match suggest::nearest(&words::shown(node), names.iter().copied()) {
            Some(near) => diagnostic.hint(format!("Did you mean `{near}`?")),
            None => diagnostic,
        }
    }

    /// Right type, wrong value.
    fn wrong_value(&self, kind: &ValidationErrorKind) -> Diagnostic {
        let node = self.place.node;
        node.mark_broken();
        let is_date = self.owner().and_then(|owner| owner.get("format")).and_then(Value::as_str) == Some("date");
        if is_date {
            let message = format!("`{}` is not a day", words::shown(node));
            return Diagnostic::new(Code::Date, self.value_span(), message)
                .hint("Days are written year-month-day, such as 2027-01-31.");
        }
        let message = match kind {
            ValidationErrorKind::MinLength { .. } => "the text is empty or too short".to_owned(),
            ValidationErrorKind::MinItems { limit } => format!("the list needs at least {limit} item(s)"),
            ValidationErrorKind::Minimum { limit } => format!("the number must be at least {limit}"),
            ValidationErrorKind::Maximum { limit } => format!("the number must be at most {limit}"),
            ValidationErrorKind::Pattern { pattern } => {
                let said = self.owner().and_then(|owner| owner.get("patternErrorMessage")).and_then(Value::as_str);
                said.map_or_else(|| format!("the text does not have the form `{pattern}`"), str::to_owned)
            }
            _ => words::cut(&self.error.masked().to_string()),
        };
        self.guard(Diagnostic::new(Code::Schema, self.value_span(), message), node)
    }

    /// Where a mistake of a value is shown: its text, or its key if it is a whole mapping or nothing.
    fn value_span(&self) -> Span {
        match self.place.node.kind {
            Kind::Scalar { .. } => self.place.node.span(self.file),
            Kind::Sequence(_) | Kind::Mapping(_) => self.head(),
        }
    }
}

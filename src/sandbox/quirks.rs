//! How a vendor treats single attributes of users, as its profile says.

use crate::profile::{AttributeRule, AttributeRules};
use crate::scim::path::AttrPath;
use crate::scim::schema::Schemas;
use crate::scim::{Object, Value};

use super::reply::Failure;

/// The rules of a profile, read.
#[derive(Clone, Debug, Default)]
pub(super) struct Quirks {
    dropped: Vec<AttrPath>,
    server_owned: Vec<AttrPath>,
    create_only: Vec<AttrPath>,
    derived: Vec<AttrPath>,
    single_valued: Vec<AttrPath>,
    rules: Vec<(AttrPath, AttributeRule)>,
    /// Whether a deactivated user can be activated again.
    reactivation: bool,
}

impl Quirks {
    /// The rules of a profile.
    pub(super) fn new(rules: Option<&AttributeRules>, reactivation: bool) -> Self {
        let Some(rules) = rules else { return Self { reactivation, ..Self::default() } };
        let read = |names: &[String]| names.iter().filter_map(|name| name.parse().ok()).collect::<Vec<AttrPath>>();
        let mut dropped = read(&rules.ignored);
        dropped.extend(read(&rules.unsupported));
        let pairs = rules.rules.iter().filter_map(|rule| Some((rule.path.parse().ok()?, rule.clone())));
        Self {
            dropped,
            server_owned: read(&rules.server_owned),
            create_only: read(&rules.create_only),
            derived: read(&rules.derived),
            single_valued: read(&rules.single_valued),
            rules: pairs.collect(),
            reactivation,
        }
    }

    /// Makes of what a client wants what the vendor would store; `old` is what is stored so far.
    pub(super) fn shape(&self, new: &mut Object, old: Option<&Object>, schemas: &Schemas) -> Result<(), Failure> {
        for (path, rule) in &self.rules {
            keep_rule(path, rule, new)?;
        }
        if !self.reactivation && active(new) == Some(true) && old.and_then(active) == Some(false) {
            return Err(Failure::bad("mutability", "a deactivated user can't be activated again"));
        }
        for path in &self.dropped {
            take(new, path, schemas);
        }
        for path in &self.single_valued {
            keep_one(new, path);
        }
        for path in &self.server_owned {
            take(new, path, schemas);
            match old {
                Some(old) => copy(old, new, path, schemas),
                None => derive(new, path),
            }
        }
        for path in self.create_only.iter().filter(|_| old.is_some()) {
            take(new, path, schemas);
            if let Some(old) = old {
                copy(old, new, path, schemas);
            }
        }
        for path in &self.derived {
            derive(new, path);
        }
        new.retain(|name, value| name.eq_ignore_ascii_case("schemas") || !value.is_unassigned());
        Ok(())
    }
}

fn active(object: &Object) -> Option<bool> {
    object.get("active").and_then(Value::as_bool)
}

fn keep_rule(path: &AttrPath, rule: &AttributeRule, object: &Object) -> Result<(), Failure> {
    let found = path.read(object);
    let texts: Vec<&str> = found.iter().filter_map(|value| value.as_str()).collect();
    let because = rule.because.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
    let refuse = |what: &str| Err(Failure::bad("invalidValue", format!("`{path}` {what}{because}")));
    if rule.required && found.iter().all(|value| value.is_unassigned()) {
        return refuse("is required");
    }
    if rule.email && texts.iter().any(|text| !looks_like_email(text)) {
        return refuse("must be an e-mail address");
    }
    if let Some(forbidden) = &rule.forbid
        && texts.iter().any(|text| text.contains(forbidden.as_str()))
    {
        return refuse(&format!("must not contain \"{forbidden}\""));
    }
    if let Some(most) = rule.max_length
        && texts.iter().any(|text| text.chars().count() as u64 > most)
    {
        return refuse(&format!("must have {most} characters at most"));
    }
    Ok(())
}

fn looks_like_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.contains('@') && !text.contains(char::is_whitespace)
    })
}

/// The object that holds the attribute: the resource, or the extension's part of it.
fn home<'a>(object: &'a mut Object, path: &AttrPath) -> Option<&'a mut Object> {
    match path.top().0 {
        None => Some(object),
        Some(urn) => object.get_mut(urn).and_then(Value::as_object_mut),
    }
}

/// Takes out what a path addresses.
fn take(object: &mut Object, path: &AttrPath, schemas: &Schemas) {
    if path.is_bare() {
        if let Some(urn) = path.top().0 {
            object.remove(urn);
        }
        return;
    }
    let attribute = schemas.attribute(&path.parent());
    let Some(home) = home(object, path) else { return };
    let (name, sub) = (&path.attribute, path.sub.as_deref());
    let hit = |item: &Value| path.filter.as_ref().is_none_or(|filter| filter.matches_element(item, attribute));
    match (home.get_mut(name), sub) {
        (None, _) => {}
        (Some(Value::Array(items)), None) if path.filter.is_some() => items.retain(|item| !hit(item)),
        (Some(_), None) => {
            home.remove(name);
        }
        (Some(Value::Array(items)), Some(sub)) => {
            for item in items.iter_mut().filter(|item| hit(item)) {
                if let Some(item) = item.as_object_mut() {
                    item.remove(sub);
                }
            }
            items.retain(|item| !item.is_unassigned());
        }
        (Some(value), Some(sub)) => {
            if let Some(value) = value.as_object_mut() {
                value.remove(sub);
            }
        }
    }
}

/// Copies what a path addresses from one object to another that does not have it.
fn copy(from: &Object, to: &mut Object, path: &AttrPath, schemas: &Schemas) {
    let source = match path.top().0 {
        None => Some(from),
        Some(urn) => from.get(urn).and_then(Value::as_object),
    };
    let Some(value) = source.and_then(|source| source.get(&path.attribute)) else { return };
    match (value, &path.filter) {
        (Value::Array(items), Some(filter)) => {
            let attribute = schemas.attribute(&path.parent());
            let fits = |item: &&Value| filter.matches_element(item, attribute);
            let kept: Vec<Value> = items.iter().filter(fits).cloned().collect();
            let target = to.entry_or(&path.attribute, Value::Array(Vec::new()));
            if let Value::Array(there) = target {
                there.extend(kept);
            }
        }
        (Value::Object(parts), None) if path.sub.is_some() => {
            let sub = path.sub.as_deref().unwrap_or_default();
            if let Some(part) = parts.get(sub) {
                let bare = path.top().0.map_or_else(
                    || AttrPath::attribute(&path.attribute),
                    |urn| AttrPath::extension(urn, &path.attribute),
                );
                bare.with_sub(sub).assign(to, part.clone());
            }
        }
        // Parts of many values can't be told apart once they are gone: the values that were there stay.
        (whole, _) => path.parent().assign(to, whole.clone()),
    }
}

/// The server keeps the primary value, else the first.
fn keep_one(object: &mut Object, path: &AttrPath) {
    if let Some(Value::Array(items)) = home(object, path).and_then(|home| home.get_mut(&path.attribute)) {
        let primary = |item: &Value| item.get("primary").and_then(Value::as_bool) == Some(true);
        let index = items.iter().position(primary).unwrap_or(0);
        if index < items.len() {
            let kept = items.swap_remove(index);
            *items = vec![kept];
        }
    }
}

/// Names that servers make up: the display name from the name, the formatted name from its parts. Anything else stays as
/// it was sent.
fn derive(object: &mut Object, path: &AttrPath) {
    if path.filter.is_some() || !path.is_core() {
        return;
    }
    let parts = object.get("name").and_then(Value::as_object).map(|name| {
        let part = |part: &str| name.get(part).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let joined: Vec<&str> = [part("givenName"), part("familyName")].into_iter().flatten().collect();
        (joined.join(" "), part("formatted").map(str::to_owned))
    });
    let (joined, formatted) = parts.unwrap_or_default();
    match (path.attribute.to_ascii_lowercase().as_str(), path.sub.as_deref()) {
        ("displayname", None) => {
            let own = Some(joined).filter(|joined| !joined.is_empty()).or(formatted);
            let name = own.or_else(|| object.get("userName").and_then(Value::as_str).map(str::to_owned));
            if let Some(name) = name {
                object.insert("displayName", Value::String(name));
            }
        }
        ("name", Some(sub)) if sub.eq_ignore_ascii_case("formatted") && !joined.is_empty() => {
            if let Some(name) = object.get_mut("name").and_then(Value::as_object_mut) {
                name.insert("formatted", Value::String(joined));
            }
        }
        _ => {}
    }
}

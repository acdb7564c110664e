//! What servers compute from what is sent.

use crate::scim::path::AttrPath;
use crate::scim::{Object, Value};

/// Names that servers make up: the display name from the name, the formatted name from its parts. Anything else stays as
/// it was sent.
pub(super) fn derive(object: &mut Object, path: &AttrPath) {
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
                object.insert("displayName", Value::from(name));
            }
        }
        ("name", Some(sub)) if sub.eq_ignore_ascii_case("formatted") && !joined.is_empty() => {
            if let Some(name) = object.get_mut("name").and_then(Value::as_object_mut) {
                name.insert("formatted", Value::from(joined));
            }
        }
        _ => {}
    }
}

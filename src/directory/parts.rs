//! Parts of attributes that a server decides, drops or does not know (`emails.type` under `unsupported`), and elements of
//! lists that are its own (`emails[type eq "recovery"]` under `serverOwned`): they are left out of what is asserted, and so
//! of every request and of every comparison.

use super::writing::{WriteRules, covers, same_attribute};
use crate::scim::filter::Filter;
use crate::scim::path::AttrPath;
use crate::scim::schema::Schemas;
use crate::scim::{Object, ResourceKind, Value};

/// The paths of a profile that name less than a whole attribute and are not sent.
#[derive(Debug, Default)]
pub struct Parts {
    paths: Vec<AttrPath>,
}

impl Parts {
    pub(super) fn of(rules: &WriteRules, kind: ResourceKind) -> Self {
        let paths = rules.unsent(kind).filter(|path| path.sub.is_some() || path.filter.is_some());
        Self { paths: paths.cloned().collect() }
    }

    /// Whether everything is sent.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// A value for a path without what is not sent. `None` where nothing is left: then nothing is asserted.
    pub fn cut(&self, path: &AttrPath, mut value: Value) -> Option<Value> {
        let narrower = |part: &&AttrPath| same_attribute(part, path) && !covers(part, path) && path.sub.is_none();
        let parts: Vec<&AttrPath> = self.paths.iter().filter(narrower).collect();
        if parts.is_empty() || value.is_unassigned() {
            return Some(value);
        }
        let definition = Schemas::core(ResourceKind::User).attribute(&path.parent());
        let picks = |part: &AttrPath, element: &Value| {
            // A row for the elements of a filter speaks of these alone.
            part.filter.is_none()
                || part.filter == path.filter
                || part.filter.as_ref().is_some_and(|filter| filter.matches_element(element, definition))
        };
        let keep = |element: &mut Value| {
            for part in &parts {
                match &part.sub {
                    _ if !picks(part, element) => {}
                    None => return false,
                    Some(sub) => {
                        element.as_object_mut().map(|object| object.remove(sub));
                    }
                }
            }
            !element.is_unassigned()
        };
        match &mut value {
            Value::Array(items) => {
                items.retain_mut(keep);
                // Elements that only the missing part told apart are one.
                let mut seen: Vec<Value> = Vec::with_capacity(items.len());
                items.retain(|item| {
                    !seen.contains(item) && {
                        seen.push(item.clone());
                        true
                    }
                });
                (!items.is_empty()).then_some(value)
            }
            _ => keep(&mut value).then_some(value),
        }
    }

    /// Whether a path chooses its element by a part that is not sent, so that no server could find it.
    pub fn hide(&self, path: &AttrPath) -> bool {
        let Some(chosen) = path.filter.as_ref().and_then(Filter::equalities) else { return false };
        chosen.iter().any(|(chosen, _)| {
            let part = path.parent().with_sub(&chosen.attribute);
            self.paths.iter().any(|known| known.filter.is_none() && covers(known, &part))
        })
    }

    /// The list that values at such paths of one attribute come to.
    pub fn joined(&self, path: &AttrPath, values: impl IntoIterator<Item = (AttrPath, Value)>) -> Option<Value> {
        let mut object = Object::new();
        for (path, value) in values {
            path.assign(&mut object, value);
        }
        let list = path.read(&object).into_iter().next().cloned().unwrap_or(Value::Array(Vec::new()));
        self.cut(path, list)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::profile::builtin;

    fn parts(rules: serde_json::Value) -> Parts {
        let profile = builtin("generic").unwrap().with_capabilities(&json!({ "attributes": rules })).unwrap();
        WriteRules::of(&profile).parts(ResourceKind::User)
    }

    fn cut(rules: serde_json::Value, path: &str, value: serde_json::Value) -> serde_json::Value {
        let left = parts(rules).cut(&path.parse().unwrap(), Value::from(value));
        left.map_or(json!("nothing is asserted"), |value| serde_json::to_value(value).unwrap())
    }

    #[test]
    fn parts_are_left_out_of_every_element() {
        let both = json!([{ "value": "a@b", "type": "work" }, { "value": "c@d", "type": "home" }]);
        for list in ["unsupported", "ignored", "serverOwned"] {
            let left = cut(json!({ list: ["emails.type"] }), "emails", both.clone());
            assert_eq!(left, json!([{ "value": "a@b" }, { "value": "c@d" }]), "{list}");
        }
        assert_eq!(cut(json!({ "createOnly": ["emails.type"] }), "emails", both.clone()), both);
        assert_eq!(cut(json!({ "unsupported": ["phoneNumbers.type"] }), "emails", both.clone()), both);
        let left = cut(
            json!({ "unsupported": ["emails.type"] }),
            "emails[type eq \"work\"]",
            json!({ "value": "a@b", "type": "work" }),
        );
        assert_eq!(left, json!({ "value": "a@b" }));
        let left =
            cut(json!({ "unsupported": ["name.formatted"] }), "name", json!({ "formatted": "A", "givenName": "B" }));
        assert_eq!(left, json!({ "givenName": "B" }));
        let twice = json!([{ "value": "a@b", "type": "work" }, { "value": "a@b", "type": "home" }]);
        assert_eq!(cut(json!({ "unsupported": ["emails.type"] }), "emails", twice), json!([{ "value": "a@b" }]));
    }

    #[test]
    fn elements_of_the_servers_own_are_left_out() {
        let value = json!([{ "value": "a@b", "type": "work" }, { "value": "c@d", "type": "recovery" }]);
        let left = cut(json!({ "serverOwned": ["emails[type eq \"recovery\"]"] }), "emails", value);
        assert_eq!(left, json!([{ "value": "a@b", "type": "work" }]));
    }

    #[test]
    fn emptiness_is_never_asserted_by_leaving_out() {
        let rules = || json!({ "unsupported": ["emails.value", "name.formatted"] });
        assert_eq!(cut(rules(), "name", json!({ "formatted": "A" })), "nothing is asserted");
        assert_eq!(cut(rules(), "emails", json!([{ "value": "a@b" }])), "nothing is asserted");
        assert_eq!(cut(rules(), "emails", json!([])), json!([]), "asked for in so many words");
    }
}

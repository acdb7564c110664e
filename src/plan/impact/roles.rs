//! Roles and entitlements that come and go by a change of a person's values: they are access as groups are.

use std::collections::BTreeSet;

use crate::plan::AttributeChange;
use crate::scim::Value;
use crate::scim::path::AttrPath;

/// The attributes, and what one value of each is called.
const KINDS: [(&str, &str); 2] = [("roles", "role"), ("entitlements", "entitlement")];

/// What is gained and lost: `role viewer`.
pub(super) fn moves(changes: &[AttributeChange]) -> (Vec<String>, Vec<String>) {
    let (mut gains, mut loses) = (BTreeSet::new(), BTreeSet::new());
    for change in changes.iter().filter(|change| !change.sensitive) {
        let Some(word) = word(&change.path) else { continue };
        let named = |value: &Value| texts(value).into_iter().map(|text| format!("{word} {text}")).collect();
        let (before, after): (BTreeSet<String>, BTreeSet<String>) = (named(&change.before), named(&change.after));
        gains.extend(after.difference(&before).cloned());
        loses.extend(before.difference(&after).cloned());
    }
    // What goes from one place to another, as from one type to the next, is kept.
    let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| one.difference(other).cloned().collect();
    (only(&gains, &loses), only(&loses, &gains))
}

/// Whether what a person gains or loses is a role or an entitlement, as `moves` names it.
pub fn is_value(name: &str) -> bool {
    KINDS.iter().any(|(_, word)| name.strip_prefix(word).is_some_and(|rest| rest.starts_with(' ')))
}

/// Whether a path is of values that a person is said to gain or lose.
pub fn is_held(path: &AttrPath) -> bool {
    word(path).is_some()
}

/// What a value of a path is called, where it is the whole of a value and not a part such as `roles.display`.
fn word(path: &AttrPath) -> Option<&'static str> {
    let whole = path.sub.as_deref().is_none_or(|sub| sub.eq_ignore_ascii_case("value"));
    let (_, word) = KINDS.iter().find(|(name, _)| path.is_within(name))?;
    whole.then_some(*word)
}

fn texts(value: &Value) -> Vec<String> {
    let one = |one: &Value| {
        let own = one.as_str().or_else(|| one.get("value")?.as_str()).or_else(|| one.get("display")?.as_str());
        own.map(str::to_owned)
    };
    match value {
        Value::Array(items) => items.iter().filter_map(one).collect(),
        other => one(other).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::plan::Reason;

    fn change(path: &str, before: &str, after: &str) -> AttributeChange {
        let value = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
        AttributeChange {
            path: Arc::new(path.parse().unwrap()),
            before: value(before),
            after: value(after),
            reference: None,
            sensitive: false,
            reason: Reason::Differs,
            origin: None,
        }
    }

    #[test]
    fn a_role_comes_and_goes_by_its_value() {
        let viewer = r#"[{ "value": "viewer" }, "editor"]"#;
        let (gains, loses) = moves(&[
            change(
                "roles",
                viewer,
                r#"[{ "value": "admin", "primary": true }, { "value": "viewer", "primary": false }]"#,
            ),
            change("entitlements[type eq \"x\"].value", "null", "\"billing\""),
            change("roles.display", "\"A\"", "\"B\""),
            change("title", "\"A\"", "\"B\""),
        ]);
        assert_eq!(gains, ["entitlement billing", "role admin"]);
        assert_eq!(loses, ["role editor"]);
        assert!(is_value("role editor") && !is_value("roles"));
    }
}

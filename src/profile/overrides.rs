//! `targets.<t>.capabilities`: single facts of a profile replaced.

use serde_json::{Map, Value};

use super::{AttributeRules, Capabilities, Profile, closest};

/// Facts that count something of which there must be one at least.
const POSITIVE: &[&str] = &["pageSize", "membersPerPatch", "concurrency", "requests", "seconds"];

impl Profile {
    /// The profile with these facts in place of its own. Names are those of [`Capabilities`]; under `attributes` those of
    /// [`AttributeRules`], where a list takes the place of the profile's. What is not named stays.
    ///
    /// # Errors
    /// A name that does not exist or a value of the wrong form, as a message that names it.
    pub fn with_capabilities(&self, overrides: &Value) -> Result<Self, String> {
        let mut overrides = match overrides {
            Value::Null => return Ok(self.clone()),
            Value::Object(facts) => facts.clone(),
            _ => return Err("`capabilities` must hold names and values".to_owned()),
        };
        let mut profile = self.clone();
        if let Some(rules) = overrides.remove("attributes") {
            let Value::Object(rules) = rules else { return Err("`attributes` must hold names and values".to_owned()) };
            profile.attributes = replaced::<AttributeRules>(&self.attributes, &rules, "attributes.", &[])?;
        }
        profile.capabilities = replaced::<Capabilities>(&self.capabilities, &overrides, "", &["attributes"])?;
        Ok(profile)
    }
}

fn replaced<T>(base: &T, overrides: &Map<String, Value>, prefix: &str, more: &[&str]) -> Result<T, String>
where
    T: Clone + serde::Serialize + serde::de::DeserializeOwned,
{
    let mut result = base.clone();
    for (name, value) in overrides {
        let mut facts = serde_json::to_value(&result).map_err(|error| error.to_string())?;
        let known = facts.as_object_mut().ok_or("a profile's facts have names")?;
        let place = format!("{prefix}{name}");
        if !known.contains_key(name) {
            return Err(unknown(&place, name, known.keys().map(String::as_str).chain(more.iter().copied())));
        }
        positive(&place, name, value)?;
        if let Some(slot) = known.get_mut(name) {
            merge(slot, value, &place)?;
        }
        result = serde_json::from_value(facts).map_err(|error| format!("`{place}`: {error}"))?;
    }
    Ok(result)
}

/// Puts a value in; of `resources`, which has names of its own, what is not named stays.
fn merge(slot: &mut Value, value: &Value, place: &str) -> Result<(), String> {
    if let (Value::Object(old), Value::Object(new)) = (&mut *slot, value)
        && place == "resources"
    {
        for (name, value) in new {
            if !old.contains_key(name) {
                return Err(unknown(&format!("{place}.{name}"), name, old.keys().map(String::as_str)));
            }
            old.insert(name.clone(), value.clone());
        }
        return Ok(());
    }
    *slot = value.clone();
    Ok(())
}

fn positive(place: &str, name: &str, value: &Value) -> Result<(), String> {
    if let Value::Object(facts) = value {
        return facts.iter().try_for_each(|(name, value)| positive(&format!("{place}.{name}"), name, value));
    }
    if let Value::Array(items) = value {
        return items.iter().try_for_each(|item| positive(place, name, item));
    }
    if POSITIVE.contains(&name) && value.as_u64() == Some(0) {
        return Err(format!("`{place}` must be 1 or more"));
    }
    Ok(())
}

fn unknown<'a>(place: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match closest(name, known) {
        Some(name) => format!("there is no capability `{place}`; did you mean `{name}`?"),
        None => format!("there is no capability `{place}`"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::profile::{MemberRemoval, Paging, builtin};

    #[test]
    fn named_facts_are_replaced_and_the_others_stay() {
        let base = builtin("lattice").unwrap();
        let changed = base
            .with_capabilities(&json!({
                "patch": false, "pageSize": 50, "membersPerPatch": 7, "paging": "cursor", "memberRemoval": "value",
                "rates": [{ "requests": 10, "seconds": 1 }], "resources": { "groups": true },
                "attributes": { "serverOwned": [] },
            }))
            .unwrap();
        let facts = &changed.capabilities;
        assert_eq!((facts.patch, facts.page_size, facts.members_per_patch), (Some(false), Some(50), 7));
        assert_eq!((facts.paging, facts.member_removal), (Paging::Cursor, MemberRemoval::Value));
        assert_eq!((facts.resources.users, facts.resources.groups), (true, true));
        assert_eq!(facts.rates.first().map(|rate| rate.requests), Some(10));
        assert!(changed.attributes.server_owned.is_empty());
        assert_eq!(changed.attributes.create_only, base.attributes.create_only);
        assert_eq!(facts.deletion, base.capabilities.deletion);
        assert_eq!(changed.mapping, base.mapping);
    }

    #[test]
    fn nothing_named_changes_nothing() {
        let base = builtin("generic").unwrap();
        assert_eq!(base.with_capabilities(&json!({})).as_ref(), Ok(&*base));
        assert_eq!(base.with_capabilities(&json!(null)).as_ref(), Ok(&*base));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let base = builtin("generic").unwrap();
        let error = |overrides| base.with_capabilities(&overrides).unwrap_err();
        assert_eq!(error(json!({ "pageSise": 5 })), "there is no capability `pageSise`; did you mean `pageSize`?");
        assert_eq!(error(json!({ "zzz": 5 })), "there is no capability `zzz`");
        assert_eq!(error(json!({ "pageSize": 0 })), "`pageSize` must be 1 or more");
        assert_eq!(error(json!({ "rates": [{ "requests": 0, "seconds": 1 }] })), "`rates.requests` must be 1 or more");
        assert!(error(json!({ "patch": "no" })).starts_with("`patch`: invalid type"));
        assert!(error(json!({ "paging": "pages" })).starts_with("`paging`: unknown variant"));
        assert!(error(json!({ "resources": { "grops": true } })).contains("did you mean `groups`?"));
        assert!(error(json!({ "attributes": { "serverOwnd": [] } })).contains("did you mean `serverOwned`?"));
        assert!(error(json!([1])).contains("names and values"));
    }
}

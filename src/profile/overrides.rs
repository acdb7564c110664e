//! Single facts of a profile replaced: `targets.<t>.capabilities`, and profiles of the user's own.

use std::str::FromStr as _;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{AttributeRules, Capabilities, Confidence, DefaultMapping, Profile, closest};
use crate::scim::path::AttrPath;

/// Facts that count something of which there must be one at least.
const POSITIVE: &[&str] = &["pageSize", "membersPerPatch", "bytesPerPatch", "concurrency", "requests", "seconds"];

/// Facts that have names of their own: what is not named stays.
const MERGED: &[&str] = &["attributes.aliases", "attributes.defaults", "attributes.placeholders"];

impl Profile {
    /// The profile with these facts in place of its own. Names are those of [`Capabilities`]; under `attributes` those of
    /// [`AttributeRules`], where a list takes the place of the profile's, and what has names of its own is merged by name.
    /// What is not named stays. What is named counts as verified: the user vouches for it.
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
            profile.vouch("attributes", &rules);
        }
        // What the user says of the target stands in for what was not verified.
        let said = |name: &str| {
            overrides.keys().any(|fact| {
                let fact = format!("capabilities.{fact}");
                name == fact || name.strip_prefix(&fact).is_some_and(|rest| rest.starts_with('.'))
            })
        };
        profile.confidence.retain(|name, _| !said(name));
        profile.capabilities = replaced::<Capabilities>(&self.capabilities, &overrides, "", &["attributes"])?;
        profile.vouch("capabilities", &overrides);
        Ok(profile)
    }

    /// A profile of the user's own that builds on this one. `facts` holds what a profile file holds, but for `name` and
    /// `extends`: `capabilities` and `attributes` as for [`Profile::with_capabilities`], rows of `mapping` over those of
    /// this one (`null` takes one out), `hints` and `confidence` merged by name, anything else in place of this one's.
    ///
    /// # Errors
    /// A name that does not exist or a value of the wrong form, as a message that names it.
    pub fn extended(&self, name: &str, facts: &Value) -> Result<Self, String> {
        let Value::Object(facts) = facts else { return Err("a profile must hold names and values".to_owned()) };
        let mut facts = facts.clone();
        let mut capabilities = match facts.remove("capabilities") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(capabilities)) => capabilities,
            Some(_) => return Err("`capabilities` must hold names and values".to_owned()),
        };
        if let Some(attributes) = facts.remove("attributes") {
            capabilities.insert("attributes".to_owned(), attributes);
        }
        let mut profile = self.with_capabilities(&Value::Object(capabilities))?;
        if let Some(rows) = facts.remove("mapping") {
            let rows = serde_json::from_value(rows).map_err(|error| format!("`mapping`: {error}"))?;
            profile.mapping = laid_over(profile.mapping, rows);
            profile.vouch("", &Map::from_iter([("mapping".to_owned(), Value::Null)]));
        }
        // A tenant's form of address is no use beside the address of another vendor.
        if facts.contains_key("urlForm") && !facts.contains_key("url") {
            profile.url = None;
        }
        if facts.contains_key("url") && !facts.contains_key("urlForm") {
            profile.url_form = None;
        }
        facts.entry("title").or_insert_with(|| name.into());
        let mut whole = serde_json::to_value(&profile).map_err(|error| error.to_string())?;
        let known = whole.as_object_mut().ok_or("a profile's facts have names")?;
        for (fact, value) in facts {
            match (known.get_mut(&fact), value) {
                (Some(Value::Object(old)), Value::Object(new)) if matches!(fact.as_str(), "hints" | "confidence") => {
                    old.extend(new);
                }
                (Some(slot), value) if !matches!(fact.as_str(), "name" | "extends") => *slot = value,
                _ => return Err(format!("a profile has no `{fact}` here")),
            }
        }
        let read: Self = serde_json::from_value(whole).map_err(|error| error.to_string())?;
        let vendor = Some(self.vendor.clone().unwrap_or_else(|| self.name.clone()));
        Ok(Self { name: name.to_owned(), extends: Some(self.name.clone()), vendor, ..read })
    }

    /// What the user says of a fact is not in doubt any more.
    fn vouch(&mut self, part: &str, facts: &Map<String, Value>) {
        for name in facts.keys() {
            let fact = if part.is_empty() { name.clone() } else { format!("{part}.{name}") };
            let within = format!("{fact}.");
            self.confidence.retain(|known, _| *known != fact && !known.starts_with(&within));
            if !self.is_verified(&fact) {
                self.confidence.insert(fact, Confidence::Verified);
            }
        }
    }
}

/// Rows and match orders over those of a profile.
fn laid_over(mut base: DefaultMapping, own: DefaultMapping) -> DefaultMapping {
    if own.extends.is_some() {
        base = DefaultMapping { extends: own.extends, ..DefaultMapping::default() };
    }
    let lay = |base: &mut IndexMap<String, Value>, rows: IndexMap<String, Value>| {
        for (path, row) in rows {
            base.retain(|known, _| !same(known, &path));
            base.insert(path, row);
        }
    };
    lay(&mut base.user, own.user);
    lay(&mut base.group, own.group);
    if !own.match_users.is_empty() {
        base.match_users = own.match_users;
    }
    if !own.match_groups.is_empty() {
        base.match_groups = own.match_groups;
    }
    base
}

/// Whether two texts name the same place.
fn same(a: &str, b: &str) -> bool {
    a == b || AttrPath::from_str(a).is_ok_and(|a| AttrPath::from_str(b).is_ok_and(|b| a.same(&b)))
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

/// Puts a value in; of what has names of its own (`resources`, aliases), what is not named stays.
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
    if let (Value::Object(old), Value::Object(new)) = (&mut *slot, value)
        && MERGED.contains(&place)
    {
        old.extend(new.clone());
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
        let wrong = error(json!({ "attributes": { "createOnly": ["name..givenName"] } }));
        assert!(wrong.starts_with("`attributes.createOnly`: "), "{wrong}");
        let nameless = error(json!({ "attributes": { "rules": [{ "required": true }] } }));
        assert_eq!(nameless, "`attributes.rules`: a rule has no `path`");
        assert!(error(json!([1])).contains("names and values"));
    }
}

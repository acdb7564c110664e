//! People and groups of the model.

use std::collections::{BTreeMap, BTreeSet};

use super::Check;
use crate::config::model::{self, Config, Declared};
use crate::directory::{Group, GroupKey, Membership, User, UserKey};
use crate::mapping::Expression;
use crate::scim::{Object, Value};
use crate::source::Spanned;

/// The keys, each allocated once and shared by everything that names the person.
pub(super) fn user_keys(config: &Config) -> BTreeSet<UserKey> {
    config.users.keys().map(|key| UserKey::from(key.as_str())).collect()
}

/// Takes the people over.
pub(super) fn build(
    written: BTreeMap<String, Declared<model::User>>,
    keys: &BTreeSet<UserKey>,
) -> BTreeMap<UserKey, User> {
    let user = |(key, declared): (String, Declared<model::User>)| {
        let key = shared(keys, &key)?;
        let written = declared.value;
        let user = User {
            key: key.clone(),
            origin: declared.key,
            attributes: with_key(key.as_str(), written.attributes),
            places: written.places,
            active: written.active.map(|active| active.value),
            starts: written.starts.map(|starts| starts.value),
            ends: written.ends.map(|ends| ends.value),
            previously: written.previously.into_iter().map(|old| UserKey::from(old.value)).collect(),
        };
        Some((key, user))
    };
    written.into_iter().filter_map(user).collect()
}

/// The groups, with only those members and nested groups that exist.
pub(super) fn groups(check: &mut Check<'_>, mut rules: BTreeMap<String, Expression>) -> BTreeMap<GroupKey, Group> {
    let config = check.config;
    let mut groups = BTreeMap::new();
    for (key, written) in &config.groups {
        let members = written.value.members.iter().filter(|member| config.users.contains_key(&member.value.user.value));
        let nested = written.value.groups.iter().filter(|nested| config.groups.contains_key(&nested.value));
        let group = Group {
            key: key.as_str().into(),
            origin: written.key,
            attributes: attributes(key, &written.value),
            display_name: display_name(key, &written.value).to_owned(),
            members: members.map(membership).collect(),
            groups: nested.map(|nested| nested.clone().map(GroupKey::from)).collect(),
            rule: rules.remove(key),
            matching: BTreeSet::new(),
            privileged: written.value.privileged.as_ref().is_some_and(|privileged| privileged.value),
            previously: written.value.previously.iter().map(|old| GroupKey::from(old.value.as_str())).collect(),
        };
        groups.insert(group.key.clone(), group);
    }
    groups
}

fn membership(written: &Spanned<model::Member>) -> Membership {
    Membership {
        user: written.value.user.value.as_str().into(),
        until: written.value.until.as_ref().map(|until| until.value),
        origin: written.span,
    }
}

fn display_name<'a>(key: &'a str, group: &'a model::Group) -> &'a str {
    group.display_name.as_ref().map_or(key, |name| &name.value)
}

/// What expressions see as `group`.
fn attributes(key: &str, group: &model::Group) -> Value {
    let mut object = Object::new();
    object.insert("key", Value::from(key));
    object.insert("displayName", Value::from(display_name(key, group)));
    if let Some(id) = &group.external_id {
        object.insert("externalId", Value::from(id.value.as_str()));
    }
    if let Some(description) = &group.description {
        object.insert("description", Value::from(description.value.as_str()));
    }
    if let Some(custom) = &group.custom {
        object.insert("custom", custom.value.clone());
    }
    Value::Object(object)
}

fn with_key(key: &str, attributes: Value) -> Value {
    let mut object = match attributes {
        Value::Object(object) => object,
        _ => Object::new(),
    };
    object.insert("key", Value::from(key));
    object.shrink_to_fit();
    Value::Object(object)
}

fn shared(keys: &BTreeSet<UserKey>, key: &str) -> Option<UserKey> {
    keys.get(key).cloned()
}

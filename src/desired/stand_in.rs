//! A made-up person who is given to one target as real ones are, for a test of writing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::{Apply, Asserted, Assertion, Desired, project};
use crate::directory::{
    Actions, Binding, Directory, Limits, Manage, MembershipMode, Protect, TargetName, User, UserKey, same_attribute,
};
use crate::mapping::default_mapping;
use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::{Object, Value};
use crate::source::Spanned;

/// The stand-in's attributes that a change may move, likeliest to be writable first.
pub const CHANGEABLE: [&[&str]; 4] = [&["name", "familyName"], &["displayName"], &["title"], &["name", "givenName"]];

/// A directory of one target and one person.
#[derive(Debug)]
pub struct StandIn {
    directory: Directory,
    target: TargetName,
    key: UserKey,
}

impl StandIn {
    /// Puts a person of this key in place of everyone; the key should look like nobody's name. Limits, policies and
    /// protection, which are about real people, do not hold for them.
    ///
    /// # Errors
    /// A target that does not exist, or whose profile's mapping does not compile, as a message.
    pub fn new(mut directory: Directory, target: &TargetName, key: &str) -> Result<Self, String> {
        directory.targets.retain(|name, _| name == target);
        let place = directory.targets.get_mut(target).ok_or_else(|| format!("there is no target `{target}`"))?;
        (place.manage, place.actions) = (Manage::Owned, Actions::default());
        (place.limits, place.protect) = (Limits::default(), Protect::default());
        let (origin, profile) = (place.origin, place.profile.clone());
        let key = UserKey::from(key);
        let bound = std::mem::take(&mut directory.bindings).into_values().find(|binding| binding.target == *target);
        let mapping = match bound {
            Some(binding) => binding.mapping,
            None => Arc::new(default_mapping(&profile)?),
        };
        let binding = Binding {
            name: key.as_str().into(),
            origin,
            target: target.clone(),
            groups: Vec::new(),
            users: vec![Spanned::new(key.clone(), origin)],
            rule: None,
            matching: BTreeSet::new(),
            push: Vec::new(),
            membership: MembershipMode::Exact,
            mapping,
        };
        directory.bindings.insert(binding.name.clone(), binding);
        let user = User {
            key: key.clone(),
            origin,
            attributes: Value::Object(attributes(key.as_str(), &profile)),
            places: BTreeMap::new(),
            manager: None,
            active: None,
            starts: None,
            ends: None,
            previously: Vec::new(),
        };
        directory.users = BTreeMap::from([(key.clone(), user)]);
        directory.groups.clear();
        directory.policies.clear();
        Ok(Self { directory, target: target.clone(), key })
    }

    /// The directory.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The person's key.
    pub fn key(&self) -> &str {
        self.key.as_str()
    }

    /// Gives another value to an attribute; gives the former one back.
    pub fn change(&mut self, path: &[&str], to: &str) -> Option<Value> {
        let user = self.directory.users.get_mut(&self.key)?;
        let (last, parents) = path.split_last()?;
        let mut object = user.attributes.as_object_mut()?;
        for parent in parents {
            object = object.get_mut(parent)?.as_object_mut()?;
        }
        object.insert((*last).to_owned(), Value::from(to))
    }

    /// Takes access away.
    pub fn deactivate(&mut self) {
        if let Some(user) = self.directory.users.get_mut(&self.key) {
            user.active = Some(false);
        }
    }

    /// What the target should hold. What the profile requires and the mapping does not give is filled in.
    pub fn desired(&self, as_of: Date) -> Desired {
        let mut desired = project(&self.directory, &self.target, as_of);
        let profile = self.directory.targets.get(&self.target).map(|target| target.profile.clone());
        if let (Some(user), Some(profile)) = (desired.users.get_mut(&self.key), profile) {
            for rule in profile.attributes.rules.iter().filter(|rule| rule.required) {
                let Ok(path) = rule.path.parse::<AttrPath>() else { continue };
                let given = user.assertions.iter().any(|assertion| same_attribute(&assertion.path, &path));
                if given || path.filter.is_some() {
                    continue;
                }
                let text = if rule.email { address(self.key.as_str()) } else { self.key().to_owned() };
                user.assertions.push(Assertion {
                    path: Arc::new(path),
                    value: Asserted::Value(Value::from(text.as_str())),
                    apply: Apply::OnCreate,
                    origin: user.origin,
                    sensitive: false,
                    gives_way: false,
                });
            }
            user.assertions.sort_by(|a, b| a.path.cmp(&b.path));
        }
        desired
    }
}

/// In a domain that nobody can own (RFC 2606 section 3).
fn address(key: &str) -> String {
    format!("{key}@example.com")
}

fn attributes(key: &str, profile: &Profile) -> Object {
    let address = address(key);
    let plain = profile.attributes.rules.iter().any(|rule| {
        rule.path.eq_ignore_ascii_case("userName")
            && rule.forbid.as_ref().is_some_and(|text| !text.is_empty() && address.contains(text))
    });
    let object = |fields: &[(&str, Value)]| {
        let mut object = Object::new();
        for (name, value) in fields {
            object.insert(*name, value.clone());
        }
        object
    };
    let name = object(&[
        ("givenName", Value::from("Scimform")),
        ("familyName", Value::from("Probe")),
        ("formatted", Value::from("Scimform Probe")),
    ]);
    let email = object(&[
        ("value", Value::from(address.as_str())),
        ("type", Value::from("work")),
        ("primary", Value::Bool(true)),
    ]);
    object(&[
        ("key", Value::from(key)),
        ("userName", Value::from(if plain { key } else { address.as_str() })),
        ("externalId", Value::from(key)),
        ("name", Value::Object(name)),
        ("displayName", Value::from("Scimform Probe")),
        ("title", Value::from("Probe")),
        ("emails", Value::Array(vec![Value::Object(email)])),
    ])
}

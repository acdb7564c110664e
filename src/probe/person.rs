//! Made-up people who are given to one target through the mapping in force, as real ones are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::json;

use crate::config::model::AttributePlaces;
use crate::desired::{Asserted, project};
use crate::directory::{
    Actions, Binding, Directory, Limits, Manage, MembershipMode, Protect, TargetName, User, UserKey, WriteRules,
    same_attribute,
};
use crate::mapping::{Mapping, default_mapping};
use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKind, Value};
use crate::source::{Span, Spanned};

/// An attribute and the value that the mapping gives it.
pub(super) type Given = (AttrPath, Value);

/// Who is made, by the end of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Role {
    /// The end of the key and of the userName.
    pub(super) name: &'static str,
    /// Changes with each update, so that it can be seen which one a server kept.
    pub(super) version: u8,
}

/// A directory of one target, and whoever is made up in it.
#[derive(Debug)]
pub(super) struct ProbeUser {
    directory: Directory,
    target: TargetName,
    mapping: Arc<Mapping>,
    profile: Arc<Profile>,
    origin: Span,
    mark: String,
}

impl ProbeUser {
    /// Puts nobody in place of everyone. The mark should look like nobody's name. Limits, policies and protection, which
    /// are about real people, do not hold.
    ///
    /// # Errors
    /// A target that does not exist, or whose profile's mapping does not compile, as a message.
    pub(super) fn new(mut directory: Directory, target: &TargetName, mark: &str) -> Result<Self, String> {
        directory.targets.retain(|name, _| name == target);
        let place = directory.targets.get_mut(target).ok_or_else(|| format!("there is no target `{target}`"))?;
        (place.manage, place.actions) = (Manage::Owned, Actions::default());
        (place.limits, place.protect) = (Limits::default(), Protect::default());
        let (origin, profile) = (place.origin, place.profile.clone());
        let bound = std::mem::take(&mut directory.bindings).into_values().find(|binding| binding.target == *target);
        let mapping = match bound {
            Some(binding) => binding.mapping,
            None => Arc::new(default_mapping(&profile)?),
        };
        directory.groups.clear();
        directory.policies.clear();
        Ok(Self { directory, target: target.clone(), mapping, profile, origin, mark: mark.to_owned() })
    }

    /// Begins every name.
    pub(super) fn mark(&self) -> &str {
        &self.mark
    }

    /// The mapping in force.
    pub(super) fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// Where the mapping puts the id of the manager.
    pub(super) fn manager(&self) -> Option<AttrPath> {
        let manages = |path: &&AttrPath| !path.is_core() && path.parent().top().1.eq_ignore_ascii_case("manager");
        let path = self.mapping.rows.users.iter().map(|row| &row.path).find(manages)?;
        let writing = WriteRules::of(&self.profile).writing(ResourceKind::User, path);
        writing.is_sent().then(|| path.clone())
    }

    /// The key of a role, which is its `externalId` as well.
    pub(super) fn key(&self, role: Role) -> String {
        format!("{}-{}", self.mark, role.name.to_lowercase())
    }

    /// What the mapping gives a role. What the profile requires and the mapping does not give is filled in.
    pub(super) fn given(&mut self, role: Role, as_of: Date) -> Vec<Given> {
        let key = UserKey::from(self.key(role).as_str());
        self.enlist(&key, role);
        let mut desired = project(&self.directory, &self.target, as_of);
        let Some(user) = desired.users.remove(&key) else { return Vec::new() };
        let asserted = user.assertions.into_iter().filter_map(|assertion| match assertion.value {
            Asserted::Value(value) if !value.is_unassigned() => Some((assertion.path.as_ref().clone(), value)),
            _ => None,
        });
        let mut given: Vec<Given> = asserted.collect();
        for rule in self.profile.attributes.rules.iter().filter(|rule| rule.required) {
            if rule.path.filter.is_none() && !given.iter().any(|(known, _)| same_attribute(known, &rule.path)) {
                let text = if rule.email { address(key.as_str()) } else { key.as_str().to_owned() };
                given.push((rule.path.clone(), Value::from(text)));
            }
        }
        let active = AttrPath::attribute("active");
        let sent = WriteRules::of(&self.profile).writing(ResourceKind::User, &active).is_sent();
        if sent && !given.iter().any(|(known, _)| same_attribute(known, &active)) {
            given.push((active, Value::Bool(true)));
        }
        given
    }

    /// Makes the role the only person there.
    fn enlist(&mut self, key: &UserKey, role: Role) {
        let user = User {
            key: key.clone(),
            origin: self.origin,
            attributes: Value::from(attributes(&self.mark, key.as_str(), role, &self.profile)),
            places: AttributePlaces::default(),
            active: None,
            starts: None,
            ends: None,
            previously: Vec::new(),
        };
        let binding = Binding {
            name: self.mark.as_str().into(),
            origin: self.origin,
            target: self.target.clone(),
            groups: Vec::new(),
            users: vec![Spanned::new(key.clone(), self.origin)],
            rule: None,
            matching: BTreeSet::new(),
            push: Vec::new(),
            membership: MembershipMode::Exact,
            mapping: self.mapping.clone(),
        };
        self.directory.users = BTreeMap::from([(key.clone(), user)]);
        self.directory.bindings = BTreeMap::from([(binding.name.clone(), binding)]);
    }
}

/// In a domain that nobody can own (RFC 2606 section 3).
fn address(name: &str) -> String {
    format!("{name}@example.com")
}

/// What the files would say of the person. Names and addresses have capitals, and no value follows from another one, so
/// that what a server makes up or rewrites can be told from what it keeps.
fn attributes(mark: &str, key: &str, role: Role, profile: &Profile) -> serde_json::Value {
    let Role { name, version } = role;
    let login = address(&format!("{mark}-{name}"));
    let plain = profile.attributes.rules.iter().any(|rule| {
        rule.path.same(&AttrPath::attribute("userName"))
            && rule.forbid.as_ref().is_some_and(|text| !text.is_empty() && login.contains(text))
    });
    let bare = format!("{mark}-{name}");
    let turn = |[first, second, third]: [&'static str; 3]| match version % 3 {
        0 => first,
        1 => second,
        _ => third,
    };
    json!({
        "key": key,
        "externalId": key,
        "userName": if plain { bare.as_str() } else { login.as_str() },
        "name": {
            "givenName": format!("Scimform{version}"), "familyName": format!("Probe {name} {version}"),
            "middleName": format!("Quill{version}"), "honorificPrefix": "Dr.", "honorificSuffix": "III",
            "formatted": format!("Dr. Probe of Scimform, No. {name} {version}"),
        },
        "displayName": format!("The Probe {name} {version}"),
        "nickName": format!("Proby {version}"),
        "profileUrl": format!("https://example.com/probe/{version}"),
        "title": format!("Probe {version}"),
        "userType": format!("Probing {version}"),
        "preferredLanguage": turn(["en", "de", "fr"]),
        "locale": turn(["en-GB", "de-CH", "fr-FR"]),
        "timezone": turn(["Europe/London", "Europe/Zurich", "Europe/Paris"]),
        "emails": [
            { "value": login, "type": "work", "primary": true },
            { "value": address(&format!("{bare}-home{version}")), "type": "home" },
        ],
        "phoneNumbers": [{ "value": format!("+44 20 7946 000{version}"), "type": "work" }],
        "addresses": [{
            "type": "work", "streetAddress": format!("{version} Probe Street"), "locality": "Bath", "region": "Somerset",
            "postalCode": "BA1 1AA", "country": "GB",
        }],
        "photos": [{ "value": format!("https://example.com/probe/{version}.png"), "type": "photo" }],
        "entitlements": [{ "value": format!("probe-entitlement-{version}") }],
        "roles": [{ "value": format!("probe-role-{version}") }],
        "employeeNumber": format!("10{version}"),
        "costCenter": format!("CC-{version}"),
        "organization": format!("Probes {version}"),
        "division": format!("Probing {version}"),
        "department": format!("Probe Department {version}"),
    })
}

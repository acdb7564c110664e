//! How a vendor treats single attributes of users, as its profile says.

mod derive;
mod place;
mod rule;
mod shown;

use self::place::{copy, each, fill, keep_one, lead, take};
use super::reply::Failure;
use crate::profile::{AttributeRule, AttributeRules, Form};
use crate::scim::path::AttrPath;
use crate::scim::schema::Schemas;
use crate::scim::{Object, ResourceKind, Value};

pub(super) use shown::{Shown, read_booleans};

/// The rules of a profile, read.
#[derive(Clone, Debug, Default)]
pub(super) struct Quirks {
    dropped: Vec<AttrPath>,
    server_owned: Vec<AttrPath>,
    create_only: Vec<AttrPath>,
    derived: Vec<AttrPath>,
    single_valued: Vec<AttrPath>,
    /// Followers and their leaders.
    coupled: Vec<(AttrPath, AttrPath)>,
    normalised: Vec<(AttrPath, Form)>,
    defaults: Vec<(AttrPath, Value)>,
    rules: Vec<(AttrPath, AttributeRule)>,
    /// Whether a deactivated user can be activated again.
    reactivation: bool,
    /// Whether the id is the `externalId`.
    pub(super) id_is_external_id: bool,
    /// Whether booleans come and go as text.
    pub(super) text_booleans: bool,
    /// What answers show in place of what is stored.
    pub(super) shown: Shown,
}

impl Quirks {
    /// The rules of a profile.
    pub(super) fn new(rules: Option<&AttributeRules>, reactivation: bool) -> Self {
        let Some(rules) = rules else { return Self { reactivation, ..Self::default() } };
        let read = |names: &[String]| names.iter().filter_map(|name| name.parse().ok()).collect::<Vec<AttrPath>>();
        let mut dropped = read(&rules.ignored);
        dropped.extend(read(&rules.unsupported));
        dropped.retain(|path| path.core_kind() != Some(ResourceKind::Group));
        let coupled = rules.coupled.iter().filter_map(|pair| Some((pair.path.parse().ok()?, pair.to.parse().ok()?)));
        let normalised = rules.normalised.iter().filter_map(|rule| Some((rule.path.parse().ok()?, rule.form)));
        let pairs = rules.rules.iter().filter_map(|rule| Some((rule.path.parse().ok()?, rule.clone())));
        Self {
            dropped,
            server_owned: read(&rules.server_owned),
            create_only: read(&rules.create_only),
            derived: read(&rules.derived),
            single_valued: read(&rules.single_valued),
            coupled: coupled.collect(),
            normalised: normalised.collect(),
            defaults: values(&rules.defaults),
            rules: pairs.collect(),
            reactivation,
            id_is_external_id: rules.id_is_external_id,
            text_booleans: rules.text_booleans,
            shown: Shown::new(rules),
        }
    }

    /// Makes of what a client wants what the vendor would store; `old` is what is stored so far.
    pub(super) fn shape(&self, new: &mut Object, old: Option<&Object>, schemas: &Schemas) -> Result<(), Failure> {
        self.couple(new, schemas);
        for (path, rule) in &self.rules {
            rule::keep(path, rule, new)?;
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
        for (path, form) in &self.normalised {
            each(new, path, schemas, &mut |value| {
                if let Value::String(text) = value {
                    *text = form.apply(text).into_owned();
                }
            });
        }
        for path in &self.server_owned {
            take(new, path, schemas);
            match old {
                Some(old) => copy(old, new, path, schemas),
                None => derive::derive(new, path),
            }
        }
        for path in self.create_only.iter().filter(|_| old.is_some()) {
            take(new, path, schemas);
            if let Some(old) = old {
                copy(old, new, path, schemas);
            }
        }
        for path in &self.derived {
            derive::derive(new, path);
        }
        for (path, value) in &self.defaults {
            fill(new, path, schemas, value);
        }
        // Leaders may have become others on the way.
        self.couple(new, schemas);
        new.retain(|name, value| name.eq_ignore_ascii_case("schemas") || !value.is_unassigned());
        Ok(())
    }

    /// Puts something where a value must be and none is known, so that a later change of something else is not refused.
    pub(super) fn make_up(&self, object: &mut Object) {
        for (path, rule) in self.rules.iter().filter(|(_, rule)| rule.required) {
            if path.read(object).iter().all(|value| value.is_unassigned()) {
                path.assign(object, Value::from(if rule.email { "unknown@invalid.example" } else { "unknown" }));
            }
        }
    }

    /// Gives every follower its leader's value.
    fn couple(&self, object: &mut Object, schemas: &Schemas) {
        for (path, to) in &self.coupled {
            let leader = lead(object, to);
            match leader {
                Some(value) => {
                    keep_one(object, path);
                    path.assign(object, value);
                }
                None => take(object, path, schemas),
            }
        }
    }
}

/// Values by path; what is no path is left out, for the profile's own check names it.
fn values(pairs: &indexmap::IndexMap<String, serde_json::Value>) -> Vec<(AttrPath, Value)> {
    pairs.iter().filter_map(|(name, value)| Some((name.parse().ok()?, Value::from(value.clone())))).collect()
}

/// `active`, if it is said.
fn active(object: &Object) -> Option<bool> {
    object.get("active").and_then(Value::as_bool)
}

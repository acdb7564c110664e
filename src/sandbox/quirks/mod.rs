//! How a vendor treats single attributes of users, as its profile says.

mod derive;
mod place;
mod rule;
mod shown;

use self::place::{copy, each, fill, keep_one, lead, take};
use super::reply::Failure;
use crate::profile::{AttributeRules, Coupling, Normalised};
use crate::scim::path::AttrPath;
use crate::scim::schema::Schemas;
use crate::scim::{Object, ResourceKind, Value};

pub(super) use shown::{Shown, read_booleans};

/// The rules of a profile, ready for use.
#[derive(Clone, Debug, Default)]
pub(super) struct Quirks {
    pub(super) rules: AttributeRules,
    /// What is dropped or not known of users.
    dropped: Vec<AttrPath>,
    defaults: Vec<(AttrPath, Value)>,
    /// Whether a deactivated user can be activated again.
    reactivation: bool,
    /// What answers show in place of what is stored.
    pub(super) shown: Shown,
}

impl Quirks {
    /// The rules of a profile.
    pub(super) fn new(rules: Option<&AttributeRules>, reactivation: bool) -> Self {
        let Some(rules) = rules else { return Self { reactivation, ..Self::default() } };
        let of_users = |path: &&AttrPath| path.core_kind() != Some(ResourceKind::Group);
        Self {
            dropped: rules.ignored.iter().chain(&rules.unsupported).filter(of_users).cloned().collect(),
            defaults: values(&rules.defaults),
            reactivation,
            shown: Shown::new(rules),
            rules: rules.clone(),
        }
    }

    /// Makes of what a client wants what the vendor would store; `old` is what is stored so far.
    pub(super) fn shape(&self, new: &mut Object, old: Option<&Object>, schemas: &Schemas) -> Result<(), Failure> {
        self.couple(new, schemas);
        for rule in &self.rules.rules {
            rule::keep(rule, new)?;
        }
        if !self.reactivation && active(new) == Some(true) && old.and_then(active) == Some(false) {
            return Err(Failure::bad("mutability", "a deactivated user can't be activated again"));
        }
        for path in &self.dropped {
            take(new, path, schemas);
        }
        for path in &self.rules.single_valued {
            keep_one(new, path);
        }
        for Normalised { path, form } in &self.rules.normalised {
            each(new, path, schemas, &mut |value| {
                if let Value::String(text) = value {
                    *text = form.apply(text).into();
                }
            });
        }
        for path in &self.rules.server_owned {
            take(new, path, schemas);
            match old {
                Some(old) => copy(old, new, path, schemas),
                None => derive::derive(new, path),
            }
        }
        for path in self.rules.create_only.iter().filter(|_| old.is_some()) {
            take(new, path, schemas);
            if let Some(old) = old {
                copy(old, new, path, schemas);
            }
        }
        for path in &self.rules.derived {
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
        for rule in self.rules.rules.iter().filter(|rule| rule.required) {
            let path = &rule.path;
            if path.read(object).iter().all(|value| value.is_unassigned()) {
                path.assign(object, Value::from(if rule.email { "unknown@invalid.example" } else { "unknown" }));
            }
        }
    }

    /// Gives every follower its leader's value.
    fn couple(&self, object: &mut Object, schemas: &Schemas) {
        for Coupling { path, to } in &self.rules.coupled {
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

/// Values by path.
fn values(pairs: &indexmap::IndexMap<AttrPath, serde_json::Value>) -> Vec<(AttrPath, Value)> {
    pairs.iter().map(|(path, value)| (path.clone(), Value::from(value.clone()))).collect()
}

/// `active`, if it is said.
fn active(object: &Object) -> Option<bool> {
    object.get("active").and_then(Value::as_bool)
}

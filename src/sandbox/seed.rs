//! Resources that a sandbox holds from the start: a copy of what another server showed, ids and versions as they are.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::check;
use super::model::{Kind, Model};
use super::quirks::{Quirks, read_booleans};
use super::store::{Joined, Keys, MemberChange, Record, State};
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value, urn};

/// A resource that is there from the start. It is taken as it is: a vendor may hold what it would refuse today.
#[derive(Clone, Debug, PartialEq)]
pub struct Seed {
    /// User or group.
    pub kind: ResourceKind,
    /// Its id.
    pub id: String,
    /// Its entity tag until its first change, as the other server wrote it.
    pub version: Option<String>,
    /// Its attributes, extensions under their URN. What a server must have and is not known is made up.
    pub attributes: Object,
    /// Members of a group. They need not be there themselves: a list may hide them.
    pub members: Vec<SeedMember>,
    /// Whether a user has set a password, for vendors who show a user without one as inactive.
    pub has_password: bool,
}

/// A member of a group that is there from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedMember {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: ResourceKind,
    /// The name that the other server shows.
    pub display: Option<String>,
}

/// Attributes of seeds of a kind at the top and below URNs: the other server knows them, whatever the schemas say.
pub(super) fn names(seeds: &[Seed], kind: ResourceKind) -> Vec<AttrPath> {
    let mut names: BTreeSet<(Option<&str>, &str)> = BTreeSet::new();
    for seed in seeds.iter().filter(|seed| seed.kind == kind) {
        for (name, value) in seed.attributes.iter() {
            match value {
                Value::Object(parts) if urn::is_urn(name) => {
                    names.extend(parts.iter().map(|(part, _)| (Some(name), part)));
                }
                _ => {
                    names.insert((None, name));
                }
            }
        }
    }
    let path = |(urn, name): (Option<&str>, &str)| {
        urn.map_or_else(|| AttrPath::attribute(name), |urn| AttrPath::extension(urn, name))
    };
    names.into_iter().map(path).collect()
}

/// Stores the seeds in their order, but for those whose id is there already.
pub(super) fn plant(state: &mut State, seeds: &[Seed], model: &Model, quirks: &Quirks, now: Timestamp) {
    for seed in seeds {
        if state.kind_of(&seed.id).is_some() {
            continue;
        }
        let object = stored(seed, model.kind(seed.kind), quirks);
        let record = Record {
            id: Arc::from(seed.id.as_str()),
            seq: state.take_seq(),
            version: 1,
            tag: seed.version.as_deref().map(Arc::from),
            created: now,
            modified: now,
            keys: Keys::of(seed.kind, &object),
            body: Value::Object(object).to_string().into(),
            has_password: seed.has_password,
        };
        let join = seed.members.iter().map(|member| Joined {
            id: Arc::from(member.id.as_str()),
            kind: member.kind,
            display: member.display.as_deref().map(Arc::from),
        });
        state.put(seed.kind, record, &MemberChange { leave: Vec::new(), join: join.collect() });
    }
}

/// A seed as it is stored. What does not fit its schema is left out, for no later write could send it back.
fn stored(seed: &Seed, model: &Kind, quirks: &Quirks) -> Object {
    let mut body = seed.attributes.clone();
    if quirks.rules.text_booleans {
        read_booleans(&mut body, model);
    }
    for name in ["members", "groups", "password"] {
        body.remove(name);
    }
    let mut object = check::clean(model, &body).unwrap_or_else(|_| what_fits(model, &body));
    let name = seed.kind.name_attribute();
    if object.get(name).is_none_or(Value::is_unassigned) {
        object.insert(name, Value::from(seed.id.as_str()));
    }
    if seed.kind == ResourceKind::User {
        quirks.make_up(&mut object);
    }
    check::declare(model, &mut object);
    object
}

fn what_fits(model: &Kind, body: &Object) -> Object {
    let mut kept = Object::new();
    for (name, value) in body.iter() {
        let one: Object = [(name, value.clone())].into_iter().collect();
        let fits = check::clean(model, &one).unwrap_or_default();
        for (name, value) in fits.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("schemas")) {
            kept.insert(name, value.clone());
        }
    }
    kept
}

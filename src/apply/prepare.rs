//! Makes a step ready to be sent: ids in place of placeholders, guards, what is to be checked at its end.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use super::job::{Expected, Guard, Item, Job, Work};
use crate::plan::schedule::{member_value, placeholder};
use crate::plan::{Effect, IdRef, Membership, Step, StepBody, StepMember};
use crate::scim::patch::PatchOp;
use crate::scim::{Object, PerKind, ResourceKey, ResourceKind, Value};

/// The ids that are known so far.
pub(super) type Ids = PerKind<BTreeMap<String, String>>;

/// Ids that a write of this run gave, by the former ones.
pub(super) type Moved = PerKind<BTreeMap<String, String>>;

/// A step that can be sent, and the members that can't be because they were not made.
pub(super) struct Prepared {
    pub(super) job: Job,
    pub(super) missing: BTreeSet<String>,
}

/// Puts ids into a step. Gives the key of what is missing where the step can't be sent without it.
pub(super) fn prepare(step: &Step, ids: &Ids, moved: &Moved, guard: Guard) -> Result<Prepared, String> {
    let find = |of: ResourceKey<&str>| ids.of(of.kind).get(of.key).map(String::as_str);
    let now = |kind: ResourceKind, id: &str| moved.of(kind).get(id).map_or(id, String::as_str).to_owned();
    let id = match &step.on {
        None => String::new(),
        Some(IdRef::Id(id)) => now(step.kind, id),
        Some(IdRef::Created(of)) => find(of.as_ref()).ok_or_else(|| of.key.clone())?.to_owned(),
    };
    let mut missing = BTreeSet::new();
    let work = match &step.body {
        StepBody::Post(body) if *moved == Moved::default() => Work::Post(post(body, &find, &mut missing)?),
        StepBody::Post(body) => Work::Post(post(&renewed(body, &now), &find, &mut missing)?),
        StepBody::Put(ops) | StepBody::Patch(ops) => Work::Update(filled(ops, &find)?),
        StepBody::Members(membership) => members(membership, &find, &now, &mut missing)?,
        StepBody::Delete => Work::Delete,
    };
    let effects = step
        .effects
        .iter()
        .map(|effect| Ok(Effect { value: fill(effect.value.clone(), &find)?, ..effect.clone() }))
        .collect::<Result<_, String>>()?;
    let job = Job {
        step: step.id,
        change: step.change,
        kind: step.kind,
        key: step.key.clone(),
        id,
        work,
        effects,
        guard,
        check: None,
        seen: None,
        ours: BTreeSet::new(),
    };
    Ok(Prepared { job, missing })
}

fn fill<'a>(mut value: Value, find: &impl Fn(ResourceKey<&str>) -> Option<&'a str>) -> Result<Value, String> {
    let mut missing = Vec::new();
    placeholder::fill(&mut value, find, &mut missing);
    missing.into_iter().next().map_or(Ok(value), |of| Err(of.key))
}

fn filled<'a>(ops: &[PatchOp], find: &impl Fn(ResourceKey<&str>) -> Option<&'a str>) -> Result<Vec<PatchOp>, String> {
    ops.iter()
        .map(|op| {
            let value = op.value.clone().map(|value| fill(value, find)).transpose()?;
            Ok(PatchOp { value, ..op.clone() })
        })
        .collect()
}

/// A body that names members by the ids that they have now.
fn renewed(body: &Object, now: &impl Fn(ResourceKind, &str) -> String) -> Object {
    let mut body = body.clone();
    if let Some(Value::Array(members)) = body.get_mut("members") {
        for member in members.iter_mut().filter_map(Value::as_object_mut) {
            let kind = if member.get("type").is_some() { ResourceKind::Group } else { ResourceKind::User };
            if let Some(Value::String(id)) = member.get_mut("value") {
                *id = now(kind, id).into();
            }
        }
    }
    body
}

/// A body without the members that are missing: one person who could not be made must not keep a group from being.
fn post<'a>(
    body: &Object,
    find: &impl Fn(ResourceKey<&str>) -> Option<&'a str>,
    missing: &mut BTreeSet<String>,
) -> Result<Object, String> {
    let mut body = body.clone();
    if let Some(Value::Array(members)) = body.remove("members") {
        let mut there = Vec::with_capacity(members.len());
        for member in members {
            match fill(member, find) {
                Ok(member) => there.push(member),
                Err(key) => {
                    missing.insert(key);
                }
            }
        }
        if !there.is_empty() {
            body.insert("members", Value::Array(there));
        }
    }
    match fill(Value::Object(body), find)? {
        Value::Object(body) => Ok(body),
        _ => Ok(Object::new()),
    }
}

fn members<'a>(
    membership: &Membership,
    find: &impl Fn(ResourceKey<&str>) -> Option<&'a str>,
    now: &impl Fn(ResourceKind, &str) -> String,
    missing: &mut BTreeSet<String>,
) -> Result<Work, String> {
    let mut items = Vec::with_capacity(membership.add.len() + membership.remove.len());
    let sides = [(true, &membership.add), (false, &membership.remove)];
    for (comes, member) in sides.into_iter().flat_map(|(comes, side)| side.iter().map(move |member| (comes, member))) {
        let id = match &member.id {
            IdRef::Id(id) => Some(now(member.kind, id)),
            IdRef::Created(of) => find(of.as_ref()).map(str::to_owned),
        };
        let Some(id) = id else {
            missing.insert(member.name.clone());
            continue;
        };
        let element = member_value(&StepMember { id: IdRef::Id(id.clone()), ..member.clone() });
        items.push(Item { comes, id, name: member.name.clone(), element });
    }
    // Whom an adoption gave an id that the plan took for a stranger's comes, and does not go.
    let coming: FxHashSet<String> = items.iter().filter(|item| item.comes).map(|item| item.id.clone()).collect();
    items.retain(|item| item.comes || !coming.contains(&item.id));
    Ok(Work::Members { attributes: filled(&membership.attributes, find)?, items })
}

impl Expected {
    /// Adds what another batch left.
    pub(super) fn extend(&mut self, other: &Self) {
        self.present.extend(other.present.iter().cloned());
        self.absent.extend(other.absent.iter().cloned());
    }
}

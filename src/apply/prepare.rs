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

/// A step that can be sent, and what is left out of it: one person who could not be made must not keep others from being.
pub(super) struct Prepared {
    pub(super) job: Job,
    /// Members that are not there.
    pub(super) missing: BTreeSet<String>,
    /// Keys of those without whom attributes were left out.
    pub(super) needed: BTreeSet<String>,
}

/// Puts ids into a step. Gives the key of the step's own resource where that was not made.
pub(super) fn prepare(step: &Step, ids: &Ids, moved: &Moved, guard: Guard) -> Result<Prepared, String> {
    let find = |of: ResourceKey<&str>| ids.of(of.kind).get(of.key).map(String::as_str);
    let now = |kind: ResourceKind, id: &str| moved.of(kind).get(id).map_or(id, String::as_str).to_owned();
    let id = match &step.on {
        None => String::new(),
        Some(IdRef::Id(id)) => now(step.kind, id),
        Some(IdRef::Created(of)) => find(of.as_ref()).ok_or_else(|| of.key.clone())?.to_owned(),
    };
    let (mut missing, mut needed) = (BTreeSet::new(), BTreeSet::new());
    let work = match &step.body {
        StepBody::Post(body) if *moved == Moved::default() => Work::Post(post(body, &find, &mut missing, &mut needed)),
        StepBody::Post(body) => Work::Post(post(&renewed(body, &now), &find, &mut missing, &mut needed)),
        StepBody::Put(ops) | StepBody::Patch(ops) => Work::Update(filled(ops, &find, &mut needed)),
        StepBody::Members(membership) => Work::Members {
            attributes: filled(&membership.attributes, &find, &mut needed),
            items: members(membership, &find, &now, &mut missing),
        },
        StepBody::Delete => Work::Delete,
    };
    let effects = step
        .effects
        .iter()
        .filter_map(|effect| {
            let (mut value, mut absent) = (effect.value.clone(), Vec::new());
            placeholder::fill(&mut value, &find, &mut absent);
            absent.is_empty().then(|| Effect { value, ..effect.clone() })
        })
        .collect();
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
    Ok(Prepared { job, missing, needed })
}

fn filled<'a>(
    ops: &[PatchOp],
    find: &impl Fn(ResourceKey<&str>) -> Option<&'a str>,
    needed: &mut BTreeSet<String>,
) -> Vec<PatchOp> {
    let mut absent = Vec::new();
    let mut ops = ops.to_vec();
    ops.retain_mut(|op| op.value.as_mut().is_none_or(|value| placeholder::fill(value, find, &mut absent)));
    needed.extend(absent.into_iter().map(|of| of.key));
    ops
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

fn post<'a>(
    body: &Object,
    find: &impl Fn(ResourceKey<&str>) -> Option<&'a str>,
    missing: &mut BTreeSet<String>,
    needed: &mut BTreeSet<String>,
) -> Object {
    let (mut body, mut absent) = (body.clone(), Vec::new());
    if body.get_mut("members").is_some_and(|members| !placeholder::fill(members, find, &mut absent)) {
        body.remove("members");
    }
    missing.extend(absent.drain(..).map(|of| of.key));
    placeholder::fill_object(&mut body, find, &mut absent);
    needed.extend(absent.into_iter().map(|of| of.key));
    body
}

fn members<'a>(
    membership: &Membership,
    find: &impl Fn(ResourceKey<&str>) -> Option<&'a str>,
    now: &impl Fn(ResourceKind, &str) -> String,
    missing: &mut BTreeSet<String>,
) -> Vec<Item> {
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
    items
}

impl Expected {
    /// Adds what another batch left.
    pub(super) fn extend(&mut self, other: &Self) {
        self.present.extend(other.present.iter().cloned());
        self.absent.extend(other.absent.iter().cloned());
    }
}

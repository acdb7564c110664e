//! Whether a target does to memberships what it is asked and no more. A server that clears a group because one member
//! should go must not be asked a second time.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashSet;

use super::hidden;
use super::job::{Context, Item, Job};
use super::overlay::member_id;
use super::service::Service;
use crate::live::Members;
use crate::scim::{ResourceKind, Value};

/// Others in a group whose members are hidden that are asked for after a change.
const SAMPLES: usize = 3;

/// What is sent; each kind is believed once it was seen to do no harm. One removal alone says nothing about several in
/// one request: positions may shift under them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Add,
    RemoveOne,
    RemoveSeveral,
}

/// What is known of a target in one run.
#[derive(Debug, Default)]
pub(super) struct Trust {
    /// Held while the first request of a kind is under way: none is sent beside it.
    pub(super) gate: tokio::sync::Mutex<()>,
    proven: Mutex<BTreeSet<Kind>>,
    broken: Mutex<bool>,
}

/// What to look at after the first request of a kind.
pub(super) struct Proof {
    kinds: Vec<Kind>,
    others: BTreeSet<String>,
}

impl Trust {
    /// Whether the target took members out that were to stay.
    pub(super) fn is_broken(&self) -> bool {
        *lock(&self.broken)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn kinds(items: &[Item]) -> Vec<Kind> {
    let add = items.iter().any(|item| item.comes).then_some(Kind::Add);
    let remove = match items.iter().filter(|item| !item.comes).count() {
        0 => None,
        1 => Some(Kind::RemoveOne),
        _ => Some(Kind::RemoveSeveral),
    };
    add.into_iter().chain(remove).collect()
}

/// What a request has to prove; `None` where its kinds are believed already or nobody else is in the group.
pub(super) fn proof<S: Service>(context: &Context<'_, S>, job: &Job, items: &[Item]) -> Option<Proof> {
    let mut kinds = kinds(items);
    {
        let proven = lock(&context.trust.proven);
        kinds.retain(|kind| !proven.contains(kind));
    }
    if kinds.is_empty() {
        return None;
    }
    let others = others(context, job);
    (!others.is_empty()).then_some(Proof { kinds, others })
}

/// Who was in the group and is not to go in this run.
pub(super) fn others<S>(context: &Context<'_, S>, job: &Job) -> BTreeSet<String> {
    let going: FxHashSet<&str> = context
        .change(job)
        .into_iter()
        .flat_map(|change| &change.members.remove)
        .filter_map(|member| member.id.as_deref())
        .collect();
    let stays = |id: &&str| !going.contains(id);
    if let Some(seen) = &job.seen {
        let members = seen.get("members").and_then(Value::as_array).unwrap_or_default();
        return members.iter().filter_map(member_id).filter(stays).map(str::to_owned).collect();
    }
    match context.live.find(ResourceKind::Group, &job.id).map(|group| &group.members) {
        Some(Members::Known(members)) => {
            members.iter().map(|member| member.id.as_str()).filter(stays).map(str::to_owned).collect()
        }
        Some(Members::Unknown) | None => BTreeSet::new(),
    }
}

/// Notes that the target took members out that were to stay.
pub(super) fn broken<S>(context: &Context<'_, S>) {
    *lock(&context.trust.broken) = true;
}

/// Reads the group back. Gives those who are gone and were to stay; the target is not believed any more then.
pub(super) async fn prove<S: Service>(context: &Context<'_, S>, job: &Job, proof: Proof) -> Vec<String> {
    let lost: Vec<String> = if hidden::hides(&context.profile.capabilities) {
        let step = proof.others.len().div_ceil(SAMPLES).max(1);
        let asked: Vec<&str> = proof.others.iter().step_by(step).map(String::as_str).collect();
        let Some(there) = hidden::present(context, &job.id, &asked).await else { return Vec::new() };
        asked.into_iter().filter(|id| !there.contains(*id)).map(str::to_owned).collect()
    } else {
        let Ok(Some(current)) = context.service.get(job.kind, &job.id).await else { return Vec::new() };
        let members = current.object.get("members").and_then(Value::as_array).unwrap_or_default();
        let there: FxHashSet<&str> = members.iter().filter_map(member_id).collect();
        proof.others.into_iter().filter(|id| !there.contains(id.as_str())).collect()
    };
    if lost.is_empty() {
        lock(&context.trust.proven).extend(proof.kinds);
    } else {
        broken(context);
    }
    lost
}

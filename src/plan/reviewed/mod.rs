//! What was reviewed, held against what is planned now: what stands in both runs, the rest is left one by one.

mod model;
mod sides;

use std::collections::{BTreeMap, BTreeSet};

pub use model::{Held, InEffect, Left, LeftCode, MemberMove, MemberSides, Sides};
pub use sides::{Now, wanted_at};

use crate::diag::NoticeCode;
use crate::scim::{PerKind, ResourceKind};

use super::guard;
use super::observe::Observed;
use super::{Action, Adoption, Change, TargetPlan};

/// Keeps of a target's fresh plan what stands in the reviewed one with the same digest. What is left of both is told,
/// and so is what was reviewed and is in effect already. `None` stands for a target that was not reviewed.
///
/// A change that adopts needs the adoption to be reviewed too; so does one that lets such a person join a group or be
/// someone's manager, since nobody has said yet that this is the account meant.
pub fn hold(fresh: &mut TargetPlan, reviewed: Option<&TargetPlan>, now: &Now<'_>) -> Held {
    let mut held = Held::default();
    if !fresh.is_written() {
        let asked = reviewed.filter(|known| known.is_written()).into_iter().flat_map(|known| &known.changes);
        let why = "is not done, since the target's `mode` is another one now";
        held.left.extend(asked.map(|change| Left::of(&fresh.name, change, LeftCode::HeldBack, why.to_owned())));
        return held;
    }
    // What was shown of a target that is not written to was not reviewed as to be done.
    let known = reviewed.filter(|known| known.mode == fresh.mode);
    let changes = known.map_or([].as_slice(), |known| known.changes.as_slice());
    let was: PerKind<BTreeMap<&str, &Change>> =
        changes.iter().map(|change| (change.resource, (change.key.as_str(), change))).collect();
    let digests: BTreeSet<&str> = known
        .into_iter()
        .flat_map(|known| {
            let changes = known.changes.iter().map(|change| change.digest.as_str());
            changes.chain(known.adoptions.iter().map(|adoption| adoption.digest.as_str()))
        })
        .collect();
    let (adopted, unadopted): (Vec<Adoption>, Vec<Adoption>) =
        std::mem::take(&mut fresh.adoptions).into_iter().partition(|one| digests.contains(one.digest.as_str()));
    fresh.adoptions = adopted;
    let strange: PerKind<BTreeMap<&str, &Adoption>> =
        unadopted.iter().map(|one| (one.resource, (one.key.as_str(), one))).collect();
    let mut told: PerKind<BTreeSet<String>> = PerKind::default();
    let mut kept = Vec::new();
    for change in std::mem::take(&mut fresh.changes) {
        let before = was.of(change.resource).get(change.key.as_str()).copied();
        let doubt = adopts(&change, &strange);
        if digests.contains(change.digest.as_str()) && doubt.is_none() {
            kept.push(change);
            continue;
        }
        told.of_mut(change.resource).insert(change.key.clone());
        let (code, why) = match before {
            None => (LeftCode::New, "was not in the reviewed plan".to_owned()),
            Some(before) => (LeftCode::Moved, doubt.unwrap_or_else(|| moved(before, &change))),
        };
        held.left.push(sides::left(&fresh.name, &change, [before, Some(&change)], (code, why), now));
    }
    for adoption in unadopted.iter().filter(|one| !told.of(one.resource).contains(&one.key)) {
        held.left.push(unreviewed(&fresh.name, adoption, known));
    }
    told.extend(kept.iter().map(|change| (change.resource, change.key.clone())));
    fresh.changes = kept;
    for change in changes.iter().filter(|change| !told.of(change.resource).contains(&change.key)) {
        absent(&mut held, fresh, change, now);
    }
    held.sort();
    held
}

/// What was reviewed of a target that the files no longer declare: all of it is left.
pub fn undeclared(reviewed: &TargetPlan) -> Vec<Left> {
    let why = "the target is no longer declared";
    let left = |change: &Change| Left::of(&reviewed.name, change, LeftCode::NoLongerNeeded, why.to_owned());
    reviewed.changes.iter().map(left).collect()
}

/// Judges limits and policies anew on what is left of a plan, and counts again. What was refused because it is protected
/// stays refused, and so does what the read as a whole is doubted for.
pub fn rejudge(observed: &Observed<'_>, plan: &mut TargetPlan) {
    let matched = observed.matched();
    let refused: Vec<_> =
        plan.violations.drain(..).filter(|violation| violation.code == NoticeCode::ProtectedRemoval).collect();
    guard::check(&matched, plan, &[]);
    plan.violations.extend(refused);
    plan.violations.sort();
    plan.summary.adopted = plan.adoptions.len() as u64;
    plan.summary.actions.clear();
    for change in &plan.changes {
        *plan.summary.actions.entry(change.action).or_insert(0) += 1;
    }
}

/// Whose adoption a change hangs on that was not reviewed, in words.
fn adopts(change: &Change, strange: &PerKind<BTreeMap<&str, &Adoption>>) -> Option<String> {
    let own = strange.of(change.resource).get(change.key.as_str());
    if own.is_some() {
        return Some("adopts what was not reviewed as its own".to_owned());
    }
    let joins = change.members.add.iter().filter_map(|member| Some((member.resource, member.key.as_deref()?)));
    let leads = change.attributes.iter().filter_map(|one| Some((ResourceKind::User, one.reference.as_deref()?)));
    let other = joins.chain(leads).find(|(kind, key)| strange.of(*kind).contains_key(key));
    other.map(|(kind, key)| format!("needs {kind} `{key}`, which is adopted without review"))
}

/// How a change differs from the reviewed one, where attributes and members do not tell.
fn moved(before: &Change, now: &Change) -> String {
    match (&before.id, &now.id) {
        (Some(was), Some(is)) if was != is => {
            format!("stands for another {} than the reviewed one: id {is}, not {was}", now.resource)
        }
        _ if before.action != now.action => "is to be done otherwise than it was reviewed".to_owned(),
        _ => "is not as it was reviewed".to_owned(),
    }
}

/// An adoption that was not reviewed, or of another resource.
fn unreviewed(target: &str, adoption: &Adoption, known: Option<&TargetPlan>) -> Left {
    let same = |one: &&Adoption| one.resource == adoption.resource && one.key == adoption.key;
    let before = known.and_then(|known| known.adoptions.iter().find(same));
    let (code, because) = match before {
        None => (LeftCode::New, format!("is matched (id {}) without review", adoption.id)),
        Some(before) => {
            (LeftCode::Moved, format!("is matched to id {}, and to {} when reviewed", adoption.id, before.id))
        }
    };
    Left {
        target: target.to_owned(),
        code,
        resource: adoption.resource,
        key: adoption.key.clone(),
        name: adoption.name.clone(),
        action: Action::Adopt,
        because,
        attributes: Vec::new(),
        members: Vec::new(),
    }
}

/// A reviewed change that the fresh plan does not have.
fn absent(held: &mut Held, fresh: &TargetPlan, change: &Change, now: &Now<'_>) {
    let (kind, key) = (change.resource, change.key.as_str());
    if fresh.failed.is_some() {
        // Nothing is known of it; that the target could not be read is said once.
        return;
    }
    if now.is_in_effect(change) {
        held.in_effect.push(InEffect::of(&fresh.name, change));
        return;
    }
    let error = fresh.errors.iter().find(|error| error.resource == kind && error.key == key);
    let suppressed = fresh.suppressed.iter().any(|one| one.resource == kind && one.key == key);
    let removes = matches!(change.action, Action::Deactivate | Action::Delete) || !change.members.remove.is_empty();
    let (code, why) = if let Some(error) = error {
        (LeftCode::HeldBack, format!("can't be planned now: {}", error.message))
    } else if suppressed {
        (LeftCode::HeldBack, "is switched off by `actions` of the target".to_owned())
    } else if removes && !fresh.read.complete {
        (LeftCode::HeldBack, "is held back, because not everything was read".to_owned())
    } else {
        (LeftCode::NoLongerNeeded, "is no longer wanted, as the files and the target stand now".to_owned())
    };
    held.left.push(sides::left(&fresh.name, change, [Some(change), None], (code, why), now));
}

//! Makes the changes in memory, looks at the plan that comes of them, and leaves out what does not hold.

use std::collections::BTreeMap;

use super::{Accepted, Left, Moved, Proposal, Scene};
use crate::desired::project;
use crate::diag::Severity;
use crate::directory::{self, Directory};
use crate::edit::{self, Edit};
use crate::import::merged;
use crate::plan::{Action, AttributeChange, Change, MemberRef, PlanInput, TargetPlan, plan_target};
use crate::scim::{PerKind, ResourceKey, ResourceKind};
use crate::source::SourceMap;

/// Plans that are made at most; each leaves out all that did not hold in the one before.
const MOST_LOOKS: usize = 8;

/// What holds.
#[derive(Debug, Default)]
pub struct Settled {
    /// What is taken over, and what is left.
    pub proposal: Proposal,
    /// The new texts of files, by path from the repository's root.
    pub texts: BTreeMap<String, String>,
    /// Targets at which the next apply changes something because of it.
    pub others: BTreeMap<String, Consequence>,
}

/// What the next apply does at a target because of what is taken over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consequence {
    /// Users and groups that it changes.
    pub changed: u64,
    /// Keys of the people among them who lose their account.
    pub losing: Vec<String>,
}

/// Why some changes can't be made.
struct Fault {
    why: String,
    hint: String,
}

struct Drafted {
    texts: BTreeMap<String, String>,
    sources: SourceMap,
    directory: Directory,
}

/// Leaves out what can't be written, what would make the files wrong, and what would not come back as it is there.
pub fn settle(scene: &Scene<'_>, proposal: Proposal) -> Settled {
    let Proposal { accepted, mut left } = proposal;
    let mut accepted = possible(scene, accepted, &mut left);
    for _ in 0..MOST_LOOKS {
        if accepted.is_empty() {
            break;
        }
        let drafted = match draft(scene, &accepted) {
            Ok(drafted) => drafted,
            Err(fault) => {
                left.extend(accepted.drain(..).flat_map(|one| leave(one, &fault)));
                break;
            }
        };
        let plans: Vec<(&str, TargetPlan)> =
            scene.targets.iter().map(|looked| (looked.target.name.as_str(), plan(scene, &drafted, looked))).collect();
        let (held, fell): (Vec<Accepted>, Vec<Accepted>) = accepted.into_iter().partition(|one| holds(one, &plans));
        accepted = held;
        if fell.is_empty() {
            left.sort();
            let others = others(scene, &plans);
            return Settled { proposal: Proposal { accepted, left }, texts: drafted.texts, others };
        }
        let fault = Fault {
            why: "with this in the files, the plan would still change it".to_owned(),
            hint: "Change the files by hand; `scimform plan` shows what comes of it.".to_owned(),
        };
        left.extend(fell.into_iter().flat_map(|one| leave(one, &fault)));
    }
    left.extend(accepted.into_iter().flat_map(|one| {
        let fault = Fault { why: "it does not settle".to_owned(), hint: "Change the files by hand.".to_owned() };
        leave(one, &fault)
    }));
    left.sort();
    Settled { proposal: Proposal { accepted: Vec::new(), left }, ..Settled::default() }
}

fn leave(one: Accepted, fault: &Fault) -> Vec<Left> {
    let left = |target: String| Left {
        target,
        resource: one.resource,
        key: one.key.clone(),
        what: one.place.clone(),
        why: fault.why.clone(),
        hint: fault.hint.clone(),
    };
    one.targets.iter().cloned().map(left).collect()
}

/// Those that can be made without making the files wrong: halves are tried where all of them can't.
fn possible(scene: &Scene<'_>, accepted: Vec<Accepted>, left: &mut Vec<Left>) -> Vec<Accepted> {
    if accepted.is_empty() {
        return accepted;
    }
    let Err(fault) = draft(scene, &accepted) else { return accepted };
    let mut first = accepted;
    if first.len() == 1 {
        left.extend(first.drain(..).flat_map(|one| leave(one, &fault)));
        return first;
    }
    let second = first.split_off(first.len() / 2);
    let mut good = possible(scene, first, left);
    good.extend(possible(scene, second, left));
    good
}

/// The files with all of these changes.
fn draft(scene: &Scene<'_>, accepted: &[Accepted]) -> Result<Drafted, Fault> {
    let mut files: BTreeMap<&str, Vec<Edit>> = BTreeMap::new();
    for one in accepted {
        let edits = files.entry(one.file.as_str()).or_default();
        if let Some(same) = edits.last_mut().filter(|known| same_list(known, &one.edit)) {
            join(same, &one.edit);
        } else {
            edits.push(one.edit.clone());
        }
    }
    let mut texts = BTreeMap::new();
    for (_, file) in scene.sources.files() {
        let Some(edits) = files.get(file.path().as_ref()) else { continue };
        let text = edit::apply(file.path(), file.text(), edits)
            .map_err(|error| Fault { why: error.to_string(), hint: error.hint.clone() })?;
        texts.insert(file.path().to_string(), text);
    }
    let sources = merged(scene.sources, &texts);
    let (directory, found) = directory::compile(&sources);
    if let Some(directory) = directory {
        return Ok(Drafted { texts, sources, directory });
    }
    let error = found.into_sorted().into_iter().find(|found| found.severity == Severity::Error);
    let why = error.map_or_else(String::new, |error| format!(": {}", error.message));
    let hint = "Mend it at the target, or change the files by hand.".to_owned();
    Err(Fault { why: format!("the files would be wrong with it{why}"), hint })
}

/// Whether two edits put items into, or take items out of, the same list.
fn same_list(one: &Edit, other: &Edit) -> bool {
    match (one, other) {
        (Edit::AddItems { path, .. }, Edit::AddItems { path: same, .. })
        | (Edit::RemoveItems { path, .. }, Edit::RemoveItems { path: same, .. }) => path == same,
        _ => false,
    }
}

fn join(into: &mut Edit, from: &Edit) {
    match (into, from) {
        (Edit::AddItems { items, .. }, Edit::AddItems { items: more, .. }) => items.extend(more.iter().cloned()),
        (Edit::RemoveItems { items, .. }, Edit::RemoveItems { items: more, .. }) => items.extend(more.iter().cloned()),
        _ => {}
    }
}

fn plan(scene: &Scene<'_>, drafted: &Drafted, looked: &super::Looked<'_>) -> TargetPlan {
    // No edit is about a target.
    let target = drafted.directory.targets.get(&looked.target.name).unwrap_or(looked.target);
    let desired = project(&drafted.directory, &target.name, scene.as_of);
    plan_target(PlanInput {
        target,
        desired: &desired,
        live: looked.live,
        ledger: looked.ledger,
        hasher: looked.hasher,
        directory: &drafted.directory,
        sources: &drafted.sources,
        as_of: scene.as_of,
        only: scene.only,
    })
}

/// Whether a plan does not touch what was taken over.
fn holds(one: &Accepted, plans: &[(&str, TargetPlan)]) -> bool {
    let concerned = plans.iter().filter(|(name, _)| one.targets.iter().any(|target| target == name));
    let touched = |plan: &TargetPlan| {
        let failed = plan.errors.iter().any(|error| error.key == one.key);
        let changes = plan.changes.iter().chain(&plan.suppressed);
        let mut about = changes.filter(|change| change.resource == one.resource && change.key == one.key);
        failed
            || about.any(|change| match &one.moved {
                Moved::Attribute(path) => change.attributes.iter().any(|attribute| attribute.path == *path),
                Moved::Member(ResourceKey { kind, key }) => {
                    let mut members = change.members.add.iter().chain(&change.members.remove);
                    members.any(|member| member.resource == *kind && member.key.as_deref() == Some(key))
                }
            })
    };
    concerned.clone().count() > 0 && !concerned.into_iter().any(|(_, plan)| touched(plan))
}

/// Users and groups that the next apply changes only because of what is taken over: those of other targets, and members
/// that come or go with a person's access.
fn others(scene: &Scene<'_>, plans: &[(&str, TargetPlan)]) -> BTreeMap<String, Consequence> {
    let mut all = BTreeMap::new();
    for (looked, (name, plan)) in scene.targets.iter().zip(plans) {
        let before: PerKind<BTreeMap<&str, &Change>> =
            looked.plan.changes.iter().map(|change| (change.resource, (change.key.as_str(), change))).collect();
        let mut found = Consequence::default();
        for change in &plan.changes {
            let known = before.of(change.resource).get(change.key.as_str()).copied();
            if known.is_some_and(|known| has_all(known, change)) {
                continue;
            }
            found.changed += 1;
            let loses = |change: &Change| matches!(change.action, Action::Deactivate | Action::Delete);
            if change.resource == ResourceKind::User && loses(change) && !known.is_some_and(loses) {
                found.losing.push(change.key.clone());
            }
        }
        if found.changed > 0 {
            all.insert((*name).to_owned(), found);
        }
    }
    all
}

/// Whether a change does all that another one does.
fn has_all(one: &Change, other: &Change) -> bool {
    let attribute = |change: &AttributeChange| {
        one.attributes.iter().any(|known| known.path == change.path && known.after == change.after)
    };
    let holds = |known: &[MemberRef], wanted: &[MemberRef]| {
        wanted.iter().all(|member| known.iter().any(|one| (one.resource, &one.key) == (member.resource, &member.key)))
    };
    // Someone who is changed and also comes back is changed all the same, and not the other way round.
    let action = one.action == other.action || matches!(other.action, Action::Update | Action::Adopt | Action::Forget);
    action
        && other.attributes.iter().all(attribute)
        && holds(&one.members.add, &other.members.add)
        && holds(&one.members.remove, &other.members.remove)
}

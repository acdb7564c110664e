//! Names that a plan can't hand on: someone keeps them, or two exchange them. Only what takes such a name is held back.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::diag::NoticeCode;
use crate::plan::names::{Holder, Taken, order, taken};
use crate::plan::{Action, Change, PlanProblem};
use crate::profile::Profile;
use crate::scim::ResourceKind;

use super::matched_target::{MatchedTarget, Owner};
use super::notes::{Note, names};
use super::{Diff, removal, words};

/// Takes out what would be refused at every apply. A name that is then not freed may hold back another, so it is looked
/// again until nothing is held back any more.
pub(super) fn hold(matched: &MatchedTarget<'_>, diff: &mut Diff) {
    let profile = as_learned(matched);
    loop {
        let all = taken(&diff.changes, matched.input.live, &profile);
        let taken: Vec<Taken<'_>> = all.iter().filter(|one| one.exclusive).cloned().collect();
        let circles = order(&taken).circles;
        let mut held: BTreeMap<usize, PlanProblem> = BTreeMap::new();
        for one in &taken {
            let Some(change) = diff.changes.get(one.by) else { continue };
            let problem = match one.holder {
                Holder::Keeps(id) => kept(matched, change, one.attribute, id),
                Holder::Frees(_) if circles.contains(&one.by) => {
                    exchanged(change, one, &partners(&taken, one.by, &diff.changes))
                }
                Holder::Frees(_) => continue,
            };
            held.entry(one.by).or_insert(problem);
        }
        if held.is_empty() {
            let circles = order(&all).circles;
            let exchanged = all.iter().filter(|one| !one.exclusive && circles.contains(&one.by));
            let notes = exchanged.filter_map(|one| Some((one.attribute, &diff.changes.get(one.by)?.key)));
            notes.for_each(|(attribute, key)| diff.notes.add(Note::new(NoticeCode::ValuesExchanged, attribute, key)));
            return;
        }
        let attributes: BTreeMap<usize, &str> = taken.iter().map(|one| (one.by, one.attribute)).collect();
        let changes = std::mem::take(&mut diff.changes).into_iter().enumerate();
        let rest = changes.filter_map(|(index, change)| match (held.contains_key(&index), attributes.get(&index)) {
            (true, Some(attribute)) => without(change, attribute),
            _ => Some(change),
        });
        diff.changes = rest.collect();
        diff.problems.extend(held.into_values());
    }
}

/// The profile with what an earlier DELETE showed.
fn as_learned<'s>(matched: &'s MatchedTarget<'_>) -> Cow<'s, Profile> {
    let (profile, deletion) = (&*matched.input.target.profile, removal::deletion(matched));
    if profile.capabilities.deletion == deletion {
        return Cow::Borrowed(profile);
    }
    let mut learned = profile.clone();
    learned.capabilities.deletion = deletion;
    Cow::Owned(learned)
}

/// What is left of a change without the name; nothing of a creation, which can't do without it.
fn without(mut change: Change, attribute: &str) -> Option<Change> {
    change.attributes.retain(|one| !one.path.is(attribute));
    match change.action {
        Action::Create => None,
        Action::Update if change.attributes.is_empty() && change.members.is_empty() => None,
        Action::Update => {
            change.because = words::because(&change.attributes, &change.members);
            change.reason = words::reason(&change.attributes);
            Some(change)
        }
        _ => Some(change),
    }
}

fn problem(change: &Change, code: NoticeCode, message: String) -> PlanProblem {
    let (resource, key, origin) = (change.resource, change.key.clone(), change.origin.clone());
    PlanProblem { resource, key, code, message, origin }
}

/// What is held back of a change that takes a name.
fn what(change: &Change) -> &'static str {
    if change.action == Action::Create { "it is not created" } else { "this rename is held back" }
}

fn kept(matched: &MatchedTarget<'_>, change: &Change, attribute: &str, id: &str) -> PlanProblem {
    let kind = change.resource;
    let (thing, article) = if kind == ResourceKind::User { ("account", "an") } else { ("group", "a") };
    let delete = match kind {
        ResourceKind::User if !matched.input.target.on_remove.deletes(kind) => {
            ", have it deleted with `onRemove: { users: delete }`"
        }
        ResourceKind::Group if !matched.input.target.on_remove.deletes(kind) => {
            ", have it deleted with `onRemove: { groups: delete }`"
        }
        _ => "",
    };
    let (holder, out) = match matched.owner(Some(kind), id) {
        Owner::Former(_, key) => {
            (format!("`{key}`, which is declared here no more, keeps it with its {thing}"), delete)
        }
        Owner::Declared(_, key) | Owner::Held(Some(key)) => (format!("the {thing} of `{key}` keeps it"), ""),
        Owner::Held(None) | Owner::Nobody => (format!("{article} {thing} that is not managed has it"), ""),
    };
    let message = format!(
        "its `{attribute}` is taken: {holder} (id `{id}`), so {}. Rename or delete that {thing} at the target{out}, or give `{}` another `{attribute}`",
        what(change),
        change.key,
    );
    problem(change, NoticeCode::NameTaken, message)
}

/// Keys of those who wait for one another, from one on.
fn partners(taken: &[Taken<'_>], from: usize, changes: &[Change]) -> Vec<String> {
    let next: BTreeMap<usize, usize> = taken
        .iter()
        .filter_map(|one| match one.holder {
            Holder::Frees(first) => Some((one.by, first)),
            Holder::Keeps(_) => None,
        })
        .collect();
    let mut at = from;
    let mut circle = Vec::new();
    while let Some(first) = next.get(&at).copied().filter(|first| *first != from && circle.len() <= next.len()) {
        circle.push(first);
        at = first;
    }
    circle.into_iter().filter_map(|index| changes.get(index)).map(|change| change.key.clone()).collect()
}

fn exchanged(change: &Change, one: &Taken<'_>, others: &[String]) -> PlanProblem {
    let (key, attribute) = (&change.key, one.attribute);
    let message = format!(
        "exchanges its `{attribute}` with {}, which no order of requests can do. Do it in two applies: first give `{key}` a `{attribute}` that nobody has and the others their final one, then give `{key}` its own",
        names(others),
    );
    problem(change, NoticeCode::NamesExchanged, message)
}

//! Why someone can't be matched, in words, and what is kept out of the plan because of it.

use std::collections::BTreeSet;

use crate::desired::{DesiredResource, Problem};
use crate::diag::NoticeCode;
use crate::live::LiveResource;
use crate::scim::ResourceKind;

use super::Matched;
use super::index::Index;
use crate::wording::{list, quoted};

/// Errors with the live resources that they speak about.
pub(super) struct Failure {
    problems: Vec<Problem>,
    places: Vec<usize>,
}

impl Failure {
    /// Keeps the keys and the live resources out of the plan.
    pub(super) fn note(self, matched: &mut Matched, errors: &mut Vec<Problem>) {
        matched.failed.extend(self.problems.iter().map(|problem| problem.key.clone()));
        matched.held.extend(self.places);
        errors.extend(self.problems);
    }
}

fn problem(resource: &DesiredResource, key: &str, code: NoticeCode, message: String) -> Problem {
    Problem { kind: resource.kind, key: key.to_owned(), code, message, origin: Some(resource.origin) }
}

fn ids(places: &[usize], live: &[LiveResource]) -> String {
    list(places.iter().filter_map(|place| live.get(*place)).map(|live| quoted(&live.id)).collect::<BTreeSet<_>>())
}

pub(super) fn ambiguous(resource: &DesiredResource, rule: &Index, hits: &[usize], live: &[LiveResource]) -> Failure {
    let message = format!(
        "{} live {}s have the same `{}` as `{}`: {}. Remove or change all but one there, or match by another attribute first.",
        hits.len(),
        resource.kind,
        rule.path(),
        resource.key,
        ids(hits, live),
    );
    Failure { problems: vec![problem(resource, &resource.key, NoticeCode::Ambiguous, message)], places: hits.to_vec() }
}

pub(super) fn conflicting(
    resource: &DesiredResource,
    first: (usize, Option<&Index>),
    rule: &Index,
    hits: &[usize],
    live: &[LiveResource],
) -> Failure {
    let (place, by) = first;
    let by = by.map_or_else(|| "the ledger".to_owned(), |rule| format!("`{}`", rule.path()));
    let message = format!(
        "`{}` is {} by {by}, but {} has its `{}`. Mend one of the two there, or in the files.",
        resource.key,
        ids(&[place], live),
        ids(hits, live),
        rule.path(),
    );
    let places = std::iter::once(place).chain(hits.iter().copied()).collect();
    Failure { problems: vec![problem(resource, &resource.key, NoticeCode::ConflictingMatch, message)], places }
}

pub(super) fn shared(claimants: &[&DesiredResource], place: usize, id: &str) -> Failure {
    let of = |claimant: &&DesiredResource| {
        let others = claimants.iter().filter(|other| other.key != claimant.key).map(|other| other.key.as_str());
        let message = format!(
            "the live {} `{id}` matches `{}` and also `{}`. Give each its own match attributes, or say `previously` where one key was renamed.",
            claimant.kind,
            claimant.key,
            others.collect::<Vec<_>>().join("`, `"),
        );
        problem(claimant, &claimant.key, NoticeCode::SharedMatch, message)
    };
    Failure { problems: claimants.iter().map(of).collect(), places: vec![place] }
}

/// The only thing that looks like a newcomer is another's, who is declared here no more: a rename of the key that does
/// not say so, or another person with a name that was used before. Which of the two, the files must say.
pub(super) fn of_another(
    resource: &DesiredResource,
    rule: &Index,
    (place, owner): (usize, &str),
    live: &[LiveResource],
) -> Failure {
    let (key, id, path) = (&resource.key, ids(&[place], live), rule.path());
    let (thing, same) = match resource.kind {
        ResourceKind::User => ("account", "person"),
        ResourceKind::Group => ("group", "group"),
    };
    let way = format!(
        "If both are the same {same}, write `previously: [{owner}]` under `{key}`. If not, give `{key}` another `{path}`, or free this one first: rename or delete {id} at the target, or, if `onRemove` of this target deletes, apply once without `{key}` and then with it."
    );
    let ours = format!(
        "the {thing} {id} has its `{path}` and is `{owner}` by the ledger, which is declared here no more. Nothing is done to either. {way}"
    );
    let theirs = format!(
        "declared here no more, but its {thing} {id} has the `{path}` of `{key}`, so it is neither handed over nor removed. {way}"
    );
    let code = NoticeCode::BelongsToAnother;
    let problems = vec![problem(resource, key, code, ours), problem(resource, owner, code, theirs)];
    Failure { problems, places: vec![place] }
}

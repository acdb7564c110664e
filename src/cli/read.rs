//! Reads a target as far as its plan needs: list or look-ups, thin lists read again, creates of a doubtful list looked up.

use std::collections::{BTreeMap, BTreeSet};

use crate::directory::Manage;
use crate::live::{Completeness, Live, LiveResource};
use crate::plan::{self, Action, PlanInput, TargetPlan};
use crate::scim::ResourceKind;
use crate::target::{Lookups, ReadRequest, Reader, TargetError, Wanted};

/// More people than this are listed: to look each of them up could take fewer requests only at a target with a million
/// people in small pages.
const MOST_LOOKED_UP: usize = 10_000;

/// What to ask a target for.
pub(super) fn request(input: &PlanInput<'_>) -> ReadRequest {
    let (users, groups) = wanted(input);
    let resources = input.target.profile.capabilities.resources;
    let any_group =
        !input.desired.groups.is_empty() || !input.ledger.groups.is_empty() || input.target.manage == Manage::All;
    ReadRequest {
        users: resources.users.then_some(users),
        groups: (resources.groups && any_group).then_some(groups),
        // Where absence is managed, everyone must be seen.
        lookups: (input.target.manage == Manage::Owned && input.desired.users.len() <= MOST_LOOKED_UP)
            .then(|| lookups(input)),
    }
}

fn wanted(input: &PlanInput<'_>) -> (Wanted, Wanted) {
    let names = plan::wanted(input.directory, input.desired, input.target);
    let groups = names.groups.into_iter().chain(["members".to_owned()]);
    (Wanted::of(names.users), Wanted::of(groups))
}

fn lookups(input: &PlanInput<'_>) -> Lookups {
    let everyone = input.desired.users.keys().map(|key| key.as_str().to_owned());
    let users =
        plan::lookups(input, ResourceKind::User, everyone).into_iter().map(|lookup| (lookup.key, lookup.by)).collect();
    let ids = input.ledger.users.values().map(|entry| entry.id.clone()).collect();
    Lookups { users, ids, only_when_cheaper: true }
}

/// Plans, reads again what the plan shows to be missing, and plans anew.
pub(super) async fn refine(input: PlanInput<'_>, live: &mut Live, reader: &Reader) -> Result<TargetPlan, TargetError> {
    let first = plan::plan_target(PlanInput { live, ..input });
    let deeper = thin(&input, &first, live, reader).await?;
    let found = doubtful(&input, &first, live, reader).await?;
    if !deeper && !found {
        return Ok(first);
    }
    Ok(plan::plan_target(PlanInput { live, ..input }))
}

/// A list may show less than a resource read by its id. One is read; only if it shows more, the others are too.
async fn thin(input: &PlanInput<'_>, plan: &TargetPlan, live: &mut Live, reader: &Reader) -> Result<bool, TargetError> {
    let (users, groups) = wanted(input);
    let mut any = false;
    for kind in [ResourceKind::User, ResourceKind::Group] {
        let ids: Vec<String> =
            plan::not_shown(plan).into_iter().filter(|(of, _)| *of == kind).map(|(_, id)| id).collect();
        if ids.is_empty() {
            continue;
        }
        let (shown, wanted) = match kind {
            ResourceKind::User => (&mut live.users, &users),
            ResourceKind::Group => (&mut live.groups, &groups),
        };
        let asked: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        let places: BTreeMap<String, usize> = shown
            .iter()
            .enumerate()
            .filter(|(_, one)| asked.contains(one.id.as_str()))
            .map(|(index, one)| (one.id.clone(), index))
            .collect();
        for id in &ids {
            let (Some(index), Some(whole)) = (places.get(id), reader.get(kind, id, wanted).await?) else { continue };
            let Some(slot) = shown.get_mut(*index) else { continue };
            if whole.attributes.len() <= slot.attributes.len() {
                break;
            }
            let members = std::mem::take(&mut slot.members);
            *slot = LiveResource { members, ..whole };
            any = true;
        }
    }
    Ok(any)
}

/// Someone whom an incomplete list did not show is looked up before a create is planned.
async fn doubtful(
    input: &PlanInput<'_>,
    plan: &TargetPlan,
    live: &mut Live,
    reader: &Reader,
) -> Result<bool, TargetError> {
    let (users, groups) = wanted(input);
    let mut any = false;
    for (kind, wanted) in [(ResourceKind::User, &users), (ResourceKind::Group, &groups)] {
        let complete = if kind == ResourceKind::User { &live.users_complete } else { &live.groups_complete };
        if !matches!(complete, Completeness::Incomplete(_)) {
            continue;
        }
        let creates = plan.changes.iter().filter(|change| change.action == Action::Create && change.resource == kind);
        let keys: Vec<String> = creates.map(|change| change.key.clone()).collect();
        let seen: BTreeSet<String> = live.users.iter().chain(&live.groups).map(|one| one.id.clone()).collect();
        let mut found: BTreeMap<String, LiveResource> = BTreeMap::new();
        for lookup in plan::lookups(input, kind, keys) {
            if let Some(id) = &lookup.id
                && let Some(one) = reader.get(kind, id, wanted).await?
            {
                found.insert(one.id.clone(), one);
            }
            for (path, value) in &lookup.by {
                // A server that can't filter by this attribute does not end the plan; the 409 path stays.
                let hits = reader.find(kind, path, value, wanted).await.unwrap_or_default();
                found.extend(hits.into_iter().map(|one| (one.id.clone(), one)));
            }
        }
        found.retain(|id, _| !seen.contains(id));
        any |= !found.is_empty();
        let list = if kind == ResourceKind::User { &mut live.users } else { &mut live.groups };
        list.extend(found.into_values());
        list.sort_by(|a, b| a.id.cmp(&b.id));
    }
    Ok(any)
}

//! Reads a target as far as its plan needs: list or look-ups, thin lists read again, what a list left out looked up.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;

use crate::directory::{GroupKey, Manage, UserKey};
use crate::live::normal::{Comparison, Handling, is_blank};
use crate::live::{Completeness, Live, LiveResource, Members};
use crate::plan::{self, Action, PlanInput, PlanProblem, TargetPlan};
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value};
use crate::target::{Lookups, ReadRequest, Reader, TargetError, Wanted};

/// Look-ups by id in flight at once.
const ABREAST: usize = 8;

/// Removals that rest on a list in doubt are confirmed by this many look-ups in one run at most; the rest waits.
const MOST_CONFIRMED: usize = 200;

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
        // People who are left out are still members.
        users: Some(users),
        groups: (resources.groups && any_group).then_some(groups),
        // Where absence is managed, everyone must be seen.
        lookups: (input.target.manage == Manage::Owned && input.desired.users.len() <= MOST_LOOKED_UP)
            .then(|| lookups(input)),
    }
}

/// The same for a look at all that is there: lists in whole, whoever is declared.
pub(super) fn whole(input: &PlanInput<'_>) -> ReadRequest {
    let (_, groups) = wanted(input);
    let names = plan::wanted(input.directory, input.desired, input.target);
    let profile = &input.target.profile;
    let shows = |name: &&str| {
        let handling = Comparison::new(profile, ResourceKind::User, &AttrPath::attribute(name)).handling();
        !matches!(handling, Handling::Silent | Handling::Hidden)
    };
    let held = HELD.into_iter().filter(shows);
    let users = Wanted::of(names.users.into_iter().chain(SHOWN.into_iter().chain(held).map(str::to_owned)));
    let has_groups = input.target.profile.capabilities.resources.groups;
    ReadRequest { users: Some(users), groups: has_groups.then_some(groups), lookups: None }
}

/// What says who somebody is.
const SHOWN: [&str; 3] = ["userName", "displayName", "active"];

/// What somebody holds besides groups.
const HELD: [&str; 2] = ["roles", "entitlements"];

pub(super) fn wanted(input: &PlanInput<'_>) -> (Wanted, Wanted) {
    let names = plan::wanted(input.directory, input.desired, input.target);
    let groups = names.groups.into_iter().chain(["members".to_owned()]);
    (Wanted::of(names.users), Wanted::of(groups))
}

fn lookups(input: &PlanInput<'_>) -> Lookups {
    let everyone = input.desired.users.keys().map(|key| key.as_str().to_owned()).collect();
    let groups = input.desired.groups.keys().map(|key| key.as_str().to_owned()).collect();
    let sought = |kind: ResourceKind, keys: Vec<String>| {
        plan::lookups(input, kind, keys).into_iter().map(|lookup| (lookup.key, lookup.by)).collect()
    };
    let ids = |kind: ResourceKind| input.ledger.of(kind).values().map(|entry| entry.id.clone()).collect();
    // A list of made-up people is no list, so it is not asked for where there is another way.
    let only_when_cheaper = input.target.profile.capabilities.synthetic.is_empty();
    Lookups {
        users: sought(ResourceKind::User, everyone),
        ids: ids(ResourceKind::User),
        groups: sought(ResourceKind::Group, groups),
        group_ids: ids(ResourceKind::Group),
        only_when_cheaper,
    }
}

/// Plans, reads again what the plan shows to be missing, and plans anew. Where the plan could take the credentials' own
/// account away, the target is asked whose they are.
pub(super) async fn refine(input: PlanInput<'_>, live: &mut Live, reader: &Reader) -> Result<TargetPlan, TargetError> {
    let (plan, held) = settle(input, live, reader).await?;
    let protect = &input.target.protect;
    if protect.identity.is_some() || !plan::asks_identity(&plan, !protect.groups.is_empty()) {
        return Ok(plan);
    }
    live.identity = reader.identity().await;
    Ok(if live.identity.is_some() { planned(input, live, &held) } else { plan })
}

/// The plan without the groups that are held, if any are.
fn planned(input: PlanInput<'_>, live: &Live, held: &BTreeSet<String>) -> TargetPlan {
    if held.is_empty() { plan::plan_target(PlanInput { live, ..input }) } else { without(input, live, held) }
}

/// The plan once nothing more is to be read, and the groups that are kept out of it.
async fn settle(
    input: PlanInput<'_>,
    live: &mut Live,
    reader: &Reader,
) -> Result<(TargetPlan, BTreeSet<String>), TargetError> {
    without_groups(&input, live);
    hidden(&input, live, reader).await?;
    let mut first = plan::plan_target(PlanInput { live, ..input });
    if left_out(&input, &first, live, reader).await? {
        hidden(&input, live, reader).await?;
        first = plan::plan_target(PlanInput { live, ..input });
    }
    let deeper = thin(&input, &first, live, reader).await?;
    let (found, held) = doubtful(&input, &first, live, reader).await?;
    let confirmed = confirm(&input, live, reader).await;
    if held.is_empty() && !deeper && !found && !confirmed {
        return Ok((first, held));
    }
    if held.is_empty() {
        hidden(&input, live, reader).await?;
    }
    Ok((planned(input, live, &held), held))
}

/// Members that the target shows nowhere are asked for by filters, of the groups and people that matter alone.
pub(super) async fn hidden(input: &PlanInput<'_>, live: &mut Live, reader: &Reader) -> Result<(), TargetError> {
    let asked = plan::memberships(&PlanInput { live, ..*input });
    reader.memberships(live, &asked).await
}

/// The plan without groups that may be there already. A second one of the same name would go unnoticed, other than with
/// people, whose names a target keeps apart.
fn without(input: PlanInput<'_>, live: &Live, held: &BTreeSet<String>) -> TargetPlan {
    let desired =
        input.desired.users.keys().map(UserKey::as_str).chain(input.desired.groups.keys().map(GroupKey::as_str));
    let known = input.ledger.users.keys().chain(input.ledger.groups.keys()).map(String::as_str);
    let all = desired.chain(known).filter(|key| input.only.is_none_or(|only| only.contains(*key)));
    let rest: BTreeSet<String> = all.filter(|key| !held.contains(*key)).map(str::to_owned).collect();
    let mut plan = plan::plan_target(PlanInput { live, only: Some(&rest), ..input });
    plan.errors.extend(held.iter().map(|key| {
        PlanProblem {
            resource: ResourceKind::Group,
            key: key.clone(),
            code: "not-looked-up".to_owned(),
            message:
                "not everything was read, and it could not be looked up by name: it is not made, for it may be there"
                    .to_owned(),
            origin: None,
        }
    }));
    plan.errors.sort();
    plan
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
            if !shows_more(&whole.attributes, &slot.attributes) {
                break;
            }
            let members = std::mem::take(&mut slot.members);
            *slot = LiveResource { members, ..whole };
            any = true;
        }
    }
    Ok(any)
}

/// Whether an object has an attribute, or a part of one, that another does not show (E53).
fn shows_more(whole: &Object, listed: &Object) -> bool {
    whole.iter().any(|(name, value)| match (value, listed.get(name)) {
        (_, None) => !is_blank(value),
        (Value::Object(whole), Some(Value::Object(listed))) => shows_more(whole, listed),
        (_, Some(listed)) => is_blank(listed) && !is_blank(value),
    })
}

/// A target that denies having groups, where some are wanted or known, has not shown that there are none.
fn without_groups(input: &PlanInput<'_>, live: &mut Live) {
    let asked = input.target.profile.capabilities.resources.groups;
    let expected = !input.desired.groups.is_empty() || !input.ledger.groups.is_empty();
    if asked && expected && live.discovery.groups == Some(false) && live.groups_complete == Completeness::NotListed {
        let why = "the target answers that it has no groups, and some are declared or managed".to_owned();
        live.groups_complete = Completeness::Incomplete(why);
    }
}

/// Who is known by id and not in a list that says it is whole is asked for by that id, before anything is made a second
/// time or given up. One hit, and the list is not whole. Someone inactive may be hidden from lists, and is taken in.
async fn left_out(
    input: &PlanInput<'_>,
    plan: &TargetPlan,
    live: &mut Live,
    reader: &Reader,
) -> Result<bool, TargetError> {
    let (users, groups) = wanted(input);
    let mut any = false;
    for (kind, wanted) in [(ResourceKind::User, &users), (ResourceKind::Group, &groups)] {
        let ids = missing(input, plan, live, kind);
        let mut answers =
            futures::stream::iter(&ids).map(|id| reader.get(kind, id, wanted)).buffer_unordered(ABREAST).boxed();
        let (list, complete) = match kind {
            ResourceKind::User => (&mut live.users, &mut live.users_complete),
            ResourceKind::Group => (&mut live.groups, &mut live.groups_complete),
        };
        while let Some(answer) = answers.next().await {
            let Some(one) = answer? else { continue };
            any = true;
            let hidden = one.attributes.get("active") == Some(&Value::Bool(false));
            list.push(one);
            if !hidden {
                *complete = Completeness::Incomplete(left_out_words(kind));
                break;
            }
        }
        list.sort_by(|a, b| a.id.cmp(&b.id));
    }
    Ok(any)
}

fn left_out_words(kind: ResourceKind) -> String {
    format!("the list of {kind}s leaves out some that are there when they are asked for one by one")
}

/// Ids of what the plan would make again or give up as gone.
fn missing(input: &PlanInput<'_>, plan: &TargetPlan, live: &Live, kind: ResourceKind) -> Vec<String> {
    let (list, complete) = match kind {
        ResourceKind::User => (&live.users, &live.users_complete),
        ResourceKind::Group => (&live.groups, &live.groups_complete),
    };
    if *complete != Completeness::Complete {
        return Vec::new();
    }
    let seen: BTreeSet<&str> = list.iter().map(|one| one.id.as_str()).collect();
    let of = |action: Action| {
        plan.changes
            .iter()
            .chain(&plan.suppressed)
            .filter(move |change| change.action == action && change.resource == kind)
    };
    let again = plan::lookups(input, kind, of(Action::Create).map(|change| change.key.clone()));
    let entries = input.ledger.of(kind);
    // Whom we deactivated may well be hidden, and nothing is lost with the entry.
    let facts = &input.target.profile;
    let shows_all = facts.capabilities.inactive_listed && facts.is_verified("capabilities.inactiveListed");
    let deletes = input.target.on_remove.delete_after.is_some();
    let still_ours =
        |key: &str| !shows_all || deletes || entries.get(key).is_none_or(|entry| entry.deactivated.is_none());
    let given_up = of(Action::Forget).filter(|change| still_ours(&change.key)).filter_map(|change| change.id.clone());
    let ids: BTreeSet<String> = again.into_iter().filter_map(|lookup| lookup.id).chain(given_up).collect();
    ids.into_iter().filter(|id| !seen.contains(id.as_str())).collect()
}

/// What would be taken away because of a list that is much shorter than it was is asked for by its id, one by one. Only
/// the resource itself or a plain 404 is an answer; any other leaves it unconfirmed, and so held back. Gives whether
/// anything was asked.
async fn confirm(input: &PlanInput<'_>, live: &mut Live, reader: &Reader) -> bool {
    let (users, groups) = wanted(input);
    let mut suspects = plan::suspects(&PlanInput { live, ..*input });
    suspects.truncate(MOST_CONFIRMED);
    let ask = |(kind, id): (ResourceKind, String)| {
        let wanted = if kind == ResourceKind::User { &users } else { &groups };
        async move {
            let answer = reader.get(kind, &id, wanted).await;
            (kind, id, answer)
        }
    };
    let asked = !suspects.is_empty();
    let mut answers = futures::stream::iter(suspects).map(ask).buffered(ABREAST).boxed();
    while let Some((kind, id, answer)) = answers.next().await {
        match answer {
            Ok(Some(one)) if one.id == id => taken_in(live, kind, one),
            Ok(None) => drop(live.confirmed.gone.insert((kind, id))),
            Ok(Some(_)) | Err(_) => {}
        }
    }
    asked
}

/// A resource that was read by its id stands in for what its list showed. Where the list left out someone with access,
/// it is not whole after all.
fn taken_in(live: &mut Live, kind: ResourceKind, one: LiveResource) {
    live.confirmed.there.insert((kind, one.id.clone()));
    let (list, complete) = match kind {
        ResourceKind::User => (&mut live.users, &mut live.users_complete),
        ResourceKind::Group => (&mut live.groups, &mut live.groups_complete),
    };
    match list.binary_search_by(|listed| listed.id.cmp(&one.id)) {
        Ok(place) => {
            let Some(slot) = list.get_mut(place) else { return };
            // Who was found to be in it by other ways stays so.
            let members = if one.members == Members::Unknown { std::mem::take(&mut slot.members) } else { one.members };
            *slot = LiveResource { members, ..one };
        }
        Err(place) => {
            if one.attributes.get("active") != Some(&Value::Bool(false)) {
                *complete = Completeness::Incomplete(left_out_words(kind));
            }
            list.insert(place, one);
        }
    }
}

/// Someone whom an incomplete list, or one in doubt, did not show is looked up before a create is planned, and so is whom
/// an earlier apply may have created, whom a list can show late. Gives whether any was found, and
/// the groups that could not be looked up.
async fn doubtful(
    input: &PlanInput<'_>,
    plan: &TargetPlan,
    live: &mut Live,
    reader: &Reader,
) -> Result<(bool, BTreeSet<String>), TargetError> {
    let (users, groups) = wanted(input);
    let shrunken = plan::shrunken(input.ledger, live);
    let mut any = false;
    let mut held = BTreeSet::new();
    for (kind, wanted) in [(ResourceKind::User, &users), (ResourceKind::Group, &groups)] {
        let complete = if kind == ResourceKind::User { &live.users_complete } else { &live.groups_complete };
        let incomplete = matches!(complete, Completeness::Incomplete(_)) || shrunken.contains(&kind);
        let pending = input.ledger.pending.iter().filter(|one| one.resource == kind);
        let pending: BTreeSet<&str> = pending.map(|one| one.key.as_str()).collect();
        if !incomplete && pending.is_empty() {
            continue;
        }
        let creates = plan.changes.iter().filter(|change| change.action == Action::Create && change.resource == kind);
        let creates = creates.filter(|change| incomplete || pending.contains(change.key.as_str()));
        let keys: Vec<String> = creates.map(|change| change.key.clone()).collect();
        let seen: BTreeSet<String> = live.users.iter().chain(&live.groups).map(|one| one.id.clone()).collect();
        let mut found: BTreeMap<String, LiveResource> = BTreeMap::new();
        for lookup in plan::lookups(input, kind, keys) {
            let mut answered = false;
            if let Some(id) = &lookup.id
                && let Some(one) = reader.get(kind, id, wanted).await?
            {
                answered = true;
                found.insert(one.id.clone(), one);
            }
            for (path, value) in &lookup.by {
                // A server that can't filter by this attribute does not end the plan; for people the 409 path stays.
                if let Ok(hits) = reader.find(kind, path, value, wanted).await {
                    answered = true;
                    found.extend(hits.into_iter().map(|one| (one.id.clone(), one)));
                }
            }
            if kind == ResourceKind::Group && incomplete && !answered {
                held.insert(lookup.key);
            }
        }
        found.retain(|id, _| !seen.contains(id));
        any |= !found.is_empty();
        let (list, complete) = match kind {
            ResourceKind::User => (&mut live.users, &mut live.users_complete),
            ResourceKind::Group => (&mut live.groups, &mut live.groups_complete),
        };
        let hidden = |one: &LiveResource| one.attributes.get("active") == Some(&Value::Bool(false));
        if *complete == Completeness::Complete && !found.values().all(hidden) {
            *complete = Completeness::Incomplete(left_out_words(kind));
        }
        list.extend(found.into_values());
        list.sort_by(|a, b| a.id.cmp(&b.id));
    }
    Ok((any, held))
}

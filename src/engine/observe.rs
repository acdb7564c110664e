//! Reads what a plan still needs, several requests at once within the target's limits, until it needs nothing more.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, TryStreamExt as _};

use crate::live::{Live, LiveResource};
use crate::plan::TargetPlan;
use crate::plan::observe::{Answer, Found, Lists, LookUps, Lookup, Names, Need, Next, Observed};
use crate::scim::{PerKind, ResourceKind};
use crate::target::{Lookups, ReadRequest, Reader, TargetError, Wanted};

/// Reads a target until its plan is made.
///
/// # Errors
/// Where the target can't be read at all.
pub(super) async fn observe(seen: &mut Observed<'_>, reader: &Reader) -> Result<TargetPlan, TargetError> {
    loop {
        let needs = match seen.next() {
            Next::Done(plan) => return Ok(*plan),
            Next::Read(needs) => needs,
        };
        let names = names(seen);
        for need in needs {
            let answer = ask(need, &names, &seen.live, reader).await?;
            seen.take(answer);
            seen.live.requests = reader.requests();
        }
    }
}

/// The lists that a plan begins with.
///
/// # Errors
/// Where the target can't be read at all.
pub(super) async fn lists(reader: &Reader, lists: Lists) -> Result<Live, TargetError> {
    reader.read(&request(lists)).await
}

/// The attributes that a read by id keeps.
fn names(seen: &Observed<'_>) -> PerKind<Wanted> {
    let Names { users, groups } = seen.names();
    PerKind { users: Wanted::of(users), groups: Wanted::of(groups) }
}

async fn ask(need: Need, names: &PerKind<Wanted>, live: &Live, reader: &Reader) -> Result<Answer, TargetError> {
    Ok(match need {
        Need::Lists(wanted) => Answer::Lists(Box::new(lists(reader, wanted).await?)),
        Need::ById(kind, ids) => Answer::ById(kind, by_id(kind, ids, names.of(kind), reader).await?),
        Need::LookUp(look_ups) => {
            let kind = look_ups.first().map_or(ResourceKind::User, |one| one.kind);
            Answer::LookUp(kind, look_up(look_ups, names.of(kind), reader).await?)
        }
        Need::Memberships(asked) => {
            let found = reader.memberships(live, &asked).await?;
            Answer::Memberships(found.members, found.notices)
        }
        Need::Identity => Answer::Identity(reader.identity().await),
    })
}

async fn by_id(
    kind: ResourceKind,
    ids: BTreeSet<String>,
    wanted: &Wanted,
    reader: &Reader,
) -> Result<Vec<(String, Found)>, TargetError> {
    let read = |id: String| async move {
        let found = match reader.get(kind, &id, wanted).await {
            Ok(Some(one)) => Found::There(Box::new(one)),
            Ok(None) => Found::Gone,
            // The target as a whole is no more to be had, or takes us for somebody else.
            Err(error) if error.is_unauthorized() || error.status().is_none_or(|status| status < 400) => {
                return Err(error);
            }
            Err(error) => Found::Unanswered(error.to_string()),
        };
        Ok((id, found))
    };
    futures::stream::iter(ids).map(read).buffered(reader.abreast()).try_collect().await
}

/// Looks for each by its match attributes. A target that can't filter by one of them does not end the plan.
async fn look_up(
    look_ups: Vec<Lookup>,
    wanted: &Wanted,
    reader: &Reader,
) -> Result<Vec<(String, Option<Vec<LiveResource>>)>, TargetError> {
    let one = |one: Lookup| async move {
        let (mut answered, mut found) = (false, BTreeMap::new());
        for (path, value) in &one.by {
            match reader.find(one.kind, path, value, wanted).await {
                Ok(hits) => {
                    answered = true;
                    found.extend(hits.into_iter().map(|hit| (hit.id.clone(), hit)));
                }
                Err(error) if error.is_unauthorized() => return Err(error),
                Err(_) => {}
            }
        }
        Ok((one.key, answered.then(|| found.into_values().collect())))
    };
    futures::stream::iter(look_ups).map(one).buffered(reader.abreast()).try_collect().await
}

fn request(lists: Lists) -> ReadRequest {
    ReadRequest {
        users: Some(Wanted::of(lists.users)),
        groups: lists.groups.map(Wanted::of),
        lookups: lists.look_ups.map(lookups),
    }
}

fn lookups(look_ups: LookUps) -> Lookups {
    let sought = |list: Vec<Lookup>| list.into_iter().map(|one| (one.key, one.by)).collect();
    Lookups {
        users: sought(look_ups.declared.users),
        ids: look_ups.known.users,
        groups: sought(look_ups.declared.groups),
        group_ids: look_ups.known.groups,
        only_when_cheaper: look_ups.only_when_cheaper,
    }
}

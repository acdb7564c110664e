//! Reads the members of groups where the list does not show them. Unknown is not empty.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use super::error::{ErrorKind, TargetError};
use super::reader::Reader;
use super::wanted::Wanted;
use crate::live::{LiveMember, LiveResource, Members};
use crate::scim::ResourceKind;
use crate::scim::filter;
use crate::scim::path::AttrPath;

/// Groups read by id to find out whether they show more than the list did.
const SAMPLES: usize = 3;

/// Whether any of a few groups, spread over the list, shows members when read by id. Those read are filled in.
pub(super) async fn sample(reader: &Reader, groups: &mut [LiveResource], wanted: &Wanted) -> Result<bool, TargetError> {
    let step = groups.len().div_ceil(SAMPLES).max(1);
    let ids: Vec<String> = groups.iter().step_by(step).map(|group| group.id.clone()).collect();
    let read = by_id(reader, ids, wanted).await?;
    let shown = read.values().any(|group| matches!(group.members, Members::Known(_)));
    if shown {
        fill(groups, read);
    }
    Ok(shown)
}

/// Reads each group whose members are unknown by id.
pub(super) async fn read_each(
    reader: &Reader,
    groups: &mut [LiveResource],
    wanted: &Wanted,
) -> Result<(), TargetError> {
    let unknown = groups.iter().filter(|group| group.members == Members::Unknown);
    let ids = unknown.map(|group| group.id.clone()).collect();
    let read = by_id(reader, ids, wanted).await?;
    fill(groups, read);
    Ok(())
}

/// A group read by id is a full answer: without `members` it has none (RFC 7643 section 2.5).
fn fill(groups: &mut [LiveResource], mut read: BTreeMap<String, LiveResource>) {
    for group in groups {
        let Some(whole) = read.remove(&group.id) else {
            continue;
        };
        group.members = match whole.members {
            Members::Unknown => Members::Known(Vec::new()),
            known @ Members::Known(_) => known,
        };
        if whole.version.is_some() {
            group.version = whole.version;
        }
    }
}

async fn by_id(
    reader: &Reader,
    ids: Vec<String>,
    wanted: &Wanted,
) -> Result<BTreeMap<String, LiveResource>, TargetError> {
    let mut ids = ids.into_iter();
    let mut flying = JoinSet::new();
    let mut read = BTreeMap::new();
    loop {
        while flying.len() < reader.abreast() {
            let Some(id) = ids.next() else { break };
            let (reader, wanted) = (reader.clone(), wanted.clone());
            flying.spawn(async move {
                reader.get_as_shown(ResourceKind::Group, &id, &wanted).await.map(|group| (id, group))
            });
        }
        let Some(done) = flying.join_next().await else {
            return Ok(read);
        };
        let (id, group) = done.map_err(given_up)??;
        read.extend(group.map(|group| (id, group)));
    }
}

/// Asks for each user which groups hold it, on servers that never show members (AWS). Only users are seen so.
pub(super) async fn by_user(
    reader: &Reader,
    users: &[LiveResource],
    groups: &mut [LiveResource],
) -> Result<(), TargetError> {
    let path = AttrPath::attribute("members").with_sub("value");
    let mut ids = users.iter().map(|user| user.id.clone());
    let mut flying = JoinSet::new();
    let mut members: BTreeMap<String, Vec<LiveMember>> = BTreeMap::new();
    loop {
        while flying.len() < reader.abreast() {
            let Some(id) = ids.next() else { break };
            let reader = reader.clone();
            let filter = filter::eq(path.clone(), &id).to_string();
            flying.spawn(async move {
                let query = reader.query(ResourceKind::Group, &Wanted::default(), Some(filter));
                query.list().await.map(|listing| (id, listing))
            });
        }
        let Some(done) = flying.join_next().await else {
            break;
        };
        let (id, listing) = done.map_err(given_up)??;
        for group in listing.resources {
            let member = LiveMember { id: id.clone(), kind: Some(ResourceKind::User), display: None };
            members.entry(group.id).or_default().push(member);
        }
    }
    for group in groups {
        let mut found = members.remove(&group.id).unwrap_or_default();
        found.sort_unstable();
        group.members = Members::Known(found);
    }
    Ok(())
}

fn given_up(error: tokio::task::JoinError) -> TargetError {
    TargetError::new(ErrorKind::Cut, format!("a read was given up: {error}"))
}

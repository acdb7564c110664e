//! Reads the members of groups where the list does not show them. Unknown is not empty.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use super::error::{ErrorKind, TargetError};
use super::reader::Reader;
use super::wanted::Wanted;
use crate::live::{LiveResource, Members};
use crate::scim::ResourceKind;

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

pub(super) fn given_up(error: tokio::task::JoinError) -> TargetError {
    TargetError::new(ErrorKind::Cut, format!("a read was given up: {error}"))
}

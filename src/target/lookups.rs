//! Looks people up one by one where that takes fewer requests than listing everyone.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use super::error::{ErrorKind, TargetError};
use super::reader::Reader;
use super::wanted::Wanted;
use crate::live::LiveResource;
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;

/// Per resource: our key, and the match attributes with their values in order of precedence. Each is asked for, as a
/// later one may point to another.
pub type Sought = Vec<(String, Vec<(AttrPath, String)>)>;

/// Whom to look up instead of listing everyone.
#[derive(Clone, Debug, Default)]
pub struct Lookups {
    /// People.
    pub users: Sought,
    /// Ids of people that are known already.
    pub ids: Vec<String>,
    /// Groups; listed all the same unless `only_when_cheaper` is off.
    pub groups: Sought,
    /// Ids of groups that are known already.
    pub group_ids: Vec<String>,
    /// Decide after the first page of the list by the number of requests; if not set, nothing is listed.
    pub only_when_cheaper: bool,
}

#[derive(Clone)]
enum Ask {
    Id(String),
    Match(AttrPath, String),
}

impl Lookups {
    fn of(&self, kind: ResourceKind) -> (&Sought, &[String]) {
        match kind {
            ResourceKind::User => (&self.users, &self.ids),
            ResourceKind::Group => (&self.groups, &self.group_ids),
        }
    }

    /// Requests that they take.
    pub(super) fn requests(&self, kind: ResourceKind) -> u64 {
        let (sought, ids) = self.of(kind);
        (ids.len() + sought.iter().map(|(_, by)| by.len()).sum::<usize>()) as u64
    }

    /// Whether all can be found: each has an attribute to ask for, and each of these can be filtered on.
    pub(super) fn possible(&self, kind: ResourceKind, filters: &[String]) -> bool {
        let filterable = |path: &AttrPath| {
            let text = path.to_string();
            filters.iter().any(|known| known.eq_ignore_ascii_case(&text))
        };
        self.of(kind).0.iter().all(|(_, by)| !by.is_empty() && by.iter().all(|(path, _)| filterable(path)))
    }

    fn asks(&self, kind: ResourceKind) -> Vec<Ask> {
        let (sought, ids) = self.of(kind);
        let matches = sought.iter().flat_map(|(_, by)| by);
        let ids = ids.iter().map(|id| Ask::Id(id.clone()));
        ids.chain(matches.map(|(path, value)| Ask::Match(path.clone(), value.clone()))).collect()
    }
}

/// Looks all of them up, several at once; found ones are added by id.
pub(super) async fn look_up(
    reader: &Reader,
    kind: ResourceKind,
    lookups: &Lookups,
    wanted: &Wanted,
    found: &mut BTreeMap<String, LiveResource>,
) -> Result<(), TargetError> {
    let mut asks = lookups.asks(kind).into_iter();
    let mut flying: JoinSet<Result<Vec<LiveResource>, TargetError>> = JoinSet::new();
    loop {
        while flying.len() < reader.abreast() {
            let Some(ask) = asks.next() else { break };
            let (reader, wanted) = (reader.clone(), wanted.clone());
            flying.spawn(async move {
                match ask {
                    Ask::Id(id) => Ok(reader.get(kind, &id, &wanted).await?.into_iter().collect()),
                    Ask::Match(path, value) => reader.find(kind, &path, &value, &wanted).await,
                }
            });
        }
        let Some(done) = flying.join_next().await else {
            return Ok(());
        };
        let answer =
            done.map_err(|error| TargetError::new(ErrorKind::Cut, format!("a look-up was given up: {error}")))?;
        found.extend(answer?.into_iter().map(|resource| (resource.id.clone(), resource)));
    }
}

//! Looks people up one by one where that takes fewer requests than listing everyone.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use super::error::{ErrorKind, TargetError};
use super::reader::Reader;
use super::wanted::Wanted;
use crate::live::LiveResource;
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;

/// Whom to look up instead of listing everyone.
#[derive(Clone, Debug, Default)]
pub struct Lookups {
    /// Per person: our key, and the match attributes with their values in order of precedence. Each is asked for,
    /// as a later one may point to somebody else.
    pub users: Vec<(String, Vec<(AttrPath, String)>)>,
    /// Ids that are known already.
    pub ids: Vec<String>,
    /// Decide after the first page of the list by the number of requests; if not set, nothing is listed.
    pub only_when_cheaper: bool,
}

#[derive(Clone)]
enum Ask {
    Id(String),
    Match(AttrPath, String),
}

impl Lookups {
    /// Requests that they take.
    pub(super) fn requests(&self) -> u64 {
        (self.ids.len() + self.users.iter().map(|(_, by)| by.len()).sum::<usize>()) as u64
    }

    /// Whether everyone can be found: each has an attribute to ask for, and each of these can be filtered on.
    pub(super) fn possible(&self, filters: &[String]) -> bool {
        let filterable = |path: &AttrPath| {
            let text = path.to_string();
            filters.iter().any(|known| known.eq_ignore_ascii_case(&text))
        };
        self.users.iter().all(|(_, by)| !by.is_empty() && by.iter().all(|(path, _)| filterable(path)))
    }

    fn asks(&self) -> Vec<Ask> {
        let matches = self.users.iter().flat_map(|(_, by)| by);
        let ids = self.ids.iter().map(|id| Ask::Id(id.clone()));
        ids.chain(matches.map(|(path, value)| Ask::Match(path.clone(), value.clone()))).collect()
    }
}

/// Looks all of them up, several at once; found ones are added by id.
pub(super) async fn look_up(
    reader: &Reader,
    lookups: &Lookups,
    wanted: &Wanted,
    found: &mut BTreeMap<String, LiveResource>,
) -> Result<(), TargetError> {
    let mut asks = lookups.asks().into_iter();
    let mut flying: JoinSet<Result<Vec<LiveResource>, TargetError>> = JoinSet::new();
    loop {
        while flying.len() < reader.abreast() {
            let Some(ask) = asks.next() else { break };
            let (reader, wanted) = (reader.clone(), wanted.clone());
            flying.spawn(async move {
                match ask {
                    Ask::Id(id) => Ok(reader.get(ResourceKind::User, &id, &wanted).await?.into_iter().collect()),
                    Ask::Match(path, value) => reader.find(ResourceKind::User, &path, &value, &wanted).await,
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

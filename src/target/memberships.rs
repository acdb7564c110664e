//! Members of groups on servers that show them nowhere (AWS), found out by the filters that they have. Unknown is not
//! empty: a group keeps its members unknown wherever an answer is missing or in doubt (T71).

use std::collections::{BTreeMap, BTreeSet};

use tokio::task::JoinSet;

use super::error::{ErrorKind, TargetError};
use super::reader::Reader;
use super::wanted::Wanted;
use crate::live::{Live, LiveMember, Memberships};
use crate::profile::Capabilities;
use crate::scim::ResourceKind;
use crate::scim::filter;
use crate::scim::path::AttrPath;

/// An id that nothing has.
const NOBODY: &str = "00000000-0000-4000-8000-00000000dead";

/// The way to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// `groups.value eq "<group>"` of users: one question and more for each page.
    ByGroup,
    /// `members.value eq "<user>"` of groups: one question for each person.
    ByMember,
}

/// Ids that each question gave; none where the answer is not whole.
type Answers = BTreeMap<String, Option<Vec<String>>>;

/// The ways that a target offers, the one with the fewest requests first. `groups` of a user may name groups that hold
/// it by way of another (RFC 7643 section 4.1.2), so that way needs a target without nesting.
fn ways(facts: &Capabilities, asked: &Memberships, page: u64) -> Vec<Way> {
    let named = |list: &[String], name: &str| list.iter().any(|known| known.eq_ignore_ascii_case(name));
    let page = page.max(1);
    let by_group = asked.groups.values().map(|members| members.div_ceil(page).max(1)).sum::<u64>();
    let by_member = asked.members.len() as u64 + asked.groups.values().sum::<u64>() / page;
    let mut ways = Vec::new();
    if named(&facts.filter_users, "groups.value") && !facts.nested_groups {
        ways.push((by_group, Way::ByGroup));
    }
    if named(&facts.filter_groups, "members.value") {
        ways.push((by_member, Way::ByMember));
    }
    // The sort is stable: at the same price all members of a group are worth more than those we know of.
    ways.sort_by_key(|(requests, _)| *requests);
    ways.into_iter().map(|(_, way)| way).collect()
}

/// Members that were found out, and what is to be said about it.
#[derive(Clone, Debug, Default)]
pub struct FoundOut {
    /// Members by the id of their group; one that is not named stays unknown.
    pub members: BTreeMap<String, Vec<LiveMember>>,
    /// Ways to ask that did not work.
    pub notices: Vec<String>,
}

/// Finds out the members of the groups asked for, as far as that is possible.
pub(super) async fn find_out(
    reader: &Reader,
    live: &Live,
    asked: &Memberships,
    facts: &Capabilities,
) -> Result<FoundOut, TargetError> {
    let mut found = FoundOut::default();
    if asked.groups.is_empty() {
        return Ok(found);
    }
    let page = reader.query(ResourceKind::User, &Wanted::default(), None).count.unwrap_or(u64::MAX);
    for way in ways(facts, asked, page) {
        let known = match way {
            Way::ByGroup => by_group(reader, live, asked).await?,
            Way::ByMember => by_member(reader, live, asked).await?,
        };
        if !known.is_empty() {
            found.members = known;
            return Ok(found);
        }
        found.notices.push(match way {
            Way::ByGroup => "a filter of users by `groups.value` gave no answer that can be used".to_owned(),
            Way::ByMember => "a filter of groups by `members.value` gave no answer that can be used".to_owned(),
        });
    }
    Ok(found)
}

type Known = BTreeMap<String, Vec<LiveMember>>;

fn given_up(error: tokio::task::JoinError) -> TargetError {
    TargetError::new(ErrorKind::Cut, format!("a read was given up: {error}"))
}

fn user(id: String) -> LiveMember {
    LiveMember { id, kind: Some(ResourceKind::User), display: None }
}

async fn by_group(reader: &Reader, live: &Live, asked: &Memberships) -> Result<Known, TargetError> {
    let path = AttrPath::attribute("groups").with_sub("value");
    let answers = ask(reader, ResourceKind::User, &path, asked.groups.keys()).await?;
    let everyone = live.users.len();
    if is_ignored(reader, ResourceKind::User, &path, &answers, everyone).await? {
        return Ok(Known::new());
    }
    let whole = answers.into_iter().filter_map(|(group, users)| Some((group, users?)));
    Ok(whole.map(|(group, users)| (group, users.into_iter().map(user).collect())).collect())
}

async fn by_member(reader: &Reader, live: &Live, asked: &Memberships) -> Result<Known, TargetError> {
    let path = AttrPath::attribute("members").with_sub("value");
    let answers = ask(reader, ResourceKind::Group, &path, asked.members.iter()).await?;
    if is_ignored(reader, ResourceKind::Group, &path, &answers, live.groups.len()).await? {
        return Ok(Known::new());
    }
    let groups: BTreeSet<&str> = live.groups.iter().map(|group| group.id.as_str()).collect();
    let mut known: Known = asked.groups.keys().map(|group| (group.clone(), Vec::new())).collect();
    for (member, groups_of) in answers {
        // Whoever can't be asked for may be in any of them.
        let Some(groups_of) = groups_of else { return Ok(Known::new()) };
        for group in groups_of {
            if let Some(members) = known.get_mut(&group) {
                let nested = groups.contains(member.as_str());
                let kind = if nested { ResourceKind::Group } else { ResourceKind::User };
                members.push(LiveMember { kind: Some(kind), ..user(member.clone()) });
            }
        }
    }
    Ok(known)
}

/// Asks one question for each value, several at once.
async fn ask(
    reader: &Reader,
    kind: ResourceKind,
    path: &AttrPath,
    values: impl Iterator<Item = &String>,
) -> Result<Answers, TargetError> {
    let mut values = values.cloned();
    let mut flying = JoinSet::new();
    let mut answers = Answers::new();
    loop {
        while flying.len() < reader.abreast() {
            let Some(value) = values.next() else { break };
            let (reader, path) = (reader.clone(), path.clone());
            flying.spawn(async move { one(&reader, kind, &path, &value).await.map(|found| (value, found)) });
        }
        let Some(done) = flying.join_next().await else {
            return Ok(answers);
        };
        let (value, found) = done.map_err(given_up)??;
        answers.insert(value, found);
    }
}

/// The ids that one question gives; `None` where the target does not take it or not everything came.
async fn one(
    reader: &Reader,
    kind: ResourceKind,
    path: &AttrPath,
    value: &str,
) -> Result<Option<Vec<String>>, TargetError> {
    let filter = filter::eq(path.clone(), value).to_string();
    let query = reader.query(kind, &Wanted::default(), Some(filter));
    let opening = match query.open().await {
        Ok(opening) => opening,
        Err(error) if refuses(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    if opening.page.bare {
        return Ok(None);
    }
    let listing = query.finish(opening).await?;
    let whole = listing.trust.is_whole();
    Ok(whole.then(|| listing.resources.into_iter().map(|resource| resource.id).collect()))
}

fn refuses(error: &TargetError) -> bool {
    matches!(error.kind(), ErrorKind::Filter | ErrorKind::Body)
        || matches!(error.status(), Some(400 | 404 | 405 | 422 | 501))
}

/// Whether the target takes no notice of the filter. Only where each answer holds everything is that asked for.
async fn is_ignored(
    reader: &Reader,
    kind: ResourceKind,
    path: &AttrPath,
    answers: &Answers,
    everything: usize,
) -> Result<bool, TargetError> {
    let all = answers.values().flatten().all(|found| !found.is_empty() && found.len() >= everything);
    if !all || answers.values().flatten().next().is_none() {
        return Ok(false);
    }
    Ok(one(reader, kind, path, NOBODY).await?.is_some_and(|found| !found.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(groups: &[u64], members: usize) -> Memberships {
        Memberships {
            groups: groups.iter().enumerate().map(|(index, size)| (format!("g{index}"), *size)).collect(),
            members: (0..members).map(|index| format!("u{index}")).collect(),
        }
    }

    #[test]
    fn the_cheaper_way_comes_first_and_only_what_the_target_offers() {
        let facts = |users: &[&str], groups: &[&str], nested_groups| Capabilities {
            filter_users: users.iter().map(|name| (*name).to_owned()).collect(),
            filter_groups: groups.iter().map(|name| (*name).to_owned()).collect(),
            nested_groups,
            ..Capabilities::default()
        };
        let both = facts(&["userName", "groups.value"], &["members.value"], false);
        assert_eq!(ways(&both, &asked(&[10, 10], 500), 50), [Way::ByGroup, Way::ByMember]);
        assert_eq!(ways(&both, &asked(&[10; 40], 12), 50), [Way::ByMember, Way::ByGroup]);
        assert_eq!(ways(&both, &asked(&[5000], 12), 50)[0], Way::ByGroup, "12 and 100 pages of groups against 100");
        let one = facts(&["userName"], &["Members.Value"], false);
        assert_eq!(ways(&one, &asked(&[10], 500), 50), [Way::ByMember]);
        let nesting = facts(&["groups.value"], &["displayName"], true);
        assert_eq!(ways(&nesting, &asked(&[10], 500), 50), []);
    }
}

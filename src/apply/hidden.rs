//! Members of groups whose target never shows them: found out by the filters that the target has.

use futures::StreamExt as _;
use rustc_hash::FxHashSet;

use super::job::{Context, Expected};
use super::service::Service;
use crate::profile::{Capabilities, MembersShown};
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;

/// Members asked for one by one after a change; of more, that many are looked at, spread over all of them.
const MOST_ASKED: usize = 100;

/// As few members as this are asked for one by one rather than all members of the group at once.
const FEW: usize = 4;

/// Questions in flight at once.
const MOST_AT_ONCE: usize = 8;

/// Whether a target shows members nowhere.
pub(super) fn hides(facts: &Capabilities) -> bool {
    facts.members == MembersShown::Never
}

/// Which of these are in a group, and which of these were asked for; `None` where the target can't tell.
pub(super) async fn present<S: Service>(
    context: &Context<'_, S>,
    group: &str,
    ids: &[&str],
) -> Option<FxHashSet<String>> {
    let facts = &context.profile.capabilities;
    let named = |list: &[String], name: &str| list.iter().any(|known| known.eq_ignore_ascii_case(name));
    let by_member = named(&facts.filter_groups, "members.value");
    // `groups` of a user may name groups that hold it by way of another (RFC 7643 section 4.1.2).
    let by_group = named(&facts.filter_users, "groups.value") && !facts.nested_groups;
    if by_group && (ids.len() > FEW || !by_member) {
        let path = AttrPath::attribute("groups").with_sub("value");
        match context.service.find(ResourceKind::User, &path, group).await {
            Ok(found) => return Some(found.into_iter().collect()),
            // More than the look-up takes: one by one then.
            Err(_) if by_member => {}
            Err(_) => return None,
        }
    }
    if !by_member {
        return None;
    }
    let path = AttrPath::attribute("members").with_sub("value");
    let ask = |id: &str| {
        let (path, id) = (path.clone(), id.to_owned());
        async move {
            let groups = context.service.find(ResourceKind::Group, &path, &id).await.ok()?;
            Some(groups.iter().any(|known| known == group).then_some(id))
        }
    };
    let mut answers = futures::stream::iter(ids.iter().map(|id| ask(id))).buffer_unordered(MOST_AT_ONCE);
    let mut found = FxHashSet::default();
    while let Some(answer) = answers.next().await {
        found.extend(answer?);
    }
    Some(found)
}

/// Whether those who should be in a group are and those who should not are not; `None` where the target can't tell.
pub(super) async fn holds<S: Service>(context: &Context<'_, S>, group: &str, expected: &Expected) -> Option<bool> {
    let all: Vec<(&str, bool)> = (expected.present.iter().map(|id| (id.as_str(), true)))
        .chain(expected.absent.iter().map(|id| (id.as_str(), false)))
        .collect();
    let asked: Vec<(&str, bool)> = all.iter().copied().step_by(all.len().div_ceil(MOST_ASKED).max(1)).collect();
    if asked.is_empty() {
        return Some(true);
    }
    let mut settled = None;
    for wait in context.waits {
        if !wait.is_zero() {
            tokio::time::sleep(*wait).await;
        }
        let ids: Vec<&str> = asked.iter().map(|(id, _)| *id).collect();
        let there = present(context, group, &ids).await?;
        settled = Some(asked.iter().all(|(id, wanted)| there.contains(*id) == *wanted));
        if settled == Some(true) {
            break;
        }
    }
    settled
}

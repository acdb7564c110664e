//! Whose memberships a plan looks at, for targets that show members nowhere.

use crate::directory::Manage;
use crate::live::{LiveResource, Members, Memberships};
use crate::plan::diff::matched_target::MatchedTarget;
use crate::profile::MembersShown;
use crate::scim::ResourceKind;

/// The groups whose members are not known and matter (pushed, or managed before), and who may be in them: everyone
/// declared, known to the ledger, or noted there as a member. Nothing for a target that shows members.
pub(super) fn memberships(matched: &MatchedTarget<'_>, everything: bool) -> Memberships {
    let input = &matched.input;
    let mut asked = Memberships::default();
    if input.target.profile.capabilities.members != MembersShown::Never {
        return asked;
    }
    let unknown = |live: &&LiveResource| live.members == Members::Unknown;
    for group in input.desired.groups.values() {
        let Some(live) = matched.live_of(ResourceKind::Group, &group.key).filter(unknown) else { continue };
        let declared = group.members.as_ref().map_or(0, std::collections::BTreeMap::len);
        asked.groups.insert(live.id.clone(), declared as u64);
        for member in group.members.iter().flat_map(|members| members.keys()) {
            if member.kind == ResourceKind::Group {
                let nested = matched.live_of(member.kind, &member.key);
                asked.members.extend(nested.map(|nested| nested.id.clone()));
            }
        }
    }
    for entry in input.ledger.groups.values() {
        let Some(live) = matched.find(ResourceKind::Group, &entry.id).filter(unknown) else { continue };
        let expected = asked.groups.entry(live.id.clone()).or_default();
        *expected = (*expected).max(entry.members.len() as u64);
        asked.members.extend(entry.members.iter().cloned());
    }
    if everything || input.target.manage == Manage::All {
        for group in input.live.groups.iter().filter(unknown) {
            asked.groups.entry(group.id.clone()).or_default();
        }
        asked.members.extend(input.live.users.iter().map(|user| user.id.clone()));
    }
    if !asked.groups.is_empty() {
        let declared = input.desired.users.keys().filter_map(|key| matched.live_of(ResourceKind::User, key.as_str()));
        asked.members.extend(declared.map(|user| user.id.clone()));
        let known = input.ledger.users.values().map(|entry| &entry.id);
        asked.members.extend(known.filter(|id| matched.find(ResourceKind::User, id).is_some()).cloned());
    }
    asked
}

//! Who moved since the last apply, of accounts and of memberships: what the ledger says we left against what is there.

use std::collections::HashSet;

use crate::desired::{DesiredResource, Presence};
use crate::directory::UserKey;
use crate::ledger::{Entry, Mark};
use crate::live::LiveMember;
use crate::plan::Reason;
use crate::scim::ResourceKind;

use super::matched_target::{MatchedTarget, Owner, Resolved};

/// Why something that is declared is created: it was there after the last apply, or it never was. Whom we deactivated
/// a target may take out by itself.
pub(super) fn created(entry: Option<&Entry>) -> Reason {
    match entry {
        Some(entry) if entry.deactivated.is_none() => Reason::ChangedAtTarget,
        _ => Reason::NotThere,
    }
}

/// Why someone who is declared joins a group that is there.
pub(super) fn joins(
    matched: &MatchedTarget<'_>,
    group: Option<&Entry>,
    added: &HashSet<&str>,
    member: Option<&DesiredResource>,
    resolved: Resolved<'_>,
) -> Reason {
    if group.is_none() {
        return Reason::Differs;
    }
    let known = member.and_then(|member| matched.entry(member));
    if known.is_some_and(|entry| entry.deactivated.is_some()) {
        return Reason::AccessAgain;
    }
    let was_in = matches!(resolved, Resolved::Id(id) if added.contains(id))
        || known.is_some_and(|entry| added.contains(entry.id.as_str()));
    if was_in { Reason::ChangedAtTarget } else { Reason::ChangedInRepository }
}

/// Why someone leaves a group that is pushed. `ended` holds keys of those whose last day in it is over.
pub(super) fn leaves(
    matched: &MatchedTarget<'_>,
    group: Option<&Entry>,
    added: &HashSet<&str>,
    ended: &HashSet<&str>,
    member: &LiveMember,
) -> Reason {
    let owner = matched.owner(member.kind, &member.id);
    if group.is_none() {
        return if owner == Owner::Nobody { Reason::NotDeclared } else { Reason::Differs };
    }
    let ours = added.contains(member.id.as_str());
    match owner {
        Owner::Declared(kind, key) => match matched.desired(kind, key) {
            // Before this person was declared, the membership was nobody's business.
            Some(resource) if !ours && matched.entry(resource).is_none() => Reason::ChangedInRepository,
            _ if !ours => Reason::ChangedAtTarget,
            _ if ended.contains(key) => Reason::OutsideDates,
            Some(resource) if resource.presence != Presence::Active => inactive(matched, key),
            _ => Reason::ChangedInRepository,
        },
        _ if !ours => Reason::ChangedAtTarget,
        Owner::Former(kind, key) if matched.declared(kind, key).is_some() => Reason::NoLongerAssigned,
        Owner::Former(..) | Owner::Held(_) | Owner::Nobody => Reason::NoLongerDeclared,
    }
}

/// Why a declared person has no access.
pub(super) fn inactive(matched: &MatchedTarget<'_>, key: &str) -> Reason {
    let user = matched.input.directory.users.get(&UserKey::from(key));
    let by_dates =
        user.is_some_and(|user| user.active != Some(false) && (user.starts.is_some() || user.ends.is_some()));
    if by_dates { Reason::OutsideDates } else { Reason::DeclaredInactive }
}

/// Why an account that has access loses it: who got it back at the target lost it before, by us.
pub(super) fn loses_access(entry: Option<&Entry>, has_access: bool, otherwise: Reason) -> Reason {
    match entry {
        Some(entry) if has_access && entry.deactivated.is_some() => Reason::ChangedAtTarget,
        _ => otherwise,
    }
}

/// The same in words, where there is more to say than why the person should have none.
pub(super) fn active_again(entry: Option<&Entry>, has_access: bool) -> Option<String> {
    let day = entry.and_then(|entry| entry.deactivated).filter(|_| has_access)?;
    Some(format!("deactivated on {day}, and active again at the target"))
}

/// Why an account without access gets it: whether we left it with access.
pub(super) fn gains_access(entry: Option<&Entry>, sent: Mark) -> Reason {
    match entry {
        Some(entry) if entry.deactivated.is_none() && entry.asserted.get("active") == Some(sent) => {
            Reason::ChangedAtTarget
        }
        _ => Reason::AccessAgain,
    }
}

/// Former keys of a declared person, under which the ledger may know a reference.
pub(super) fn former_keys<'s>(matched: &'s MatchedTarget<'_>, key: &str) -> &'s [String] {
    matched.desired(ResourceKind::User, key).map_or(&[], |resource| &resource.previously)
}

//! Who has what at a target, as it shows it.

use std::collections::BTreeSet;

use super::session::Seen;
use crate::access::{self, Standing, TargetAccess};
use crate::diag::NoticeCode;
use crate::live::LiveResource;
use crate::plan::observe::Basis;
use crate::plan::{Action, protected_by};
use crate::scim::ResourceKind;

/// What a target shows beside what is declared for it.
pub fn audited(seen: Seen<'_>) -> TargetAccess {
    let (observed, target) = (&seen.observed, seen.target);
    let Basis { directory, sources, as_of, .. } = observed.basis;
    let mut found = access::declared(directory, sources, target, &observed.desired, as_of);
    if !seen.read {
        found.failed = seen.plan.failed;
        return found;
    }
    let changes = seen.plan.changes.iter().chain(&seen.plan.suppressed);
    let differing = changes.filter(|change| {
        change.resource == ResourceKind::User
            && matches!(change.action, Action::Update)
            && !change.attributes.is_empty()
    });
    let differing: BTreeSet<&str> = differing.map(|change| change.key.as_str()).collect();
    let unread =
        seen.plan.errors.iter().filter(|one| one.resource == ResourceKind::User && one.code == NoticeCode::ReadFailed);
    let unread: BTreeSet<&str> = unread.map(|one| one.key.as_str()).collect();
    let ledger = &observed.ledger;
    let ours: BTreeSet<&str> = ledger.users.values().map(|entry| entry.id.as_str()).collect();
    let standing = |one: &LiveResource| match protected_by(target, one) {
        Some(_) => Standing::Protected,
        None if ours.contains(one.id.as_str()) => Standing::Managed,
        None => Standing::Unmanaged,
    };
    access::compare(
        &mut found,
        access::Seen {
            live: &observed.live,
            matches: observed.matches(),
            differing: &differing,
            unread: &unread,
            profile: &target.profile,
            deactivated: &|key| ledger.users.get(key).is_some_and(|entry| entry.deactivated.is_some()),
            standing: &standing,
            requests: observed.live.requests,
        },
    );
    found
}

//! What of a long plan is shown in full. The rule:
//!
//! * Creations of users, and of groups, fold after [`MANY`] of each.
//! * Updates that change the same attributes for the same reason fold after [`MANY`]; none that takes a value away, moves
//!   members, or touches names, access or rights.
//! * Members that come fold after [`MEMBERS`] of a group.
//! * Nothing that takes something away is ever folded: deactivations, deletions, members that go, values that are cleared.

use std::collections::BTreeMap;

use crate::plan::{Action, Change, Reason};
use crate::render::look::Look;
use crate::scim::path::AttrPath;

/// Changes of one kind that are shown before the rest is folded.
pub(super) const MANY: usize = 10;
/// Members that come to a group that are shown before the rest is folded.
pub(super) const MEMBERS: usize = 8;

/// What changes have in common that fold together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Likeness<'a> {
    action: Action,
    reason: Reason,
    pub(super) paths: Vec<&'a AttrPath>,
}

/// Attributes whose changes are worth a look each.
const WEIGHTY: [&str; 6] = ["active", "userName", "roles", "entitlements", "groups", "password"];

/// What a change has in common with others; `None` where it stands for itself.
fn likeness(change: &Change) -> Option<Likeness<'_>> {
    let paths: Vec<&AttrPath> = match change.action {
        Action::Create => Vec::new(),
        Action::Update if change.members.is_empty() => {
            let weighty = |path: &AttrPath| WEIGHTY.iter().any(|name| path.is_within(name));
            let own = change.attributes.iter().any(|one| one.after.is_unassigned() || weighty(&one.path));
            if own {
                return None;
            }
            change.attributes.iter().map(|one| one.path.as_ref()).collect()
        }
        _ => return None,
    };
    Some(Likeness { action: change.action, reason: change.reason, paths })
}

/// A row of changes, in order: one that is shown, or how many like the ones above are not.
pub(super) enum Row<'a> {
    /// Shown.
    Shown(&'a Change),
    /// Not shown, and what they are like.
    Folded(usize, Likeness<'a>),
}

/// Changes of one kind of resource, folded.
pub(super) fn folded<'a>(changes: &[&'a Change], look: &Look) -> Vec<Row<'a>> {
    let mut totals: BTreeMap<Likeness<'a>, (usize, usize)> = BTreeMap::new();
    for change in changes {
        if let Some(likeness) = likeness(change) {
            totals.entry(likeness).or_default().0 += 1;
        }
    }
    let mut rows = Vec::new();
    for change in changes {
        let Some(likeness) = likeness(change) else {
            rows.push(Row::Shown(change));
            continue;
        };
        let Some((total, seen)) = totals.get_mut(&likeness) else { continue };
        *seen += 1;
        let most = look.fold(*total, MANY);
        if *seen <= most {
            rows.push(Row::Shown(change));
        } else if *seen == *total {
            rows.push(Row::Folded(*total - most, likeness));
        }
    }
    rows
}

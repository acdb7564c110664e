//! A protected group keeps a member.

use std::collections::{HashMap, HashSet};

use crate::diag::NoticeCode;
use crate::live::{LiveResource, Members};
use crate::plan::diff::matched_target::MatchedTarget;
use crate::plan::diff::protect;
use crate::plan::{Action, Change, MemberRef, TargetPlan, Violation};
use crate::scim::{PerKind, ResourceKind};

/// Groups within groups are followed this far; what lies deeper counts as someone.
const DEEPEST: u32 = 16;

/// Protected groups that would be left without a member who has access, themselves or by a group within: by removals
/// from a group, and by accounts and groups that go.
pub(super) fn check(matched: &MatchedTarget<'_>, plan: &TargetPlan) -> Vec<Violation> {
    if matched.input.target.protect.rules.groups.is_empty() {
        return Vec::new();
    }
    let (before, after) = (Roll { matched, changes: PerKind::default() }, Roll::after(matched, plan));
    let mut violations = Vec::new();
    for group in matched.live(ResourceKind::Group) {
        let rule = || protect::rule(matched, group);
        if before.has_someone(group, DEEPEST)
            && !after.has_someone(group, DEEPEST)
            && let Some(rule) = rule()
        {
            violations.push(violation(matched, &group.name(), &rule));
        }
    }
    violations
}

/// Who is where, with or without what a plan changes.
struct Roll<'s, 'a> {
    matched: &'s MatchedTarget<'a>,
    /// By kind and id.
    changes: PerKind<HashMap<&'s str, &'s Change>>,
}

impl<'s, 'a> Roll<'s, 'a> {
    fn after(matched: &'s MatchedTarget<'a>, plan: &'s TargetPlan) -> Self {
        let changes = plan.changes.iter().filter_map(|change| Some((change.resource, (change.id.as_deref()?, change))));
        Self { matched, changes: changes.collect() }
    }

    /// Whether someone with access is in a group. Of one that does not show its members, whom we added is known.
    fn has_someone(&self, group: &LiveResource, depth: u32) -> bool {
        let change = self.changes.groups.get(group.id.as_str());
        if change.is_some_and(|change| change.action == Action::Delete) {
            return false;
        }
        let removed: HashSet<&str> =
            change.iter().flat_map(|change| &change.members.remove).filter_map(|member| member.id.as_deref()).collect();
        let stays = |id: &str| !removed.contains(id) && self.counts(id, depth);
        let there = match &group.members {
            Members::Known(members) => members.iter().any(|member| stays(&member.id)),
            Members::Unknown => self.added(&group.id).iter().any(|id| stays(id)),
        };
        there || change.is_some_and(|change| change.members.add.iter().any(|member| self.comes(member, depth)))
    }

    /// Ids of members that we added, by the ledger.
    fn added(&self, group: &str) -> &'a [String] {
        let mut entries = self.matched.input.ledger.groups.values();
        entries.find(|entry| entry.id == group).map_or(&[], |entry| &entry.members)
    }

    /// Whether a member is someone: an account with access, or a group with such a one. Whom no list shows counts.
    fn counts(&self, id: &str, depth: u32) -> bool {
        if let Some(user) = self.matched.find(ResourceKind::User, id) {
            return self.has_access(user);
        }
        match self.matched.find(ResourceKind::Group, id) {
            Some(group) => depth == 0 || self.has_someone(group, depth.saturating_sub(1)),
            None => true,
        }
    }

    fn comes(&self, member: &MemberRef, depth: u32) -> bool {
        member.id.as_deref().is_none_or(|id| self.counts(id, depth))
    }

    fn has_access(&self, user: &LiveResource) -> bool {
        match self.changes.users.get(user.id.as_str()).map(|change| change.action) {
            Some(Action::Deactivate | Action::Delete) => false,
            Some(Action::Reactivate) => true,
            _ => self.matched.accounts.state(&user.attributes).has_access(),
        }
    }
}

fn violation(matched: &MatchedTarget<'_>, name: &str, rule: &str) -> Violation {
    let target = &matched.input.target.name;
    Violation {
        code: NoticeCode::LastMember,
        message: format!("group {name} at `{target}`, protected by `{rule}`, would lose its last member"),
        allow: format!("keep or add a member, or take the rule out of `protect` of target `{target}`"),
        warn: false,
        origin: matched.input.origin(matched.input.target.origin),
    }
}

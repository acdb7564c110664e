//! A protected group keeps a member.

use std::collections::HashSet;

use crate::live::Members;
use crate::plan::diff::outcome::live_name;
use crate::plan::diff::protect;
use crate::plan::diff::scene::Scene;
use crate::plan::{Action, Change, TargetPlan, Violation};
use crate::scim::ResourceKind;

/// Protected groups that would be left without a member who has access: by removals from the group, and by accounts
/// that are deactivated or deleted.
pub(super) fn check(scene: &Scene<'_>, plan: &TargetPlan) -> Vec<Violation> {
    if scene.input.target.protect.groups.is_empty() {
        return Vec::new();
    }
    let leaving: HashSet<&str> = plan
        .changes
        .iter()
        .filter(|change| change.resource == ResourceKind::User && matches!(change.action, Action::Deactivate | Action::Delete))
        .filter_map(|change| change.id.as_deref())
        .collect();
    let changes: std::collections::HashMap<&str, &Change> = plan
        .changes
        .iter()
        .filter(|change| change.resource == ResourceKind::Group)
        .filter_map(|change| Some((change.id.as_deref()?, change)))
        .collect();
    let mut violations = Vec::new();
    for group in scene.live(ResourceKind::Group) {
        let Members::Known(members) = &group.members else { continue };
        if members.is_empty() {
            continue;
        }
        let change = changes.get(group.id.as_str());
        let removed: HashSet<&str> =
            change.iter().flat_map(|change| &change.members.remove).filter_map(|member| member.id.as_deref()).collect();
        let stays = |id: &str| !removed.contains(id) && !leaving.contains(id);
        let joined = change.is_some_and(|change| !change.members.add.is_empty());
        if joined || members.iter().any(|member| stays(&member.id)) {
            continue;
        }
        if let Some(rule) = protect::rule(scene, group) {
            violations.push(violation(scene, &live_name(group), &rule));
        }
    }
    violations
}

fn violation(scene: &Scene<'_>, name: &str, rule: &str) -> Violation {
    let target = &scene.input.target.name;
    Violation {
        code: "last-member".to_owned(),
        message: format!("group {name} at `{target}`, protected by `{rule}`, would lose its last member"),
        allow: format!("keep or add a member, or take the rule out of `protect` of target `{target}`"),
        warn: false,
        origin: scene.input.origin(scene.input.target.origin),
    }
}

//! Pushed groups at one target.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::people::asserted_text;
use super::rows::Rows;
use super::{Asserted, Assertion, Desired, DesiredResource, MemberKey, Notice, Presence, Problem};
use crate::diag::NoticeCode;
use crate::directory::{Binding, Directory, Group, GroupKey, MembershipMode, Target, UserKey, WriteRules, scope};
use crate::mapping::Context;
use crate::profile::Obstacle;
use crate::scim::ResourceKind;
use crate::source::Span;

/// Projects the groups that bindings push. `present` are the people who should have access there.
pub(super) fn project(
    directory: &Directory,
    target: &Target,
    bindings: &[&Binding],
    present: &BTreeSet<&UserKey>,
    as_of: Date,
    desired: &mut Desired,
) {
    let mut pushed: BTreeMap<&GroupKey, (&Binding, Span)> = BTreeMap::new();
    let mut exact: BTreeSet<&GroupKey> = BTreeSet::new();
    for binding in bindings {
        for group in &binding.push {
            pushed.entry(&group.value).or_insert((binding, group.span));
            if binding.membership == MembershipMode::Exact {
                exact.insert(&group.value);
            }
        }
    }
    if !target.profile.capabilities.resources.groups {
        desired.notices.extend(pushed.values().next().map(|(_, place)| unsupported(target, *place)));
        return;
    }
    let rules = WriteRules::of(&target.profile);
    let ready: BTreeMap<&str, Rows<'_>> = pushed
        .values()
        .map(|(binding, _)| {
            (binding.name.as_str(), Rows::new(&binding.mapping, ResourceKind::Group, &rules, &mut desired.notices))
        })
        .collect();
    let nests = target.profile.capabilities.nested_groups;
    for (key, (binding, _)) in &pushed {
        let (Some(group), Some(rows)) = (directory.groups.get(*key), ready.get(binding.name.as_str())) else {
            continue;
        };
        let content = scope::expand(directory, [*key], Some(as_of), |nested| nests && pushed.contains_key(nested));
        match resource(group, rows, members(content, present)) {
            Ok(resource) => {
                let resource = DesiredResource { additive: !exact.contains(key), ..resource };
                desired.groups.insert((*key).clone(), resource);
            }
            Err(problem) => desired.problems.push(problem),
        }
    }
}

fn members(content: scope::Content<'_>, present: &BTreeSet<&UserKey>) -> BTreeMap<MemberKey, Span> {
    let users = content.users.into_iter().filter(|(user, _)| present.contains(user));
    let users = users.map(|(user, cause)| (MemberKey::user(user), cause.origin));
    let groups = content.groups.into_iter().map(|(group, place)| (MemberKey::group(group), place));
    users.chain(groups).collect()
}

fn resource(group: &Group, rows: &Rows<'_>, members: BTreeMap<MemberKey, Span>) -> Result<DesiredResource, Problem> {
    let context = Context::group(&group.attributes);
    let mut assertions = Vec::with_capacity(rows.sent.len());
    for ready in &rows.sent {
        let origin = ready.row.origin.unwrap_or(group.origin);
        let value = ready.evaluate(&context, group.key.as_str()).map_err(|wrong| Problem {
            kind: ResourceKind::Group,
            key: group.key.to_string(),
            code: wrong.code,
            message: wrong.message,
            origin: Some(origin),
        })?;
        let Some(value) = value else { continue };
        let path = ready.path.clone();
        assertions.push(Assertion {
            path,
            value: Asserted::Value(value),
            apply: ready.apply,
            origin,
            sensitive: false,
            gives_way: ready.gives_way(&group.attributes),
        });
    }
    let mut assertions = rows.without_parts(assertions);
    assertions.shrink_to_fit();
    assertions.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(DesiredResource {
        kind: ResourceKind::Group,
        key: group.key.to_string(),
        previously: group.previously.iter().map(ToString::to_string).collect(),
        name: asserted_text(&assertions, "displayName", None).unwrap_or_else(|| group.display_name.clone()),
        origin: group.origin,
        presence: Presence::Active,
        assertions,
        members: Some(members),
        additive: false,
    })
}

fn unsupported(target: &Target, place: Span) -> Notice {
    let way_out = Obstacle::NoResources(ResourceKind::Group).way_out(&target.profile, Some(target.name.as_str()));
    let way_out = if way_out.is_empty() { way_out } else { format!("; {way_out}") };
    Notice {
        code: NoticeCode::GroupsUnsupported,
        message: format!(
            "`{}` has no groups: pushed groups are not sent, they only say who is assigned{way_out}",
            target.name
        ),
        origin: Some(place),
    }
}

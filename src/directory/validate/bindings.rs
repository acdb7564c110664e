//! Bindings of the model.

use std::collections::{BTreeMap, BTreeSet};

use super::Check;
use super::mappings::Mappings;
use crate::config::model::{self, Declared, Push};
use crate::directory::{Binding, BindingName, GroupKey, MembershipMode, Target, TargetName, UserKey};
use crate::mapping::Expression;
use crate::source::Spanned;

/// The bindings whose target and mapping exist, with only those people and groups that exist.
pub(super) fn build(
    check: &mut Check<'_>,
    targets: &BTreeMap<TargetName, Target>,
    mappings: &mut Mappings<'_>,
    mut rules: BTreeMap<String, Expression>,
) -> BTreeMap<BindingName, Binding> {
    let config = check.config;
    let mut bindings = BTreeMap::new();
    for (name, written) in &config.bindings {
        let rule = rules.remove(name);
        if let Some(binding) = one(check, name, written, targets, mappings, rule) {
            bindings.insert(binding.name.clone(), binding);
        }
    }
    bindings
}

fn one(
    check: &mut Check<'_>,
    name: &str,
    written: &Declared<model::Binding>,
    targets: &BTreeMap<TargetName, Target>,
    mappings: &mut Mappings<'_>,
    rule: Option<Expression>,
) -> Option<Binding> {
    let config = check.config;
    let target = targets.get(written.value.target.as_ref()?.value.as_str())?;
    let mapping = mappings.resolve(check, written.value.mapping.as_ref(), target)?;
    let assign = &written.value.assign.value;
    let group_keys = |groups: &[Spanned<String>]| -> Vec<Spanned<GroupKey>> {
        let known = groups.iter().filter(|group| config.groups.contains_key(&group.value));
        known.map(|group| group.clone().map(GroupKey::from)).collect()
    };
    let users = assign.users.iter().filter(|user| config.users.contains_key(&user.value));
    let groups = group_keys(&assign.groups);
    let push = match &written.value.push {
        Push::Assigned(word) => groups.iter().map(|group| Spanned::new(group.value.clone(), word.span)).collect(),
        Push::Groups(pushed) => group_keys(pushed),
    };
    // A broken condition or reference must not let everyone in while the other rules are checked.
    let lost = (assign.rule.is_some() && rule.is_none()) || (groups.is_empty() && !assign.groups.is_empty());
    Some(Binding {
        name: name.into(),
        origin: written.key,
        target: target.name.clone(),
        groups,
        users: users.map(|user| user.clone().map(UserKey::from)).collect(),
        rule: rule.filter(|_| !lost),
        matching: BTreeSet::new(),
        push,
        membership: match written.value.membership.as_ref().map(|membership| membership.value) {
            Some(model::MembershipMode::Additive) => MembershipMode::Additive,
            Some(model::MembershipMode::Exact) | None => MembershipMode::Exact,
        },
        mapping,
    })
}

//! The declared side: what the repository gives to whom, with what causes it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::chain::{Chains, place};
use super::{Account, Assigned, Cause, Grant, GrantKind, Rule, Summary, TargetAccess, Why};
use crate::desired::{Asserted, Desired, DesiredResource, MemberKey, Presence, presence};
use crate::directory::{Binding, Directory, GroupKey, Target, User, UserKey, scope};
use crate::mapping::Expression;
use crate::scim::{ResourceKind, Value};
use crate::source::{SourceMap, Span};

/// Who has what at a target on a day, as declared. `desired` is the projection on that target for that day. Costs one
/// pass over people and memberships.
pub fn declared(
    directory: &Directory,
    sources: &SourceMap,
    target: &Target,
    desired: &Desired,
    as_of: Date,
) -> TargetAccess {
    let input = AccessInput { directory, sources, desired, as_of };
    let bindings: Vec<&Binding> = directory.bindings.values().filter(|binding| binding.target == target.name).collect();
    let mut assigned: BTreeMap<&UserKey, Vec<Assigned>> = BTreeMap::new();
    for binding in &bindings {
        input.assign(binding, &mut assigned);
    }
    let mut grants = input.memberships(&bindings);
    let problems: BTreeMap<&str, &str> = desired
        .problems
        .iter()
        .filter(|problem| problem.kind == ResourceKind::User)
        .map(|problem| (problem.key.as_str(), problem.message.as_str()))
        .collect();
    let accounts = assigned.into_iter().filter_map(|(key, assigned)| {
        let user = directory.users.get(key)?;
        let mut account = input.account(user, assigned);
        account.grants = grants.remove(key).unwrap_or_default();
        account.grants.extend(input.values(desired.users.get(key)));
        account.problem = problems.get(key.as_str()).map(|&message| message.to_owned());
        Some(account)
    });
    let mut access = TargetAccess {
        name: target.name.to_string(),
        profile: target.profile.name.clone(),
        accounts: accounts.collect(),
        ..TargetAccess::default()
    };
    access.recount();
    access
}

/// Why a binding gives its target to one person on a day; nothing where it does not.
pub fn assigned(
    directory: &Directory,
    sources: &SourceMap,
    binding: &Binding,
    key: &str,
    as_of: Date,
) -> Option<Assigned> {
    let desired = Desired::default();
    let mut all = BTreeMap::new();
    AccessInput { directory, sources, desired: &desired, as_of }.assign(binding, &mut all);
    all.remove(&UserKey::from(key))?.pop()
}

impl TargetAccess {
    /// Counts anew what is there.
    pub fn recount(&mut self) {
        let mut summary = Summary::default();
        for account in &self.accounts {
            let statuses = account.grants.iter().map(|grant| grant.status).chain([account.status]).flatten();
            for status in statuses {
                summary.differing += u64::from(status.is_difference());
                summary.undeclared += u64::from(status == super::Status::Undeclared);
                summary.unknown += u64::from(status == super::Status::Unknown);
            }
            if account.key.is_some() {
                summary.active += u64::from(account.active);
                summary.inactive += u64::from(!account.active);
                summary.grants += account.grants.iter().filter(|grant| grant.why.is_some()).count() as u64;
            }
        }
        self.summary = summary;
    }
}

struct AccessInput<'a> {
    directory: &'a Directory,
    sources: &'a SourceMap,
    desired: &'a Desired,
    as_of: Date,
}

impl<'a> AccessInput<'a> {
    /// Takes in everyone whom a binding gives to its target.
    fn assign(&self, binding: &'a Binding, assigned: &mut BTreeMap<&'a UserKey, Vec<Assigned>>) {
        let named = binding.groups.iter().map(|group| (&group.value, group.span));
        let chains = Chains::new(self.directory, self.sources, named);
        let alone = binding.groups.is_empty() && binding.users.is_empty();
        let narrowed_by = binding.rule.as_ref().filter(|_| !alone).map(|rule| self.rule(rule, binding.origin));
        for (user, cause) in scope::assigned(self.directory, binding, Some(self.as_of)) {
            let rule = if cause.group.is_none() && cause.rule { binding.rule.as_ref() } else { None };
            assigned.entry(user).or_default().push(Assigned {
                binding: binding.name.to_string(),
                place: place(self.sources, binding.origin),
                why: self.why(&cause, &chains, rule),
                narrowed_by: narrowed_by.clone(),
            });
        }
    }

    fn rule(&self, rule: &Expression, fallback: Span) -> Rule {
        Rule { text: rule.text().to_owned(), place: place(self.sources, rule.origin().unwrap_or(fallback)) }
    }

    fn why(&self, cause: &scope::Cause<'a>, chains: &Chains<'a>, own: Option<&Expression>) -> Why {
        let of_group =
            || cause.group.filter(|_| cause.rule).and_then(|key| self.directory.groups.get(key)?.rule.as_ref());
        Why {
            cause: match (cause.group.is_some(), cause.rule) {
                (false, false) => Cause::Listed,
                (false, true) => Cause::BindingRule,
                (true, false) => Cause::Member,
                (true, true) => Cause::GroupRule,
            },
            chain: cause.group.map(|holder| chains.to(holder)).unwrap_or_default(),
            rule: own.or_else(of_group).map(|rule| rule.text().to_owned()),
            place: place(self.sources, cause.origin),
            until: cause.until,
        }
    }

    fn account(&self, user: &User, assigned: Vec<Assigned>) -> Account {
        let resource = self.desired.users.get(&user.key);
        let stands = resource.map_or_else(|| presence(user, self.as_of).0, |resource| resource.presence.clone());
        let inactive_because = match stands {
            Presence::Active => None,
            Presence::Inactive(why) => Some(why),
        };
        // The account goes once the last of its bindings lets go of it.
        let last = assigned.iter().map(|one| one.why.until).reduce(|a, b| Some(a?.max(b?))).flatten();
        Account {
            key: Some(user.key.to_string()),
            name: resource.map_or_else(|| user.key.to_string(), |resource| resource.name.clone()),
            user_name: resource.and_then(user_name),
            declared: Some(place(self.sources, user.origin)),
            active: inactive_because.is_none(),
            inactive_because,
            since: user.starts,
            until: match (user.ends, last) {
                (Some(ends), Some(last)) => Some(ends.min(last)),
                (ends, last) => ends.or(last),
            },
            assigned,
            ..Account::default()
        }
    }

    /// Who is in which pushed group, those of nested groups among them.
    fn memberships(&self, bindings: &[&'a Binding]) -> BTreeMap<&'a UserKey, Vec<Grant>> {
        let mut pushed: BTreeMap<&GroupKey, Span> = BTreeMap::new();
        for group in bindings.iter().flat_map(|binding| &binding.push) {
            pushed.entry(&group.value).or_insert(group.span);
        }
        let mut named: Vec<(&str, &GroupKey, Span)> = pushed
            .into_iter()
            .filter_map(|(key, span)| Some((self.desired.groups.get(key)?.name.as_str(), key, span)))
            .collect();
        named.sort();
        let mut grants: BTreeMap<&UserKey, Vec<Grant>> = BTreeMap::new();
        for (name, key, span) in named {
            let chains = Chains::new(self.directory, self.sources, [(key, span)]);
            let direct = self.desired.groups.get(key).and_then(|group| group.members.as_ref());
            for (user, cause) in scope::expand(self.directory, [key], Some(self.as_of), |_| false).users {
                let held = direct.is_some_and(|members| members.contains_key(&MemberKey::user(user)));
                if !held && !self.is_member_elsewhere(user) {
                    continue;
                }
                grants.entry(user).or_default().push(Grant {
                    kind: GrantKind::Group,
                    key: Some(key.to_string()),
                    name: name.to_owned(),
                    nested: !held,
                    why: Some(self.why(&cause, &chains, None)),
                    status: None,
                });
            }
        }
        grants
    }

    /// Whether a person whom a pushed group does not hold itself has access, and so is in a group that is nested in it.
    fn is_member_elsewhere(&self, user: &UserKey) -> bool {
        self.desired.users.get(user).is_some_and(|resource| resource.presence == Presence::Active)
    }

    /// Roles and entitlements that the mapping gives.
    fn values(&self, resource: Option<&DesiredResource>) -> Vec<Grant> {
        let Some(resource) = resource.filter(|resource| resource.presence == Presence::Active) else {
            return Vec::new();
        };
        let mut grants = Vec::new();
        for (attribute, kind) in [("roles", GrantKind::Role), ("entitlements", GrantKind::Entitlement)] {
            let own = resource.assertions.iter().filter(|found| found.path.attribute.eq_ignore_ascii_case(attribute));
            for assertion in own {
                let Asserted::Value(value) = &assertion.value else { continue };
                let names = texts(value);
                grants.extend(names.into_iter().map(|name| Grant {
                    kind,
                    key: None,
                    name,
                    nested: false,
                    why: Some(Why {
                        cause: Cause::Mapping,
                        chain: Vec::new(),
                        rule: None,
                        place: place(self.sources, assertion.origin),
                        until: None,
                    }),
                    status: None,
                }));
            }
        }
        grants
    }
}

/// The texts of a multi-valued attribute: `value`, else `display` of each element.
pub(super) fn texts(value: &Value) -> Vec<String> {
    let element = |one: &Value| {
        let own = one.as_str().or_else(|| one.get("value")?.as_str()).or_else(|| one.get("display")?.as_str());
        own.map(str::to_owned)
    };
    match value {
        Value::Array(items) => items.iter().filter_map(element).collect(),
        other => element(other).into_iter().collect(),
    }
}

fn user_name(resource: &DesiredResource) -> Option<String> {
    let own = resource.assertions.iter().find(|found| {
        found.path.is_core() && found.path.filter.is_none() && found.path.attribute.eq_ignore_ascii_case("userName")
    })?;
    match &own.value {
        Asserted::Value(value) => value.as_str().map(str::to_owned),
        Asserted::User(_) | Asserted::Secret(_) => None,
    }
}

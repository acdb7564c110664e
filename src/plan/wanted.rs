//! What must be read of a target for its plan, and what still has to be looked up.

use std::collections::BTreeSet;

use crate::desired::{Desired, DesiredResource};
use crate::directory::{Directory, Target};
use crate::live::matching::{asserted_text, former_texts};
use crate::mapping::Expression;
use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKind, Value, urn};

use super::input::match_rules;
use super::{Action, TargetPlan};

/// Names of top-level attributes, an extension's by its URN.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedNames {
    /// Of users.
    pub users: BTreeSet<String>,
    /// Of groups, without `members`.
    pub groups: BTreeSet<String>,
}

/// What the plan of a target looks at: asserted attributes in any of the target's places for them, match attributes,
/// names for people, `active`, and what `protect` asks.
pub fn wanted(directory: &Directory, desired: &Desired, target: &Target) -> WantedNames {
    let users = ["active", "userName", "displayName", "name"];
    let groups = ["displayName"];
    WantedNames {
        users: of_kind(directory, target, ResourceKind::User, desired.users.values(), &users, &target.protect.users),
        groups: of_kind(
            directory,
            target,
            ResourceKind::Group,
            desired.groups.values(),
            &groups,
            &target.protect.groups,
        ),
    }
}

fn of_kind<'a>(
    directory: &Directory,
    target: &Target,
    kind: ResourceKind,
    desired: impl Iterator<Item = &'a DesiredResource>,
    always: &[&str],
    protect: &[Expression],
) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = always.iter().map(|name| (*name).to_owned()).collect();
    for rule in match_rules(directory, target, kind) {
        add(&mut names, &target.profile, &rule);
    }
    let mut seen: BTreeSet<&AttrPath> = BTreeSet::new();
    for assertion in desired.flat_map(|resource| &resource.assertions) {
        if seen.insert(&assertion.path) {
            add(&mut names, &target.profile, &assertion.path);
        }
    }
    for variable in protect.iter().flat_map(Expression::variables) {
        if let Some(name) = variable.split('.').nth(1) {
            names.insert(name.to_owned());
            if kind == ResourceKind::User {
                names.insert(urn::ENTERPRISE_USER.to_owned());
            }
        }
    }
    names
}

/// The names under which a target shows what stands at paths, in any of its places for them.
pub fn names_of<'a>(profile: &Profile, paths: impl Iterator<Item = &'a AttrPath>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    paths.for_each(|path| add(&mut names, profile, path));
    names
}

fn add(names: &mut BTreeSet<String>, profile: &Profile, path: &AttrPath) {
    names.insert(top(path));
    for (standard, other) in &profile.attributes.aliases {
        let (Ok(standard), Ok(other)) = (standard.parse::<AttrPath>(), other.parse::<AttrPath>()) else {
            continue;
        };
        for (from, to) in [(&standard, &other), (&other, &standard)] {
            if crate::live::normal::covers(from, path) {
                names.insert(top(to));
            }
        }
    }
}

fn top(path: &AttrPath) -> String {
    match path.top() {
        (Some(extension), _) => extension.to_owned(),
        (None, name) => name.to_owned(),
    }
}

/// Ids of live resources that a change gives an attribute which the read did not show. A list may show less than a
/// resource by its id (E53): one of them is to be read by id, and if that shows more, all of them.
pub fn not_shown(plan: &TargetPlan) -> Vec<(ResourceKind, String)> {
    let gains = |change: &&super::Change| {
        change.attributes.iter().any(|one| one.before == Value::Null && one.after != Value::Null && !one.sensitive)
    };
    plan.changes
        .iter()
        .filter(|change| matches!(change.action, Action::Update | Action::Reactivate))
        .filter(gains)
        .filter_map(|change| change.id.clone().map(|id| (change.resource, id)))
        .collect()
}

/// Where to look for a declared resource that a read did not show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lookup {
    /// User or group.
    pub kind: ResourceKind,
    /// The key.
    pub key: String,
    /// The id that the ledger knows.
    pub id: Option<String>,
    /// Match attributes in their order with the text to look for.
    pub by: Vec<(AttrPath, String)>,
}

/// How declared resources can be found one by one: where there is no list, or where it was incomplete. `keys` are those
/// of a plan's creates, or everyone declared.
pub fn lookups(
    input: &super::PlanInput<'_>,
    kind: ResourceKind,
    keys: impl IntoIterator<Item = String>,
) -> Vec<Lookup> {
    let rules = match_rules(input.directory, input.target, kind);
    let ledger = input.ledger.of(kind);
    let find = |key: &str| match kind {
        ResourceKind::User => input.desired.users.get(key),
        ResourceKind::Group => input.desired.groups.get(key),
    };
    keys.into_iter()
        .filter_map(|key| {
            let desired = find(&key)?;
            let id = std::iter::once(&key)
                .chain(&desired.previously)
                .find_map(|key| ledger.get(key))
                .map(|entry| entry.id.clone());
            let texts = |rule: &AttrPath| {
                let former = former_texts(desired, rule).iter().cloned();
                asserted_text(desired, rule).into_iter().chain(former).collect::<Vec<_>>()
            };
            let by = rules.iter().flat_map(|rule| texts(rule).into_iter().map(|text| (rule.clone(), text))).collect();
            Some(Lookup { kind, key, id, by })
        })
        .collect()
}

//! What to ask of a target's lists, and how declared resources are found one by one.

use std::collections::BTreeSet;

use super::{Names, Observed, Purpose, narrow};
use crate::desired::Desired;
use crate::directory::{Directory, Manage, Target};
use crate::live::matching::{MatchRules, asserted_text, former_texts};
use crate::live::normal::{Comparison, Handling};
use crate::mapping::Expression;
use crate::plan::{PlanInput, match_rules};
use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::{PerKind, ResourceKind, urn};

/// More people than this are listed: to look each of them up could take fewer requests only at a target with a million
/// people in small pages.
const MOST_LOOKED_UP: usize = 10_000;

/// Servers that give pages of fewer people are not expected.
const SMALLEST_PAGE: u64 = 10;

/// What says who somebody is.
const IDENTITY: [&str; 3] = ["userName", "displayName", "active"];

/// What somebody holds besides groups.
const GRANTS: [&str; 2] = ["roles", "entitlements"];

/// What to ask of a target's lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Attributes of users. People who are left out of what is managed are still members.
    pub users: BTreeSet<String>,
    /// Attributes of groups; `None` where no group is declared, known or sought.
    pub groups: Option<BTreeSet<String>>,
    /// Look-ups in place of the lists, where they take fewer requests.
    pub look_ups: Option<LookUps>,
}

/// Look-ups that find all that is declared and all that the ledger knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookUps {
    /// Who is declared.
    pub declared: PerKind<Vec<Lookup>>,
    /// Ids that the ledger knows.
    pub known: PerKind<Vec<String>>,
    /// Whether they are made only where they take fewer requests than the list.
    pub only_when_cheaper: bool,
}

/// The attributes that are read of each resource.
pub(super) fn names(seen: &Observed<'_>) -> Names {
    let (input, target) = (seen.draft(), seen.basis.target);
    let mut names = attributes_to_read(input.directory, input.desired, target);
    if let Purpose::Everything(more) = &seen.purpose {
        let shows = |name: &&str| {
            let handling = Comparison::new(&target.profile, ResourceKind::User, &AttrPath::attribute(name)).handling();
            !matches!(handling, Handling::Silent | Handling::Hidden)
        };
        let held = GRANTS.into_iter().filter(shows);
        names.users.extend(IDENTITY.into_iter().chain(held).map(str::to_owned));
        names.users.extend(more.users.iter().cloned());
        names.groups.extend(more.groups.iter().cloned());
    }
    names
}

/// What is asked for first, of these people or of everyone.
pub(super) fn lists(seen: &Observed<'_>, people: Option<&BTreeSet<String>>) -> Lists {
    let (input, target, names) = (seen.draft(), seen.basis.target, seen.names());
    let has_groups = target.profile.capabilities.resources.groups;
    if matches!(seen.purpose, Purpose::Everything(_)) {
        return Lists { users: names.users, groups: has_groups.then_some(names.groups), look_ups: None };
    }
    let any_group = !input.desired.groups.is_empty() || !input.ledger.groups.is_empty() || target.manage == Manage::All;
    Lists {
        users: names.users,
        groups: (has_groups && any_group).then_some(names.groups),
        look_ups: match people {
            Some(keys) => Some(some(&input, keys)),
            // Where absence is managed, everyone must be seen.
            None => (target.manage == Manage::Owned && may_win(&input)).then(|| everyone(&input)),
        },
    }
}

/// Whether to look up everyone may take fewer requests than their list, or the list is no list.
fn may_win(input: &PlanInput<'_>) -> bool {
    // A target at which people were always looked up has no count.
    let seen = input.ledger.seen.map(|seen| seen.users).filter(|users| *users > 0);
    let pages =
        seen.map_or(MOST_LOOKED_UP, |users| usize::try_from(users.div_ceil(SMALLEST_PAGE)).unwrap_or(usize::MAX));
    let sought = input.desired.users.len().max(input.ledger.users.len());
    sought <= MOST_LOOKED_UP && (sought <= pages || !lists_truly(input))
}

/// Whether the target lists real people. A list of made-up ones is not asked for where there is another way.
fn lists_truly(input: &PlanInput<'_>) -> bool {
    input.target.profile.capabilities.synthetic.is_empty()
}

fn everyone(input: &PlanInput<'_>) -> LookUps {
    let keys = input.desired.users.values().map(|user| user.key.clone());
    let known = input.ledger.users.values().map(|entry| entry.id.clone()).collect();
    of_people(input, look_ups(input, ResourceKind::User, keys), known)
}

/// Look-ups of the people on whom a restricted plan rests.
fn some(input: &PlanInput<'_>, keys: &BTreeSet<String>) -> LookUps {
    let found = look_ups(input, ResourceKind::User, keys.iter().cloned());
    of_people(input, found, narrow::known(input, keys))
}

/// With all groups, which are looked up only where they can't be listed.
fn of_people(input: &PlanInput<'_>, declared: Vec<Lookup>, known: Vec<String>) -> LookUps {
    let only_when_cheaper = lists_truly(input);
    let (mut groups, mut group_ids) = (Vec::new(), Vec::new());
    if !only_when_cheaper {
        let keys = input.desired.groups.values().map(|group| group.key.clone());
        groups = look_ups(input, ResourceKind::Group, keys);
        group_ids = input.ledger.groups.values().map(|entry| entry.id.clone()).collect();
    }
    LookUps {
        declared: PerKind { users: declared, groups },
        known: PerKind { users: known, groups: group_ids },
        only_when_cheaper,
    }
}

/// What the plan of a target looks at: asserted attributes in any of the target's places for them, match attributes,
/// names for people, `active`, `members`, and what `protect` asks.
pub fn attributes_to_read(directory: &Directory, desired: &Desired, target: &Target) -> Names {
    let rules = match_rules(directory, target);
    Names::new(|kind| of_kind(&rules, desired, target, kind))
}

fn of_kind(rules: &MatchRules, desired: &Desired, target: &Target, kind: ResourceKind) -> BTreeSet<String> {
    let always: &[&str] = match kind {
        ResourceKind::User => &["active", "userName", "displayName", "name"],
        ResourceKind::Group => &["displayName", "members"],
    };
    let mut names: BTreeSet<String> = always.iter().map(|name| (*name).to_owned()).collect();
    for rule in rules.of(kind) {
        add(&mut names, &target.profile, rule);
    }
    let mut seen: BTreeSet<&AttrPath> = BTreeSet::new();
    for assertion in desired.of(kind).flat_map(|resource| &resource.assertions) {
        if seen.insert(&assertion.path) {
            add(&mut names, &target.profile, &assertion.path);
        }
    }
    for variable in target.protect.rules.of(kind).iter().flat_map(Expression::variables) {
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
        for (from, to) in [(standard, other), (other, standard)] {
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

/// Where to look for a declared resource that a read did not show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lookup {
    /// User or group.
    pub kind: ResourceKind,
    /// The key.
    pub key: String,
    /// Match attributes in their order with the text to look for.
    pub by: Vec<(AttrPath, String)>,
}

/// The id under which the ledger knows a declared resource, under its key or a former one.
pub(super) fn known_id(input: &PlanInput<'_>, kind: ResourceKind, key: &str) -> Option<String> {
    let (desired, entries) = (input.desired.find(kind, key)?, input.ledger.of(kind));
    let mut keys = std::iter::once(&desired.key).chain(&desired.previously);
    keys.find_map(|key| entries.get(key)).map(|entry| entry.id.clone())
}

/// How declared resources can be found one by one, and who has their names.
pub(in crate::plan) fn look_ups(
    input: &PlanInput<'_>,
    kind: ResourceKind,
    keys: impl IntoIterator<Item = String>,
) -> Vec<Lookup> {
    let mut rules = match_rules(input.directory, input.target).of(kind).clone();
    let name = AttrPath::attribute(kind.name_attribute());
    if !rules.iter().any(|rule| rule.same(&name)) {
        rules.push(name);
    }
    let look_up = |key: String| {
        let desired = input.desired.find(kind, &key)?;
        let texts = |rule: &AttrPath| {
            let former = former_texts(desired, rule).iter().cloned();
            asserted_text(desired, rule).into_iter().chain(former).collect::<Vec<_>>()
        };
        let by = rules.iter().flat_map(|rule| texts(rule).into_iter().map(|text| (rule.clone(), text))).collect();
        Some(Lookup { kind, key, by })
    };
    keys.into_iter().filter_map(look_up).collect()
}

//! Who gains and who loses what by a target's plan.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::graph::{Graph, Node, Side, Unseen};
use super::{AccountChange, Person, PersonAtTarget, roles};
use crate::directory::GroupKey;
use crate::live::{LiveResource, Members};
use crate::plan::diff::matched_target::MatchedTarget;
use crate::plan::diff::{protect, users};
use crate::plan::{Action, Change};
use crate::scim::{Object, ResourceKind, Value};

/// The impact of a target's changes.
#[derive(Default)]
pub(super) struct Found {
    /// Everyone who gains, loses or changes, by key; one target each.
    pub(super) people: Vec<Person>,
    /// Of each change, whether privileged access comes or goes by it.
    pub(super) privileged: Vec<bool>,
}

/// Groups gained and lost.
struct Moves {
    gains: Vec<Node>,
    loses: Vec<Node>,
}

/// A pass over the changes of one target.
struct Pass<'a, 'c> {
    matched: &'c MatchedTarget<'a>,
    graph: Graph<'a, 'c>,
    /// Changes by what they change.
    changes: BTreeMap<Node, &'c Change>,
    privileged: FxHashMap<Node, bool>,
    /// Whoever is in the same groups before and after gains and loses the same.
    moves: FxHashMap<(Vec<Node>, Vec<Node>), Rc<Moves>>,
}

/// Who gains and loses what, and what of it is privileged.
pub(super) fn impact<'c>(matched: &'c MatchedTarget<'_>, changes: &'c [Change]) -> Found {
    if changes.is_empty() {
        return Found::default();
    }
    let mut graph = Graph::new(matched, changes);
    let nodes: Vec<Node> = changes.iter().map(|change| graph.of_change(change)).collect();
    let mut by_node: BTreeMap<Node, &Change> = BTreeMap::new();
    for (node, change) in nodes.iter().zip(changes) {
        // An old key that is forgotten stands behind what is done under the new one.
        by_node.entry(*node).or_insert(change);
    }
    let (privileged, moves) = (FxHashMap::default(), FxHashMap::default());
    let mut pass = Pass { matched, graph, changes: by_node, privileged, moves };
    let mut touched = pass.graph.touched();
    touched.extend(nodes.iter().copied().filter(|node| pass.graph.kind(*node) == ResourceKind::User));
    touched.sort_unstable();
    touched.dedup();
    let mut of_people = FxHashMap::default();
    let mut people = Vec::new();
    for node in touched {
        if let Some(mut person) = pass.person(node) {
            let former = pass.handed_on(node, &mut person);
            let at = person.targets.first();
            of_people.insert(node, at.is_some_and(|at| at.account.is_some() && !at.privileged.is_empty()));
            people.push(person);
            people.extend(former);
        }
    }
    people.sort_by(|a, b| (&a.key, a.stranger).cmp(&(&b.key, b.stranger)));
    let of_change = |(node, change): (Node, &Change)| match change.resource {
        ResourceKind::User => of_people.get(&node).copied().unwrap_or_default(),
        ResourceKind::Group => pass.touches_privilege(node, change),
    };
    let privileged = nodes.into_iter().zip(changes).map(of_change).collect();
    Found { people, privileged }
}

impl Pass<'_, '_> {
    fn person(&mut self, node: Node) -> Option<Person> {
        let change = self.changes.get(&node).copied();
        let (before, after) = self.access(node, change);
        let inactive = !before && !after;
        let groups = |graph: &Graph<'_, '_>, has: bool, side| {
            if has || inactive { graph.direct(node, side) } else { Vec::new() }
        };
        let sides = (groups(&self.graph, before, Side::Before), groups(&self.graph, after, Side::After));
        let moves = self.moves(sides);
        if change.is_none() && moves.gains.is_empty() && moves.loses.is_empty() {
            return None;
        }
        let account = match (before, after) {
            (false, true) => Some(AccountChange::Gained),
            (true, false) => Some(AccountChange::Lost),
            _ => None,
        };
        let held: Vec<Node> = moves.gains.iter().chain(&moves.loses).copied().collect();
        let held: Vec<Node> = held.into_iter().filter(|group| self.is_privileged(*group)).collect();
        let (mut gains, mut loses) = (self.names(&moves.gains), self.names(&moves.loses));
        let (more, less) = change.map(|change| roles::moves(&change.attributes)).unwrap_or_default();
        if !inactive {
            gains.extend(more);
            loses.extend(less);
        }
        let at = PersonAtTarget {
            target: self.matched.input.target.name.to_string(),
            action: change.map(|change| change.action),
            adopted: change.is_some_and(|change| change.adopted),
            account,
            gains,
            loses,
            privileged: self.names(&held),
            changes: change.iter().flat_map(|one| &one.attributes).map(|one| one.path.to_string()).collect(),
            inactive: inactive && !(moves.gains.is_empty() && moves.loses.is_empty()),
        };
        let (key, name, stranger) = self.who(node, change);
        Some(Person { key, name, stranger, targets: vec![at] })
    }

    /// Who had an account that goes on to another person under a new key (`previously`). That one loses what the account
    /// gives, and the other gains what it gives afterwards.
    fn handed_on(&mut self, node: Node, person: &mut Person) -> Option<Person> {
        let change = self.changes.get(&node).copied()?;
        let declared = self.matched.desired(ResourceKind::User, &change.key)?;
        let known = &self.matched.input.ledger.users;
        let former = declared.previously.iter().find(|key| known.contains_key(key.as_str()))?;
        let name = self.graph.live(node)?.name();
        if !is_another_person(change) {
            return None;
        }
        let (before, after) = self.access(node, Some(change));
        let mut of_side = |has: bool, side: Side| {
            let groups = if has { self.graph.direct(node, side) } else { Vec::new() };
            let groups = self.all_above(&groups, side);
            let held: Vec<Node> = groups.iter().copied().filter(|group| self.is_privileged(*group)).collect();
            (self.names(&groups), self.names(&held))
        };
        let (had, has) = (of_side(before, Side::Before), of_side(after, Side::After));
        let at = person.targets.first_mut()?;
        let lost = PersonAtTarget {
            target: at.target.clone(),
            account: before.then_some(AccountChange::Lost),
            loses: had.0,
            privileged: had.1,
            ..PersonAtTarget::default()
        };
        at.account = after.then_some(AccountChange::Gained);
        (at.gains, at.loses, at.privileged) = (has.0, Vec::new(), has.1);
        Some(Person { key: former.clone(), name, stranger: false, targets: vec![lost] })
    }

    /// Whether a person has access before and after.
    fn access(&self, node: Node, change: Option<&Change>) -> (bool, bool) {
        let before = match (self.graph.live(node), self.graph.who(node)) {
            (Some(live), _) => self.is_active(live),
            (None, Some(Unseen::Created(_))) => false,
            // Whom no list shows is someone.
            (None, _) => true,
        };
        let after = match change.map(|change| change.action) {
            Some(Action::Create | Action::Reactivate) => true,
            Some(Action::Deactivate | Action::Delete) => false,
            Some(Action::Adopt | Action::Update | Action::Forget) | None => before,
        };
        (before, after)
    }

    fn is_active(&self, live: &LiveResource) -> bool {
        match self.matched.owner(Some(ResourceKind::User), &live.id).key() {
            Some(key) => users::may_have_access(self.matched, live, self.matched.input.ledger.users.get(key)),
            None => users::is_active(self.matched, live),
        }
    }

    fn moves(&mut self, sides: (Vec<Node>, Vec<Node>)) -> Rc<Moves> {
        if let Some(known) = self.moves.get(&sides) {
            return Rc::clone(known);
        }
        let before = self.all_above(&sides.0, Side::Before);
        let after = self.all_above(&sides.1, Side::After);
        let only_in = |one: &[Node], other: &[Node]| {
            one.iter().filter(|group| other.binary_search(group).is_err()).copied().collect::<Vec<Node>>()
        };
        let moves = Rc::new(Moves { gains: only_in(&after, &before), loses: only_in(&before, &after) });
        self.moves.insert(sides, Rc::clone(&moves));
        moves
    }

    fn all_above(&mut self, groups: &[Node], side: Side) -> Vec<Node> {
        let mut all: Vec<Node> = Vec::new();
        for group in groups {
            all.extend(self.graph.above(*group, side).iter());
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Names of groups, sorted.
    fn names(&self, groups: &[Node]) -> Vec<String> {
        let mut names: Vec<String> = groups.iter().map(|group| self.group_name(*group)).collect();
        names.sort();
        names
    }

    fn group_name(&self, node: Node) -> String {
        if let Some(change) = self.changes.get(&node) {
            return change.name.clone();
        }
        match (self.graph.live(node), self.graph.who(node)) {
            (Some(live), _) => match self.matched.owner(Some(live.kind), &live.id).key() {
                Some(key) if self.matched.desired(live.kind, key).is_some() => self.matched.name_of(live.kind, key),
                _ => live.name(),
            },
            (None, Some(Unseen::Member(member))) => member.name.clone(),
            (None, Some(Unseen::Shown(member))) => member.name(),
            (None, Some(Unseen::Created(key))) => self.matched.name_of(ResourceKind::Group, key),
            (None, None) => String::new(),
        }
    }

    /// Key, name and whether it is a stranger.
    fn who(&self, node: Node, change: Option<&Change>) -> (String, String, bool) {
        let kind = ResourceKind::User;
        match (self.graph.live(node), self.graph.who(node)) {
            (Some(live), _) => {
                let owner = self.matched.owner(Some(kind), &live.id);
                let key = owner.key().or_else(|| change.filter(|one| one.key != live.id).map(|one| one.key.as_str()));
                let declared = key.filter(|key| self.matched.desired(kind, key).is_some());
                let name = match (change, declared) {
                    (Some(change), _) => change.name.clone(),
                    (None, Some(key)) => self.matched.name_of(kind, key),
                    (None, None) => live.name(),
                };
                (key.unwrap_or(&live.id).to_owned(), name, key.is_none())
            }
            (None, Some(Unseen::Member(member))) => {
                let known = member.key.as_ref().or(member.id.as_ref());
                (known.cloned().unwrap_or_default(), member.name.clone(), member.key.is_none())
            }
            (None, Some(Unseen::Shown(member))) => {
                let key = self.matched.owner(Some(kind), &member.id).key();
                let declared = key.filter(|key| self.matched.desired(kind, key).is_some());
                let name = declared.map_or_else(|| member.name(), |key| self.matched.name_of(kind, key));
                (key.unwrap_or(&member.id).to_owned(), name, key.is_none())
            }
            (None, Some(Unseen::Created(key))) => {
                let name = change.map_or_else(|| self.matched.name_of(kind, key), |change| change.name.clone());
                ((*key).to_owned(), name, false)
            }
            (None, None) => (String::new(), String::new(), true),
        }
    }

    /// Whether a change of a group gives or takes privileged access, or is of a privileged group itself.
    fn touches_privilege(&mut self, node: Node, change: &Change) -> bool {
        if self.is_privileged(node) {
            return true;
        }
        let moves = !change.members.is_empty() || change.action == Action::Delete;
        let sides = [Side::Before, Side::After].into_iter().filter(|_| moves);
        let above: Vec<Rc<[Node]>> = sides.map(|side| self.graph.above(node, side)).collect();
        above.iter().flat_map(|groups| groups.iter()).any(|group| self.is_privileged(*group))
    }

    fn is_privileged(&mut self, node: Node) -> bool {
        if let Some(known) = self.privileged.get(&node) {
            return *known;
        }
        let found = self.says_privileged(node) || self.is_protected(node);
        self.privileged.insert(node, found);
        found
    }

    /// Whether the declaration says so.
    fn says_privileged(&self, node: Node) -> bool {
        let key = match (self.graph.live(node), self.graph.who(node)) {
            (Some(live), _) => self.matched.owner(Some(ResourceKind::Group), &live.id).key(),
            (None, Some(Unseen::Created(key))) => Some(*key),
            (None, Some(Unseen::Member(member))) => member.key.as_deref(),
            (None, Some(Unseen::Shown(member))) => self.matched.owner(Some(ResourceKind::Group), &member.id).key(),
            (None, None) => None,
        };
        let group = key.and_then(|key| self.matched.input.directory.groups.get(&GroupKey::from(key)));
        group.is_some_and(|group| group.privileged)
    }

    /// Whether a rule of the target protects it. A group to be made is looked at as it will be.
    fn is_protected(&self, node: Node) -> bool {
        if let Some(live) = self.graph.live(node) {
            return protect::rule(self.matched, live).is_some();
        }
        let made = self.changes.get(&node).map(|change| LiveResource {
            kind: ResourceKind::Group,
            id: String::new(),
            version: None,
            attributes: values(change),
            members: Members::Unknown,
            by_id: false,
            unkept: crate::live::Unkept::default(),
        });
        made.is_some_and(|made| protect::rule(self.matched, &made).is_some())
    }
}

/// What the attributes of a change come to.
fn values(change: &Change) -> Object {
    let mut object = Object::new();
    change.attributes.iter().for_each(|one| one.path.assign(&mut object, one.after.clone()));
    object
}

/// Whether a change gives an account another given name. Who marries keeps it.
fn is_another_person(change: &Change) -> bool {
    let first = |value: &Value| value.as_str().and_then(|text| text.split_whitespace().next()).map(str::to_lowercase);
    let of = |path: &str| {
        let changed = change.attributes.iter().find(|one| one.path.is(path))?;
        Some(first(&changed.before)? != first(&changed.after)?)
    };
    ["name.givenName", "displayName", "name.formatted"].into_iter().find_map(of).unwrap_or_default()
}

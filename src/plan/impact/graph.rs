//! Who is in which group at a target, before and after a plan, groups within groups followed. Linear in the memberships
//! of the target and of those whom the plan touches.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::live::{LiveMember, Members};
use crate::plan::diff::matched_target::MatchedTarget;
use crate::plan::{Action, Change, MemberRef};
use crate::scim::{PerKind, ResourceKind};

/// A user or group at the target.
pub(super) type Node = u32;

/// Which side of a plan.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

/// Someone whom no list shows.
pub(super) enum Unseen<'c> {
    /// Created by the plan, by key.
    Created(&'c str),
    /// Whom the plan adds or removes.
    Member(&'c MemberRef),
    /// Whom a group shows.
    Shown(&'c LiveMember),
}

/// Who is in which group. Users of the list come first, then the groups of the list, then whoever else turns up.
pub(super) struct Graph<'a, 'c> {
    matched: &'c MatchedTarget<'a>,
    users: usize,
    listed: usize,
    unseen: Vec<(ResourceKind, Unseen<'c>)>,
    by_id: FxHashMap<&'c str, Node>,
    by_key: PerKind<FxHashMap<&'c str, Node>>,
    /// Groups by member, and members by group, as read.
    parents: FxHashMap<Node, Vec<Node>>,
    children: FxHashMap<Node, Vec<Node>>,
    added: FxHashMap<Node, Vec<Node>>,
    removed: FxHashSet<(Node, Node)>,
    deleted: FxHashSet<Node>,
    closures: [FxHashMap<Node, Rc<[Node]>>; 2],
}

impl<'a, 'c> Graph<'a, 'c> {
    /// The memberships as read and as the changes make them.
    pub(super) fn new(matched: &'c MatchedTarget<'a>, changes: &'c [Change]) -> Self {
        let users = matched.live(ResourceKind::User).len();
        let mut graph = Self {
            matched,
            users,
            listed: users + matched.live(ResourceKind::Group).len(),
            unseen: Vec::new(),
            by_id: FxHashMap::default(),
            by_key: PerKind::default(),
            parents: FxHashMap::default(),
            children: FxHashMap::default(),
            added: FxHashMap::default(),
            removed: FxHashSet::default(),
            deleted: FxHashSet::default(),
            closures: [FxHashMap::default(), FxHashMap::default()],
        };
        if changes.iter().any(needs_groups) {
            graph.read();
        }
        for change in changes.iter().filter(|change| change.resource == ResourceKind::Group) {
            graph.take(change);
        }
        graph
    }

    fn read(&mut self) {
        let matched = self.matched;
        let ledger: BTreeMap<&str, &Vec<String>> =
            matched.input.ledger.groups.values().map(|entry| (entry.id.as_str(), &entry.members)).collect();
        for (place, group) in matched.live(ResourceKind::Group).iter().enumerate() {
            let node = number(self.users + place);
            match &group.members {
                Members::Known(members) => members.iter().for_each(|member| self.shown(member, node)),
                // Of a group that does not show its members, whom we added is known.
                Members::Unknown => {
                    for id in ledger.get(group.id.as_str()).into_iter().flat_map(|ids| ids.iter()) {
                        if let Some(member) = self.listed(ResourceKind::User, id) {
                            self.put(member, node);
                        }
                    }
                }
            }
        }
    }

    fn shown(&mut self, shown: &'c LiveMember, group: Node) {
        let kind = shown.kind.unwrap_or(ResourceKind::User);
        let known = self.listed(kind, &shown.id).or_else(|| self.by_id.get(shown.id.as_str()).copied());
        let member = known.unwrap_or_else(|| {
            let node = self.unseen(kind, Unseen::Shown(shown));
            self.by_id.insert(&shown.id, node);
            node
        });
        self.put(member, group);
    }

    fn put(&mut self, member: Node, group: Node) {
        self.parents.entry(member).or_default().push(group);
        self.children.entry(group).or_default().push(member);
    }

    fn take(&mut self, change: &'c Change) {
        let group = self.of_change(change);
        if change.action == Action::Delete {
            self.deleted.insert(group);
        }
        for member in &change.members.remove {
            let node = self.member(member);
            // Of someone whom no list shows, the removal is all that is known.
            if node as usize >= self.listed {
                self.put(node, group);
            }
            self.removed.insert((node, group));
        }
        for member in &change.members.add {
            let node = self.member(member);
            self.added.entry(node).or_default().push(group);
            // Whoever is within is touched by what becomes of the group.
            self.children.entry(group).or_default().push(node);
        }
    }

    /// The node of an id that a list shows. Servers don't always say what a member is, and some say it wrong.
    fn listed(&self, kind: ResourceKind, id: &str) -> Option<Node> {
        let user = || self.matched.place(ResourceKind::User, id).map(number);
        let group = || self.matched.place(ResourceKind::Group, id).map(|place| number(self.users + place));
        if kind == ResourceKind::Group { group().or_else(user) } else { user().or_else(group) }
    }

    fn unseen(&mut self, kind: ResourceKind, who: Unseen<'c>) -> Node {
        self.unseen.push((kind, who));
        number(self.listed + self.unseen.len() - 1)
    }

    fn created(&mut self, kind: ResourceKind, key: &'c str) -> Node {
        if let Some(node) = self.by_key.of(kind).get(key) {
            return *node;
        }
        let node = self.unseen(kind, Unseen::Created(key));
        self.by_key.of_mut(kind).insert(key, node);
        node
    }

    fn member(&mut self, member: &'c MemberRef) -> Node {
        let Some(id) = member.id.as_deref() else {
            return self.created(member.resource, member.key.as_deref().unwrap_or_default());
        };
        if let Some(node) = self.listed(member.resource, id).or_else(|| self.by_id.get(id).copied()) {
            return node;
        }
        let node = self.unseen(member.resource, Unseen::Member(member));
        self.by_id.insert(id, node);
        node
    }

    /// The node of what is changed.
    pub(super) fn of_change(&mut self, change: &'c Change) -> Node {
        let listed = change.id.as_deref().and_then(|id| self.listed(change.resource, id));
        listed.unwrap_or_else(|| self.created(change.resource, &change.key))
    }

    /// What a node is.
    pub(super) fn kind(&self, node: Node) -> ResourceKind {
        match node as usize {
            place if place < self.users => ResourceKind::User,
            place if place < self.listed => ResourceKind::Group,
            place => self.unseen.get(place - self.listed).map_or(ResourceKind::User, |(kind, _)| *kind),
        }
    }

    /// The live resource of a node that a list shows.
    pub(super) fn live(&self, node: Node) -> Option<&'a crate::live::LiveResource> {
        let place = node as usize;
        match self.kind(node) {
            ResourceKind::User => self.matched.live(ResourceKind::User).get(place),
            ResourceKind::Group => self.matched.live(ResourceKind::Group).get(place.checked_sub(self.users)?),
        }
        .filter(|_| place < self.listed)
    }

    /// Who is known of a node that no list shows.
    pub(super) fn who(&self, node: Node) -> Option<&Unseen<'c>> {
        self.unseen.get((node as usize).checked_sub(self.listed)?).map(|(_, who)| who)
    }

    /// The groups that a node is a member of itself, in order.
    pub(super) fn direct(&self, node: Node, side: Side) -> Vec<Node> {
        let read = self.parents.get(&node).into_iter().flatten().copied();
        let mut groups: Vec<Node> = match side {
            Side::Before => read.collect(),
            Side::After => {
                let stays = |group: &Node| !self.removed.contains(&(node, *group));
                let added = self.added.get(&node).into_iter().flatten().copied();
                read.filter(stays).chain(added).filter(|group| !self.deleted.contains(group)).collect()
            }
        };
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// A group and all that it is within, in order. Circles, which some servers let happen, end.
    pub(super) fn above(&mut self, group: Node, side: Side) -> Rc<[Node]> {
        let slot = usize::from(side == Side::After);
        if let Some(known) = self.closures.get(slot).and_then(|known| known.get(&group)) {
            return Rc::clone(known);
        }
        let mut seen: FxHashSet<Node> = FxHashSet::from_iter([group]);
        let mut open = vec![group];
        while let Some(next) = open.pop() {
            open.extend(self.direct(next, side).into_iter().filter(|parent| seen.insert(*parent)));
        }
        let mut all: Vec<Node> = seen.into_iter().collect();
        all.sort_unstable();
        let all: Rc<[Node]> = all.into();
        if let Some(known) = self.closures.get_mut(slot) {
            known.insert(group, Rc::clone(&all));
        }
        all
    }

    /// Everyone whose groups may differ after: members who come or go, and whoever is within a group that does.
    pub(super) fn touched(&self) -> Vec<Node> {
        let moved = self.removed.iter().map(|(member, _)| member).chain(self.added.keys()).chain(&self.deleted);
        let mut seen: FxHashSet<Node> = moved.copied().collect();
        let mut open: Vec<Node> = seen.iter().copied().collect();
        while let Some(next) = open.pop() {
            let within = self.children.get(&next).into_iter().flatten().copied();
            open.extend(within.filter(|member| seen.insert(*member)));
        }
        let mut users: Vec<Node> = seen.into_iter().filter(|node| self.kind(*node) == ResourceKind::User).collect();
        users.sort_unstable();
        users
    }
}

fn number(place: usize) -> Node {
    Node::try_from(place).unwrap_or(Node::MAX)
}

/// Whether it matters for a change who is in which group.
fn needs_groups(change: &Change) -> bool {
    match change.resource {
        ResourceKind::User => matches!(change.action, Action::Deactivate | Action::Delete | Action::Reactivate),
        ResourceKind::Group => !change.members.is_empty() || change.action == Action::Delete,
    }
}

//! The laws of the design as properties, over generated targets; those of restraint and honesty are in `guarded`.

use proptest::prelude::*;

use super::world::*;
use crate::desired::{Apply, Asserted, Assertion, MemberKey, Presence};
use crate::directory::{Manage, OnRemove, RemoveGroups, RemoveUsers, UserKey};
use crate::live::{LiveMember, Members};
use crate::plan::{Action, Heading, assemble};
use crate::scim::{ResourceKind, Value};

/// One person on all sides.
#[derive(Clone, Debug)]
pub(super) struct Seed {
    /// 0 not declared, 1 active, 2 inactive, 3 declared but not assigned.
    pub(super) declared: u8,
    /// 0 not there, 1 active, 2 inactive.
    pub(super) there: u8,
    pub(super) owned: bool,
    title: u8,
    live_title: u8,
    manager: Option<usize>,
    pub(super) member: bool,
    live_member: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) people: Vec<Seed>,
    pub(super) all: bool,
    pub(super) users: u8,
    groups: u8,
    pub(super) pushed: bool,
    /// 0 not there, 1 there, 2 there and in the ledger.
    pub(super) group: u8,
}

fn seed() -> impl Strategy<Value = Seed> {
    (0..4_u8, 0..3_u8, any::<bool>(), 0..4_u8, 0..4_u8, proptest::option::of(0..8_usize), any::<bool>(), any::<bool>())
        .prop_map(|(declared, there, owned, title, live_title, manager, member, live_member)| Seed {
            declared,
            there,
            owned,
            title,
            live_title,
            manager,
            member,
            live_member,
        })
}

pub(super) fn scene() -> impl Strategy<Value = Scene> {
    let people = proptest::collection::vec(seed(), 0..9);
    (people, any::<bool>(), 0..3_u8, 0..3_u8, any::<bool>(), 0..3_u8)
        .prop_map(|(people, all, users, groups, pushed, group)| Scene { people, all, users, groups, pushed, group })
}

fn title(number: u8) -> Option<Value> {
    match number {
        0 => None,
        1 => Some(Value::Null),
        2 => Some(Value::from("Engineer")),
        _ => Some(Value::from("engineer ")),
    }
}

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

pub(super) fn build(scene: &Scene) -> World {
    let mut world = World::new();
    world.target.manage = if scene.all { Manage::All } else { Manage::Owned };
    world.target.on_remove = OnRemove {
        users: [RemoveUsers::Deactivate, RemoveUsers::Delete, RemoveUsers::Ignore][usize::from(scene.users)],
        groups: [RemoveGroups::Empty, RemoveGroups::Delete, RemoveGroups::Ignore][usize::from(scene.groups)],
        delete_after: None,
    };
    let mut members = Vec::new();
    let mut live_members = Vec::new();
    for (index, seed) in scene.people.iter().enumerate() {
        let (key, id) = (format!("k{index}"), format!("id{index}"));
        let mut more: Vec<Assertion> = title(seed.title).map(|value| assertion("title", value)).into_iter().collect();
        if let Some(manager) = seed
            .manager
            .filter(|manager| scene.people.get(*manager).is_some_and(|other| matches!(other.declared, 1 | 2)))
        {
            let value = Asserted::User(UserKey::from(format!("k{manager}")));
            more.push(Assertion {
                path: path(MANAGER).into(),
                value,
                apply: Apply::Always,
                origin: span(),
                sensitive: false,
                gives_way: false,
            });
        }
        match seed.declared {
            1 => world.declare(person(&key, Presence::Active, more)),
            2 => world.declare(person(&key, Presence::Inactive("ended 2026-06-30".into()), more)),
            3 => world.known(&key),
            _ => {}
        }
        if seed.member && seed.declared == 1 {
            members.push(MemberKey::user(key.as_str()));
        }
        if seed.there > 0 {
            let mut live = account(&id, &key, seed.there == 1, "{}");
            if let Some(value) = title(seed.live_title) {
                live.attributes.insert("title", value);
            }
            world.live.users.push(live);
            if seed.live_member {
                live_members.push(LiveMember { id: id.clone(), kind: None, display: None });
            }
            if seed.owned {
                world.own(&key, &id);
            }
        }
    }
    if scene.pushed {
        world.push(pushed("team", &members));
    }
    if scene.group > 0 {
        put_group(&mut world, live_members, scene.group == 2);
    }
    world
}

fn put_group(world: &mut World, members: Vec<LiveMember>, known: bool) {
    let mut group = live_group("g1", "team", &[]);
    let ours = members.iter().step_by(2).map(|member| member.id.clone()).collect();
    group.members = Members::Known(members);
    world.live.groups.push(group);
    if known {
        world.ledger.groups.insert("team".into(), crate::ledger::Entry { members: ours, ..entry("g1") });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// Law 1: what a plan does, the next plan does not do again.
    #[test]
    fn convergence(scene in scene()) {
        let mut world = build(&scene);
        let first = world.plan();
        prop_assert!(first.errors.is_empty(), "{:?}", first.errors);
        world.apply(&first);
        let second = world.plan();
        prop_assert!(second.changes.is_empty(), "{:?} then {:?}", lines(&first), lines(&second));
    }

    /// Law 1: a target that holds what is declared needs nothing.
    #[test]
    fn identity(scene in scene()) {
        let mut scene = scene;
        scene.people.iter_mut().for_each(|seed| {
            seed.declared = seed.declared.min(1);
            seed.there = seed.declared;
            seed.live_title = seed.title;
            seed.manager = None;
            seed.live_member = seed.member && seed.declared == 1;
            seed.owned = true;
        });
        scene.group = scene.group.max(1) * u8::from(scene.pushed);
        let world = build(&scene);
        prop_assert_eq!(lines(&world.plan()), Vec::<String>::new());
    }

    /// Law 3: members that are not shown are not guessed.
    #[test]
    fn unknown_members_are_left_alone(scene in scene()) {
        let mut world = build(&scene);
        world.live.groups.iter_mut().for_each(|group| group.members = Members::Unknown);
        let plan = world.plan();
        let touched = plan.changes.iter().any(|change| change.action != Action::Create && !change.members.is_empty());
        prop_assert!(!touched, "{:?}", lines(&plan));
    }

    /// Law 7: the order of pages makes no difference to a single byte.
    #[test]
    fn determinism(scene in scene(), turn in 0..9_usize) {
        let world = build(&scene);
        let mut other = build(&scene);
        let turned = turn.min(other.live.users.len());
        other.live.users.rotate_left(turned);
        for group in &mut other.live.groups {
            if let Members::Known(members) = &mut group.members {
                members.reverse();
            }
        }
        let bytes = |world: &World| serde_json::to_string(&assemble(vec![world.plan()], Heading::default())).unwrap();
        prop_assert_eq!(bytes(&world), bytes(&other));
    }

    /// Law 8: every change says why and where from; digests tell changes apart.
    #[test]
    fn traceability(scene in scene()) {
        let plan = build(&scene).plan();
        for change in &plan.changes {
            prop_assert!(!change.because.is_empty(), "{:?}", change);
            prop_assert!(change.origin.as_ref().is_some_and(|origin| origin.line > 0 && !origin.file.is_empty()));
        }
        let digests: std::collections::BTreeSet<&str> = plan.changes.iter().map(|change| change.digest.as_str()).collect();
        prop_assert_eq!(digests.len(), plan.changes.len());
    }

    /// The restriction to some keys never adds a change, and leaves no reference to what is not created.
    #[test]
    fn only_restricts(scene in scene(), pick in 0..9_usize) {
        let mut world = build(&scene);
        let all = world.plan();
        let key = format!("k{pick}");
        world.only = Some([key.clone()].into());
        let plan = world.plan();
        for change in &plan.changes {
            prop_assert!(all.changes.iter().any(|other| (other.resource, &other.key, other.action) == (change.resource, &change.key, change.action)));
            let mut members = change.members.add.iter().chain(&change.members.remove);
            prop_assert!(change.resource == ResourceKind::User && change.key == key || members.all(|member| member.key.as_ref() == Some(&key)));
        }
    }
}

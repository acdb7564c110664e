//! What guards a plan, as properties: restraint with every setting that narrows one, honesty in doubt, and limits that
//! refuse no more when they are loosened. `PROPTEST_CASES` sets how many are tried.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::laws::{Scene, build, scene};
use super::world::*;
use crate::directory::{Actions, Limit, Limits, Mode};
use crate::ledger::Seen;
use crate::live::{ListTrust, Members};
use crate::mapping::Expression;
use crate::plan::{Action, Change, Heading, TargetPlan, assemble};
use crate::scim::ResourceKind;

/// Everything that narrows a plan.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is drawn on its own")]
struct Narrowed {
    protected: Vec<bool>,
    protected_group: bool,
    only: Option<BTreeSet<String>>,
    actions: [bool; 4],
    read_only: bool,
    patch: bool,
    hidden: bool,
}

fn narrowed() -> impl Strategy<Value = Narrowed> {
    let key = prop_oneof![(0..9_usize).prop_map(|index| format!("k{index}")), Just("team".to_owned())];
    let only = proptest::option::weighted(0.4, proptest::collection::btree_set(key, 0..5));
    let switch = || proptest::bool::weighted(0.8);
    (
        proptest::collection::vec(proptest::bool::weighted(0.3), 9),
        any::<bool>(),
        only,
        [switch(), switch(), switch(), switch()],
        proptest::bool::weighted(0.2),
        any::<bool>(),
        proptest::bool::weighted(0.2),
    )
        .prop_map(|(protected, protected_group, only, actions, read_only, patch, hidden)| Narrowed {
            protected,
            protected_group,
            only,
            actions,
            read_only,
            patch,
            hidden,
        })
}

fn world_of(scene: &Scene, narrowed: &Narrowed) -> World {
    let mut world = build(scene);
    for index in narrowed.protected.iter().enumerate().filter_map(|(index, on)| on.then_some(index)) {
        world.protect_users(&format!("user.userName == \"k{index}@acme.example\""));
    }
    if narrowed.protected_group {
        let rule = Expression::compile(r#"group.displayName == "team""#, None).unwrap();
        world.target.protect.rules.groups.push(rule);
    }
    world.only.clone_from(&narrowed.only);
    let [create, update, deactivate, delete] = narrowed.actions;
    world.target.actions = Actions { create, update, deactivate, delete };
    world.target.mode = if narrowed.read_only { Mode::ReadOnly } else { Mode::Sync };
    world.profile().capabilities.patch = Some(narrowed.patch);
    if narrowed.hidden {
        world.live.groups.iter_mut().for_each(|group| group.members = Members::Unknown);
    }
    world
}

fn removes(change: &Change) -> bool {
    matches!(change.action, Action::Deactivate | Action::Delete)
}

/// The number of the person whom an id of the generated target belongs to.
fn number(id: &str) -> Option<usize> {
    id.strip_prefix("id")?.parse().ok()
}

/// Whether a generated person may lose the account: declared to have none, or ours and no longer assigned.
fn may_leave(scene: &Scene, id: &str) -> bool {
    let Some(index) = number(id) else { return false };
    let seed = &scene.people[index];
    seed.declared == 2 || (seed.declared != 1 && (seed.owned || scene.all))
}

/// Whether a generated person may lose the membership of `team`: not a declared member, and ours, one way or another.
fn may_lose_membership(scene: &Scene, world: &World, id: &str) -> bool {
    let Some(index) = number(id) else { return false };
    let seed = &scene.people[index];
    let added = world.ledger.groups.get("team").is_some_and(|entry| entry.members.iter().any(|member| member == id));
    let ours = seed.owned || matches!(seed.declared, 1 | 2) || added || scene.all;
    ours && !(scene.pushed && seed.member && seed.declared == 1)
}

fn is_asked(narrowed: &Narrowed, key: &str) -> bool {
    narrowed.only.as_ref().is_none_or(|only| only.contains(key))
}

fn restraint_holds(scene: &Scene, narrowed: &Narrowed, world: &World, plan: &TargetPlan) -> Result<(), TestCaseError> {
    for change in plan.changes.iter().chain(&plan.suppressed) {
        let id = change.id.as_deref().unwrap_or_default();
        if removes(change) && change.resource == ResourceKind::User {
            prop_assert!(may_leave(scene, id), "{change:?}");
        }
        if change.resource == ResourceKind::Group && change.action != Action::Create {
            let ours = scene.pushed || scene.group == 2 || scene.all;
            prop_assert!(ours, "{change:?}");
        }
        for member in &change.members.remove {
            let id = member.id.as_deref().unwrap();
            prop_assert!(may_lose_membership(scene, world, id), "{change:?}");
            let asked =
                is_asked(narrowed, &change.key) || member.key.as_ref().is_some_and(|key| is_asked(narrowed, key));
            prop_assert!(asked, "{change:?}");
        }
        if change.resource == ResourceKind::User {
            prop_assert!(is_asked(narrowed, &change.key), "{change:?}");
        }
        let desired = match change.resource {
            ResourceKind::User => world.desired.users.get(change.key.as_str()),
            ResourceKind::Group => world.desired.groups.get(change.key.as_str()),
        };
        let asserted: BTreeSet<_> = desired.iter().flat_map(|one| &one.assertions).map(|one| &one.path).collect();
        for attribute in &change.attributes {
            let ends_access = removes(change) && attribute.path.is("active");
            prop_assert!(asserted.contains(&attribute.path) || ends_access, "{change:?}");
        }
    }
    for change in &plan.changes {
        let [create, update, deactivate, delete] = narrowed.actions;
        let allowed = match change.action {
            Action::Create => create,
            Action::Update | Action::Reactivate => update,
            Action::Deactivate => deactivate,
            Action::Delete => delete,
            Action::Adopt | Action::Forget => true,
        };
        prop_assert!(allowed, "{change:?}");
        let taken = removes(change) || !change.members.remove.is_empty();
        let unwanted_group = change.resource == ResourceKind::Group && !scene.pushed;
        prop_assert!(!(taken && unwanted_group && narrowed.protected_group), "{change:?}");
        let account = change.id.as_deref().and_then(number).filter(|_| change.resource == ResourceKind::User);
        prop_assert!(!removes(change) || account.is_none_or(|index| !narrowed.protected[index]), "{change:?}");
    }
    Ok(())
}

fn limit() -> impl Strategy<Value = Option<Limit>> {
    let percent = proptest::option::of((0..100_u32).prop_map(f64::from));
    proptest::option::of(
        (proptest::option::of(0..5_u64), percent).prop_map(|(count, percent)| Limit { count, percent }),
    )
}

/// The same limit, looser or as it is: higher, or without one of its bounds.
fn looser(limit: Option<Limit>, count: Option<u64>, percent: Option<u32>) -> Option<Limit> {
    limit.map(|limit| Limit {
        count: limit.count.zip(count).map(|(most, more)| most + more),
        percent: limit.percent.zip(percent).map(|(most, more)| most + f64::from(more)),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Law 2: nothing that is not ours, protected, or left out of the run is removed, under any setting.
    #[test]
    fn restraint(scene in scene(), narrowed in narrowed()) {
        let world = world_of(&scene, &narrowed);
        let plan = world.plan();
        restraint_holds(&scene, &narrowed, &world, &plan)?;
    }

    /// Law 2: everything there is planned, unchanged, left alone or told of.
    #[test]
    fn what_is_left_alone_is_counted(scene in scene(), narrowed in narrowed()) {
        let narrowed = Narrowed { only: None, ..narrowed };
        let world = world_of(&scene, &narrowed);
        let plan = world.plan();
        let strangers = scene.people.iter().enumerate().filter(|(_, seed)| {
            seed.there > 0 && !seed.owned && !matches!(seed.declared, 1 | 2)
        });
        let (ours, protected): (Vec<_>, Vec<_>) = strangers.partition(|(index, _)| !narrowed.protected[*index]);
        let group = u64::from(scene.group == 1 && !scene.pushed);
        if !scene.all {
            prop_assert_eq!(plan.summary.unmanaged, (ours.len() + protected.len()) as u64 + group);
        } else if scene.users != 2 {
            prop_assert!(plan.summary.protected >= protected.len() as u64);
        }
    }

    /// Law 3: an incomplete read takes nothing away and gives nobody up, whatever it left out.
    #[test]
    fn honesty_of_an_incomplete_read(
        scene in scene(), narrowed in narrowed(), which in 1..4_u8, missing in proptest::collection::vec(any::<bool>(), 9)
    ) {
        let mut world = world_of(&scene, &narrowed);
        let cut = || ListTrust::Short("page 3 is missing".into());
        if which & 1 > 0 { world.live.trust.users = cut(); }
        if which & 2 > 0 { world.live.trust.groups = cut(); }
        let mut missing = missing.into_iter();
        world.live.users.retain(|_| !missing.next().unwrap_or(false));
        let there: BTreeSet<&str> = world.live.users.iter().chain(&world.live.groups).map(|one| one.id.as_str()).collect();
        let plan = world.plan();
        for change in plan.changes.iter().chain(&plan.suppressed) {
            prop_assert!(!removes(change) && change.members.remove.is_empty(), "{change:?}");
            let gone = change.action == Action::Forget && change.id.as_deref().is_some_and(|id| !there.contains(id));
            prop_assert!(!gone, "{change:?}");
        }
        prop_assert_eq!((plan.summary.removals, plan.read.complete), (0, false));
    }

    /// Law 3: a read in doubt takes away what was confirmed by its id, and no more.
    #[test]
    fn honesty_of_a_read_in_doubt(
        scene in scene(), narrowed in narrowed(), users in any::<bool>(),
        missing in proptest::collection::vec(any::<bool>(), 9), answers in proptest::collection::vec(0..3_u8, 24),
    ) {
        let mut world = world_of(&scene, &narrowed);
        let many = Seen { users: 90, groups: 0 };
        world.ledger.seen = Some(if users { many } else { Seen { users: 0, groups: 90 } });
        let mut missing = missing.into_iter();
        world.live.users.retain(|_| !missing.next().unwrap_or(false));
        let asked = world.suspects();
        for (suspect, answer) in asked.iter().zip(answers) {
            match answer {
                0 => world.confirm(suspect.0, &suspect.1),
                1 => world.deny(suspect.0, &suspect.1),
                _ => {}
            }
        }
        let there: BTreeSet<&str> = world.live.users.iter().chain(&world.live.groups).map(|one| one.id.as_str()).collect();
        let plan = world.plan();
        let live = &world.live;
        for change in plan.changes.iter().chain(&plan.suppressed) {
            let id = change.id.as_deref().unwrap_or_default();
            if removes(change) || !change.members.remove.is_empty() {
                prop_assert!(live.is_confirmed(change.resource, id), "{change:?}");
            }
            if change.action == Action::Forget && !there.contains(id) {
                prop_assert!(live.is_gone(change.resource, id), "{change:?}");
            }
        }
        // Whatever is held back was asked for, and once all is confirmed nothing is.
        let open = asked.iter().filter(|(kind, id)| !live.is_confirmed(*kind, id) && !live.is_gone(*kind, id));
        prop_assert!(plan.read.unconfirmed == 0 || open.count() > 0 || live.gone.items().next().is_some() || live.users.iter().chain(&live.groups).any(|one| one.by_id));
    }

    /// Law 3: of members that are not shown, only those whom the ledger says we added are taken out.
    #[test]
    fn honesty_about_members(scene in scene(), narrowed in narrowed()) {
        let world = world_of(&scene, &Narrowed { hidden: true, ..narrowed });
        let added: BTreeSet<&str> =
            world.ledger.groups.values().flat_map(|entry| &entry.members).map(String::as_str).collect();
        for change in &world.plan().changes {
            let out = change.members.remove.iter().filter_map(|member| member.id.as_deref());
            prop_assert!(out.into_iter().all(|id| added.contains(id)), "{change:?}");
        }
    }

    /// Loosening any limit never adds a violation, nor changes what is planned; over several targets alike.
    #[test]
    fn loosening_a_limit_never_refuses_more(
        scenes in (scene(), scene()),
        limits in [limit(), limit(), limit(), limit(), limit()],
        more in proptest::collection::vec((proptest::option::of(0..5_u64), proptest::option::of(0..60_u32)), 5),
    ) {
        let of = |limits: &[Option<Limit>]| Limits {
            removals: limits[0], creates: limits[1], updates: limits[2], renames: limits[3], member_removals: limits[4],
        };
        let plan = |limits: Limits| {
            let targets = [&scenes.0, &scenes.1].into_iter().zip(["app", "two"]).map(|(scene, name)| {
                let mut world = build(scene);
                world.target.limits = limits;
                TargetPlan { name: name.into(), ..world.plan() }
            });
            assemble(targets.collect(), Heading::default())
        };
        let loose: Vec<_> = limits.iter().zip(&more).map(|(limit, (count, percent))| looser(*limit, *count, *percent)).collect();
        let (tight, loose) = (plan(of(&limits)), plan(of(&loose)));
        prop_assert_eq!(&tight.digest, &loose.digest);
        for (tight, loose) in tight.targets.iter().zip(&loose.targets) {
            for code in violations(loose) {
                let count = |plan: &TargetPlan| violations(plan).iter().filter(|other| **other == code).count();
                prop_assert!(count(loose) <= count(tight), "{code}: {:?} {:?}", loose.violations, tight.violations);
            }
        }
    }
}

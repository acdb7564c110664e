//! Lists that call themselves whole and show much less than last time.

use super::world::*;
use crate::desired::{MemberKey, Presence};
use crate::directory::Manage;
use crate::ledger::Seen;
use crate::live::ListTrust;
use crate::plan::{TargetPlan, seen};
use crate::scim::ResourceKind;

const USER: ResourceKind = ResourceKind::User;

/// Forty people in the ledger, as many listed at the last apply, of whom these are listed now and two not declared.
fn shrunken(listed: usize) -> World {
    let mut world = World::new();
    for index in 0..40 {
        let (key, id) = (format!("k{index:02}"), format!("id{index:02}"));
        if index < listed {
            world.live.users.push(account(&id, &key, true, "{}"));
        }
        world.own(&key, &id);
        if index > 1 {
            world.declare(person(&key, Presence::Active, vec![]));
        }
    }
    world.ledger.seen = Some(Seen { users: 40, groups: 0 });
    world
}

fn asked(world: &World) -> Vec<(ResourceKind, String)> {
    world.suspects()
}

fn removals(plan: &TargetPlan) -> Vec<String> {
    lines(plan).into_iter().filter(|line| !line.starts_with("create")).collect()
}

fn notice(plan: &TargetPlan) -> Option<&str> {
    plan.notices.iter().find(|notice| notice.code.name() == "shrunken-read").map(|notice| notice.message.as_str())
}

#[test]
fn much_less_than_last_time_is_held_back_until_confirmed_one_by_one() {
    let mut world = shrunken(20);
    let plan = world.plan();
    assert_eq!(removals(&plan), [""; 0]);
    assert_eq!(plan.read.unconfirmed, 2);
    assert!(plan.read.complete, "the answer itself has no gap");
    let told = notice(&plan).unwrap();
    assert!(told.contains("the list of users holds 20, and at the last apply it held 40"), "{told}");
    assert!(told.contains("2 removals") && told.contains("`scimform ledger forget app --counts`"), "{told}");
    assert_eq!(asked(&world), [(USER, "id00".to_owned()), (USER, "id01".to_owned())]);
    world.confirm(USER, "id00");
    let plan = world.plan();
    assert_eq!(removals(&plan), ["deactivate k00 active:true>false"]);
    assert_eq!(plan.read.unconfirmed, 1);
    assert_eq!(asked(&world), [(USER, "id01".to_owned())]);
    world.confirm(USER, "id01");
    let plan = world.plan();
    assert_eq!((removals(&plan).len(), plan.read.unconfirmed), (2, 0));
    assert!(notice(&plan).unwrap().contains("each removal planned here was confirmed"));
}

#[test]
fn who_is_gone_is_given_up_only_on_a_plain_no() {
    let mut world = shrunken(20);
    world.live.users.drain(..2);
    assert_eq!(removals(&world.plan()), [""; 0]);
    // That it is there would be no reason to forget it.
    world.confirm(USER, "id00");
    world.deny(USER, "id01");
    let plan = world.plan();
    assert_eq!(removals(&plan), ["forget k01"]);
    assert_eq!(plan.read.unconfirmed, 1);
}

#[test]
fn a_little_less_our_own_removals_and_an_unknown_count_raise_no_doubt() {
    let doubted = |was: u64, now: usize| {
        let mut world = shrunken(now);
        world.ledger.seen = Some(Seen { users: was, groups: 0 });
        notice(&world.plan()).is_some()
    };
    for (was, now, doubt) in
        [(40, 40, false), (40, 30, false), (40, 29, true), (7, 3, true), (6, 3, false), (4, 1, false), (5, 1, true)]
    {
        assert_eq!(doubted(was, now), doubt, "{was} to {now}");
    }
    assert!(!doubted(0, 5));
    let mut world = shrunken(20);
    world.ledger.seen = None;
    assert_eq!(removals(&world.plan()).len(), 2);
    // What we take away ourselves is no loss at the next read.
    let mut world = shrunken(40);
    world.desired.users.clear();
    let plan = world.plan();
    assert_eq!(removals(&plan).len(), 40);
    assert_eq!(seen(&world.ledger, &world.judged(), &plan, false), Some(Seen { users: 0, groups: 0 }));
}

#[test]
fn the_new_count_is_taken_once_nothing_is_held_back() {
    let mut world = shrunken(20);
    let plan = world.plan();
    assert_eq!(seen(&world.ledger, &world.judged(), &plan, false), Some(Seen { users: 40, groups: 0 }));
    world.confirm(USER, "id00");
    world.confirm(USER, "id01");
    let plan = world.plan();
    assert_eq!(
        seen(&world.ledger, &world.judged(), &plan, false),
        Some(Seen { users: 18, groups: 0 }),
        "less the two who leave"
    );
    // What was not read whole, or not at all, says nothing new.
    for read in [ListTrust::Short("cut".into()), ListTrust::NotAsked] {
        world.live.trust.users = read;
        let plan = world.plan();
        assert_eq!(seen(&world.ledger, &world.judged(), &plan, false).unwrap().users, 40);
    }
}

#[test]
fn a_narrowed_plan_settles_no_doubt() {
    let only = std::collections::BTreeSet::from(["k05".to_owned()]);
    let counted = |listed: usize, narrowed: bool| {
        let world = shrunken(listed);
        let plan = crate::plan::plan_target(crate::plan::PlanInput {
            only: Some(&only),
            live: &world.judged(),
            ..world.input()
        });
        assert_eq!(plan.read.unconfirmed, 0, "nothing of the one person is held back");
        seen(&world.ledger, &world.judged(), &plan, narrowed).unwrap().users
    };
    assert_eq!((counted(20, true), counted(38, true)), (40, 38));
}

#[test]
fn members_and_the_declared_inactive_are_held_back_as_well() {
    let mut world = shrunken(20);
    world.declare(person("k05", Presence::Inactive("active: false".into()), vec![]));
    world.push(pushed("team", &[MemberKey::user("k06")]));
    world.live.groups.push(live_group("g", "team", &["id06", "id07"]));
    let plan = world.plan();
    assert_eq!(removals(&plan), [""; 0]);
    assert_eq!(plan.read.unconfirmed, 4);
    assert!(asked(&world).contains(&(ResourceKind::Group, "g".to_owned())));
    for (kind, id) in asked(&world) {
        world.confirm(kind, &id);
    }
    let plan = world.plan();
    assert!(lines(&plan).contains(&"update team -k07".to_owned()), "{:?}", lines(&plan));
    assert!(lines(&plan).iter().any(|line| line.starts_with("deactivate k05")), "{:?}", lines(&plan));
    assert_eq!(plan.read.unconfirmed, 0);
}

#[test]
fn a_shorter_list_of_groups_holds_back_people_too() {
    let mut world = shrunken(40);
    world.ledger.seen = Some(Seen { users: 40, groups: 20 });
    let plan = world.plan();
    assert_eq!((removals(&plan).len(), plan.read.unconfirmed), (0, 2));
}

#[test]
fn what_is_protected_or_switched_off_needs_no_confirmation() {
    let mut world = shrunken(20);
    world.protect_users(r#"user.userName == "k00@acme.example""#);
    let plan = world.plan();
    assert_eq!(violations(&plan), ["protected", "vanished"]);
    assert_eq!(plan.read.unconfirmed, 1);
    world.target.actions.deactivate = false;
    for (kind, id) in asked(&world) {
        world.confirm(kind, &id);
    }
    let plan = world.plan();
    assert_eq!((plan.suppressed.len(), plan.read.unconfirmed), (2, 0));
}

#[test]
fn a_member_whom_a_shorter_list_does_not_show_is_no_stranger() {
    let mut world = shrunken(20);
    world.target.manage = Manage::All;
    world.push(pushed("team", &[]));
    world.live.groups.push(live_group("g", "team", &["unlisted"]));
    for (kind, id) in asked(&world) {
        world.confirm(kind, &id);
    }
    world.confirm(ResourceKind::Group, "g");
    let plan = world.plan();
    assert!(!lines(&plan).iter().any(|line| line.contains("unlisted")), "{:?}", lines(&plan));
    assert!(codes(&plan).contains(&"members-unlisted"));
}

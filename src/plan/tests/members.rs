//! Whose members are taken out of a group.

use jiff::civil::date;

use super::world::*;
use crate::desired::{MemberKey, Presence};
use crate::directory::{GroupKey, Manage, Membership, UserKey};
use crate::ledger::Entry;
use crate::plan::TargetPlan;
use crate::source::Spanned;

fn user(key: &str) -> MemberKey {
    MemberKey::user(key)
}

/// `ada` and `bob`, whose ids are their initials.
fn world() -> World {
    let mut world = World::new();
    for (key, id) in [("ada", "a"), ("bob", "b")] {
        world.declare(person(key, Presence::Active, vec![]));
        world.live.users.push(account(id, key, true, "{}"));
        world.own(key, id);
    }
    world
}

fn team(world: &mut World, members: &[&str], ours: &[&str]) {
    world.live.groups = vec![live_group("g", "team", members)];
    let members = ours.iter().map(|id| (*id).into()).collect();
    world.ledger.groups.insert("team".into(), Entry { members, ..entry("g") });
}

fn told(plan: &TargetPlan, code: &str) -> String {
    let found = plan.notices.iter().find(|notice| notice.code.name() == code);
    found.unwrap_or_else(|| panic!("{code} in {:?}", plan.notices)).message.clone()
}

#[test]
fn an_unbound_group_loses_only_whom_the_ledger_says_are_ours() {
    let mut world = world();
    team(&mut world, &["a", "b"], &["a"]);
    assert_eq!(lines(&world.plan()), ["update team -ada"], "bob was put in by someone else");
    // The only source takes out everyone.
    world.target.manage = Manage::All;
    assert_eq!(lines(&world.plan()), ["update team -ada -bob"]);
}

#[test]
fn an_unbound_group_without_ours_is_forgotten() {
    let mut world = world();
    team(&mut world, &["b"], &["a"]);
    let plan = world.plan();
    assert_eq!(lines(&plan), ["forget team"]);
    assert!(plan.changes[0].because.contains("none of ours is in it"), "{}", plan.changes[0].because);
    world.ledger.groups.clear();
    assert_eq!(lines(&world.plan()), [""; 0], "later members are nobody's business");
    // Who is in it may be ours where members are hidden.
    team(&mut world, &[], &["a"]);
    world.live.groups[0].members = crate::live::Members::Unknown;
    world.profile().capabilities.members = crate::profile::MembersShown::Never;
    assert!(!lines(&world.plan()).contains(&"forget team".to_owned()));
    team(&mut world, &["b"], &["a"]);
    world.live.trust.groups = crate::live::ListTrust::Short("cut".into());
    assert_eq!(lines(&world.plan()), [""; 0], "what is there was not all read");
}

#[test]
fn a_member_whom_no_list_shows_may_be_someone_who_is_to_be_created() {
    let mut world = world();
    world.target.manage = Manage::All;
    world.declare(person("cyd", Presence::Active, vec![]));
    world.push(pushed("team", &[user("ada"), user("cyd")]));
    world.live.users.push(account("s", "stranger", true, "{}"));
    world.target.on_remove.users = crate::directory::RemoveUsers::Ignore;
    team(&mut world, &["a", "s", "u1"], &["a"]);
    let plan = world.plan();
    assert_eq!(lines(&plan), ["create cyd", "update team +cyd -s"], "u1 may be cyd, whom the list hides");
    assert!(told(&plan, "members-unlisted").contains("`u1`"));
    // Everyone is there, and the list is known to show everyone.
    world.live.users.push(account("c", "cyd", true, "{}"));
    assert_eq!(lines(&world.plan()), ["update team +cyd -s -u1"]);
    world.profile().capabilities.inactive_listed = false;
    assert_eq!(lines(&world.plan()), ["update team +cyd -s"]);
    // Whom we put in ourselves is taken out whoever shows them.
    team(&mut world, &["a", "s", "u1"], &["a", "u1"]);
    assert_eq!(lines(&world.plan()), ["update team +cyd -s -u1"]);
}

#[test]
fn a_membership_that_ended_is_taken_back_from_an_additive_group_if_we_gave_it() {
    let mut world = world();
    let mut group = pushed("team", &[]);
    group.additive = true;
    world.push(group);
    let until = |key: &str, day| Membership { user: UserKey::from(key), origin: span(), until: Some(day) };
    let nested = GroupKey::from("nested");
    world.push(pushed("nested", &[]));
    world.desired.groups.remove("nested");
    world.directory.groups.get_mut("nested").unwrap().members = vec![until("bob", date(2026, 6, 1))];
    let declared = world.directory.groups.get_mut("team").unwrap();
    declared.members = vec![until("ada", date(2026, 6, 30))];
    declared.groups = vec![Spanned { value: nested, span: span() }];
    team(&mut world, &["a", "b"], &["a"]);
    let plan = world.plan();
    assert_eq!(lines(&plan), ["update team -ada"], "bob was there before we came");
    assert!(told(&plan, "members-kept").contains("`bob`"));
    team(&mut world, &["a", "b"], &["a", "b"]);
    assert_eq!(lines(&world.plan()), ["update team -ada -bob"], "through nested groups as well");
    // Not yet over, or never limited: additive groups keep whom they have.
    world.directory.groups.get_mut("team").unwrap().members[0].until = Some(date(2026, 7, 1));
    world.directory.groups.get_mut("nested").unwrap().members.clear();
    assert_eq!(lines(&world.plan()), [""; 0]);
}

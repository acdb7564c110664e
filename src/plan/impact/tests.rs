//! Who gains and who loses what, by the world's own words.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]

use crate::desired::{MemberKey, Presence};
use crate::directory::{Limit, Manage, RemoveGroups, RemoveUsers};
use crate::live::{ListTrust, LiveMember, Members};
use crate::mapping::Expression;
use crate::plan::tests::world::{World, account, assertion, live_group, person, pushed};
use crate::plan::{AccountChange, Heading, Person, TargetPlan, assemble, confirm_removals};
use crate::scim::{ResourceKind, Value};

fn user(key: &str) -> MemberKey {
    MemberKey::user(key)
}

fn group(key: &str) -> MemberKey {
    MemberKey::group(key)
}

/// A person who is declared and there with access, known to the ledger.
fn there(world: &mut World, key: &str) {
    world.declare(person(key, Presence::Active, vec![]));
    world.live.users.push(account(&format!("u-{key}"), key, true, "{}"));
    world.own(key, &format!("u-{key}"));
}

/// A group that is pushed and there, with members as the target has them, known to the ledger.
fn there_group(world: &mut World, key: &str, wanted: &[MemberKey], has: &[&str]) {
    world.push(pushed(key, wanted));
    owned_group(world, key, has);
}

fn owned_group(world: &mut World, key: &str, has: &[&str]) {
    world.live.groups.push(live_group(&format!("g-{key}"), key, has));
    let mut entry = crate::plan::tests::world::entry(&format!("g-{key}"));
    entry.members = has.iter().map(|id| (*id).to_owned()).collect();
    world.ledger.groups.insert(key.into(), entry);
}

/// `key +gained -lost !privileged`, with the account's change.
fn lines(plan: TargetPlan) -> Vec<String> {
    assemble(vec![plan], Heading::default()).people.iter().map(line).collect()
}

fn line(person: &Person) -> String {
    let mut parts = vec![person.key.clone()];
    for at in &person.targets {
        match at.account {
            Some(AccountChange::Gained) => parts.push("+account".into()),
            Some(AccountChange::Lost) => parts.push("-account".into()),
            None => {}
        }
        for (sign, names) in [("+", &at.gains), ("-", &at.loses), ("!", &at.privileged), ("~", &at.changes)] {
            parts.extend(names.iter().map(|name| format!("{sign}{name}")));
        }
        if at.inactive {
            parts.push("(inactive)".into());
        }
    }
    if person.stranger {
        parts.push("(stranger)".into());
    }
    parts.join(" ")
}

fn world(keys: &[&str]) -> World {
    let mut world = World::new();
    for key in keys {
        there(&mut world, key);
    }
    world
}

#[test]
fn who_is_in_a_group_within_loses_what_it_is_taken_out_of() {
    let mut world = world(&["ada", "grace"]);
    there_group(&mut world, "inner", &[user("ada"), user("grace")], &["u-ada", "u-grace"]);
    there_group(&mut world, "outer", &[user("grace")], &["g-inner", "u-grace"]);
    // Grace is in the outer group herself as well: nothing changes for her.
    assert_eq!(lines(world.plan()), ["ada -OUTER"]);
}

#[test]
fn who_is_in_a_group_that_is_put_into_another_gains_it_and_all_above() {
    let mut world = world(&["ada"]);
    there_group(&mut world, "inner", &[user("ada")], &["u-ada"]);
    there_group(&mut world, "middle", &[group("inner")], &[]);
    there_group(&mut world, "outer", &[group("middle")], &["g-middle"]);
    assert_eq!(lines(world.plan()), ["ada +MIDDLE +OUTER"]);
}

#[test]
fn a_group_that_is_deleted_takes_all_that_it_gave() {
    let mut world = world(&["ada"]);
    world.target.on_remove.groups = RemoveGroups::Delete;
    owned_group(&mut world, "gone", &["u-ada"]);
    there_group(&mut world, "outer", &[], &["g-gone"]);
    world.ledger.groups.get_mut("outer").unwrap().members.clear();
    assert_eq!(lines(world.plan()), ["ada -OUTER -gone"]);
}

#[test]
fn an_account_that_goes_takes_all_groups_with_it() {
    let mut world = world(&["ada", "grace"]);
    world.declare(person("ada", Presence::Inactive("ended".into()), vec![]));
    there_group(&mut world, "inner", &[user("grace")], &["u-ada", "u-grace"]);
    there_group(&mut world, "outer", &[group("inner")], &["g-inner"]);
    assert_eq!(lines(world.plan()), ["ada -account -INNER -OUTER ~active"]);
}

#[test]
fn an_account_that_goes_on_to_another_person_is_lost_and_gained() {
    let handed = |given: &str| {
        let mut world = World::new();
        let mut eve = person("eve", Presence::Active, vec![assertion("name.givenName", Value::from(given))]);
        eve.previously.push("ada".to_owned());
        world.declare(eve);
        world.live.users.push(account("u-ada", "eve", true, r#"{"name":{"givenName":"Ada"}}"#));
        world.own("ada", "u-ada");
        there_group(&mut world, "staff", &[], &["u-ada"]);
        world
    };
    assert_eq!(lines(handed("Eve").plan()), ["ada -account -STAFF", "eve +account ~name.givenName"]);
    // Who keeps the given name is the same person under a new key.
    assert_eq!(lines(handed("ada").plan()), ["eve -STAFF ~name.givenName"]);
}

#[test]
fn of_an_account_without_access_the_groups_go_and_no_access() {
    let mut world = world(&["grace"]);
    world.declare(person("ada", Presence::Inactive("ended".into()), vec![]));
    world.live.users.push(account("u-ada", "ada", false, "{}"));
    world.own("ada", "u-ada");
    there_group(&mut world, "staff", &[user("grace")], &["u-ada", "u-grace"]);
    assert_eq!(lines(world.plan()), ["ada -STAFF (inactive)"]);
}

#[test]
fn an_account_that_is_made_gains_its_groups_and_those_above() {
    let mut world = World::new();
    world.declare(person("ada", Presence::Active, vec![]));
    world.push(pushed("inner", &[user("ada")]));
    there_group(&mut world, "outer", &[group("inner")], &[]);
    world.directory.groups.get_mut("outer").unwrap().privileged = true;
    let plan = world.plan();
    let privileged: Vec<&str> =
        plan.changes.iter().filter(|change| change.privileged).map(|change| change.key.as_str()).collect();
    assert_eq!(privileged, ["ada", "inner", "outer"]);
    assert_eq!(lines(plan), ["ada +account +INNER +OUTER !OUTER ~active ~externalId ~userName"]);
}

#[test]
fn strangers_whom_a_plan_removes_are_told_of_by_their_id() {
    let mut world = world(&["ada"]);
    world.target.manage = Manage::All;
    world.target.on_remove.users = RemoveUsers::Delete;
    world.live.users.push(account("u-who", "who", true, r#"{"displayName":"Who Knows"}"#));
    there_group(&mut world, "staff", &[user("ada")], &["u-ada", "u-who"]);
    assert_eq!(lines(world.plan()), ["u-who -account -STAFF (stranger)"]);
}

#[test]
fn the_same_id_at_two_targets_is_two_strangers_and_the_same_key_one_person() {
    let mut world = world(&["ada"]);
    world.live.users.push(account("7", "who", true, "{}"));
    there_group(&mut world, "inner", &[user("ada")], &["u-ada", "7"]);
    world.ledger.groups.get_mut("inner").unwrap().members = vec!["u-ada".into()];
    there_group(&mut world, "outer", &[], &["g-inner"]);
    let plan = world.plan();
    let other = TargetPlan { name: "other".into(), ..world.plan() };
    assert_eq!(lines(plan.clone()), ["7 -OUTER (stranger)", "ada -OUTER"]);
    let both = assemble(vec![other, plan], Heading::default()).people;
    let keys: Vec<(&str, usize)> = both.iter().map(|one| (one.key.as_str(), one.targets.len())).collect();
    assert_eq!(keys, [("7", 1), ("7", 1), ("ada", 2)]);
}

#[test]
fn a_member_whom_no_list_shows_is_someone() {
    let mut world = world(&["ada"]);
    world.live.trust.users = ListTrust::NotAsked;
    there_group(&mut world, "inner", &[user("ada")], &["u-ada"]);
    let unlisted = LiveMember { id: "u-far".into(), kind: Some(ResourceKind::User), display: Some("Far Away".into()) };
    let Members::Known(members) = &mut world.live.groups[0].members else { panic!() };
    members.push(unlisted);
    there_group(&mut world, "outer", &[], &["g-inner"]);
    let people = assemble(vec![world.plan()], Heading::default()).people;
    let names: Vec<&str> = people.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["ADA", "Far Away"]);
    assert!(people.iter().all(|one| one.targets[0].loses == ["OUTER"]), "{people:?}");
}

#[test]
fn groups_within_each_other_end() {
    let mut world = world(&["ada"]);
    there_group(&mut world, "inner", &[], &["u-ada", "g-outer"]);
    there_group(&mut world, "outer", &[group("inner")], &["g-inner"]);
    assert_eq!(lines(world.plan()), ["ada -INNER -OUTER"]);
}

#[test]
fn a_group_is_privileged_by_its_declaration_or_by_protection() {
    let mut world = world(&["ada"]);
    there_group(&mut world, "payroll", &[user("ada")], &[]);
    there_group(&mut world, "root", &[user("ada")], &[]);
    there_group(&mut world, "tea", &[user("ada")], &[]);
    world.directory.groups.get_mut("payroll").unwrap().privileged = true;
    world.target.protect.rules.groups.push(Expression::compile("group.displayName == 'root'", None).unwrap());
    let plan = world.plan();
    let privileged: Vec<bool> = plan.changes.iter().map(|change| change.privileged).collect();
    assert_eq!(privileged, [true, true, false]);
    assert_eq!(lines(plan), ["ada +PAYROLL +ROOT +TEA !PAYROLL !ROOT"]);
}

#[test]
fn heads_are_counted_on_both_sides() {
    let mut world = world(&["ada", "grace"]);
    world.declare(person("ada", Presence::Inactive("ended".into()), vec![]));
    world.declare(person("new", Presence::Active, vec![]));
    world.live.users.push(account("u-off", "off", false, "{}"));
    world.push(pushed("staff", &[user("grace")]));
    let heads = world.plan().heads.unwrap();
    assert_eq!((heads.users.before, heads.users.after), (3, 4));
    assert_eq!(heads.active.map(|active| (active.before, active.after)), Some((2, 2)));
    assert_eq!(heads.groups.map(|groups| (groups.before, groups.after)), Some((0, 1)));
    world.live.trust.users = ListTrust::NotAsked;
    assert_eq!(world.plan().heads, None);
}

#[test]
fn limits_tell_how_much_of_them_is_used() {
    let keys: Vec<String> = (0..20).map(|n| format!("p{n:02}")).collect();
    let mut world = world(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    for key in keys.iter().take(4) {
        world.declare(person(key, Presence::Inactive("ended".into()), vec![]));
    }
    let plan = world.plan();
    let [removals] = plan.limits.as_slice() else { panic!("{:?}", plan.limits) };
    assert_eq!((removals.used, removals.of, removals.count, removals.percent), (4, 20, Some(10), Some(10.0)));
    assert!(removals.tripped && removals.default && !removals.confirmed, "{removals:?}");
    let mut whole = assemble(vec![plan], Heading::default());
    confirm_removals(&mut whole, 4).unwrap();
    assert!(whole.targets[0].limits[0].confirmed);
    world.target.limits.removals = Some(Limit { count: Some(5), percent: None });
    world.target.limits.updates = Some(Limit { count: Some(1), percent: None });
    let limits = world.plan().limits;
    let told: Vec<(&str, u64, bool)> = limits.iter().map(|one| (one.class.as_str(), one.used, one.tripped)).collect();
    assert_eq!(told, [("removals", 4, false), ("updates", 0, false)]);
}

#[test]
fn a_limit_on_members_names_the_group_that_goes_furthest() {
    let mut world = world(&["ada", "grace"]);
    world.target.limits.member_removals = Some(Limit { count: Some(1), percent: None });
    there_group(&mut world, "a", &[], &["u-ada"]);
    there_group(&mut world, "b", &[], &["u-ada", "u-grace"]);
    let limits = world.plan().limits;
    let last = limits.last().unwrap();
    assert_eq!((last.group.as_deref(), last.used, last.tripped), (Some("b"), 2, true));
}

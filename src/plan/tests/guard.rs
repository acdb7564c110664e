//! Limits, protections, policies.

use super::world::*;
use crate::desired::{MemberKey, Presence};
use crate::directory::{Limit, Manage, Policy, PolicySubject, RemoveGroups};
use crate::mapping::Expression;
use crate::plan::{Heading, assemble, confirm_removals, removals};

/// A target with `managed` active people in the ledger, of whom `gone` are no longer declared.
fn leavers(managed: usize, gone: usize) -> World {
    let mut world = World::new();
    for index in 0..managed {
        let (key, id) = (format!("k{index:03}"), format!("id{index:03}"));
        world.live.users.push(account(&id, &key, true, "{}"));
        world.own(&key, &id);
        if index >= gone {
            world.declare(person(&key, Presence::Active, vec![]));
        }
    }
    world
}

#[test]
fn default_limit_on_removals() {
    // Few are always allowed, whatever the share.
    for (managed, gone, refused) in [
        (3, 3, false),
        (10, 3, false),
        (10, 4, true),
        (100, 10, false),
        (100, 11, true),
        (200, 11, true),
        (50, 5, false),
    ] {
        let plan = leavers(managed, gone).plan();
        assert_eq!(plan.summary.removals, gone as u64);
        assert_eq!(violations(&plan) == ["removals"], refused, "{gone} of {managed}");
        assert_eq!(plan.changes.len(), gone, "a refused plan is shown in full");
    }
}

/// A target where this repository is the only source, with this many people whom nobody declared.
fn strangers(count: usize) -> World {
    let mut world = World::new();
    world.target.manage = Manage::All;
    for index in 0..count {
        world.live.users.push(account(&format!("s{index}"), &format!("s{index}"), true, "{}"));
    }
    world
}

#[test]
fn strangers_alone_are_guarded() {
    for (count, refused) in [(3, false), (4, true), (5, true), (40, true)] {
        let plan = strangers(count).plan();
        assert_eq!(plan.summary.removals, count as u64);
        assert_eq!(violations(&plan) == ["removals"], refused, "{count}");
    }
    let plan = strangers(5).plan();
    assert!(plan.violations[0].message.starts_with("5 of 5 (100.0 percent)"), "{:?}", plan.violations);
}

#[test]
fn the_share_is_of_all_that_is_there_but_what_is_protected() {
    let mut world = strangers(8);
    for index in 0..2 {
        let (key, id) = (format!("k{index}"), format!("id{index}"));
        world.live.users.push(account(&id, &key, true, "{}"));
        world.declare(person(&key, Presence::Active, vec![]));
    }
    world.live.groups.push(live_group("g", "team", &[]));
    let plan = world.plan();
    assert!(plan.violations[0].message.starts_with("8 of 11 (72.7 percent)"), "{:?}", plan.violations);
    world.protect_users(r#"user.userName == "s0@acme.example""#);
    world.target.on_remove.groups = RemoveGroups::Ignore;
    let plan = world.plan();
    assert!(plan.violations[0].message.starts_with("7 of 9 (77.8 percent)"), "{:?}", plan.violations);
}

#[test]
fn a_share_of_what_is_managed_leaves_strangers_out() {
    let mut world = leavers(8, 5);
    world.live.users.push(account("s", "s", true, "{}"));
    world.live.users.push(account("new", "new", true, "{}"));
    world.declare(person("new", Presence::Active, vec![]));
    let plan = world.plan();
    assert!(plan.violations[0].message.starts_with("5 of 9 (55.6 percent)"), "{:?}", plan.violations);
}

#[test]
fn a_configured_limit_replaces_the_default() {
    let mut world = leavers(20, 2);
    world.target.limits.removals = Some(Limit { count: Some(1), percent: None });
    let plan = world.plan();
    assert_eq!(violations(&plan), ["removals"]);
    assert!(plan.violations[0].allow.contains("limits.removals"));
    world.target.limits.removals = Some(Limit { count: None, percent: Some(10.0) });
    assert!(violations(&world.plan()).is_empty(), "exactly the share is allowed");
    world.target.limits.removals = Some(Limit { count: None, percent: Some(9.9) });
    assert_eq!(violations(&world.plan()), ["removals"]);
}

#[test]
fn a_confirmation_must_be_exact_and_lifts_nothing_else() {
    let mut world = leavers(20, 8);
    world.target.limits.updates = Some(Limit { count: Some(0), percent: None });
    world.declare(person("k019", Presence::Active, vec![assertion("title", "Chief".into())]));
    let mut plan = assemble(vec![world.plan()], Heading::default());
    assert_eq!(removals(&plan), 8);
    let error = confirm_removals(&mut plan, 7).unwrap_err();
    assert_eq!((error.planned, error.confirmed), (8, 7));
    assert_eq!(violations(&plan.targets[0]), ["removals", "updates"]);
    confirm_removals(&mut plan, 8).unwrap();
    assert_eq!(violations(&plan.targets[0]), ["updates"]);
}

#[test]
fn an_empty_answer_where_people_were_is_refused() {
    let mut world = leavers(5, 0);
    world.live.users.clear();
    let plan = world.plan();
    assert_eq!(violations(&plan), ["vanished"]);
    assert!(plan.violations[0].allow.contains("`scimform ledger forget app --all --confirm 5`"));
    assert_eq!(plan.changes.len(), 5);
}

#[test]
fn many_who_are_gone_at_once_are_refused_whether_declared_or_not() {
    let gone = |declared: usize, leaving: usize, known: usize, missing: usize| {
        let mut world = leavers(known, leaving);
        assert_eq!(world.ledger.users.len(), known);
        assert_eq!(world.desired.users.len(), declared);
        world.live.users.drain(..missing);
        world
    };
    let plan = gone(9, 3, 12, 11).plan();
    assert_eq!(violations(&plan), ["vanished"]);
    let refused = &plan.violations[0];
    assert!(refused.message.starts_with("11 of the 12 people that the ledger knows at `app`"), "{}", refused.message);
    assert!(refused.message.contains("`k000`") && refused.message.ends_with("and 6 more"), "{}", refused.message);
    assert!(refused.allow.contains("`scimform ledger forget app KEY...`"), "{}", refused.allow);
    // A few, or a small share.
    assert_eq!(violations(&gone(12, 0, 12, 3).plan()), [""; 0]);
    assert_eq!(violations(&gone(12, 0, 12, 4).plan()), ["vanished"]);
    assert_eq!(violations(&gone(100, 0, 100, 10).plan()), [""; 0]);
    assert_eq!(violations(&gone(200, 0, 200, 11).plan()), ["vanished"]);
    // Targets delete or hide whom we deactivated, and a list that is not whole shows nothing.
    let mut world = gone(1, 11, 12, 11);
    for entry in world.ledger.users.values_mut() {
        entry.deactivated = Some(jiff::civil::date(2026, 6, 1));
    }
    assert_eq!(violations(&world.plan()), [""; 0]);
    let mut world = gone(12, 0, 12, 11);
    world.live.trust.users = crate::live::ListTrust::Short("cut".into());
    assert_eq!(violations(&world.plan()), [""; 0]);
}

#[test]
fn renames_and_members_have_limits_of_their_own() {
    let mut world = leavers(2, 0);
    world.live.users[0].attributes.insert("userName", "old@acme.example".into());
    world.push(pushed("team", &[MemberKey::user("k000")]));
    world.live.groups.push(live_group("g", "team", &["id000", "id001"]));
    assert!(violations(&world.plan()).is_empty());
    let none = Some(Limit { count: Some(0), percent: None });
    world.target.limits.renames = none;
    world.target.limits.member_removals = none;
    assert_eq!(violations(&world.plan()), ["member-removals", "renames"]);
}

#[test]
fn protected_people_are_a_refused_removal() {
    let mut world = leavers(3, 2);
    world.protect_users(r#"user.userName == "k000@acme.example""#);
    let plan = world.plan();
    assert_eq!(lines(&plan), ["deactivate k001 active:true>false"]);
    assert_eq!(violations(&plan), ["protected"]);
    assert!(plan.violations[0].message.contains("k000"));
    assert!(!plan.violations[0].warn);
}

#[test]
fn a_protected_group_keeps_a_member() {
    let mut world = leavers(3, 2);
    world.live.groups.push(live_group("g", "admins", &["id000", "id001"]));
    assert!(violations(&world.plan()).is_empty());
    world.target.protect.rules.groups.push(Expression::compile(r#"group.displayName == "admins""#, None).unwrap());
    assert_eq!(violations(&world.plan()), ["last-member"]);
    world.live.groups[0] = live_group("g", "admins", &["id000", "id002"]);
    assert!(violations(&world.plan()).is_empty());
}

#[test]
fn policies_deny_or_warn_once_each() {
    let mut world = leavers(6, 0);
    world.declare(person("k007", Presence::Active, vec![]));
    let policy = |name: &str, on, condition: &str, warn| Policy {
        name: name.into(),
        origin: span(),
        on,
        condition: Expression::compile(condition, None).unwrap(),
        warn,
        message: None,
    };
    world.directory.policies = vec![
        policy("nobody", PolicySubject::User, r#"user.userName == "nobody""#, false),
        policy("all", PolicySubject::User, r#"user.key != "k000""#, true),
        policy("no creates", PolicySubject::Change, r#"change.action == "create" and change.target == "app""#, false),
    ];
    let plan = world.plan();
    let found: Vec<(bool, &str)> =
        plan.violations.iter().map(|violation| (violation.warn, violation.message.as_str())).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].0 && found[0].1.contains("`all` is broken by `k001`, `k002`, `k003`, `k004`, `k005` and 1 more"),
        "{found:?}"
    );
    assert!(!found[1].0 && found[1].1.contains("k007"), "{found:?}");
}

#[test]
fn one_number_confirms_the_removals_of_all_targets() {
    let two = || {
        let named = |name: &str, plan: crate::plan::TargetPlan| crate::plan::TargetPlan { name: name.into(), ..plan };
        assemble(vec![named("a", leavers(20, 8).plan()), named("b", leavers(20, 5).plan())], Heading::default())
    };
    let mut plan = two();
    for target in &plan.targets {
        assert_eq!(violations(target), ["removals"]);
        assert!(target.violations[0].allow.ends_with("if all 13 are meant: `--confirm-removals 13`"));
    }
    for wrong in [0, 5, 8, 12, 14] {
        assert_eq!(confirm_removals(&mut plan, wrong).unwrap_err().planned, 13);
    }
    confirm_removals(&mut plan, 13).unwrap();
    assert!(plan.targets.iter().all(|target| violations(target).is_empty()));
}

#[test]
fn a_group_that_loses_everyone_is_a_removal_and_its_members_have_a_limit_of_their_own() {
    let mut world = leavers(4, 0);
    world.push(pushed("team", &[]));
    world.push(pushed("rest", &[MemberKey::user("k000")]));
    world.live.groups.push(live_group("g1", "rest", &["id000", "id001"]));
    world.live.groups.push(live_group("g2", "team", &["id002", "id003"]));
    assert_eq!(world.plan().summary.removals, 1, "`rest` keeps one");
    world.target.limits.member_removals = Some(Limit { count: None, percent: Some(50.0) });
    let plan = world.plan();
    assert_eq!(violations(&plan), ["member-removals"]);
    let refused = &plan.violations[0];
    assert!(refused.message.starts_with("2 of 2 (100.0 percent) would be removed from group `team`"), "{refused:?}");
    assert!(refused.allow.contains("raise `limits.memberRemovals`"), "{refused:?}");
    // A confirmed removal is no confirmed membership.
    let mut plan = assemble(vec![plan], Heading::default());
    confirm_removals(&mut plan, 1).unwrap();
    assert_eq!(violations(&plan.targets[0]), ["member-removals"]);
}

#[test]
fn a_policy_that_can_not_be_evaluated_is_broken() {
    let mut world = leavers(5, 1);
    let policy = |warn| Policy {
        name: "fails".into(),
        origin: span(),
        on: PolicySubject::Change,
        condition: Expression::compile("change.name < 3", None).unwrap(),
        warn,
        message: Some("Never shown alone.".into()),
    };
    for warn in [false, true] {
        world.directory.policies = vec![policy(warn)];
        let plan = world.plan();
        assert_eq!(violations(&plan), ["policy"]);
        assert_eq!(plan.violations[0].warn, warn);
        let told = &plan.violations[0].message;
        assert!(told.contains("can't be evaluated for `k000`, which counts as broken"), "{told}");
    }
}

#[test]
fn what_is_protected_is_counted() {
    let mut world = strangers(3);
    world.protect_users(r#"user.userName == "s0@acme.example""#);
    let plan = world.plan();
    assert_eq!((plan.summary.removals, plan.summary.protected), (2, 1));
    let mut world = leavers(4, 2);
    world.protect_users(r#"user.userName == "k000@acme.example""#);
    let plan = world.plan();
    assert_eq!((plan.summary.removals, plan.summary.protected), (1, 1));
}

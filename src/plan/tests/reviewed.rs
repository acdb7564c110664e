//! A fresh plan held against the reviewed one.

use proptest::prelude::*;

use super::laws::{build, scene};
use super::world::*;
use crate::desired::{MemberKey, Presence};
use crate::directory::{Limit, UserKey};
use crate::ledger::TargetLedger;
use crate::plan::reviewed::{Held, LeftCode, MemberMove, Now, hold, rejudge};
use crate::plan::{Action, TargetPlan};
use crate::scim::Value;

fn held(world: &World, reviewed: &TargetPlan) -> (TargetPlan, Held) {
    let mut plan = world.plan();
    let adoptions = plan.adoptions.clone();
    let now = Now::new(&world.desired, &world.live, &world.target.profile, &world.ledger, &adoptions);
    let held = hold(&mut plan, Some(reviewed), &now);
    (plan, held)
}

fn titled(world: &mut World, key: &str, title: &str) {
    world.declare(person(key, Presence::Active, vec![assertion("title", Value::from(title))]));
}

/// Ada and Grace, there and managed, whose titles are to change.
fn two() -> World {
    let mut world = World::new();
    for (key, id) in [("ada", "1"), ("grace", "2")] {
        titled(&mut world, key, "Principal");
        world.live.users.push(account(id, key, true, r#"{"title":"Engineer"}"#));
        world.own(key, id);
    }
    world
}

fn told(held: &Held) -> Vec<(LeftCode, &str)> {
    held.left.iter().map(|left| (left.code, left.key.as_str())).collect()
}

#[test]
fn what_moved_at_the_target_is_left_with_all_three_sides_and_the_others_go_on() {
    let mut world = two();
    let reviewed = world.plan();
    world.live.users[0].attributes.insert("title", Value::from("Director"));
    let (plan, held) = held(&world, &reviewed);
    assert_eq!(lines(&plan), ["update grace title:\"Engineer\">\"Principal\""]);
    assert_eq!(told(&held), [(LeftCode::Moved, "ada")]);
    let sides = &held.left[0].attributes[0];
    assert_eq!(sides.reviewed_before, Some(Value::from("Engineer")));
    assert_eq!(sides.reviewed_after, Some(Value::from("Principal")));
    assert_eq!(sides.live, Value::from("Director"));
    assert_eq!(sides.wanted, Some(Value::from("Principal")));
}

#[test]
fn what_another_merge_wants_is_left() {
    let mut world = two();
    let reviewed = world.plan();
    titled(&mut world, "ada", "Fellow");
    titled(&mut world, "linus", "Engineer");
    let (plan, held) = held(&world, &reviewed);
    assert_eq!(plan.changes.len(), 1);
    assert_eq!(told(&held), [(LeftCode::New, "linus"), (LeftCode::Moved, "ada")]);
    let sides = &held.left[1].attributes[0];
    assert_eq!((&sides.live, sides.wanted.as_ref()), (&Value::from("Engineer"), Some(&Value::from("Fellow"))));
}

#[test]
fn what_is_so_already_is_done_and_what_nobody_wants_any_more_is_left() {
    let mut world = two();
    let reviewed = world.plan();
    world.live.users[0].attributes.insert("title", Value::from("Principal"));
    titled(&mut world, "grace", "Engineer");
    let (plan, held) = held(&world, &reviewed);
    assert!(plan.changes.is_empty());
    assert_eq!(held.in_effect.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(), ["ada"]);
    assert_eq!(told(&held), [(LeftCode::NoLongerNeeded, "grace")]);
    let sides = &held.left[0].attributes[0];
    assert_eq!((&sides.live, sides.wanted.as_ref()), (&Value::from("Engineer"), Some(&Value::from("Engineer"))));
}

#[test]
fn a_removal_that_an_incomplete_read_holds_back_is_not_taken_for_done() {
    let mut world = two();
    world.desired.users.remove(&UserKey::from("ada"));
    world.directory.users.remove(&UserKey::from("ada"));
    let reviewed = world.plan();
    assert!(reviewed.changes.iter().any(|change| change.action == Action::Deactivate));
    world.live.trust.users = crate::live::ListTrust::Short("page 2 is missing".into());
    let (_, held) = held(&world, &reviewed);
    assert!(told(&held).contains(&(LeftCode::HeldBack, "ada")), "{held:?}");
    assert!(held.in_effect.is_empty());
}

#[test]
fn an_account_that_was_not_there_at_the_review_is_not_adopted_and_joins_no_group() {
    let mut world = World::new();
    world.declare(person("ada", Presence::Active, vec![]));
    world.push(pushed("admins", &[MemberKey::user("ada")]));
    world.live.groups = vec![live_group("g", "admins", &[])];
    world.ledger.groups.insert("admins".into(), entry("g"));
    let reviewed = world.plan();
    assert_eq!(lines(&reviewed), ["create ada", "update admins +ada"]);
    // Somebody made an account that looks like hers.
    world.live.users = vec![account("9", "ada", true, "{}")];
    let (plan, held) = held(&world, &reviewed);
    assert!(plan.changes.is_empty() && plan.adoptions.is_empty());
    assert_eq!(held.in_effect.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(), ["ada"]);
    let why: Vec<&str> = held.left.iter().map(|left| left.because.as_str()).collect();
    assert!(why.iter().any(|why| why.contains("matched (id 9) without review")), "{why:?}");
    assert!(why.iter().any(|why| why.contains("needs user `ada`, which is adopted without review")), "{why:?}");
}

#[test]
fn members_are_told_on_three_sides() {
    let mut world = two();
    let members = |keys: &[&str]| keys.iter().map(|key| MemberKey::user(*key)).collect::<Vec<_>>();
    world.push(pushed("team", &members(&["ada"])));
    world.live.groups = vec![live_group("g", "team", &[])];
    world.ledger.groups.insert("team".into(), entry("g"));
    let reviewed = world.plan();
    world.push(pushed("team", &members(&["ada", "grace"])));
    let (_, held) = held(&world, &reviewed);
    let sides = &held.left[0].members;
    assert_eq!(sides.len(), 1);
    assert_eq!(sides[0].key.as_deref(), Some("grace"));
    assert_eq!((sides[0].reviewed, sides[0].live, sides[0].wanted), (None, Some(false), Some(MemberMove::Joins)));
}

#[test]
fn limits_are_judged_on_what_runs() {
    let mut world = World::new();
    world.target.limits.removals = Some(Limit { count: Some(1), percent: None });
    for key in ["a", "b", "c"] {
        world.live.users.push(account(key, key, true, "{}"));
        world.own(key, key);
    }
    world.declare(person("b", Presence::Active, vec![]));
    world.declare(person("c", Presence::Active, vec![]));
    let reviewed = world.plan();
    assert!(reviewed.violations.is_empty());
    for key in ["b", "c"] {
        world.desired.users.remove(&UserKey::from(key));
        world.directory.users.remove(&UserKey::from(key));
    }
    assert_eq!(violations(&world.plan()), ["removals"]);
    let (mut plan, held) = held(&world, &reviewed);
    assert_eq!(told(&held), [(LeftCode::New, "b"), (LeftCode::New, "c")]);
    let observed = world.observed();
    rejudge(&observed, &mut plan);
    assert!(plan.violations.is_empty(), "{:?}", plan.violations);
    assert_eq!((plan.summary.removals, plan.summary.actions.get(&Action::Deactivate)), (1, Some(&1)));
    // And the other way round: what was reviewed is still too much.
    let all = world.plan();
    let mut again = world.plan();
    let none = TargetLedger::default();
    let now = Now::new(&world.desired, &world.live, &world.target.profile, &none, &[]);
    hold(&mut again, Some(&all), &now);
    rejudge(&observed, &mut again);
    assert_eq!(violations(&again), ["removals"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// Law 4, whatever was reviewed and whatever is the case now.
    #[test]
    fn nothing_runs_that_was_not_reviewed(before in scene(), after in scene()) {
        let (reviewed, world) = (build(&before).plan(), build(&after));
        let fresh = world.plan();
        let (plan, held) = held(&world, &reviewed);
        for change in &plan.changes {
            prop_assert!(reviewed.changes.iter().any(|one| one.digest == change.digest), "{:?}", change);
            prop_assert!(!change.adopted || plan.adoptions.iter().any(|one| one.key == change.key), "{:?}", change);
        }
        for adoption in &plan.adoptions {
            prop_assert!(reviewed.adoptions.contains(adoption));
        }
        // Everything is accounted for: it runs, or it is told.
        for change in &fresh.changes {
            let runs = plan.changes.contains(change);
            let left = held.left.iter().any(|left| left.resource == change.resource && left.key == change.key);
            prop_assert!(runs != left, "{:?}", change);
        }
        for change in &reviewed.changes {
            let place = (change.resource, &change.key);
            let told = held.left.iter().any(|left| (left.resource, &left.key) == place)
                || held.in_effect.iter().any(|one| (one.resource, &one.key) == place)
                || plan.changes.iter().any(|one| one.digest == change.digest);
            prop_assert!(told, "{:?}", change);
        }
    }

    #[test]
    fn what_was_reviewed_just_now_runs_as_a_whole(scene in scene()) {
        let world = build(&scene);
        let (plan, found) = held(&world, &world.plan());
        prop_assert_eq!(plan, world.plan());
        prop_assert_eq!(found, Held::default());
    }
}

//! Targets that take out more members than they were asked to.

use std::collections::BTreeSet;

use serde_json::json;

use super::fake::ids;
use super::twist::Twist;
use super::world::{GROUP, USER, World};
use crate::apply::{FailureCode, SkipCode};

fn name(n: usize) -> String {
    format!("p{n:02}")
}

/// Three groups, each with a stranger and the first ten people in it.
fn world(capabilities: serde_json::Value, size: usize) -> World {
    let mut world = World::new(capabilities);
    for n in 0..size {
        world.user(&name(n), &[]);
        world.fake.seed(
            USER,
            &format!("id{n:02}"),
            json!({ "userName": format!("{}@acme.example", name(n)), "active": true }),
        );
    }
    world.fake.seed(USER, "zz", json!({ "userName": "zed@other.example" }));
    for group in ["a", "b", "c"] {
        let mut members: Vec<_> = (0..10).map(|n| json!({ "value": format!("id{n:02}") })).collect();
        members.push(json!({ "value": "zz" }));
        world.fake.seed(GROUP, &format!("g-{group}"), json!({ "displayName": group, "members": members }));
    }
    world
}

fn declare(world: &mut World, members: std::ops::Range<usize>) {
    let members: Vec<String> = members.map(name).collect();
    for group in ["a", "b", "c"] {
        world.group(group, group, &members.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

fn members(world: &World, group: &str) -> BTreeSet<String> {
    ids(&world.fake.object(GROUP, &format!("g-{group}")))
}

#[tokio::test]
async fn a_removal_that_clears_the_group_is_the_last_request_about_members() {
    let cases = [
        ("one removal clears all", Twist::Clears, 1..10, 9),
        ("several removals take others along", Twist::Shifts, 3..10, 2),
        ("adding replaces", Twist::AddReplaces, 0..12, 10),
    ];
    for (what, twist, declared, lost) in cases {
        for hidden in [false, true] {
            let facts = if hidden {
                json!({ "patch": true, "concurrency": 4, "members": "never", "filterGroups": ["members.value"] })
            } else {
                json!({ "patch": true, "concurrency": 4 })
            };
            let mut world = world(facts, 12);
            world.fake.state().twists.push(twist.clone());
            if hidden {
                world.fake.state().twists.push(Twist::Hides);
            }
            declare(&mut world, declared.clone());
            let report = world.apply().await;
            assert_eq!(world.fake.state().writes, 1, "{what} {hidden}: {:?}", world.fake.state().log);
            let untouched = ["a", "b", "c"].iter().filter(|group| members(&world, group).len() == 11).count();
            assert_eq!(untouched, 2, "{what} {hidden}");
            let named: Vec<_> = report.failures.iter().filter(|one| one.code == FailureCode::RemovedTooMuch).collect();
            if hidden {
                assert!(!named.is_empty(), "{what}: a few of them are asked for");
            } else {
                assert!(named.len() >= lost, "{what}: {named:?}");
            }
            assert!(named.iter().all(|one| one.at.as_ref().is_some_and(|at| at.contains("id "))), "{named:?}");
            assert!(
                report.skipped.iter().any(|one| one.code == SkipCode::RemovedTooMuch),
                "{what} {:?}",
                report.skipped
            );
            assert!(!report.is_clean(), "{what}: exit 4");
        }
    }
}

#[tokio::test]
async fn each_kind_is_looked_at_once_and_only_where_someone_else_could_be_hurt() {
    let mut world = world(json!({ "patch": true, "concurrency": 1 }), 12);
    world.fake.state().twists.push(Twist::Terse);
    // One comes and one goes in each of the groups; two of them are read back at the end in any case.
    declare(&mut world, 1..11);
    let report = world.apply().await;
    assert!(report.is_clean(), "{report:?}");
    let first = report.requests;
    declare(&mut world, 2..12);
    let report = world.apply().await;
    assert_eq!(report.requests, first, "each run learns anew");
    // A write and a check for each group, and one look for both kinds together.
    assert_eq!(first, 3 * 2 + 1);
    assert!(members(&world, "a").contains("zz"));
}

#[tokio::test]
async fn who_was_lost_is_named_as_people_know_them() {
    let mut world = world(json!({ "patch": true }), 10);
    world.fake.state().twists.push(Twist::Clears);
    declare(&mut world, 1..10);
    let report = world.apply().await;
    let at: BTreeSet<&str> = report.failures.iter().filter_map(|one| one.at.as_deref()).collect();
    assert!(at.contains("p05, id id05"), "{at:?}");
    assert!(at.contains("zed@other.example, id zz"), "{at:?}");
    assert!(!at.iter().any(|name| name.contains("id00")), "who was to go is not lost: {at:?}");
    // What is declared comes back once another form is set.
    world.capabilities(json!({ "memberWrite": "replace" }));
    assert!(world.apply().await.is_clean());
    assert_eq!(world.remaining(), []);
    assert_eq!(members(&world, "a").len(), if members(&world, "a").contains("zz") { 10 } else { 9 });
}

//! Members in batches, with a target that has its own mind.

use std::collections::BTreeSet;

use serde_json::json;

use super::fake::ids;
use super::twist::Twist;
use super::world::{GROUP, USER, World};
use crate::apply::FailureCode;

fn keys(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|n| format!("p{n:02}")).collect()
}

fn crowd(capabilities: serde_json::Value, members: std::ops::Range<usize>) -> World {
    let mut world = World::new(capabilities);
    for key in keys(0..20) {
        world.user(&key, &[]);
    }
    declare(&mut world, members);
    world
}

fn declare(world: &mut World, members: std::ops::Range<usize>) {
    let members = keys(members);
    world.group("staff", "Staff", &members.iter().map(String::as_str).collect::<Vec<_>>());
}

fn members(world: &World) -> BTreeSet<String> {
    ids(&world.fake.object(GROUP, &world.ledger.groups.get("staff").unwrap().id))
}

fn expected(world: &World, range: std::ops::Range<usize>) -> BTreeSet<String> {
    keys(range).iter().map(|key| world.ledger.users.get(key.as_str()).unwrap().id.clone()).collect()
}

#[tokio::test]
async fn every_dialect_comes_to_the_same() {
    let dialects = [
        json!({ "patch": true, "membersPerPatch": 3 }),
        json!({ "patch": true, "membersPerPatch": 100 }),
        json!({ "patch": true, "membersPerPatch": 4, "memberRemoval": "replace" }),
        json!({ "patch": false, "membersPerPatch": 3 }),
    ];
    for dialect in dialects {
        let mut world = crowd(dialect.clone(), 0..12);
        let report = world.apply().await;
        assert!(report.is_clean(), "{dialect} {report:?}");
        assert_eq!(members(&world), expected(&world, 0..12), "{dialect}");
        // Someone whom we did not add stays.
        let id = world.ledger.groups.get("staff").unwrap().id.clone();
        world.fake.seed(USER, "zz", json!({ "userName": "zed@other.example" }));
        let mut group = serde_json::to_value(world.fake.object(GROUP, &id)).unwrap();
        group["members"].as_array_mut().unwrap().push(json!({ "value": "zz" }));
        world.fake.seed(GROUP, &id, group);
        declare(&mut world, 5..18);
        let report = world.apply().await;
        assert!(report.is_clean(), "{dialect} {report:?}");
        let mut wanted = expected(&world, 5..18);
        wanted.insert("zz".into());
        assert_eq!(members(&world), wanted, "{dialect}");
        assert_eq!(world.remaining(), [], "{dialect}");
        let ours: BTreeSet<String> = world.ledger.groups.get("staff").unwrap().members.iter().cloned().collect();
        assert_eq!(ours, expected(&world, 5..18), "{dialect}");
    }
}

#[tokio::test]
async fn one_bad_member_spoils_no_other() {
    for (created, batch) in [(true, 100), (true, 5), (false, 100), (false, 7)] {
        let mut world = crowd(json!({ "patch": true, "membersPerPatch": batch }), if created { 0..16 } else { 0..1 });
        if !created {
            assert!(world.apply().await.is_clean());
            declare(&mut world, 0..16);
        }
        // The ids are given in the order of the keys.
        world.fake.state().twists.push(Twist::Rejects("u8".into()));
        let report = world.apply().await;
        assert_eq!(report.failures.len(), 1, "{created} {batch} {report:?}");
        assert_eq!(report.failures[0].code, FailureCode::Member);
        let mut wanted = expected(&world, 0..16);
        assert!(wanted.remove("u8"));
        assert_eq!(members(&world), wanted, "{created} {batch}");
        assert!(!world.ledger.groups.get("staff").unwrap().members.contains(&"u8".to_owned()));
        world.fake.state().twists.clear();
        assert!(world.apply().await.is_clean());
        assert_eq!(members(&world), expected(&world, 0..16));
    }
}

#[tokio::test]
async fn t65_who_is_there_already_is_no_error() {
    let mut world = crowd(json!({ "patch": true }), 0..4);
    assert!(world.apply().await.is_clean());
    declare(&mut world, 2..8);
    let live = world.fake.live();
    let plan = world.plan(&live);
    // Meanwhile someone added one of those who should come and removed one of those who should go.
    let id = world.ledger.groups.get("staff").unwrap().id.clone();
    let all = expected(&world, 1..6);
    let there: Vec<_> = all.iter().map(|id| json!({ "value": id })).collect();
    world.fake.seed(GROUP, &id, json!({ "displayName": "Staff", "members": there }));
    world.fake.state().twists.push(Twist::Strict);
    let report = world.apply_plan(&live, &plan, &mut super::world::Watch::default()).await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(members(&world), expected(&world, 2..8));
}

#[tokio::test]
async fn members_that_do_not_arrive_are_said() {
    let mut world = crowd(json!({ "patch": true }), 0..4);
    assert!(world.apply().await.is_clean());
    declare(&mut world, 0..6);
    world.fake.state().twists.push(Twist::Ignores("members"));
    let report = world.apply().await;
    assert_eq!(
        report.not_converged.iter().map(|place| place.path.as_str()).collect::<Vec<_>>(),
        ["members"],
        "{report:?}"
    );
}

#[tokio::test]
async fn a_rename_and_a_few_members_are_one_request() {
    let mut world = crowd(json!({ "patch": true }), 0..4);
    assert!(world.apply().await.is_clean());
    let writes = world.fake.state().writes;
    let members_now = keys(2..6);
    world.group("staff", "Everyone", &members_now.iter().map(String::as_str).collect::<Vec<_>>());
    // Matching by name fails after a rename; the ledger's id does not.
    let report = world.apply().await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(world.fake.state().writes, writes + 1);
    assert_eq!(members(&world), expected(&world, 2..6));
}

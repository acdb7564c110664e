//! What is checked right before each write, and what is told where it moved.

use std::time::Duration;

use serde_json::json;

use super::world::*;
use crate::apply::{SkipCode, TargetReport};
use crate::directory::{RemoveGroups, RemoveUsers};
use crate::plan::Action;
use crate::scim::{ResourceKind, Value};

/// Ada leaves, the group is renamed and loses her; then somebody changes one attribute of one of them, and the plan is
/// applied two minutes after its read.
async fn after(
    etags: bool,
    delete: bool,
    kind: ResourceKind,
    id: &str,
    name: &str,
    value: &str,
) -> (World, TargetReport) {
    let mut world = World::new(json!({ "patch": true, "etag": etags }));
    world.fake.state().etags = etags;
    let users = if delete { RemoveUsers::Delete } else { RemoveUsers::Deactivate };
    world.on_remove(users, RemoveGroups::Empty);
    world.user("ada", &[("title", json!("Engineer"))]);
    world.user("grace", &[("title", json!("Admiral"))]);
    world.group("staff", "Staff", &["ada", "grace"]);
    assert!(world.apply().await.is_clean());
    world.desired.users.remove("ada");
    world.group("staff", "Staff", &["grace"]);
    let live = world.fake.live();
    let plan = world.plan(&live);
    let action = if delete { Action::Delete } else { Action::Deactivate };
    assert!(plan.changes.iter().any(|change| change.action == action), "{plan:?}");
    let mut moved = world.fake.object(kind, id);
    moved.insert(name, Value::from(value));
    world.fake.seed(kind, id, serde_json::to_value(&moved).unwrap());
    world.read_age = Duration::from_secs(120);
    let report = world.apply_plan(&live, &plan, &mut Watch::default()).await;
    (world, report)
}

#[tokio::test]
async fn whoever_leaves_is_looked_at_before_the_removal() {
    for (etags, delete) in [(false, false), (true, false), (false, true), (true, true)] {
        let (world, report) = after(etags, delete, USER, "u1", "userName", "root@acme.example").await;
        let skipped: Vec<_> = report.skipped.iter().map(|one| (one.code, one.subject.key.as_str())).collect();
        assert_eq!(skipped, [(SkipCode::Moved, "ada")], "{etags} {delete} {report:?}");
        assert_eq!(world.fake.object(USER, "u1").get("active"), Some(&Value::Bool(true)), "{etags} {delete}");
        let sides = &report.skipped[0].attributes[0];
        assert_eq!(sides.path, "userName");
        assert_eq!(sides.reviewed_before, Some(Value::from("ada@acme.example")));
        assert_eq!(sides.live, Value::from("root@acme.example"));
    }
}

#[tokio::test]
async fn a_leaver_of_whom_nothing_that_counts_moved_leaves() {
    for (etags, delete) in [(false, false), (true, false), (false, true), (true, true)] {
        let (_, report) = after(etags, delete, USER, "u1", "nickName", "Countess").await;
        assert!(report.is_clean(), "{etags} {delete} {report:?}");
    }
}

#[tokio::test]
async fn a_group_is_looked_at_before_its_members_change() {
    for etags in [false, true] {
        let (world, report) = after(etags, false, GROUP, "g3", "displayName", "Administrators").await;
        let moved: Vec<_> = report.skipped.iter().map(|one| (one.code, one.subject.key.as_str())).collect();
        assert_eq!(moved, [(SkipCode::Moved, "staff")], "{etags} {report:?}");
        assert_eq!(super::fake::ids(&world.fake.object(GROUP, "g3")).len(), 2, "{etags}");
        assert_eq!(report.skipped[0].attributes[0].live, Value::from("Administrators"));
    }
}

#[tokio::test]
async fn a_fresh_read_is_trusted_where_there_are_no_etags() {
    let mut world = World::patching();
    world.user("ada", &[("title", json!("Engineer"))]);
    assert!(world.apply().await.is_clean());
    world.user("ada", &[("title", json!("Director"))]);
    let (live, before) = (world.fake.live(), world.fake.state().log.len());
    let plan = world.plan(&live);
    world.read_age = Duration::from_secs(59);
    assert!(world.apply_plan(&live, &plan, &mut Watch::default()).await.is_clean());
    assert_eq!(world.fake.state().log.len() - before, 1);
}

#[tokio::test]
async fn only_the_adoptions_of_the_plan_are_noted() {
    let mut world = World::patching();
    for (key, id) in [("ada", "a"), ("grace", "g")] {
        world.user(key, &[]);
        world.fake.seed(USER, id, json!({ "userName": format!("{key}@acme.example"), "active": true }));
    }
    let live = world.fake.live();
    let mut plan = world.plan(&live);
    assert_eq!(plan.adoptions.len(), 2);
    plan.adoptions.retain(|adoption| adoption.key == "ada");
    assert!(world.apply_plan(&live, &plan, &mut Watch::default()).await.is_clean());
    assert_eq!(world.ledger.users.keys().collect::<Vec<_>>(), ["ada"]);
    assert!(world.apply().await.is_clean());
    assert_eq!(world.ledger.users.len(), 2);
}

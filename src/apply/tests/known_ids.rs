//! Creates that are answered with an account that is somebody else's.

use serde_json::json;

use super::twist::Twist;
use super::world::{USER, Watch, World};
use crate::apply::FailureCode;
use crate::scim::Value;

fn eve() -> serde_json::Value {
    json!({ "userName": "eve@other.example", "active": true, "title": "Clerk" })
}

#[tokio::test]
async fn an_account_that_was_there_and_matched_nobody_is_left_alone() {
    for mut world in [World::patching(), World::putting()] {
        world.fake.seed(USER, "eve", eve());
        world.user("ada", &[("title", json!("Engineer"))]);
        world.fake.state().twists.push(Twist::Links("eve"));
        for _ in 0..2 {
            let report = world.apply().await;
            assert_eq!(report.failures.iter().map(|one| one.code).collect::<Vec<_>>(), [FailureCode::Conflict]);
            let message = &report.failures[0].message;
            assert!(message.contains("`ada`") && message.contains("eve@other.example"), "both are named: {message}");
            assert!(world.ledger.users.is_empty(), "{:?}", world.ledger);
        }
        assert_eq!(world.fake.state().log, ["POST user", "POST user"], "nothing more is sent to it");
        assert_eq!(world.fake.object(USER, "eve").get("title"), Some(&Value::from("Clerk")));
    }
}

#[tokio::test]
async fn an_account_that_the_ledger_knows_under_another_key_is_left_alone() {
    let mut world = World::patching();
    world.user("eve", &[]);
    assert!(world.apply().await.is_clean());
    // Eve leaves and is not listed any more, and the target gives her account to whoever comes next.
    world.desired.users.clear();
    assert!(world.apply().await.is_clean());
    world.user("ada", &[("title", json!("Engineer"))]);
    world.fake.state().twists.push(Twist::Links("u1"));
    let mut live = world.fake.live();
    live.users.clear();
    let plan = world.plan(&live);
    let report = world.apply_plan(&live, &plan, &mut Watch::default()).await;
    assert_eq!(report.failures.iter().map(|one| one.code).collect::<Vec<_>>(), [FailureCode::Conflict], "{report:?}");
    assert!(report.failures[0].message.contains("`eve`"), "{report:?}");
    assert!(report.failures[0].hint.as_deref().unwrap().contains("previously: [eve]"), "{report:?}");
    assert_eq!(world.fake.object(USER, "u1").get("active"), Some(&Value::Bool(false)));
    assert!(!world.ledger.users.contains_key("ada"));
}

#[tokio::test]
async fn two_creates_that_are_answered_with_one_account_make_one_person() {
    let mut world = World::new(json!({ "patch": true, "concurrency": 1 }));
    world.fake.seed(USER, "x", json!({ "userName": "x@acme.example", "active": true }));
    let mut live = world.fake.live();
    live.users.clear();
    world.user("ada", &[]);
    world.user("bob", &[]);
    world.fake.state().twists.push(Twist::Links("x"));
    let plan = world.plan(&live);
    let report = world.apply_plan(&live, &plan, &mut Watch::default()).await;
    assert_eq!(report.failures.len(), 1, "{report:?}");
    assert_eq!(world.ledger.users.keys().collect::<Vec<_>>(), ["ada"]);
    assert_eq!(world.fake.object(USER, "x").get("userName"), Some(&Value::from("ada@acme.example")));
}

#[tokio::test]
async fn an_account_that_no_read_showed_is_brought_to_what_is_declared() {
    for mut world in [World::patching(), World::putting()] {
        let old = json!({ "userName": "ada@acme.example", "active": true, "title": "Janitor", "nickName": "Old" });
        world.fake.seed(USER, "hidden", old);
        let mut live = world.fake.live();
        live.users.clear();
        world.user("ada", &[("title", json!("Engineer")), ("nickName", json!(null))]);
        world.fake.state().twists.push(Twist::Links("hidden"));
        let plan = world.plan(&live);
        let report = world.apply_plan(&live, &plan, &mut Watch::default()).await;
        assert!(report.is_clean() && report.normalised.is_empty(), "{report:?}");
        let ada = world.fake.object(USER, "hidden");
        assert_eq!((ada.get("title"), ada.get("nickName")), (Some(&Value::from("Engineer")), None));
        assert_eq!(world.remaining(), []);
    }
}

//! What is there already when it should be made.

use serde_json::json;

use super::twist::Twist;
use super::world::{USER, Watch, World};
use crate::apply::FailureCode;
use crate::live::{ListTrust, Live};
use crate::scim::{PerKind, Value};

/// Plans against a target that shows nobody, then applies.
async fn blindly(world: &mut World) -> crate::apply::TargetReport {
    let live = Live { trust: PerKind { users: ListTrust::Whole, groups: ListTrust::Whole }, ..Live::default() };
    let plan = world.plan(&live);
    world.apply_plan(&live, &plan, &mut Watch::default()).await
}

#[tokio::test]
async fn a_conflict_adopts_the_one_that_matches_and_updates_it() {
    for mut world in [World::patching(), World::putting()] {
        world.fake.seed(
            USER,
            "u7",
            json!({ "userName": "ADA@acme.example", "title": "Typist", "nickName": "Countess" }),
        );
        world.user("ada", &[("title", json!("Engineer"))]);
        let report = blindly(&mut world).await;
        assert!(report.is_clean(), "{report:?}");
        assert_eq!(report.adopted.len(), 1);
        let ada = world.fake.object(USER, "u7");
        assert_eq!(
            (ada.get("title"), ada.get("nickName")),
            (Some(&Value::from("Engineer")), Some(&Value::from("Countess")))
        );
        assert_eq!(world.ledger.users.get("ada").unwrap().id, "u7");
        assert_eq!((world.fake.count(USER), world.remaining()), (1, vec![]));
    }
}

#[tokio::test]
async fn a_conflict_that_shows_nobody_is_said() {
    let mut world = World::patching();
    world.fake.seed(USER, "u7", json!({ "userName": "ada@acme.example" }));
    world.fake.state().twists.push(Twist::Blind);
    world.user("ada", &[]);
    let report = blindly(&mut world).await;
    assert_eq!(report.failures.iter().map(|failure| failure.code).collect::<Vec<_>>(), [FailureCode::Conflict]);
    assert!(report.failures[0].message.contains("exists but is not visible"), "{report:?}");
    assert!(report.failures[0].hint.is_some());
    assert_eq!((world.fake.count(USER), world.fake.state().writes), (1, 1), "no blind retry");
}

#[tokio::test]
async fn t05_someone_whom_filters_hide_is_found_in_a_list_of_all_and_given_access_again() {
    let mut world = World::patching();
    for n in 0..3 {
        world.fake.seed(USER, &format!("u{n}"), json!({ "userName": format!("p{n}@acme.example"), "active": false }));
        world.user(&format!("p{n}"), &[("title", json!("Engineer"))]);
    }
    world.fake.state().twists.push(Twist::Blind);
    // Nobody was listed for the plan: everyone was looked up, in vain.
    let live = Live { trust: PerKind { groups: ListTrust::Whole, ..PerKind::default() }, ..Live::default() };
    let plan = world.plan(&live);
    let report = world.apply_plan(&live, &plan, &mut Watch::default()).await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.adopted.len(), world.fake.count(USER)), (3, 3));
    for n in 0..3 {
        let one = world.fake.object(USER, &format!("u{n}"));
        assert_eq!((one.get("active"), one.get("title")), (Some(&Value::Bool(true)), Some(&Value::from("Engineer"))));
    }
    assert_eq!(world.fake.state().lists, 1, "one list serves all");
}

#[tokio::test]
async fn who_gets_no_access_again_is_not_taken_over() {
    let mut world = World::new(json!({ "patch": true, "reactivation": false }));
    world.fake.seed(USER, "u7", json!({ "userName": "ada@acme.example", "active": false }));
    world.user("ada", &[]);
    let report = blindly(&mut world).await;
    assert_eq!(report.failures.iter().map(|failure| failure.code).collect::<Vec<_>>(), [FailureCode::Conflict]);
    assert!(report.failures[0].message.contains("gives none again"), "{report:?}");
    assert!(!world.ledger.users.contains_key("ada"));
}

#[tokio::test]
async fn someone_elses_account_is_not_taken_over() {
    let mut world = World::patching();
    world.user("ada", &[("externalId", json!("1")), ("userName", json!("countess@acme.example"))]);
    assert!(world.apply().await.is_clean());
    // The target still knows ada under the name that the new person should have.
    world.fake.seed(USER, "u1", json!({ "userName": "grace@acme.example", "externalId": "1", "active": true }));
    world.user("grace", &[]);
    let mut live = world.fake.live();
    live.users[0].attributes.insert("userName", Value::from("countess@acme.example"));
    let plan = world.plan(&live);
    let report = world.apply_plan(&live, &plan, &mut Watch::default()).await;
    assert_eq!(report.failures.len(), 1, "{report:?}");
    assert!(report.failures[0].message.contains("`ada`"), "{report:?}");
    assert!(!world.ledger.users.contains_key("grace"));
}

#[tokio::test]
async fn what_is_as_declared_is_noted_without_a_request() {
    let mut world = World::patching();
    world.fake.seed(USER, "u7", json!({ "userName": "ada@acme.example", "title": "Engineer", "active": true }));
    world.user("ada", &[("title", json!("Engineer"))]);
    assert!(world.apply().await.is_clean());
    assert_eq!(world.fake.state().writes, 0);
    let entry = world.ledger.users.get("ada").unwrap();
    assert_eq!((entry.id.as_str(), entry.asserted.len()), ("u7", 3));
}

//! The day of a deactivation, from which a grace is counted.

use serde_json::json;

use super::twist::Twist;
use super::world::{USER, World};
use crate::plan::Action;
use crate::scim::Value;

/// Someone whom we deactivated long ago, deleted a month after.
async fn deactivated() -> World {
    let mut world = World::patching();
    world.delete_after(30);
    world.user("ada", &[("title", json!("Engineer"))]);
    assert!(world.apply().await.is_clean());
    world.desired.users.clear();
    assert!(world.apply().await.is_clean());
    world.ledger.users.get_mut("ada").unwrap().deactivated = Some("2026-01-01".parse().unwrap());
    assert_eq!(world.remaining(), [(Action::Delete, "ada".into())]);
    world
}

fn by_hand(world: &World, active: bool) {
    let mut ada = world.fake.object(USER, "u1");
    ada.insert("active", Value::Bool(active));
    world.fake.seed(USER, "u1", serde_json::to_value(&ada).unwrap());
}

#[tokio::test]
async fn who_was_given_access_by_hand_has_a_grace_of_its_own() {
    // Nothing is to be done, or something else is.
    for title in ["Engineer", "Director"] {
        let mut world = deactivated().await;
        by_hand(&world, true);
        world.user("ada", &[("title", json!(title))]);
        assert!(world.apply().await.is_clean());
        assert_eq!(world.ledger.users.get("ada").unwrap().deactivated, None);
        by_hand(&world, false);
        world.desired.users.clear();
        assert_eq!(world.remaining(), [], "nobody knows since when");
    }
}

#[tokio::test]
async fn who_was_given_access_again_is_not_deactivated_whatever_became_of_the_rest() {
    let mut world = deactivated().await;
    world.fake.state().twists.push(Twist::Ignores("title"));
    world.user("ada", &[("title", json!("Director"))]);
    let report = world.apply().await;
    assert_eq!(report.not_converged.len(), 1, "{report:?}");
    assert_eq!(world.fake.object(USER, "u1").get("active"), Some(&Value::Bool(true)));
    by_hand(&world, false);
    world.desired.users.clear();
    assert_eq!(world.remaining(), [], "the former deactivation is over");
}

#[tokio::test]
async fn who_is_still_without_access_keeps_the_day() {
    let mut world = deactivated().await;
    world.fake.state().twists.push(Twist::Ignores("active"));
    world.user("ada", &[("title", json!("Engineer"))]);
    assert_eq!(world.apply().await.not_converged.len(), 1);
    world.desired.users.clear();
    assert_eq!(world.remaining(), [(Action::Delete, "ada".into())]);
}

#[tokio::test]
async fn who_is_declared_no_more_and_without_access_has_a_day_from_the_first_apply_on_that_sees_it() {
    let mut world = World::patching();
    world.delete_after(30);
    world.user("ada", &[("title", json!("Engineer"))]);
    world.user("bob", &[]);
    assert!(world.apply().await.is_clean());
    by_hand(&world, false);
    world.apply().await;
    assert_eq!(world.ledger.users.get("ada").unwrap().deactivated, None, "who is declared has no grace");
    // As after a deactivation whose answer was lost.
    by_hand(&world, false);
    world.desired.users.remove("ada");
    assert!(world.apply().await.is_clean());
    assert!(world.ledger.users.get("ada").unwrap().deactivated.is_some());
    assert_eq!(world.ledger.users.get("bob").unwrap().deactivated, None);
    assert_eq!(world.remaining(), []);
    world.ledger.users.get_mut("ada").unwrap().deactivated = Some("2026-01-01".parse().unwrap());
    assert_eq!(world.remaining(), [(Action::Delete, "ada".into())]);
}

//! Names that change hands within one apply.

use serde_json::json;

use super::twist::Twist;
use super::world::{USER, Watch, World};
use crate::apply::event::SkipCode;
use crate::scim::Value;

/// Ada, Bob and Cyd, made; then each takes the name of the next.
async fn chain() -> World {
    let mut world = World::patching();
    for (key, name) in [("ada", "a"), ("bob", "b"), ("cyd", "c")] {
        world.user(key, &[("externalId", json!(key)), ("userName", json!(name))]);
    }
    assert!(world.apply().await.is_clean());
    for (key, name) in [("ada", "b"), ("bob", "c"), ("cyd", "d")] {
        world.user(key, &[("externalId", json!(key)), ("userName", json!(name))]);
    }
    world
}

#[tokio::test]
async fn a_chain_of_renames_is_done_in_one_apply() {
    let mut world = chain().await;
    let report = world.apply().await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(world.remaining(), vec![]);
}

#[tokio::test]
async fn who_takes_a_name_that_is_not_freed_is_left() {
    let mut world = chain().await;
    let first = world.fake.state().writes;
    world.fake.state().twists.push(Twist::Fails(first, 500));
    let mut watch = Watch::default();
    let report = world.apply_watched(&mut watch).await;
    assert_eq!((report.failures.len(), world.fake.state().writes), (1, first + 1), "{report:?}");
    let skipped = watch.events.iter().filter_map(|event| match event {
        crate::apply::Event::Skipped { subject, code: SkipCode::Dependency, because, .. } => {
            Some((subject.key.as_str(), because.as_str()))
        }
        _ => None,
    });
    let because = |key: &str| format!("it needs the name of `{key}`, which still has it");
    let skipped: Vec<(&str, &str)> = skipped.collect();
    assert_eq!(skipped, [("bob", because("cyd").as_str()), ("ada", because("bob").as_str())]);
    let ada = world.ledger.users.get("ada").unwrap().id.clone();
    assert_eq!(world.fake.object(USER, &ada).get("userName"), Some(&Value::from("a")));
    world.fake.state().twists.clear();
    assert!(world.apply().await.is_clean());
}

//! What happens when nothing goes wrong.

use serde_json::json;

use super::fake::ids;
use super::twist::Twist;
use super::world::{GROUP, MANAGER, USER, Watch, World};
use crate::apply::Event;
use crate::directory::{RemoveGroups, RemoveUsers};
use crate::plan::Action;
use crate::scim::Value;
use crate::scim::path::AttrPath;

/// People with managers in a circle, a group and a group in it.
fn small(mut world: World) -> World {
    world.user("ada", &[("title", json!("Engineer")), ("manager", json!("grace"))]);
    world.user("grace", &[("manager", json!("ada")), ("name.givenName", json!("Grace"))]);
    world.user("linus", &[("emails", json!([{ "value": "linus@acme.example", "type": "work" }]))]);
    world.group("staff", "Staff", &["ada", "grace", "linus"]);
    world.group("board", "Board", &["grace"]);
    world.nest("board", "staff");
    world
}

#[tokio::test]
async fn makes_everything_once_and_then_there_is_nothing_to_do() {
    for mut world in [small(World::patching()), small(World::putting())] {
        let report = world.apply().await;
        assert!(report.is_clean(), "{report:?}");
        assert_eq!(report.done.get(&Action::Create), Some(&5));
        assert_eq!((world.fake.count(USER), world.fake.count(GROUP)), (3, 2));
        let manager: AttrPath = MANAGER.parse().unwrap();
        let id = |key: &str| world.ledger.users.get(key).unwrap().id.clone();
        let ada = world.fake.object(USER, &id("ada"));
        assert_eq!(manager.read(&ada), [&Value::from(id("grace"))]);
        let board = world.fake.object(GROUP, &world.ledger.groups.get("board").unwrap().id);
        assert_eq!(ids(&board).len(), 2);
        assert_eq!(world.remaining(), []);
        let writes = world.fake.state().writes;
        assert!(world.apply().await.is_clean());
        assert_eq!(world.fake.state().writes, writes, "a second apply writes nothing");
    }
}

#[tokio::test]
async fn terse_and_late_servers_are_read_again() {
    for twist in [Twist::Terse, Twist::Late(2)] {
        for mut world in [small(World::patching()), small(World::putting())] {
            assert!(world.apply().await.is_clean());
            world.fake.state().twists.extend([Twist::Terse, twist.clone()]);
            world.user("ada", &[("title", json!("Director")), ("manager", json!("linus"))]);
            let report = world.apply().await;
            assert!(report.is_clean(), "{twist:?} {report:?}");
            assert_eq!(world.remaining(), []);
        }
    }
}

#[tokio::test]
async fn a_put_keeps_what_nobody_asserts() {
    let mut world = World::putting();
    world.fake.seed(USER, "u9", json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada@acme.example", "title": "x", "nickName": "Countess",
        "urn:vendor:2.0:User": { "shoeSize": 41 }, "meta": { "version": "1" }, "groups": [{ "value": "g" }],
    }));
    world.fake.state().twists.push(Twist::Forgets);
    world.user("ada", &[("title", json!("Engineer")), ("displayName", json!("Ada"))]);
    let report = world.apply().await;
    assert!(report.is_clean(), "{report:?}");
    let ada = world.fake.object(USER, "u9");
    assert_eq!(ada.get("nickName"), Some(&Value::from("Countess")));
    assert_eq!(ada.get("urn:vendor:2.0:User").and_then(|own| own.get("shoeSize")).and_then(Value::as_i64), Some(41));
    assert_eq!(ada.get("title"), Some(&Value::from("Engineer")));
    assert!(ada.get("groups").is_none() && ada.get("meta").is_none(), "what only the server writes is not sent");
    assert_eq!(world.remaining(), []);
}

#[tokio::test]
async fn clears_with_either_verb() {
    for mut world in [World::patching(), World::putting()] {
        world.user("ada", &[("title", json!("Engineer")), ("emails", json!([{ "value": "a@x.example" }]))]);
        assert!(world.apply().await.is_clean());
        world.user("ada", &[("title", json!(null)), ("emails", json!([]))]);
        let report = world.apply().await;
        assert!(report.is_clean(), "{report:?}");
        let ada = world.fake.object(USER, "u1");
        assert!(ada.get("title").is_none() && ada.get("emails").is_none(), "{ada:?}");
    }
}

#[tokio::test]
async fn leavers_are_deactivated_or_deleted_last() {
    let mut world = small(World::patching());
    assert!(world.apply().await.is_clean());
    let linus = world.ledger.users.get("linus").unwrap().id.clone();
    world.desired.users.remove("linus");
    world.group("staff", "Staff", &["ada", "grace"]);
    let report = world.apply().await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(world.fake.object(USER, &linus).get("active"), Some(&Value::Bool(false)));
    assert_eq!(world.ledger.users.get("linus").unwrap().deactivated, Some("2026-12-01".parse().unwrap()));
    assert!(world.fake.state().log.last().unwrap().contains(&linus));
    assert_eq!(world.remaining(), []);

    world.on_remove(RemoveUsers::Delete, RemoveGroups::Delete);
    world.desired.users.remove("grace");
    world.desired.groups.remove("board");
    world.group("staff", "Staff", &["ada"]);
    world.user("ada", &[("title", json!("Engineer"))]);
    let report = world.apply().await;
    assert!(report.is_clean(), "{report:?}");
    assert!(!world.ledger.users.contains_key("grace") && !world.ledger.groups.contains_key("board"));
    assert_eq!(world.remaining(), []);
}

#[tokio::test]
async fn every_write_is_told_before_and_after() {
    let mut world = small(World::patching());
    let mut watch = Watch::default();
    let report = world.apply_watched(&mut watch).await;
    let started = watch.events.iter().filter(|event| matches!(event, Event::StepStarted(_))).count();
    let done = watch.events.iter().filter(|event| matches!(event, Event::StepDone { .. })).count();
    let writes = world.fake.state().writes;
    assert_eq!((started, done), (writes, writes));
    let mut folded = crate::apply::TargetReport::default();
    watch.events.iter().for_each(|event| folded.fold(event));
    assert_eq!(folded, report, "the report is a fold over the events");
    assert_eq!(watch.checkpoints.last(), Some(&world.ledger));
}

//! Writes that take away what they are not about, and bodies that would.

use serde_json::json;

use super::fake::ids;
use super::twist::Twist;
use super::world::{GROUP, USER, World};
use crate::apply::{FailureCode, TargetReport};
use crate::plan::Action;
use crate::scim::Value;

fn lost(report: &TargetReport) -> Vec<&str> {
    let lost = report.failures.iter().filter(|failure| failure.code == FailureCode::Lost);
    lost.filter_map(|failure| failure.at.as_deref()).collect()
}

fn admin() -> serde_json::Value {
    json!([{ "value": "admin" }])
}

/// Ada with a role, applied.
async fn with_role(mut world: World) -> World {
    world.user("ada", &[("roles", admin()), ("title", json!("Cook"))]);
    assert!(world.apply().await.is_clean());
    world
}

#[tokio::test]
async fn what_an_update_drops_is_told_and_comes_back() {
    for terse in [false, true] {
        for world in [World::patching(), World::putting()] {
            let mut world = with_role(world).await;
            world.fake.state().twists.extend(terse.then_some(Twist::Terse));
            world.fake.state().twists.push(Twist::Loses("roles"));
            world.user("ada", &[("roles", admin()), ("title", json!("Chef"))]);
            let report = world.apply().await;
            assert_eq!(lost(&report), ["roles"], "{terse} {report:?}");
            assert!(!report.is_clean() && report.done.is_empty(), "{report:?}");
            let hint = report.failures[0].hint.as_deref().unwrap();
            assert!(hint.contains("{ capabilities: { attributes: { resent: [roles] } } }"), "{hint}");
            let entry = world.ledger.users.get("ada").unwrap();
            assert!(entry.asserted.contains_key("title") && !entry.asserted.contains_key("roles"), "{entry:?}");
            assert_eq!(world.remaining(), [(Action::Update, "ada".into())], "the next plan brings it back");
            world.fake.state().twists.clear();
            assert!(world.apply().await.is_clean());
            assert_eq!(world.remaining(), []);
        }
    }
}

#[tokio::test]
async fn an_update_that_switches_someone_off_is_told() {
    for world in [World::patching(), World::putting()] {
        let mut world = with_role(world).await;
        world.fake.state().twists.push(Twist::SwitchesOff);
        world.user("ada", &[("roles", admin()), ("title", json!("Chef"))]);
        let report = world.apply().await;
        assert_eq!(lost(&report), ["active"], "{report:?}");
        assert_eq!(world.remaining(), [(Action::Reactivate, "ada".into())]);
    }
}

#[tokio::test]
async fn what_is_known_to_be_dropped_goes_with_every_update() {
    let mut world = World::new(json!({ "patch": true, "attributes": { "resent": ["roles"] } }));
    world = with_role(world).await;
    world.fake.state().twists.push(Twist::Drops("roles"));
    world.user("ada", &[("roles", admin()), ("title", json!("Chef"))]);
    let report = world.apply().await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(world.fake.object(USER, "u1").get("roles"), Some(&Value::from(admin())));
    assert_eq!(world.remaining(), []);
}

#[tokio::test]
async fn what_one_update_dropped_goes_with_the_later_ones() {
    let mut world = World::new(json!({ "patch": true, "concurrency": 1 }));
    for n in 0..5 {
        world.user(&format!("p{n}"), &[("roles", admin()), ("title", json!("Cook"))]);
    }
    assert!(world.apply().await.is_clean());
    world.fake.state().twists.push(Twist::Drops("roles"));
    for n in 0..5 {
        world.user(&format!("p{n}"), &[("roles", admin()), ("title", json!("Chef"))]);
    }
    let report = world.apply().await;
    assert_eq!(lost(&report), ["roles"], "the first alone: {report:?}");
    assert_eq!(world.remaining(), [(Action::Update, "p0".into())]);
}

#[tokio::test]
async fn elements_that_a_write_adds_are_no_loss() {
    let mut world = World::patching();
    let mails = json!([{ "value": "ada@acme.example" }]);
    world.user("ada", &[("emails", mails.clone()), ("title", json!("Cook"))]);
    assert!(world.apply().await.is_clean());
    world.fake.state().twists.push(Twist::Adds("emails", "ada@vendor.example"));
    world.user("ada", &[("emails", mails), ("title", json!("Chef"))]);
    let report = world.apply().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn a_rename_that_empties_the_group_is_told() {
    for world in [World::patching(), World::putting()] {
        let mut world = world;
        for key in ["ada", "bob"] {
            world.user(key, &[]);
        }
        world.group("staff", "Staff", &["ada", "bob"]);
        world.group("ops", "Operations", &["ada"]);
        assert!(world.apply().await.is_clean());
        world.fake.state().twists.push(Twist::Loses("members"));
        world.group("staff", "Everyone", &["ada", "bob"]);
        let report = world.apply().await;
        assert_eq!(lost(&report), ["ada, id u1", "bob, id u2"], "{report:?}");
        assert!(report.failures[0].message.contains("not about members"), "{report:?}");
        world.fake.state().twists.clear();
        assert_eq!(world.remaining(), [(Action::Update, "staff".into())]);
        let report = world.apply().await;
        assert!(report.is_clean(), "{report:?}");
        assert_eq!(ids(&world.fake.object(GROUP, &world.ledger.groups.get("staff").unwrap().id)).len(), 2);
    }
}

#[tokio::test]
async fn nothing_is_built_from_less_than_was_seen() {
    for forms in [json!({ "patch": false }), json!({ "patch": true, "memberWrite": "replace" })] {
        for rename in [false, true] {
            let mut world = World::new(forms.clone());
            for key in ["ada", "bob", "cyd"] {
                world.user(key, &[]);
            }
            world.group("staff", "Staff", &["ada", "bob"]);
            assert!(world.apply().await.is_clean());
            world.fake.state().twists.push(Twist::HidesById("members"));
            let (writes, members) =
                (world.fake.state().writes, if rename { vec!["ada", "bob"] } else { vec!["ada", "bob", "cyd"] });
            world.group("staff", if rename { "Everyone" } else { "Staff" }, &members);
            let report = world.apply().await;
            assert_eq!(ids(&world.fake.object(GROUP, "g4")).len(), 2, "{forms} {rename}");
            if rename && forms.get("memberWrite").is_some() {
                // A PATCH of the name holds nothing that could be lost.
                continue;
            }
            assert_eq!(world.fake.state().writes, writes, "{forms} {rename}: {report:?}");
            let failure = report.failures.first().unwrap();
            assert!(failure.message.contains("members"), "{failure:?}");
            assert!(failure.hint.as_deref().is_some_and(|hint| hint.contains("capabilities: {")), "{failure:?}");
        }
    }
}

#[tokio::test]
async fn an_attribute_that_a_read_by_id_hides_is_not_taken_for_changed() {
    let mut world = with_role(World::putting()).await;
    world.fake.state().twists.push(Twist::HidesById("roles"));
    let writes = world.fake.state().writes;
    world.user("ada", &[("roles", admin()), ("title", json!("Chef"))]);
    let report = world.apply().await;
    assert_eq!(world.fake.state().writes, writes, "{report:?}");
    assert!(report.skipped.is_empty(), "nothing changed at the target: {report:?}");
    assert!(report.failures[0].message.contains("does not show `roles`"), "{report:?}");
}

#[tokio::test]
async fn a_harmful_form_is_not_used_again_and_another_one_is() {
    let mut world = World::new(json!({ "patch": true, "concurrency": 1 }));
    let all: Vec<String> = (0..6).map(|n| format!("p{n}")).collect();
    for key in &all {
        world.user(key, &[]);
    }
    let names = |range: std::ops::Range<usize>| all.get(range).unwrap().iter().map(String::as_str).collect::<Vec<_>>();
    world.group("staff", "Staff", &names(0..5));
    assert!(world.apply().await.is_clean());
    world.fake.state().twists.push(Twist::AddReplaces);
    world.group("staff", "Staff", &names(0..6));
    assert!(!world.apply().await.is_clean());
    assert_eq!(ids(&world.fake.object(GROUP, "g7")).len(), 1, "the target replaced all");
    let writes = world.fake.state().writes;
    let plan = world.plan(&world.fake.live());
    assert!(plan.changes.is_empty(), "{:?}", plan.changes);
    assert_eq!(plan.errors.iter().map(|error| error.code.name()).collect::<Vec<_>>(), ["membership-held"]);
    let notices: Vec<&str> = plan
        .notices
        .iter()
        .filter(|one| one.code.name() == "membership-held")
        .map(|one| one.message.as_str())
        .collect();
    assert_eq!(notices.len(), 1, "once");
    assert!(notices[0].contains("{ capabilities: { memberWrite: replace } }"), "{notices:?}");
    assert_eq!(world.fake.state().writes, writes);
    // What is not about members goes on.
    world.group("staff", "Everyone", &names(0..6));
    let plan = world.plan(&world.fake.live());
    assert_eq!(plan.changes.len(), 1);
    assert!(plan.changes[0].members.is_empty() && !plan.changes[0].attributes.is_empty());
    world.capabilities(json!({ "memberWrite": "replace" }));
    let report = world.apply().await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(ids(&world.fake.object(GROUP, "g7")).len(), 6);
    assert_eq!(world.remaining(), []);
}

#[tokio::test]
async fn members_come_and_go_in_every_form() {
    for (write, verb) in [("patch", "PATCH"), ("replace", "PATCH"), ("put", "PUT")] {
        for facts in [json!({ "patch": true }), json!({ "patch": true, "write": "put" })] {
            let mut world = World::new(facts.clone());
            world.capabilities(json!({ "memberWrite": write, "membersPerPatch": 2 }));
            for n in 0..6 {
                world.user(&format!("p{n}"), &[]);
            }
            world.group("staff", "Staff", &["p0", "p1"]);
            assert!(world.apply().await.is_clean());
            let log = world.fake.state().log.len();
            world.group("staff", "Everyone", &["p1", "p2", "p3", "p4", "p5"]);
            let report = world.apply().await;
            assert!(report.is_clean(), "{write} {facts} {report:?}");
            assert_eq!(ids(&world.fake.object(GROUP, "g7")).len(), 5, "{write} {facts}");
            assert_eq!(world.remaining(), []);
            let last = world.fake.state().log.get(log..).unwrap().to_vec();
            assert!(last.last().unwrap().starts_with(verb), "{write} {facts} {last:?}");
        }
    }
}

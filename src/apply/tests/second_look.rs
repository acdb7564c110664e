//! What is written once more, without `If-Match`, or not again.

use serde_json::json;

use super::fake::ids;
use super::twist::Twist;
use super::world::{GROUP, USER, World};
use crate::directory::{Manage, RemoveGroups, RemoveUsers};
use crate::plan::Action;
use crate::scim::Value;

#[tokio::test]
async fn a_form_of_the_servers_own_is_accepted_after_a_second_write() {
    let mut world = World::patching();
    world.fake.state().twists.push(Twist::Shouts("profileUrl"));
    world.user("ada", &[("profileUrl", json!("https://x.example/abc"))]);
    let report = world.apply().await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.normalised.len(), 1);
    assert_eq!(world.fake.state().log, ["POST user", "PATCH user u1"]);
    assert_eq!(world.remaining(), []);
}

#[tokio::test]
async fn what_a_create_starts_without_is_added_afterwards() {
    for (name, value) in [("title", json!("Engineer")), ("active", json!(true))] {
        let mut world = World::patching();
        world.fake.state().twists.push(Twist::Starts(name));
        world.user("ada", &[(name, value)]);
        let report = world.apply().await;
        assert!(report.is_clean(), "{name} {report:?}");
        assert_eq!(world.remaining(), [], "{name}");
    }
}

#[tokio::test]
async fn names_and_addresses_are_never_a_form_of_the_servers_own() {
    let mails = json!([{ "value": "ada@acme.example" }]);
    for (name, value) in [("userName", json!("ada@acme.example")), ("externalId", json!("ada")), ("emails", mails)] {
        let mut world = World::patching();
        world.fake.state().twists.push(Twist::Replaces(name));
        world.user("ada", &[(name, value)]);
        let report = world.apply().await;
        let places: Vec<&str> = report.not_converged.iter().map(|place| place.path.as_str()).collect();
        assert_eq!(places, [name], "{report:?}");
        let hint = report.not_converged[0].hint.as_deref().unwrap();
        assert!(hint.contains(&format!("serverOwned: [{name}]")), "{hint}");
        assert_eq!(world.remaining(), [(Action::Update, "ada".into())]);
    }
}

#[tokio::test]
async fn elements_that_a_target_adds_are_its_own_business() {
    let mails = |name: &str| json!([{ "value": format!("{name}@acme.example") }]);
    for mut world in [World::patching(), World::putting()] {
        // Bob is there already, with the element that always comes back.
        world.fake.state().twists.push(Twist::Adds("emails", "box@vendor.example"));
        world.fake.seed(
            USER,
            "bob",
            json!({ "userName": "bob@acme.example", "active": true,
                    "emails": [{ "value": "bob@acme.example" }, { "value": "box@vendor.example" }] }),
        );
        world.user("ada", &[("emails", mails("ada"))]);
        world.user("bob", &[("emails", mails("bob"))]);
        let report = world.apply().await;
        assert!(report.is_clean(), "{report:?}");
        assert_eq!(world.remaining(), []);
        world.user("ada", &[("emails", mails("countess"))]);
        let report = world.apply().await;
        assert!(report.is_clean(), "{report:?}");
        assert_eq!(world.remaining(), []);
    }
}

#[tokio::test]
async fn members_that_a_create_drops_are_added_in_the_same_apply() {
    for mut world in [World::patching(), World::putting()] {
        world.fake.state().twists.push(Twist::Starts("members"));
        world.user("ada", &[]);
        world.user("bob", &[]);
        world.group("staff", "Staff", &["ada", "bob"]);
        let report = world.apply().await;
        assert!(report.is_clean(), "{report:?}");
        assert_eq!(ids(&world.fake.object(GROUP, "g3")).len(), 2);
        assert_eq!(world.ledger.groups.get("staff").unwrap().members, ["u1", "u2"]);
        assert_eq!(world.remaining(), []);
    }
}

#[tokio::test]
async fn a_target_that_refuses_its_own_etag_is_written_without() {
    for (patch, grouped) in [(true, false), (false, false), (true, true), (false, true)] {
        let mut world = World::new(json!({ "patch": patch, "etag": true, "concurrency": 1 }));
        world.fake.state().etags = true;
        world.user("ada", &[("title", json!("Cook"))]);
        world.user("bob", &[("title", json!("Cook"))]);
        world.group("staff", "Staff", &["ada"]);
        assert!(world.apply().await.is_clean());
        world.fake.state().twists.push(Twist::RefusesEtags);
        if grouped {
            world.group("staff", "Staff", &["ada", "bob"]);
        } else {
            world.user("ada", &[("title", json!("Chef"))]);
            world.user("bob", &[("title", json!("Chef"))]);
        }
        let before = world.fake.state().log.len();
        let report = world.apply().await;
        assert!(report.is_clean(), "{patch} {grouped} {report:?}");
        assert_eq!(report.notices.len(), 1, "said once: {report:?}");
        assert!(report.notices[0].contains("{ capabilities: { etag: false } }"), "{report:?}");
        let sent = world.fake.state().log.len() - before;
        assert_eq!(sent, if grouped { 3 } else { 4 }, "three for the first, one for each other");
        assert_eq!(world.remaining(), []);
    }
}

#[tokio::test]
async fn a_delete_that_is_answered_412_is_sent_again_where_nothing_changed() {
    let mut world = World::patching();
    world.on_remove(RemoveUsers::Delete, RemoveGroups::Empty);
    world.user("ada", &[]);
    assert!(world.apply().await.is_clean());
    world.desired.users.clear();
    world.fake.state().twists.push(Twist::Hesitates);
    let report = world.apply().await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(world.fake.count(USER), 0);
}

#[tokio::test]
async fn a_delete_is_of_the_version_that_was_read() {
    for refuses in [false, true] {
        let mut world = World::new(json!({ "patch": true, "etag": true }));
        world.fake.state().etags = true;
        world.on_remove(RemoveUsers::Delete, RemoveGroups::Empty);
        world.user("ada", &[]);
        assert!(world.apply().await.is_clean());
        world.desired.users.clear();
        if refuses {
            world.fake.state().twists.push(Twist::RefusesEtags);
        }
        let report = world.apply().await;
        assert!(report.is_clean(), "{report:?}");
        assert_eq!((world.fake.count(USER), report.notices.len()), (0, usize::from(refuses)), "{report:?}");
        let deletes = world.fake.state().log.iter().filter(|line| line.starts_with("DELETE")).count();
        assert_eq!(deletes, if refuses { 3 } else { 1 });
    }
}

#[tokio::test]
async fn a_name_that_may_not_change_is_answered_with_the_setting() {
    let mut world = World::patching();
    world.group("staff", "Staff", &[]);
    assert!(world.apply().await.is_clean());
    world.group("staff", "Crew", &[]);
    world.fake.state().twists.push(Twist::Without("PATCH", 400));
    let report = world.apply().await;
    let hint = report.failures[0].hint.as_deref().unwrap_or_default();
    assert!(hint.contains("{ capabilities: { renameGroups: false } }"), "{report:?}");
}

#[tokio::test]
async fn a_delete_that_leaves_the_account_inactive_is_done_once() {
    for manage in [Manage::Owned, Manage::All] {
        let mut world = World::patching();
        world.target_mut().manage = manage;
        world.on_remove(RemoveUsers::Delete, RemoveGroups::Empty);
        world.delete_after(1);
        world.fake.state().twists.push(Twist::Softly);
        world.user("ada", &[]);
        world.user("bob", &[]);
        world.fake.seed(USER, "zed", json!({ "userName": "zed@other.example", "active": true }));
        assert!(world.apply().await.is_clean());
        world.desired.users.remove("bob");
        let report = world.apply().await;
        assert!(report.is_clean(), "{manage:?} {report:?}");
        let expected = if manage == Manage::All { 2 } else { 1 };
        let deletes = || world.fake.state().log.iter().filter(|line| line.starts_with("DELETE")).count();
        assert_eq!(deletes(), expected, "{manage:?}");
        assert_eq!(world.remaining(), [], "{manage:?}");
        let later = world.plan_on("2027-12-01");
        assert!(later.changes.is_empty(), "{manage:?}, also when the days are over: {:?}", later.changes);
        // Somebody gives access back: that is not ours to overlook.
        world.fake.seed(USER, "u2", json!({ "userName": "bob@acme.example", "active": true }));
        assert_eq!(world.remaining(), [(Action::Delete, "bob".into())], "{manage:?}");
        world.fake.seed(USER, "u2", json!({ "userName": "bob@acme.example", "active": false }));
        world.user("bob", &[]);
        assert_eq!(world.remaining(), [(Action::Reactivate, "bob".into())], "{manage:?}");
        assert!(world.apply().await.is_clean());
        assert_eq!(world.fake.object(USER, "u2").get("active"), Some(&Value::Bool(true)));
        assert_eq!(world.remaining(), []);
    }
}

#[tokio::test]
async fn a_refused_verb_names_the_setting() {
    for status in [404, 405, 501] {
        let mut world = World::putting();
        world.user("ada", &[]);
        assert!(world.apply().await.is_clean());
        world.fake.state().twists.push(Twist::Without("PUT", status));
        world.user("ada", &[("title", json!("Chef"))]);
        let report = world.apply().await;
        let hint = report.failures[0].hint.as_deref().unwrap();
        assert!(hint.contains("patch: true") && hint.contains("scimform probe t --write"), "{hint}");
    }
}

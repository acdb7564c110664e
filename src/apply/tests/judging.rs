//! Servers that say yes and do something else.

use serde_json::json;

use super::twist::Twist;
use super::world::{USER, Watch, World};
use crate::apply::{Event, Noted};
use crate::plan::Action;
use crate::scim::Value;

async fn settled() -> World {
    let mut world = World::patching();
    world.user("ada", &[("title", json!("Engineer"))]);
    assert!(world.apply().await.is_clean());
    world
}

#[tokio::test]
async fn an_ignored_value_did_not_converge() {
    for twists in [vec![Twist::Ignores("title")], vec![Twist::Ignores("title"), Twist::Terse]] {
        let mut world = settled().await;
        world.fake.state().twists = twists;
        world.user("ada", &[("title", json!("Director"))]);
        let report = world.apply().await;
        assert_eq!(report.not_converged.len(), 1, "{report:?}");
        assert_eq!(report.not_converged[0].path, "title");
        assert!(!report.is_clean() && report.done.is_empty() && report.normalised.is_empty());
        assert!(world.ledger.users.get("ada").unwrap().witnesses.is_empty());
        assert_eq!(world.remaining(), [(Action::Update, "ada".into())], "the next plan shows it again");
    }
}

#[tokio::test]
async fn a_value_of_the_servers_own_is_remembered_and_no_difference() {
    let mut world = settled().await;
    world.fake.state().twists.push(Twist::Shouts("title"));
    world.user("ada", &[("title", json!("Chief Ünït")), ("nickName", json!("a"))]);
    // Case makes no difference to the comparison; what the server makes of the text does.
    world.user("ada", &[("preferredLanguage", json!("en")), ("profileUrl", json!("https://x.example/abc"))]);
    world.fake.state().twists.push(Twist::Shouts("profileUrl"));
    let report = world.apply().await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.normalised.iter().map(|place| place.path.as_str()).collect::<Vec<_>>(), ["profileUrl"]);
    assert_eq!(world.remaining(), [], "the witness keeps it from being a difference");
    let writes = world.fake.state().writes;
    assert!(world.apply().await.is_clean());
    assert_eq!(world.fake.state().writes, writes);
    // Once the target moves on its own, the witness no longer covers it.
    let mut moved = world.fake.object(USER, "u1");
    moved.insert("profileUrl", Value::from("https://x.example/other"));
    world.fake.state().twists.clear();
    world.fake.seed(USER, "u1", serde_json::to_value(&moved).unwrap());
    assert_eq!(world.remaining(), [(Action::Update, "ada".into())]);
}

#[tokio::test]
async fn access_is_never_a_matter_of_notation() {
    let mut world = settled().await;
    world.fake.state().twists.push(Twist::Ignores("active"));
    world.desired.users.clear();
    let report = world.apply().await;
    assert_eq!(report.not_converged.iter().map(|place| place.path.as_str()).collect::<Vec<_>>(), ["active"]);
    assert_eq!(world.ledger.users.get("ada").unwrap().deactivated, None);
    assert_eq!(world.remaining(), [(Action::Deactivate, "ada".into())]);
}

#[tokio::test]
async fn who_is_gone_once_set_inactive_has_no_access_and_is_no_longer_ours() {
    for cut in [false, true] {
        for terse in [false, true] {
            let mut world = settled().await;
            let turn = world.fake.state().writes;
            let mut twists = vec![Twist::Vanishes];
            twists.extend(terse.then_some(Twist::Terse));
            twists.extend(cut.then_some(Twist::CutAfter(turn)));
            world.fake.state().twists = twists;
            world.desired.users.clear();
            let mut watch = Watch::default();
            let report = world.apply_watched(&mut watch).await;
            assert!(report.is_clean(), "{report:?}");
            assert_eq!(report.done.get(&Action::Deactivate), Some(&1));
            assert!(world.ledger.users.is_empty(), "{:?}", world.ledger);
            let forgotten = |event: &Event| matches!(event, Event::StepDone { ledger: Noted::Forgotten, .. });
            assert_eq!(watch.events.iter().filter(|event| forgotten(event)).count(), 1);
            assert_eq!(world.remaining(), []);
        }
    }
}

#[tokio::test]
async fn an_ignored_value_at_creation_did_not_converge() {
    let mut world = World::patching();
    world.fake.state().twists.push(Twist::Ignores("title"));
    world.user("ada", &[("title", json!("Engineer"))]);
    let report = world.apply().await;
    assert_eq!(report.not_converged.len(), 1, "{report:?}");
    assert_eq!(world.ledger.users.get("ada").unwrap().id, "u1", "the account is ours all the same");
}

#[tokio::test]
async fn an_answer_that_repeats_what_was_sent_is_not_believed() {
    for twists in [vec![Twist::Lies("title")], vec![Twist::Lies("active")]] {
        let mut world = World::patching();
        let people: Vec<String> = (0..12).map(|n| format!("p{n:02}")).collect();
        for key in &people {
            world.user(key, &[("title", json!("Engineer"))]);
        }
        assert!(world.apply().await.is_clean());
        let lies_about_access = matches!(twists.as_slice(), [Twist::Lies("active")]);
        world.fake.state().twists = twists;
        for key in &people {
            if lies_about_access {
                drop(world.desired.users.remove(key.as_str()));
            } else {
                world.user(key, &[("title", json!("Director"))]);
            }
        }
        let report = world.apply().await;
        assert_eq!(report.not_converged.len(), 12, "{report:?}");
    }
}

#[tokio::test]
async fn a_truthful_target_is_read_again_once_per_attribute_and_in_one_list() {
    let mut world = World::new(json!({ "patch": true, "concurrency": 1 }));
    for n in 0..30 {
        world.user(&format!("p{n:02}"), &[("title", json!("Engineer"))]);
    }
    let report = world.apply().await;
    assert!(report.is_clean());
    assert_eq!((report.requests, world.fake.state().lists), (32, 1));
}

#[tokio::test]
async fn one_lie_among_many_truths_is_found_out() {
    for people in [2, 30] {
        let mut world = World::new(json!({ "patch": true, "concurrency": 1 }));
        let people: Vec<String> = (0..people).map(|n| format!("p{n:02}")).collect();
        for title in ["Engineer", "Director"] {
            for key in &people {
                world.user(key, &[("title", json!(title))]);
            }
            if title == "Director" {
                world.fake.state().twists = vec![Twist::LiesAbout("title", "u2")];
            }
            let report = world.apply().await;
            let places: Vec<&str> = report.not_converged.iter().map(|place| place.subject.key.as_str()).collect();
            assert_eq!(places, if title == "Director" { vec!["p01"] } else { vec![] }, "{report:?}");
        }
        assert_eq!(world.remaining(), [(Action::Update, "p01".into())]);
    }
}

#[tokio::test]
async fn where_lists_are_long_a_sample_is_looked_at_and_everyone_once_it_holds_a_lie() {
    for (lies, requests, left) in [
        (vec![], 60 + 1 + 8, vec![]),
        (vec![Twist::LiesAbout("title", "u2"), Twist::LiesAbout("title", "u4")], 60 + 60, vec!["p01", "p03"]),
    ] {
        let mut world = World::new(json!({ "patch": true, "concurrency": 1, "pageSize": 1 }));
        let everyone = |world: &mut World, title: &str| {
            (0..60).for_each(|n| world.user(&format!("p{n:02}"), &[("title", json!(title))]));
        };
        everyone(&mut world, "Engineer");
        assert!(world.apply().await.is_clean());
        everyone(&mut world, "Director");
        world.fake.state().twists = lies;
        let report = world.apply().await;
        let places: Vec<&str> = report.not_converged.iter().map(|place| place.subject.key.as_str()).collect();
        assert_eq!(places, left);
        // A lie is looked at three times, as the target may be late.
        assert_eq!(report.requests, requests + 2 * left.len() as u64);
    }
}

#[tokio::test]
async fn a_change_of_who_may_what_is_confirmed_every_time() {
    let lies: [(&str, &[(&str, serde_json::Value)]); 2] = [
        ("roles", &[("title", json!("Engineer")), ("roles", json!([{ "value": "reader" }]))]),
        ("userName", &[("title", json!("Engineer")), ("userName", json!("new@acme.example"))]),
    ];
    for (name, wanted) in lies {
        let mut world = World::new(json!({ "patch": true, "concurrency": 1 }));
        let people: Vec<String> = (0..6).map(|n| format!("p{n:02}")).collect();
        for key in &people {
            world.user(key, &[("title", json!("Engineer"))]);
        }
        assert!(world.apply().await.is_clean());
        // Honest about the others before it.
        world.fake.state().twists = vec![Twist::LiesAbout(name, "u6")];
        for key in &people {
            let mut wanted = wanted.to_vec();
            if name == "userName" {
                wanted[1].1 = json!(format!("{key}@new.example"));
            }
            world.user(key, &wanted);
        }
        let report = world.apply().await;
        let places = report.not_converged.iter().map(|place| place.path.as_str()).collect::<Vec<_>>();
        assert_eq!(places, [name], "{report:?}");
        assert_eq!(world.remaining(), [(Action::Update, "p05".into())]);
    }
}

#[tokio::test]
async fn a_list_that_was_changed_in_part_did_not_converge() {
    for wanted in [json!([{ "value": "a@x.example" }]), json!([])] {
        let mut world = World::patching();
        let all = json!([{ "value": "a@x.example" }, { "value": "b@x.example" }, { "value": "c@x.example" }]);
        world.user("ada", &[("emails", all)]);
        assert!(world.apply().await.is_clean());
        world.fake.state().twists.push(Twist::Keeps("emails", "c@x.example"));
        world.user("ada", &[("emails", wanted)]);
        let report = world.apply().await;
        assert_eq!(report.not_converged.len(), 1, "{report:?}");
        assert!(report.normalised.is_empty() && world.ledger.users.get("ada").unwrap().witnesses.is_empty());
        assert_eq!(world.remaining(), [(Action::Update, "ada".into())], "the next plan shows it again");
    }
}

//! Cuts, crashes, expired tokens: nothing is lost and nothing is made twice.

use serde_json::json;

use super::twist::Twist;
use super::world::{GROUP, USER, Watch, World};
use crate::apply::{FailureCode, SkipCode};
use crate::plan::Action;
use crate::scim::Value;

fn team() -> World {
    let mut world = World::patching();
    world.user("ada", &[("title", json!("Engineer")), ("manager", json!("grace"))]);
    world.user("grace", &[]);
    world.group("staff", "Staff", &["ada", "grace"]);
    world
}

/// Applies again without faults until nothing is left, and checks that everything is there once.
async fn heals(world: &mut World, what: &str) {
    world.fake.state().twists.clear();
    for _ in 0..3 {
        world.apply().await;
    }
    assert_eq!(world.remaining(), [], "{what}");
    assert_eq!((world.fake.count(USER), world.fake.count(GROUP)), (2, 1), "{what}");
}

#[tokio::test]
async fn a_cut_at_any_write_is_healed_without_doubles() {
    for turn in 0..4 {
        for twist in [
            Twist::CutAfter(turn),
            Twist::CutBefore(turn),
            Twist::Fails(turn, 500),
            Twist::ExpiresAt(turn),
            Twist::DownAt(turn),
        ] {
            let what = format!("{twist:?}");
            let mut world = team();
            world.fake.state().twists.push(twist);
            world.apply().await;
            heals(&mut world, &what).await;
        }
    }
}

#[tokio::test]
async fn a_crash_at_any_point_is_healed_with_the_last_checkpoint() {
    for turn in 1..14 {
        let mut world = team();
        let mut watch = Watch { breaks_at: Some(turn), ..Watch::default() };
        world.apply_watched(&mut watch).await;
        world.ledger = watch.checkpoints.first().cloned().unwrap_or_default();
        heals(&mut world, &format!("crash at event {turn}")).await;
    }
}

#[tokio::test]
async fn a_create_that_a_clean_look_up_does_not_show_is_sent_again() {
    for deaf in [None, Some(Twist::Deaf("externalId", 400)), Some(Twist::Deaf("externalId", 501))] {
        let mut world = World::patching();
        world.user("ada", &[("externalId", json!("1"))]);
        world.fake.state().twists.extend([Twist::CutBefore(0), Twist::CutBefore(1)].into_iter().chain(deaf));
        let report = world.apply().await;
        assert!(report.is_clean() && report.adopted.is_empty(), "{report:?}");
        assert_eq!((world.fake.count(USER), world.fake.state().log.len()), (1, 3));
    }
}

#[tokio::test]
async fn a_create_is_not_sent_for_ever() {
    let mut world = World::patching();
    world.user("ada", &[]);
    world.fake.state().twists.extend((0..9).map(Twist::CutBefore));
    let report = world.apply().await;
    assert_eq!(report.failures[0].code, FailureCode::OutcomeUnknown);
    assert!(report.failures[0].message.contains("3 times"), "{report:?}");
    assert_eq!(world.fake.state().log.len(), 3);
}

#[tokio::test]
async fn a_look_up_that_leaves_the_question_open_sends_nothing_again() {
    for deaf in [Twist::Deaf("userName", 500), Twist::Deaf("userName", 400), Twist::Deaf("externalId", 500)] {
        let mut world = World::patching();
        let external =
            if matches!(deaf, Twist::Deaf("externalId", _)) { vec![("externalId", json!("1"))] } else { vec![] };
        world.user("ada", &external);
        world.fake.state().twists.extend([Twist::CutBefore(0), deaf.clone()]);
        let report = world.apply().await;
        assert_eq!(report.failures[0].code, FailureCode::OutcomeUnknown, "{deaf:?}");
        assert_eq!(world.fake.state().log, ["POST user"], "{deaf:?}");
    }
}

#[tokio::test]
async fn a_group_is_not_sent_again_since_nothing_of_it_is_unique() {
    let mut world = World::patching();
    world.group("staff", "Staff", &[]);
    world.fake.state().twists.extend([Twist::CutAfter(0), Twist::Blind]);
    let report = world.apply().await;
    assert_eq!(report.failures[0].code, FailureCode::OutcomeUnknown);
    assert_eq!((world.fake.count(GROUP), world.fake.state().log.len()), (1, 1));
}

#[tokio::test]
async fn a_look_up_behind_the_target_makes_no_second_account() {
    let mut world = World::patching();
    world.user("ada", &[]);
    world.fake.state().twists.extend([Twist::CutAfter(0), Twist::Blind]);
    let report = world.apply().await;
    assert_eq!(report.failures[0].code, FailureCode::Conflict, "{report:?}");
    assert_eq!((world.fake.count(USER), world.fake.state().log.len()), (1, 2));
    world.fake.state().twists.clear();
    assert!(world.apply().await.is_clean());
    assert_eq!((world.fake.count(USER), world.remaining()), (1, vec![]));
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_found_and_not_sent_again() {
    let mut world = team();
    world.fake.state().twists.push(Twist::CutAfter(0));
    let report = world.apply().await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(world.fake.count(USER), 2);
    assert_eq!(report.done.get(&Action::Create), Some(&3));
    assert!(report.adopted.is_empty(), "what we made ourselves is not adopted");
}

#[tokio::test]
async fn a_lost_create_is_reported_and_its_dependents_are_left() {
    let mut world = team();
    world.desired.users.get_mut("ada").unwrap().assertions.retain(|row| !row.path.to_string().contains("manager"));
    world.user("linus", &[("manager", json!("ada"))]);
    // People are made in the order of their keys: ada is the first.
    world.fake.state().twists.extend([Twist::CutBefore(0), Twist::Deaf("userName", 500)]);
    let report = world.apply().await;
    assert_eq!(report.failures.len(), 1, "{report:?}");
    assert_eq!(report.failures[0].code, FailureCode::OutcomeUnknown);
    assert_eq!(world.fake.state().log.iter().filter(|line| *line == "POST user").count(), 3, "each is sent once");
    let left: Vec<(&str, SkipCode)> =
        report.skipped.iter().map(|left| (left.subject.key.as_str(), left.code)).collect();
    assert_eq!(left, [("linus", SkipCode::Dependency), ("staff", SkipCode::Dependency)]);
    assert_eq!(world.fake.count(GROUP), 1, "the group is made with whoever is there");
}

#[tokio::test]
async fn refused_credentials_end_the_run() {
    let mut world = team();
    world.fake.state().twists.push(Twist::ExpiresAt(1));
    let report = world.apply().await;
    assert!(report.stopped.as_deref().is_some_and(|why| why.contains("credentials")), "{report:?}");
    assert!(report.not_run > 0 && !report.is_clean());
    assert_eq!(
        report.failures.iter().filter(|failure| failure.code == FailureCode::Unauthorized).count(),
        report.failures.len()
    );
    assert!(world.fake.state().writes <= 4, "nothing new begins");
}

#[tokio::test]
async fn a_target_that_stays_too_busy_is_not_asked_for_ever() {
    for status in [429, 503] {
        let mut world = World::new(json!({ "patch": true, "concurrency": 1 }));
        (0..50).for_each(|n| world.user(&format!("p{n}"), &[]));
        world.fake.state().twists.extend((3..50).map(|at| Twist::Fails(at, status)));
        let report = world.apply().await;
        assert!(report.stopped.as_deref().is_some_and(|why| why.contains("does not answer")), "{report:?}");
        assert_eq!(world.fake.state().writes, 6, "three good ones, and three that waited in vain");
    }
}

#[tokio::test]
async fn a_target_that_is_down_is_not_asked_for_ever() {
    let mut world = World::new(json!({ "patch": true, "concurrency": 1 }));
    (0..50).for_each(|n| world.user(&format!("p{n}"), &[]));
    world.fake.state().twists.push(Twist::DownAt(3));
    let report = world.apply().await;
    assert!(report.stopped.as_deref().is_some_and(|why| why.contains("does not answer")), "{report:?}");
    assert_eq!(world.fake.state().writes, 8);
    assert_eq!(report.done.get(&Action::Create), Some(&3));
}

#[tokio::test]
async fn a_cancelled_run_ends_what_is_in_flight_and_begins_nothing() {
    let mut world = World::new(json!({ "patch": true, "concurrency": 1 }));
    (0..9).for_each(|n| world.user(&format!("p{n}"), &[]));
    let cancel = world.cancel.clone();
    world.fake.state().twists.push(Twist::Cancels(2, cancel));
    let report = world.apply().await;
    assert_eq!(report.stopped.as_deref(), Some("interrupted"));
    assert_eq!((report.done.get(&Action::Create), report.not_run), (Some(&3), 6));
    assert_eq!(world.fake.count(USER), 3);
    world.cancel = crate::apply::Cancel::default();
    assert!(world.apply().await.is_clean());
    assert_eq!(world.fake.count(USER), 9);
}

#[tokio::test]
async fn t85_one_failure_does_not_stop_the_others() {
    let mut world = team();
    world.fake.state().twists.push(Twist::Fails(0, 403));
    let report = world.apply().await;
    assert_eq!(report.failures.len(), 1);
    assert_eq!((world.fake.count(USER), world.fake.count(GROUP)), (1, 1));
}

#[tokio::test]
async fn t56_what_moved_since_the_plan_is_left() {
    for (etags, put) in [(true, false), (false, false), (false, true), (true, true)] {
        let mut world = World::new(json!({ "patch": !put, "etag": etags }));
        world.fake.state().etags = etags;
        world.user("ada", &[("title", json!("Engineer"))]);
        world.user("grace", &[("title", json!("Admiral"))]);
        assert!(world.apply().await.is_clean());
        world.user("ada", &[("title", json!("Director"))]);
        world.user("grace", &[("title", json!("Rear Admiral"))]);
        let live = world.fake.live();
        let plan = world.plan(&live);
        let mut moved = world.fake.object(USER, "u1");
        moved.insert("title", Value::from("Fired"));
        world.fake.seed(USER, "u1", serde_json::to_value(&moved).unwrap());
        world.read_age = std::time::Duration::from_secs(120);
        let report = world.apply_plan(&live, &plan, &mut Watch::default()).await;
        assert_eq!(report.skipped.len(), 1, "{etags} {put} {report:?}");
        assert_eq!((report.skipped[0].code, report.skipped[0].subject.key.as_str()), (SkipCode::Moved, "ada"));
        assert_eq!(world.fake.object(USER, "u1").get("title"), Some(&Value::from("Fired")));
        assert_eq!(world.fake.object(USER, "u2").get("title"), Some(&Value::from("Rear Admiral")));
    }
}

#[tokio::test]
async fn what_others_changed_beside_ours_does_not_stop_us() {
    let mut world = World::new(json!({ "patch": true, "etag": true }));
    world.fake.state().etags = true;
    world.user("ada", &[("title", json!("Engineer"))]);
    assert!(world.apply().await.is_clean());
    world.user("ada", &[("title", json!("Director"))]);
    let live = world.fake.live();
    let plan = world.plan(&live);
    let mut other = world.fake.object(USER, "u1");
    other.insert("nickName", Value::from("Countess"));
    world.fake.seed(USER, "u1", serde_json::to_value(&other).unwrap());
    let report = world.apply_plan(&live, &plan, &mut Watch::default()).await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(world.fake.object(USER, "u1").get("title"), Some(&Value::from("Director")));
}

#[tokio::test]
async fn a_seeded_run_of_random_cuts_converges() {
    // A small generator of our own keeps the runs the same on every machine.
    let mut seed: u32 = 7;
    let mut next = move |below: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 16) % below
    };
    for round in 0..40 {
        let mut world =
            World::new(json!({ "patch": next(2) == 0, "membersPerPatch": 1 + next(3), "concurrency": 1 + next(4) }));
        for n in 0..6 {
            let manager = format!("p{}", next(6));
            world.user(&format!("p{n}"), &[("title", json!(format!("T{}", next(9)))), ("manager", json!(manager))]);
        }
        world.group("staff", "Staff", &["p0", "p1", "p2", "p3", "p4"]);
        world.group("board", "Board", &["p0", "p5"]);
        world.nest("board", "staff");
        for _ in 0..3 {
            let turn = next(20) as usize;
            let twist =
                [Twist::CutAfter(turn), Twist::CutBefore(turn), Twist::Fails(turn, 503), Twist::ExpiresAt(turn)]
                    [next(4) as usize]
                    .clone();
            world.fake.state().twists = vec![twist];
            world.fake.state().writes = 0;
            world.apply().await;
        }
        world.fake.state().twists.clear();
        for _ in 0..2 {
            world.apply().await;
        }
        assert_eq!(world.remaining(), [], "round {round}");
        assert_eq!((world.fake.count(USER), world.fake.count(GROUP)), (6, 2), "round {round}");
    }
}

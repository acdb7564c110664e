//! The journal alone gives the ledger that the run itself would have saved.

use serde_json::json;

use super::twist::Twist;
use super::world::{Watch, World};
use crate::apply::{Event, Journal, Observer as _, Opening, recover};
use crate::directory::{RemoveGroups, RemoveUsers};
use crate::ledger::{Hasher, TargetLedger};

/// The ledger as recovered from the events after the first checkpoint, and as the run left it.
fn both(world: &World, watch: &Watch) -> (TargetLedger, TargetLedger) {
    let dir = tempfile::tempdir().unwrap();
    let hashes = Hasher::new(super::world::SALT).mark().to_string();
    let opening = Opening { target: "app".into(), by: String::new(), hashes };
    let mut journal = Journal::create(dir.path(), opening, "2026-12-01T10:00:00Z".parse().unwrap()).unwrap();
    let events = watch.events.iter().filter(|event| !matches!(event, Event::Finished { .. }));
    events.for_each(|event| journal.event(event).unwrap());
    let path = journal.path().to_owned();
    drop(journal);
    let lines = Journal::read(&path).unwrap();
    let mut ledger = TargetLedger { salt: super::world::SALT.to_owned(), ..watch.checkpoints[0].clone() };
    recover(&mut ledger, &lines);
    (TargetLedger { salt: String::new(), ..ledger }, world.ledger.clone())
}

async fn check(world: &mut World, what: &str) {
    let mut watch = Watch::default();
    world.apply_watched(&mut watch).await;
    let (recovered, left) = both(world, &watch);
    assert_eq!(recovered, left, "{what}");
}

#[tokio::test]
async fn a_journal_gives_back_what_no_checkpoint_saved() {
    for twist in [
        None,
        Some(Twist::Shouts("title")),
        Some(Twist::Ignores("title")),
        Some(Twist::CutAfter(1)),
        Some(Twist::Fails(2, 500)),
    ] {
        let mut world = World::patching();
        world.on_remove(RemoveUsers::Deactivate, RemoveGroups::Delete);
        world.user("ada", &[("title", json!("Countess"))]);
        world.user("bob", &[("title", json!("Engineer"))]);
        world.user("carl", &[]);
        world.group("all", "All", &["ada", "bob", "carl"]);
        world.group("core", "Core", &["ada"]);
        world.fake.state().twists.extend(twist.clone());
        check(&mut world, &format!("creates with {twist:?}")).await;
        world.fake.state().twists.clear();
        world.apply().await;
        world.fake.state().twists.extend(twist.clone());
        world.user("ada", &[("title", json!("Lady"))]);
        world.desired.users.remove("carl");
        world.group("all", "Everyone", &["ada"]);
        world.desired.groups.remove("core");
        check(&mut world, &format!("changes with {twist:?}")).await;
    }
}

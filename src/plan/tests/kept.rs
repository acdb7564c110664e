//! Plans that were kept in a file, and targets that only the ledger knows.

use super::world::*;
use crate::desired::{MemberKey, Presence};
use crate::plan::{Heading, Plan, assemble, verify};
use crate::scim::Value;

/// A plan with a create, an update and members, after a turn as JSON.
fn kept() -> Plan {
    let mut world = World::new();
    world.live.users.push(account("id1", "k1", true, r#"{"title":"X","weight":0.1}"#));
    let more = vec![assertion("title", "Y".into()), assertion("weight", json("1.5"))];
    world.declare(person("k1", Presence::Active, more));
    world.declare(person("k2", Presence::Active, vec![]));
    world.push(pushed("team", &[MemberKey::user("k1")]));
    let plan = assemble(vec![world.plan()], Heading::default());
    assert_eq!(lines(&plan.targets[0]).len(), 3);
    serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap()
}

#[test]
fn what_was_written_is_what_is_read() {
    assert_eq!(verify(&kept()), Ok(()));
}

#[test]
fn an_edit_by_hand_is_found_and_named() {
    let mut plan = kept();
    let changes = &mut plan.targets[0].changes;
    let title = changes
        .iter_mut()
        .filter(|change| change.key == "k1")
        .flat_map(|change| &mut change.attributes)
        .find(|attribute| attribute.path.is("title"));
    title.unwrap().after = Value::from("Z");
    let error = verify(&plan).unwrap_err();
    assert!(error.contains("`k1`") && error.contains("`app`"), "{error}");

    let mut plan = kept();
    let team = plan.targets[0].changes.iter_mut().find(|change| change.key == "team").unwrap();
    team.members.add.clear();
    assert!(verify(&plan).unwrap_err().contains("`team`"));
}

#[test]
fn a_change_taken_out_or_moved_is_found() {
    let mut plan = kept();
    plan.targets[0].changes.remove(0);
    assert!(verify(&plan).unwrap_err().contains("digest of the plan"));
    let mut plan = kept();
    plan.targets[0].changes.reverse();
    assert!(verify(&plan).is_err());
    let mut plan = kept();
    plan.targets[0].name = "other".into();
    assert!(verify(&plan).is_err());
}

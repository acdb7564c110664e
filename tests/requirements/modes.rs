//! What a target is for: written to, compared, left alone; and until when its token works.

use serde_json::json;

use crate::requirements::world::{EVERYONE, World};
use crate::support::Ran;
use crate::support::plan::notices;

fn flat(ran: &Ran) -> String {
    ran.said().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn s0_12_s0_34_a_disabled_target_is_left_alone() {
    let world = World::new("lattice");
    world.converge();
    world.without_grace();
    world.repo.edit("scimform.yaml", "    profile: lattice\n", "    profile: lattice\n    mode: disabled\n");
    world.server.running().forget_requests();
    let ran = world.repo.run(&["plan"]).expect(0);
    assert!(flat(&ran).contains("disabled"), "{}", ran.said());
    world.repo.apply().expect(0);
    assert_eq!(world.server.running().request_count(), 0);
    assert!(world.server.list("Users").iter().all(|user| user["active"] == true));
    // Beside others, and back again.
    world.repo.edit("scimform.yaml", "    mode: disabled\n", "");
    assert_eq!(world.actions(), ["deactivate grace"]);
}

#[test]
fn s3_06_a_read_only_target_is_compared_and_never_written() {
    let world = World::with("scalekit", "    mode: readOnly\n", EVERYONE);
    let plan = world.plan();
    assert_eq!(plan["read"]["complete"], json!(true));
    assert!(plan.to_string().contains("ada"), "{plan:#}");
    world.repo.apply().expect(0);
    assert_eq!(world.server.writes(), 0);
    assert_eq!(world.server.list("Users").len(), 0);
    world.repo.edit("scimform.yaml", "    mode: readOnly\n", "");
    world.converge();
    assert_eq!(world.server.list("Users").len(), 2);
}

#[test]
fn s2_15_actions_are_chosen_and_the_others_shown_as_suppressed() {
    let world = World::with("lattice", "    actions: [create, deactivate]\n", EVERYONE);
    world.converge();
    world.edit("title: Engineer", "title: Principal Engineer");
    let plan = world.plan();
    assert_eq!(plan["changes"], json!([]));
    assert!(plan.to_string().contains("suppressed"), "{plan:#}");
    world.repo.apply().expect(0);
    assert_eq!(world.user("ada@acme.example")["jobTitle"], "Engineer");
    world.without_grace();
    let ran = world.repo.apply().expect(0);
    assert!(flat(&ran).contains("deactivate"), "{}", ran.out);
    assert_eq!(world.user("grace@acme.example")["active"], json!(false));
}

#[test]
fn s1_08_a_token_that_expires_is_told_of_and_one_that_does_not_is_no_matter() {
    let warned = |world: &World| {
        let plan = world.repo.run(&["plan", "--as-of", "2026-11-20", "--format", "json"]).json();
        notices(&plan["targets"][0]).iter().any(|code| code.contains("expire"))
    };
    let world = World::new("jumpcloud");
    assert!(!warned(&world));
    for (day, wanted) in [("2026-12-10", true), ("2026-11-01", true), ("2027-06-30", false)] {
        let world = World::with("jumpcloud", &format!("    expires: {day}\n"), EVERYONE);
        assert_eq!(warned(&world), wanted, "{day}");
    }
}

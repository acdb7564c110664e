//! The connection test, what is known of a vendor, and what a target is for.

use crate::requirements::world::{World, asked};
use crate::support::{Ran, Repo};

/// A probe's page on one line.
fn probe(repo: &Repo, more: &[&str], code: i32) -> String {
    let ran = repo.run(&[&["probe", "app"], more].concat()).expect(code);
    flat(&ran)
}

fn flat(ran: &Ran) -> String {
    ran.said().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One step of a probe: outcome and words.
fn step(repo: &Repo, name: &str) -> (String, String) {
    let ran = repo.run(&["probe", "app", "--format", "json"]);
    let steps = ran.json()["steps"].as_array().unwrap().clone();
    let step = steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("no step {name} in {steps:?}"));
    (step["outcome"].as_str().unwrap().to_owned(), step["says"].as_str().unwrap().to_owned())
}

#[test]
fn s0_13_a_first_refusal_asks_whether_scim_is_enabled() {
    let world = World::new("lattice");
    for fault in ["401", "403", "404"] {
        world.server.fault(fault);
        for said in [flat(&world.repo.run(&["plan"]).expect(1)), probe(&world.repo, &[], 1)] {
            assert!(said.contains("SCIM") && said.contains("Integrations"), "{fault}: {said}");
        }
    }
}

#[test]
fn s2_11_the_connection_test_looks_for_someone_who_is_not_there_and_writes_nothing() {
    for vendor in ["lattice", "jumpcloud", "scalekit", "entra-style"] {
        let world = World::new(vendor);
        world.converge();
        world.server.running().forget_requests();
        probe(&world.repo, &[], 0);
        let requests = world.server.running().requests();
        assert!(requests.iter().all(|request| request.method == "GET"), "{requests:?}");
        let looked = requests.iter().find(|request| request.path.contains("filter=")).unwrap();
        assert!(looked.path.contains("userName") && looked.status == Some(200), "{looked:?}");
        assert!(asked(&requests, "/ServiceProviderConfig"));
        let (outcome, says) = step(&world.repo, "filter");
        assert_eq!((outcome.as_str(), says.contains("gives nobody")), ("good", true), "{says}");
        // Another name each time.
        let again = world.server.running().requests();
        // One that came too soon after others is sent again.
        let answered = again.iter().filter(|request| request.status == Some(200)).map(|request| &request.path);
        let names: Vec<&String> = answered.filter(|path| path.contains("filter=")).collect();
        assert!(names.len() == 2 && names[0] != names[1], "{names:?}");
    }
}

#[test]
fn s2_11_the_connection_test_does_without_discovery() {
    let world = World::new("lattice");
    world.server.fault("404,at=discovery");
    let said = probe(&world.repo, &[], 0);
    assert!(said.contains("the profile decides"), "{said}");
}

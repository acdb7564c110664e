//! The connection test, what is known of a vendor, and what a target is for.

use serde_json::json;

use crate::requirements::world::{EVERYONE, PEOPLE, TOKEN, World, asked, target, writes};
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
fn s0_04_the_connection_test_names_where_the_token_is_from_and_never_the_token() {
    for source in ["env: TOKEN", "file: token", "command: [cat, token]"] {
        let mut world = World::new("lattice");
        world.repo = world.repo.env("SCIMFORM_ALLOW_COMMANDS", "1");
        world.repo.write("token", TOKEN);
        world.repo.edit("scimform.yaml", "env: TOKEN", source);
        let said = probe(&world.repo, &["-vvv"], 0);
        let name = source.split(['[', ' ']).rev().find(|word| !word.is_empty()).unwrap().trim_end_matches(']');
        assert!(said.contains(name) && !said.contains(TOKEN), "{source}: {said}");
    }
}

#[test]
fn s0_10_s2_16_the_default_mapping_is_printed() {
    let world = World::new("lattice");
    let shown = world.repo.run(&["profile", "show", "lattice", "--format", "json"]).expect(0).json();
    assert_eq!(shown["mapping"]["user"]["jobTitle"], "user.title");
    assert_eq!(shown["mapping"]["matchUsers"], json!(["userName", "externalId"]));
    let page = world.repo.run(&["profile", "show", "lattice"]).expect(0).out;
    assert!(page.contains("externalId:") && page.contains("user.employeeNumber"), "{page}");
    let said = probe(&world.repo, &[], 0);
    assert!(said.contains("department user.department"), "{said}");
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
fn s0_15_the_connection_is_tested_with_a_reason_and_a_code() {
    let world = World::new("lattice");
    let said = probe(&world.repo, &[], 0);
    assert!(said.contains("`app` can be used"), "{said}");
    assert_eq!(world.server.writes(), 0);
    let revoked = World::new("lattice").revoked();
    let said = probe(&revoked.repo, &[], 1);
    assert!(said.contains("401") && !said.contains("`app` can be used"), "{said}");
    let gone = Repo::new(&[
        ("scimform.yaml", &target("http://127.0.0.1:1/scim/v2", "lattice", "")),
        ("bindings.yaml", EVERYONE),
        ("people.yaml", PEOPLE),
    ]);
    assert!(probe(&gone, &[], 1).contains("127.0.0.1"));
}

#[test]
fn s2_07_known_issues_are_printed() {
    for vendor in ["lattice", "jumpcloud", "scalekit", "entra-style"] {
        let world = World::new(vendor);
        let said = probe(&world.repo, &[], 0);
        let shown = flat(&world.repo.run(&["profile", "show", vendor]).expect(0));
        let profile = scimform::profile::builtin(vendor).unwrap();
        assert!(!profile.quirks.is_empty());
        for quirk in &profile.quirks {
            let words = quirk.text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(said.contains(&words), "{words} in {said}");
            assert!(shown.contains(&words[..words.len().min(30)]), "{words} in {shown}");
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

#[test]
fn s3_07_a_person_is_made_only_when_asked_for_and_what_stays_is_told() {
    let world = World::new("scalekit");
    world.server.running().forget_requests();
    probe(&world.repo, &[], 0);
    assert_eq!((world.server.writes(), world.server.list("Users").len()), (0, 0));
    let ran = world.repo.run(&["probe", "app", "--write"]);
    assert!(ran.code != 0 && world.server.writes() == 0, "nobody was asked: {}", ran.said());
    let said = probe(&world.repo, &["--write", "--auto-approve"], 0);
    let users = world.server.list("Users");
    let name = users[0]["userName"].as_str().unwrap();
    assert!(users.iter().all(|user| user["userName"].as_str().unwrap().starts_with("scimform-probe-")), "{users:?}");
    assert!(users.iter().all(|user| user["active"] == json!(false)), "{users:?}");
    assert!(said.contains("What stayed") && said.contains(name) && said.contains("deactivated"), "{said}");
    // Where a deletion is one, nothing stays.
    let world = World::new("generic");
    let said = probe(&world.repo, &["--write", "--auto-approve"], 0);
    assert_eq!(world.server.list("Users").len(), 0);
    assert!(!said.contains("What stayed"), "{said}");
    assert!(writes(&world.server.running().requests()).iter().any(|write| write.starts_with("DELETE /Users/")));
}

#[test]
fn s3_09_whether_there_are_groups_is_found_out() {
    let groups = |world: &World| step(&world.repo, "groups");
    let world = World::new("scalekit");
    assert_eq!(groups(&world), ("good".to_owned(), "0 groups".to_owned()));
    for status in ["404", "405", "501"] {
        world
            .server
            .running()
            .faults()
            .set(["404,at=discovery".parse().unwrap(), format!("{status},at=groups").parse().unwrap()]);
        let (outcome, says) = groups(&world);
        assert!(outcome != "good" && says.starts_with("not supported"), "{status}: {says}");
    }
    world.server.fault("403,at=groups");
    assert!(groups(&world).1.starts_with("unknown"));
    world.server.heal();
    world.server.running().forget_requests();
    groups(&world);
    let requests = world.server.running().requests();
    assert!(asked(&requests, "/ResourceTypes") && asked(&requests, "/Groups?"), "{requests:?}");
    assert!(requests.iter().any(|request| request.path.starts_with("/Groups?") && request.path.contains("count=1")));
    // Nothing is asked where the vendor has none.
    let world = World::new("lattice");
    assert_eq!(groups(&world).0, "left");
    assert!(!asked(&world.server.running().requests(), "/Groups"));
}

//! Lattice, filled in JumpCloud's way: the lifecycle, the login, the scope.

use serde_json::json;

use crate::requirements::world::{EVERYONE, PEOPLE, TOKEN, World, asked, bodies, one_target, server, writes};
use crate::support::plan::notices;
use crate::support::{Server, files};

#[test]
fn s0_01_s0_09_s1_02_a_leaver_is_deactivated_and_never_deleted() {
    for (vendor, name) in [("lattice", "grace@acme.example"), ("jumpcloud", "grace")] {
        for rule in ["", "    onRemove: { users: delete }\n"] {
            let world = World::with(vendor, rule, EVERYONE);
            world.converge();
            world.passwords();
            world.without_grace();
            assert_eq!(world.actions(), ["deactivate grace"], "{vendor}");
            let plan = world.plan();
            assert_eq!(notices(&plan).contains(&"cannot-delete"), !rule.is_empty(), "{plan:#}");
            let requests = world.converge();
            assert!(requests.iter().all(|request| request.method != "DELETE"), "{requests:?}");
            assert_eq!(world.user(name)["active"], json!(false), "{vendor}");
        }
    }
}

#[test]
fn s0_02_the_files_are_the_only_source_and_every_change_is_previewed() {
    let world = World::new("lattice");
    let plan = world.plan();
    assert_eq!(plan["changes"][0]["origin"], json!({ "file": "people.yaml", "line": 2 }));
    assert_eq!(world.server.writes(), 0);
    let ran = world.repo.run(&["apply"]).expect(64);
    assert!(ran.err.contains("--auto-approve"), "{}", ran.err);
    assert_eq!(world.server.writes(), 0, "nothing is written that nobody has agreed to");
    assert_eq!(writes(&world.converge()), ["POST /Users", "POST /Users"]);
    world.server.set("ada", "department", "Sales");
    let plan = world.plan();
    assert_eq!(plan["changes"][0]["reason"], "changed-at-target");
    assert_eq!(plan["changes"][0]["attributes"][0]["after"], "Engineering");
}

#[test]
fn s0_03_s1_09_every_body_is_of_scim_2_0() {
    for vendor in ["lattice", "jumpcloud", "scalekit"] {
        let world = World::new(vendor);
        let mut requests = world.converge();
        world.edit("title: Engineer", "title: Principal Engineer");
        requests.extend(world.converge());
        let bodies = bodies(&requests);
        assert!(bodies.len() >= 3, "{bodies:?}");
        for schema in bodies.iter().flat_map(|body| body["schemas"].as_array().unwrap()) {
            let schema = schema.as_str().unwrap();
            assert!(schema.starts_with("urn:ietf:params:scim:") && schema.contains(":2.0:"), "{schema}");
        }
    }
}

#[test]
fn s0_04_a_new_token_changes_nothing_but_the_login() {
    for source in ["env: OTHER", "file: token", "command: [cat, token]"] {
        let mut world = World::new("lattice");
        world.converge();
        world.repo.edit("scimform.yaml", "env: TOKEN", source);
        world.repo.write("token", "old");
        let ran = world.repo.run(&["plan"]).expect(1);
        assert!(!ran.out.contains("create"), "{}", ran.out);
        world.repo.write("token", TOKEN);
        world.repo = world.repo.env("OTHER", TOKEN).env("SCIMFORM_ALLOW_COMMANDS", "1");
        assert_eq!(world.actions(), [""; 0], "{source}");
    }
}

#[test]
fn s0_05_s1_10_s2_06_groups_only_say_who_is_in_scope() {
    for vendor in ["lattice", "jumpcloud"] {
        let bindings = "bindings:\n  staff:\n    target: app\n    assign: { groups: [crew] }\n    push: assigned\n\
                        groups:\n  crew: { displayName: Crew, members: [ada] }\n";
        let world = World::with(vendor, "", bindings);
        let plan = world.plan();
        let change = &plan["changes"];
        assert_eq!((change[0]["key"].as_str(), change.as_array().unwrap().len()), (Some("ada"), 1));
        let told = plan["notices"].to_string();
        assert!(told.contains("group"), "{told}");
        let requests = world.converge();
        assert!(!asked(&requests, "/Groups"), "{requests:?}");
        assert_eq!(world.server.list("Users").len(), 1);
    }
}

#[test]
fn s0_06_s2_06_nothing_is_sent_in_bulk() {
    let world = World::new("lattice");
    let more: String = (0..60)
        .map(|n| format!("  p{n}:\n    userName: p{n}@acme.example\n    emails: [{{ value: p{n}@acme.example }}]\n    employeeNumber: \"{n}\"\n    name: {{ givenName: P, familyName: N{n} }}\n"))
        .collect();
    world.repo.write("people.yaml", format!("{PEOPLE}{more}"));
    let requests = world.converge();
    assert_eq!(writes(&requests).len(), 62);
    assert!(!asked(&requests, "/Bulk"));
}

#[test]
fn s0_12_s2_08_a_target_that_is_not_set_up_yet_does_not_stop_the_others() {
    let world = World::new("lattice");
    let more = "  later:\n    profile: scalekit\n    description: Set up next quarter\n";
    let config = std::fs::read_to_string(world.repo.path().join("scimform.yaml")).unwrap();
    world.repo.write("scimform.yaml", config + more);
    let ran = world.validate().expect(0);
    assert!(ran.out.contains("later"), "{}", ran.out);
    let plan = world.repo.run(&["plan", "--format", "json"]).json();
    assert_eq!(plan["targets"][0]["summary"]["actions"]["create"], 2);
    world.repo.apply().expect(0);
    assert_eq!(world.server.list("Users").len(), 2);
}

#[test]
fn s0_14_s2_10_s3_02_the_token_is_in_no_file_and_no_output() {
    for vendor in ["lattice", "scalekit"] {
        let world = World::new(vendor);
        let mut said = String::new();
        for arguments in [
            &["plan", "-vvv", "--out", "reviewed.json"][..],
            &["plan", "-vvv", "--format", "json"],
            &["apply", "-vvv", "reviewed.json"],
            &["apply", "-vvv", "--auto-approve", "--format", "json"],
            &["ledger", "show", "ada"],
            &["validate"],
        ] {
            let ran = world.repo.run(arguments).expect(0);
            said.push_str(&(ran.out + &ran.err));
        }
        assert!(said.contains("POST") && !said.contains(TOKEN), "{said}");
        let files = files(world.repo.path());
        for (path, bytes) in &files {
            assert!(!String::from_utf8_lossy(bytes).contains(TOKEN), "{}", path.display());
        }
        assert!(files.len() >= 6, "plan, ledger and journal are there: {}", files.len());
    }
}

#[test]
fn s0_16_s2_08_s3_10_s3_13_the_members_of_assigned_groups_are_in_scope() {
    let bindings = "\
bindings:
  staff:
    target: app
    assign: { groups: [navy, engineers] }
groups:
  navy: { displayName: Navy, members: [grace, linus] }
  engineers: { displayName: Engineers, where: user.department == \"Engineering\" }
  others: { displayName: Others, members: [margaret] }
";
    for vendor in ["lattice", "scalekit"] {
        let world = World::with(vendor, "", bindings);
        let more = |key: &str| {
            format!(
                "  {key}:\n    userName: {key}@acme.example\n    emails: [{{ value: {key}@acme.example }}]\n    employeeNumber: \"{key}\"\n    name: {{ givenName: {key}, familyName: X }}\n"
            )
        };
        world.repo.write("people.yaml", format!("{PEOPLE}{}{}", more("linus"), more("margaret")));
        assert_eq!(world.actions(), ["create ada", "create grace", "create linus"], "{vendor}");
        world.converge();
        world.repo.edit("bindings.yaml", "members: [grace, linus]", "members: [grace]");
        assert_eq!(world.actions(), ["deactivate linus"], "{vendor}");
    }
}

#[test]
fn s0_35_every_command_ends_with_a_result_and_a_code() {
    let world = World::new("lattice");
    let told = |arguments: &[&str], code: i32, wanted: &str| {
        let ran = world.repo.run(arguments).expect(code);
        assert!(ran.said().contains(wanted), "{arguments:?}: {}", ran.said());
    };
    told(&["validate"], 0, "Valid");
    told(&["plan"], 0, "2 to create");
    told(&["plan", "--detailed-exitcode"], 2, "2 to create");
    told(&["apply", "--auto-approve"], 0, "2 created");
    told(&["plan", "--detailed-exitcode"], 0, "No changes");
    told(&["apply", "--auto-approve"], 0, "No changes");
    told(&["ledger", "list"], 0, "grace");
    told(&["ledger", "forget", "app", "grace"], 0, "grace");
    world.server.fault("garbage");
    told(&["plan"], 1, "could not be read");
}

#[test]
fn s0_36_t70_too_many_removals_want_their_exact_number() {
    let world = World::new("lattice");
    let person = |n: usize| {
        format!(
            "  p{n}:\n    userName: p{n}@acme.example\n    emails: [{{ value: p{n}@acme.example }}]\n    employeeNumber: \"{n}\"\n    name: {{ givenName: P, familyName: N{n} }}\n"
        )
    };
    let people = |count: usize| format!("users:\n{}", (0..count).map(person).collect::<String>());
    world.repo.write("people.yaml", people(20));
    world.converge();
    world.repo.write("people.yaml", people(14));
    world.server.running().forget_requests();
    let plan = world.repo.run(&["plan"]).expect(3);
    assert!(plan.out.contains("--confirm-removals 6"), "{}", plan.out);
    world.repo.apply().expect(3);
    for wrong in ["5", "7"] {
        world.repo.run(&["apply", "--auto-approve", "--confirm-removals", wrong]).expect(3);
    }
    assert_eq!(world.server.writes(), 0);
    world.repo.run(&["apply", "--auto-approve", "--confirm-removals", "6"]).expect(0);
    assert_eq!(world.server.list("Users").iter().filter(|user| user["active"] == false).count(), 6);
}

#[test]
fn s0_37_a_target_that_is_taken_out_of_the_files_keeps_its_people() {
    let world = World::new("lattice");
    world.converge();
    let enabled = world.repo.run(&["ledger", "forget", "app", "--all", "--confirm", "2"]).expect(3);
    assert!(enabled.err.contains("`app` is in use") && enabled.err.contains("mode: disabled"), "{}", enabled.err);
    let other: Server = server("scalekit");
    let config = format!("version: 1\ntargets:\n{}", one_target("other", other.url(), "scalekit", ""));
    world.repo.write("scimform.yaml", config);
    world.repo.edit("bindings.yaml", "target: app", "target: other");
    world.server.running().forget_requests();
    let ran = world.repo.run(&["plan"]).expect(0);
    assert!(ran.err.contains("2 users") && ran.err.contains("`app`"), "{}", ran.err);
    world.repo.apply().expect(0);
    assert_eq!(world.server.running().request_count(), 0, "the target that is gone is not even asked");
    assert!(world.server.list("Users").iter().all(|user| user["active"] == true));
    assert_eq!(other.list("Users").len(), 2);
}

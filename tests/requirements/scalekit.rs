//! Scalekit directories: people, groups, memberships.

use serde_json::{Value, json};

use crate::requirements::world::{PEOPLE, World, answering, at, one_target, server, writes};
use crate::support::plan::actions;
use crate::support::{Repo, Server};

const CREW: &str = "\
bindings:
  crew:
    target: app
    assign: { groups: [crew] }
    push: assigned
groups:
  crew: { displayName: Crew, members: [ada, grace] }
";

fn crew() -> World {
    World::with("scalekit", "", CREW)
}

/// userNames of a group's members.
fn members(server: &Server, name: &str) -> Vec<String> {
    let users = server.list("Users");
    let group = server.get(name);
    let ids: Vec<&Value> =
        group["members"].as_array().map(|all| all.iter().map(|one| &one["value"]).collect()).unwrap_or_default();
    let mut names: Vec<String> = users
        .iter()
        .filter(|user| ids.contains(&&user["id"]))
        .map(|user| user["userName"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn s3_01_each_directory_is_a_target_with_its_own_address_and_token() {
    let (one, two) = (server("scalekit"), server("scalekit"));
    let targets = one_target("acme", one.url(), "scalekit", "")
        + &one_target("umbrella", two.url(), "scalekit", "").replace("env: TOKEN", "env: OTHER");
    let bindings = "bindings:\n  acme: { target: acme, assign: { users: [ada] } }\n  umbrella: { target: umbrella, assign: { users: [grace] } }\n";
    let files = [
        ("scimform.yaml", &*format!("version: 1\ntargets:\n{targets}")),
        ("bindings.yaml", bindings),
        ("people.yaml", PEOPLE),
    ];
    let repo = Repo::new(&files).env("OTHER", "wrong");
    let plan = repo.run(&["plan", "--format", "json"]).expect(1).json();
    assert!(plan["targets"][0].get("failed").is_none(), "the other's token is no matter here");
    assert!(plan["targets"][1]["failed"].as_str().unwrap().contains("401"));
    let repo = Repo::new(&files).env("OTHER", "secret-token");
    repo.apply().expect(0);
    assert_eq!((one.list("Users")[0]["userName"].as_str(), one.list("Users").len()), (Some("ada@acme.example"), 1));
    assert_eq!((two.list("Users")[0]["userName"].as_str(), two.list("Users").len()), (Some("grace@acme.example"), 1));
}

#[test]
fn s3_05_a_vendor_without_a_profile_works_as_generic() {
    let server = Server::start();
    let repo = at(server.url(), "generic", CREW);
    repo.apply().expect(0);
    assert_eq!(members(&server, "Crew"), ["ada@acme.example", "grace@acme.example"]);
    assert_eq!(actions(&repo.plan()), [""; 0]);
    let repo = at(server.url(), "some-vendor", CREW);
    let ran = repo.run(&["validate"]).expect(1);
    assert!(ran.out.contains("no profile `some-vendor`") && ran.out.contains("`generic`"), "{}", ran.out);
}

#[test]
fn s3_08_a_run_can_be_compared_with_the_vendors_log() {
    let world = crew();
    world.converge();
    let folder = world.repo.path().join(".scimform/journal");
    let text: String = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let done = lines.iter().filter(|line| line["event"] == "done");
    for line in done.clone() {
        assert!(
            line["time"].as_str().unwrap().ends_with('Z') && line["status"].is_u64() && line["id"].is_string(),
            "{line}"
        );
    }
    assert_eq!(done.count(), world.server.list("Users").len() + 1);
    let sending = lines.iter().filter(|line| line["event"] == "sending");
    assert!(sending.clone().count() >= 3 && sending.into_iter().all(|line| line["method"].is_string()));
    // The server's own number of a request, where it gives one.
    let silent = answering(&json!({ "totalResults": 0, "Resources": [] }));
    let ran = at(silent.url(), "scalekit", CREW).run(&["plan", "-vv"]);
    assert!(ran.err.contains("request id r-4711"), "{}", ran.err);
}

#[test]
fn s3_12_who_joins_an_assigned_group_is_created_and_then_added() {
    let world = crew();
    world.repo.edit("bindings.yaml", "members: [ada, grace]", "members: [ada]");
    world.converge();
    assert_eq!(members(&world.server, "Crew"), ["ada@acme.example"]);
    world.repo.edit("bindings.yaml", "members: [ada]", "members: [ada, grace]");
    let plan = world.plan();
    assert_eq!(actions(&plan), ["create grace", "update crew"]);
    assert_eq!(plan["changes"][1]["members"]["add"][0]["key"], "grace");
    let written = writes(&world.converge());
    assert!(
        written[0] == "POST /Users" && written[1].starts_with("PATCH /Groups/") && written.len() == 2,
        "{written:?}"
    );
    assert_eq!(members(&world.server, "Crew"), ["ada@acme.example", "grace@acme.example"]);
}

#[test]
fn s3_14_memberships_are_verified_after_an_apply() {
    let world = crew();
    world.repo.edit(
        "bindings.yaml",
        "Crew, members: [ada, grace] }",
        "Crew, members: [ada] }\n  all: { displayName: All, members: [ada, grace] }",
    );
    world.repo.edit("bindings.yaml", "groups: [crew]", "groups: [crew, all]");
    world.converge();
    world.repo.edit("bindings.yaml", "Crew, members: [ada]", "Crew, members: [ada, grace]");
    world.server.fault("lie,at=groups");
    let ran = world.repo.apply().expect(4);
    assert!(ran.out.contains("did not converge") && ran.out.contains("crew"), "{}", ran.out);
    world.server.heal();
    world.converge();
    assert_eq!(members(&world.server, "Crew"), ["ada@acme.example", "grace@acme.example"]);
}

/// Ada in two pushed groups, Grace in one of them.
const TWO: &str = "\
bindings:
  crew: { target: app, assign: { groups: [crew] }, push: assigned }
  staff: { target: app, assign: { groups: [staff] }, push: assigned }
groups:
  crew: { displayName: Crew, members: [ada, grace] }
  staff: { displayName: Staff, members: [ada] }
";

/// The line that binds the crew.
const BOUND: &str = "  crew: { target: app, assign: { groups: [crew] }, push: assigned }\n";

#[test]
fn s3_15_a_group_that_is_unbound_loses_its_members_and_stays() {
    for (rule, active) in [("", false), ("    onRemove: { users: ignore }\n", true)] {
        let world = World::with("scalekit", rule, TWO);
        world.converge();
        let id = world.server.id("Crew");
        world.repo.edit("bindings.yaml", BOUND, "");
        let plan = world.plan();
        let change = plan["changes"].as_array().unwrap().iter().find(|change| change["key"] == "crew").unwrap();
        assert_eq!(change["members"]["remove"].as_array().unwrap().len(), 2, "{plan:#}");
        let requests = world.converge();
        assert!(requests.iter().all(|request| request.method != "DELETE"));
        assert_eq!((world.server.id("Crew"), members(&world.server, "Crew").len()), (id, 0));
        assert_eq!(members(&world.server, "Staff"), ["ada@acme.example"]);
        assert_eq!(world.user("ada@acme.example")["active"], json!(true), "still in a bound group");
        assert_eq!(world.user("grace@acme.example")["active"], json!(active));
    }
}

#[test]
fn s3_15_the_group_can_be_deleted_or_left_instead() {
    for (rule, groups, left) in [("delete", 1, 0), ("ignore", 2, 2)] {
        let world = World::with("scalekit", &format!("    onRemove: {{ groups: {rule}, users: ignore }}\n"), TWO);
        world.converge();
        world.repo.edit("bindings.yaml", BOUND, "");
        world.converge();
        assert_eq!(world.server.list("Groups").len(), groups, "{rule}");
        if groups == 2 {
            assert_eq!(members(&world.server, "Crew").len(), left);
        }
    }
}

#[test]
fn s3_15_members_that_are_not_ours_stay_in_it() {
    let world = World::with("scalekit", "", TWO);
    world.converge();
    world.server.add(&json!({ "userName": "guest@else.example" }));
    let guest = world.server.id("guest@else.example");
    world.server.patch("Crew", &json!([{ "op": "add", "path": "members", "value": [{ "value": guest }] }]));
    world.repo.edit("bindings.yaml", BOUND, "");
    world.converge();
    assert_eq!(members(&world.server, "Crew"), ["guest@else.example"], "managed members alone are removed");
}

#[test]
fn s3_16_t99_a_group_that_is_bound_again_is_recognised_and_filled() {
    for forget in [false, true] {
        let world = World::with("scalekit", "", TWO);
        world.converge();
        let id = world.server.get("Crew")["id"].clone();
        world.repo.edit("bindings.yaml", BOUND, "");
        world.converge();
        if forget {
            std::fs::remove_dir_all(world.repo.path().join(".scimform")).unwrap();
        }
        world.repo.edit("bindings.yaml", "bindings:\n", &format!("bindings:\n{BOUND}"));
        assert!(world.actions().contains(&"update crew".to_owned()), "{:?}", world.actions());
        let requests = world.converge();
        assert!(requests.iter().all(|request| request.method != "POST"), "{requests:?}");
        assert_eq!((&world.server.get("Crew")["id"], world.server.list("Groups").len()), (&id, 2));
        assert_eq!(members(&world.server, "Crew"), ["ada@acme.example", "grace@acme.example"]);
    }
}

#[test]
fn s3_16_it_is_recognised_by_its_name() {
    let world = crew();
    let made = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Crew" });
    assert_eq!(world.server.send("POST", "Groups", &made), 201);
    assert!(world.actions().contains(&"update crew".to_owned()), "{:?}", world.actions());
    world.converge();
    assert_eq!(world.server.list("Groups").len(), 1);
}

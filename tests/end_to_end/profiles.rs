//! A profile of the user's own, and a vendor's deletion that is final.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::support::Repo;

const PEOPLE: &str = r#"
users:
  grace:
    userName: grace@acme.example
    name: { givenName: Grace, familyName: Hopper }
    displayName: Grace Hopper
    emails: [{ value: grace@acme.example, type: work, primary: true }]
    phoneNumbers: [{ value: "+1 202 555 0100", type: work }]
    title: Admiral
    department: Navy
    employeeNumber: "7"
  ada:
    userName: ada@acme.example
    name: { givenName: Ada, familyName: Lovelace }
    emails: [{ value: ada@acme.example, type: work, primary: true }, { value: ada@home.example, type: home }]
    addresses: [{ type: work, locality: London }]
    preferredLanguage: en-GB
    manager: grace
groups:
  crew: { displayName: Crew, members: [ada, grace] }
"#;

const OWN: &str = "
profiles:
  acme:
    extends: lattice
    title: Acme
    capabilities: { resources: { groups: true }, filterGroups: [displayName], createGroups: true }
    attributes: { aliases: { title: position }, serverOwned: [nickName] }
    mapping:
      user: { jobTitle: null, position: user.title, nickName: null, displayName: user.displayName }
      group: { displayName: group.displayName }
      matchGroups: [displayName]
";

#[test]
fn a_profile_of_the_user_s_own_is_planned_applied_and_played() {
    let root = "version: 1\ntargets: { app: { profile: acme, url: 'https://app.example/scim/v2' } }\n\
                bindings: { all: { target: app, assign: { groups: [crew] }, push: [crew] } }\n";
    let repo = Repo::new(&[("scimform.yaml", root), ("people.yaml", PEOPLE), ("profiles.yaml", OWN)]);
    repo.run(&["validate"]).expect(0);
    let plan = repo.run(&["plan", "--sandbox", "--format", "json"]).json();
    let paths = plan["targets"][0]["changes"].to_string();
    assert!(paths.contains("\"position\"") && !paths.contains("jobTitle"), "{paths}");
    repo.run(&["apply", "--sandbox", "--auto-approve"]).expect(0);
    repo.run(&["plan", "--sandbox", "--detailed-exitcode"]).expect(0);

    let mut server = repo.command(&["sandbox", "--profile", "acme"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut address = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut address).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(address.starts_with("http://127.0.0.1:"), "{address}");
    let unknown = repo.run(&["sandbox", "--profile", "akme"]).expect(64);
    assert!(unknown.err.contains("acme"), "{}", unknown.err);
}

#[test]
fn a_deletion_that_cannot_be_taken_back_says_so() {
    let root = "version: 1\ntargets: { app: { profile: github-enterprise, url: 'https://app.example/scim/v2', \
                onRemove: { users: delete } } }\nbindings: { all: { target: app, assign: { groups: [crew] } } }\n";
    let repo = Repo::new(&[("scimform.yaml", root), ("people.yaml", PEOPLE)]);
    repo.run(&["apply", "--sandbox", "--auto-approve"]).expect(0);
    repo.edit("people.yaml", "members: [ada, grace]", "members: [ada]");
    let plan = repo.run(&["plan", "--sandbox"]).expect(0).out;
    assert!(plan.contains("- delete  user  grace") && plan.contains("note[irreversible] deleted for ever"), "{plan}");
}

//! The seal as a user meets it.

use crate::support::{LEDGER, Repo, Server, files};

const KEY: &str = "6f1d0c9b8a7e6f5d4c3b2a190817f6e5";
/// Where earlier versions kept it.
const FORMER: &str = ".scimform/ledger.json";

fn people(server: &Server) -> Repo {
    Repo::with_people(server.url(), &["ada", "grace"])
}

#[test]
fn a_key_pointed_at_another_persons_id_is_refused_until_a_person_has_looked() {
    let server = Server::start();
    let repo = people(&server).env("SCIMFORM_LEDGER_KEY", KEY);
    repo.apply().expect(0);
    let head = format!("{LEDGER}/head.json");
    let text = std::fs::read_to_string(repo.path().join(&head)).unwrap();
    assert!(text.contains("\"seal\"") && !repo.ledger_text().contains(KEY));
    let id = |key: &str| repo.ledger().users[key].id.clone();
    let mut names = files(&repo.path().join(LEDGER)).into_keys().map(|path| path.display().to_string());
    let users = names.find(|name| name.contains("/users-")).unwrap();
    let before = std::fs::read_to_string(repo.path().join(&users)).unwrap();
    repo.edit(&users, &id("ada"), &id("grace"));
    repo.people(&["grace"]);
    server.running().forget_requests();
    for run in [repo.run(&["plan"]), repo.apply(), repo.run(&["ledger", "forget", "app", "ada"])] {
        let run = run.expect(1);
        assert!(run.err.contains("does not fit") && run.err.contains("scimform ledger seal"), "{}", run.err);
    }
    assert!(server.running().requests().is_empty());
    // It can be looked at, and only its exact number seals it.
    let listed = repo.run(&["ledger", "list"]).expect(0);
    assert!(listed.err.contains("does not fit") && listed.out.contains("ada"), "{}", listed.err);
    let asked = repo.run(&["ledger", "seal"]).expect(3);
    assert!(asked.err.contains("app: 2 users and 1 group") && asked.err.contains("--confirm 3"), "{}", asked.err);
    repo.run(&["ledger", "seal", "--confirm", "2"]).expect(3);
    repo.write(&users, &before);
    repo.run(&["plan"]).expect(0);
    // The seal on the head is one on all parts.
    repo.edit(&head, "\"users\": 2", "\"users\": 3");
    assert!(repo.run(&["plan"]).expect(1).err.contains("does not fit"));
}

#[test]
fn without_the_key_a_sealed_ledger_is_read_and_not_saved_over() {
    let server = Server::start();
    let keyed = people(&server).env("SCIMFORM_LEDGER_KEY", KEY);
    keyed.apply().expect(0);
    let repo = people(&server).env("SCIMFORM_LEDGER_KEY", "");
    repo.take_ledger(&keyed);
    let plan = repo.run(&["plan"]).expect(0);
    assert!(plan.err.contains("its seal was not checked"), "{}", plan.err);
    repo.people(&["ada"]);
    server.running().forget_requests();
    let ran = repo.apply().expect(1);
    assert!(ran.err.contains("SCIMFORM_LEDGER_KEY is not set"), "{}", ran.err);
    assert!(server.running().requests().is_empty(), "nothing is done that could not be saved");
    assert_eq!(repo.ledger_text(), keyed.ledger_text());
    repo.run(&["ledger", "seal", "--remove", "--confirm", "3"]).expect(0);
    repo.apply().expect(0);
}

#[test]
fn a_ledger_from_before_the_key_is_sealed_by_hand_once() {
    let server = Server::start();
    let plain = people(&server);
    plain.apply().expect(0);
    plain.run(&["ledger", "seal", "--confirm", "3"]).expect(64);
    let keyed = people(&server).env("SCIMFORM_LEDGER_KEY", KEY);
    keyed.take_ledger(&plain);
    let ran = keyed.apply().expect(1);
    assert!(ran.err.contains("has no seal"), "{}", ran.err);
    keyed.run(&["ledger", "seal", "--confirm", "3"]).expect(0);
    keyed.apply().expect(0);
    let weak = people(&server).env("SCIMFORM_LEDGER_KEY", "hunter2");
    let ran = weak.run(&["plan"]).expect(1);
    assert!(ran.err.contains("shorter than 32") && !ran.err.contains("hunter2"), "{}", ran.err);
}

/// The document of earlier versions for all targets: what is sealed and fits is taken over, anything else is not believed.
#[test]
fn a_seal_of_an_earlier_version_is_checked_and_taken_over() {
    let server = Server::start();
    let former = include_str!("sealed-v2.json");
    let repo = people(&server).env("SCIMFORM_LEDGER_KEY", KEY);
    repo.write(FORMER, former);
    let listed = repo.run(&["ledger", "list"]).expect(0);
    assert!(!listed.err.contains("seal") && listed.out.contains("ada"), "{}", listed.err);
    repo.write(FORMER, former.replace("\"u-1\"", "\"u-2\""));
    for run in [repo.run(&["plan"]), repo.apply()] {
        assert!(run.expect(1).err.contains("does not fit"));
    }
    let plain = people(&server);
    plain.write(FORMER, former);
    assert!(plain.run(&["ledger", "forget", "app", "ada"]).expect(1).err.contains("SCIMFORM_LEDGER_KEY is not set"));
    assert!(server.running().requests().is_empty());
    repo.write(FORMER, former);
    repo.run(&["ledger", "forget", "app", "grace"]).expect(0);
    assert!(!repo.path().join(FORMER).exists() && repo.ledger().sealed);
    assert_eq!(repo.ledger().users.keys().collect::<Vec<_>>(), ["ada", "linus"]);
}

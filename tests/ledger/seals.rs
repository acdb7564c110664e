//! The seal as a user meets it.

use crate::support::{Repo, Server};

const KEY: &str = "6f1d0c9b8a7e6f5d4c3b2a190817f6e5";
const PATH: &str = ".scimform/ledger.json";

fn people(server: &Server) -> Repo {
    Repo::with_people(server.url(), &["ada", "grace"])
}

fn ledger(repo: &Repo) -> String {
    std::fs::read_to_string(repo.path().join(PATH)).unwrap()
}

#[test]
fn a_key_pointed_at_another_persons_id_is_refused_until_a_person_has_looked() {
    let server = Server::start();
    let repo = people(&server).env("SCIMFORM_LEDGER_KEY", KEY);
    repo.apply().expect(0);
    let before = ledger(&repo);
    assert!(before.contains("\"seal\"") && !before.contains(KEY));
    let json: serde_json::Value = serde_json::from_str(&before).unwrap();
    let id = |key: &str| json["targets"]["app"]["users"][key]["id"].as_str().unwrap().to_owned();
    repo.edit(PATH, &format!("\"id\": \"{}\"", id("ada")), &format!("\"id\": \"{}\"", id("grace")));
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
    repo.write(PATH, &before);
    repo.run(&["plan"]).expect(0);
}

#[test]
fn without_the_key_a_sealed_ledger_is_read_and_not_saved_over() {
    let server = Server::start();
    let keyed = people(&server).env("SCIMFORM_LEDGER_KEY", KEY);
    keyed.apply().expect(0);
    let repo = people(&server).env("SCIMFORM_LEDGER_KEY", "");
    repo.write(PATH, ledger(&keyed));
    let plan = repo.run(&["plan"]).expect(0);
    assert!(plan.err.contains("its seal was not checked"), "{}", plan.err);
    repo.people(&["ada"]);
    server.running().forget_requests();
    let ran = repo.apply().expect(1);
    assert!(ran.err.contains("SCIMFORM_LEDGER_KEY is not set"), "{}", ran.err);
    assert!(server.running().requests().is_empty(), "nothing is done that could not be saved");
    assert_eq!(ledger(&repo), ledger(&keyed));
    repo.run(&["ledger", "seal", "--remove", "--confirm", "3"]).expect(0);
    repo.apply().expect(0);
}

#[test]
fn a_ledger_from_before_the_key_is_sealed_by_hand_once() {
    let server = Server::start();
    let plain = people(&server);
    plain.apply().expect(0);
    plain.run(&["ledger", "seal", "--confirm", "3"]).expect(64);
    let text = ledger(&plain);
    let keyed = people(&server).env("SCIMFORM_LEDGER_KEY", KEY);
    keyed.write(PATH, text);
    let ran = keyed.apply().expect(1);
    assert!(ran.err.contains("has no seal"), "{}", ran.err);
    keyed.run(&["ledger", "seal", "--confirm", "3"]).expect(0);
    keyed.apply().expect(0);
    let weak = people(&server).env("SCIMFORM_LEDGER_KEY", "hunter2");
    let ran = weak.run(&["plan"]).expect(1);
    assert!(ran.err.contains("shorter than 32") && !ran.err.contains("hunter2"), "{}", ran.err);
}

/// A ledger that was sealed once must verify for ever, whatever later versions add to the format.
#[test]
fn a_seal_made_by_an_earlier_build_is_still_right() {
    let server = Server::start();
    let repo = people(&server).env("SCIMFORM_LEDGER_KEY", KEY);
    repo.write(PATH, include_str!("sealed-v2.json"));
    let listed = repo.run(&["ledger", "list"]).expect(0);
    assert!(!listed.err.contains("seal") && listed.out.contains("ada"), "{}", listed.err);
}

//! An apply is taken back, as a reviewed change of its own.

use serde_json::{Value, json};

use crate::support::{BINDINGS, Ran, Repo, Server, target};

/// The file that an apply says it can be taken back by.
#[track_caller]
fn file(ran: &Ran) -> String {
    let line = ran.out.lines().find_map(|line| line.strip_prefix("to take this back: scimform apply --undo "));
    line.unwrap_or_else(|| panic!("no way back is named in:\n{}\n{}", ran.out, ran.err)).to_owned()
}

fn undo(repo: &Repo, file: &str) -> Ran {
    repo.run(&["apply", "--undo", file, "--auto-approve"])
}

/// What stands at the target, times and versions aside.
fn state(server: &Server) -> Vec<Value> {
    let mut all: Vec<Value> = ["Users", "Groups"].iter().flat_map(|endpoint| server.list(endpoint)).collect();
    for one in &mut all {
        one.as_object_mut().unwrap().remove("meta");
        one.as_object_mut().unwrap().remove("groups");
        if let Some(members) = one.get_mut("members").and_then(Value::as_array_mut) {
            members.sort_by_key(|member| member["value"].as_str().unwrap().to_owned());
        }
    }
    all.sort_by_key(|one| one["id"].as_str().unwrap().to_owned());
    all
}

fn user(server: &Server, key: &str) -> Value {
    let name = json!(format!("{key}@acme.example"));
    server.list("Users").into_iter().find(|user| user["userName"] == name).unwrap()
}

fn codes(part: &Value) -> Vec<(&str, &str)> {
    let text = |one: &'_ Value, name: &str| -> String { one[name].as_str().unwrap().to_owned() };
    let _ = text;
    part.as_array().unwrap().iter().map(|one| (one["code"].as_str().unwrap(), one["key"].as_str().unwrap())).collect()
}

#[test]
fn updates_and_memberships_go_back_and_come_again_with_the_next_apply() {
    let server = Server::start();
    let repo = Repo::with_people(server.url(), &["ada", "grace", "linus"]);
    repo.apply().expect(0);
    let before = state(&server);
    repo.edit("people.yaml", "title: Engineer", "title: Countess\n    nickName: Addy");
    repo.edit("people.yaml", "displayName: All", "displayName: Everyone");
    repo.edit("people.yaml", "members: [ada, grace, linus]", "members: [ada]");
    let ran = repo.apply().expect(0);
    let after = state(&server);
    assert_ne!(before, after);
    let plan = repo.run(&["plan", "--undo", &file(&ran), "--format", "json"]).expect(0).json();
    assert_eq!(plan["targets"][0]["summary"]["actions"], json!({ "update": 4 }));
    assert!(plan["undo"]["digest"].is_string());
    let shown = repo.run(&["plan", "--undo", &file(&ran)]).expect(0);
    assert!(shown.out.contains("note[undo]") && shown.out.contains("unless the commit is reverted"), "{}", shown.out);
    undo(&repo, &file(&ran)).expect(0);
    assert_eq!(state(&server), before);
    // The files were left alone, and say otherwise still.
    repo.apply().expect(0);
    assert_eq!(state(&server), after);
}

#[test]
fn once_the_commit_is_reverted_there_is_nothing_left_to_do() {
    let server = Server::start();
    let repo = Repo::with_people(server.url(), &["ada", "grace"]);
    repo.apply().expect(0);
    let before = state(&server);
    let files = std::fs::read(repo.path().join("people.yaml")).unwrap();
    repo.people(&["ada", "linus"]);
    repo.edit("people.yaml", "title: Engineer", "title: Countess");
    let ran = repo.apply().expect(0);
    undo(&repo, &file(&ran)).expect(0);
    repo.write("people.yaml", files);
    let plan = repo.run(&["plan", "--detailed-exitcode"]).expect(0);
    assert!(plan.out.contains("No changes."), "{}", plan.out);
    let linus = user(&server, "linus");
    assert_eq!(linus["active"], json!(false), "what was made stays without access, as onRemove has it");
    let others: Vec<Value> = state(&server).into_iter().filter(|one| one["id"] != linus["id"]).collect();
    assert_eq!(others, before);
}

#[test]
fn access_that_was_taken_is_given_again_and_the_other_way_round() {
    let server = Server::start();
    let repo = Repo::with_people(server.url(), &["ada", "grace"]);
    repo.apply().expect(0);
    let before = state(&server);
    repo.people(&["ada"]);
    let taken = repo.apply().expect(0);
    let after = state(&server);
    assert_eq!(user(&server, "grace")["active"], json!(false));
    let given = undo(&repo, &file(&taken)).expect(0);
    assert_eq!(state(&server), before);
    // An undo is an apply like others, and can be taken back itself.
    assert_ne!(file(&taken), file(&given));
    undo(&repo, &file(&given)).expect(0);
    assert_eq!(state(&server), after);
}

#[test]
fn what_was_undone_once_is_not_undone_again() {
    let server = Server::start();
    let repo = Repo::with_people(server.url(), &["ada", "grace"]);
    repo.apply().expect(0);
    repo.people(&["ada", "linus"]);
    let ran = repo.apply().expect(0);
    undo(&repo, &file(&ran)).expect(0);
    server.running().forget_requests();
    let again = undo(&repo, &file(&ran)).expect(0);
    assert!(again.out.contains("Everything is as it was before that apply."), "{}", again.out);
    assert!(!again.out.contains("to take this back"), "{}", again.out);
    assert_eq!(server.writes(), 0);
}

//! `explain`.

use serde_json::{Value, json};

use crate::access::report::repo;
use crate::support::{Repo, Server};

fn told(repo: &Repo, arguments: &[&str]) -> Value {
    let arguments = [&["explain", "--as-of", "2026-12-01", "--format", "json"], arguments].concat();
    repo.run(&arguments).expect(0).json()["subjects"][0].clone()
}

fn value<'a>(at: &'a Value, path: &str) -> &'a Value {
    let values = at["values"].as_array().unwrap();
    values.iter().find(|row| row["path"] == path).unwrap_or_else(|| panic!("no {path} in {values:#?}"))
}

#[test]
fn what_would_be_sent_is_what_an_apply_sends() {
    let server = Server::start();
    let repo = repo(server.url());
    let at = told(&repo, &["bob"])["targets"][0].clone();
    assert_eq!(at["matched"]["found"], "nothing");
    assert_eq!((&at["requests"][0]["method"], &at["requests"][0]["path"]), (&json!("POST"), &json!("/Users")));
    assert_eq!(at["requests"][0]["body"]["userName"], "bob@acme.example");
    assert_eq!(server.writes(), 0);
    repo.apply().expect(0);
    repo.edit("people.yaml", "displayName: Bob", "displayName: Robert");
    let at = told(&repo, &["bob"])["targets"][0].clone();
    let row = value(&at, "displayName");
    assert_eq!((&row["value"], &row["live"], &row["state"]), (&json!("Robert"), &json!("Bob"), &json!("differs")));
    assert_eq!(row["source"]["place"], json!({ "file": "people.yaml", "line": 3 }));
    assert_eq!((&at["matched"]["found"], value(&at, "userName")["state"].as_str()), (&json!("ledger"), Some("same")));
    let bob = server.list("Users").into_iter().find(|user| user["userName"] == "bob@acme.example").unwrap();
    let path = format!("/Users/{}", bob["id"].as_str().unwrap());
    assert_eq!(at["requests"].as_array().unwrap().len(), 1);
    assert_eq!(at["requests"][0]["path"], path.as_str());
    repo.apply().expect(0);
    assert_eq!(told(&repo, &["bob"])["targets"][0]["nothingBecause"], "the target is as declared");
}

#[test]
fn why_not_is_told_as_well() {
    let repo = repo("http://127.0.0.1:9");
    let kim = told(&repo, &["kim", "--offline"]);
    let bound = &kim["targets"][0]["scope"][0];
    assert_eq!(bound["holds"], false);
    assert_eq!(bound["why"], "assigned, but does not match `assign.where`: user.title != 'Ghost'");
    assert_eq!(bound["places"], json!([{ "file": "people.yaml", "line": 7 }, { "file": "bindings.yaml", "line": 4 }]));
    let later = repo.run(&["explain", "ada", "--offline", "--as-of", "2027-02-01"]).expect(0).out;
    assert!(later.contains("the membership of team ended 2027-01-31"), "{later}");
    let group = told(&repo, &["team", "--offline"]);
    assert_eq!(group["targets"][0]["members"].as_array().unwrap().len(), 2);
}

#[test]
fn an_unreachable_target_ends_with_1_and_tells_the_rest() {
    let repo = repo("http://127.0.0.1:9");
    let ran = repo.run(&["explain", "ada"]).expect(1);
    assert!(ran.out.contains("2 in scope   yes  staff") && ran.out.contains("could not be read"), "{}", ran.out);
    let ran = repo.run(&["explain", "aada", "--offline"]).expect(64);
    assert!(ran.err.contains("Did you mean `ada`?"), "{}", ran.err);
}

#[test]
fn a_password_is_never_shown() {
    let server = Server::start();
    let repo = repo(server.url());
    repo.write(
        "mapping.yaml",
        "mappings: { m: { extends: generic, user: { password: { const: hunter2-hunter2 } } } }\n",
    );
    repo.edit("bindings.yaml", "    push:", "    mapping: m\n    push:");
    for format in ["human", "markdown", "json"] {
        let ran = repo.run(&["explain", "bob", "--as-of", "2026-12-01", "--format", format]).expect(0);
        assert!(ran.out.contains("password") && ran.out.contains("(withheld)"), "{}", ran.out);
        assert!(!ran.out.contains("hunter2"), "{}", ran.out);
    }
}

//! Plan, apply, plan: what changes, and that nothing is left to do.

use serde_json::json;

use crate::support::plan::kinds;
use crate::support::{applied, declared};

#[test]
fn an_apply_converges_and_a_second_plan_is_empty() {
    let (server, repo) = declared(&["ada", "grace", "linus"]);
    assert_eq!(kinds(&repo.plan()), ["create user ada", "create user grace", "create user linus", "create group all"]);
    assert_eq!(server.writes(), 0, "plan never writes");
    repo.apply().expect(0);
    assert_eq!(kinds(&repo.plan()), [""; 0]);
    assert_eq!(server.list("Users").len(), 3);
    assert_eq!(server.list("Groups")[0]["members"].as_array().unwrap().len(), 3);
    let again = repo.apply().expect(0);
    assert!(again.out.contains("No changes"), "{}", again.out);
}

#[test]
fn an_edit_of_one_person_is_one_request() {
    let (server, repo) = applied(&["ada", "grace"]);
    repo.edit("people.yaml", "displayName: ada\n", "displayName: Ada Lovelace\n");
    let plan = repo.plan();
    assert_eq!(kinds(&plan), ["update user ada"]);
    let change = &plan["changes"][0];
    assert_eq!(change["attributes"][0]["path"], "displayName");
    assert_eq!(change["attributes"][0]["before"], "ada");
    assert_eq!(change["attributes"][0]["after"], "Ada Lovelace");
    assert_eq!(change["origin"]["file"], "people.yaml");
    assert_eq!(change["reason"], "changed-in-repository");
    server.running().forget_requests();
    repo.apply().expect(0);
    assert_eq!(server.writes(), 1);
    assert_eq!(kinds(&repo.plan()), [""; 0]);
}

#[test]
fn one_of_many_people_is_planned_explained_and_applied_in_a_few_requests() {
    let keys: Vec<String> = (0..120).map(|number| format!("p{number:03}")).collect();
    let (server, repo) = applied(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    repo.edit("scimform.yaml", "    profile: generic\n", "    profile: generic\n    capabilities: { pageSize: 10 }\n");
    repo.edit("people.yaml", "displayName: p070\n", "displayName: Seventy\n");
    // A page, the id and two match rules, the groups, and what the server announces.
    for command in [&["explain", "p070"][..], &["plan", "--only", "p070"]] {
        server.running().forget_requests();
        let said = repo.run(command);
        assert!(said.out.contains("Seventy"), "{}", said.out);
        let sent = server.running().requests().len();
        assert!(sent <= 8, "{command:?} sent {sent} requests");
    }
    repo.run(&["apply", "--only", "p070", "--auto-approve"]).expect(0);
    assert_eq!(kinds(&repo.plan()), [""; 0]);
    // Someone whom the ledger knows and who is gone is not created again before everyone is listed.
    let users = server.list("Users");
    let gone = users.iter().find(|user| user["displayName"] == "Seventy").unwrap();
    server.send("DELETE", &format!("Users/{}", gone["id"].as_str().unwrap()), &serde_json::Value::Null);
    server.running().forget_requests();
    assert!(repo.run(&["plan", "--only", "p070"]).out.contains("create"));
    assert!(server.running().requests().len() > 12);
}

#[test]
fn dates_decide_by_the_day_that_is_asked_for() {
    let (server, repo) = declared(&["ada", "grace"]);
    repo.edit(
        "people.yaml",
        "    displayName: grace\n",
        "    displayName: grace\n    starts: 2027-01-10\n    ends: 2027-02-10\n",
    );
    let on = |day: &str| {
        repo.run(&["apply", "--auto-approve", "--as-of", day]).expect(0);
        let users = server.list("Users");
        users.iter().find(|user| user["userName"] == "grace@acme.example").map(|user| user["active"].clone())
    };
    assert_eq!(on("2027-01-09"), None, "nobody gets an account before the first day");
    assert_eq!(on("2027-01-10"), Some(json!(true)));
    assert_eq!(on("2027-02-10"), Some(json!(true)), "the last day is a day of access");
    assert_eq!(on("2027-02-11"), Some(json!(false)));
}

#[test]
fn whose_access_ends_leaves_the_groups_and_comes_back_to_them() {
    let (server, repo) = applied(&["ada", "grace"]);
    let members = || server.list("Groups")[0]["members"].as_array().map_or(0, Vec::len);
    repo.edit("people.yaml", "    displayName: grace\n", "    displayName: grace\n    active: false\n");
    assert_eq!(kinds(&repo.plan()), ["deactivate user grace", "update group all"]);
    repo.apply().expect(0);
    assert_eq!((members(), kinds(&repo.plan()).len()), (1, 0));
    repo.edit("people.yaml", "    active: false\n", "");
    repo.apply().expect(0);
    assert_eq!((members(), kinds(&repo.plan()).len()), (2, 0));
}

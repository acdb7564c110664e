//! `report access`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Repo, Server, target};

const BINDINGS: &str = "bindings:
  staff:
    target: app
    assign: { groups: [all], users: [eve], where: user.title != 'Ghost' }
    push: [all, team]
";
const PEOPLE: &str = "users:
  ada: { userName: ada@acme.example, displayName: '=cmd()', roles: [{ value: admin }] }
  bob: { userName: bob@acme.example, displayName: Bob, department: Sales }
  eve: { userName: eve@acme.example, displayName: Eve, ends: 2026-06-30 }
  kim: { userName: kim@acme.example, displayName: Kim, title: Ghost }
groups:
  all: { displayName: All, groups: [team], members: [kim] }
  team: { displayName: Team, members: [{ user: ada, until: 2027-01-31 }], where: user.department == 'Sales' }
";

pub fn repo(url: &str) -> Repo {
    Repo::new(&[("scimform.yaml", &target(url, "generic", "")), ("bindings.yaml", BINDINGS), ("people.yaml", PEOPLE)])
}

fn report(repo: &Repo, more: &[&str]) -> Value {
    let arguments = [&["report", "access", "--as-of", "2026-12-01", "--format", "json"], more].concat();
    repo.run(&arguments).expect(0).json()["targets"][0].clone()
}

fn account<'a>(report: &'a Value, name: &str) -> &'a Value {
    let accounts = report["accounts"].as_array().unwrap();
    accounts.iter().find(|one| one["key"] == name || one["userName"] == name).unwrap_or_else(|| panic!("no {name}"))
}

fn grants(account: &Value) -> Vec<(String, String)> {
    let grants = account["grants"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    grants.map(|grant| (text(&grant["name"]), text(&grant["status"]))).collect()
}

#[test]
fn offline_it_tells_binding_chain_rule_and_line() {
    let repo = repo("http://127.0.0.1:9");
    let found = report(&repo, &[]);
    let ada = account(&found, "ada");
    let why = &ada["assigned"][0]["why"];
    let chain: Vec<&Value> = why["chain"].as_array().unwrap().iter().map(|link| &link["group"]).collect();
    assert_eq!((chain, &why["cause"]), (vec![&json!("all"), &json!("team")], &json!("member")));
    assert_eq!(why["place"], json!({ "file": "people.yaml", "line": 8 }));
    assert_eq!(ada["assigned"][0]["narrowedBy"]["place"]["line"], 4);
    assert_eq!(ada["until"], "2027-01-31");
    let names: Vec<String> = grants(ada).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["All", "Team", "admin"]);
    let bob = account(&found, "bob");
    assert_eq!(bob["assigned"][0]["why"]["rule"], "user.department == 'Sales'");
    let eve = account(&found, "eve");
    assert_eq!((&eve["active"], &eve["inactiveBecause"]), (&json!(false), &json!("ended 2026-06-30")));
    assert!(grants(eve).is_empty());
    let keys: Vec<&Value> = found["accounts"].as_array().unwrap().iter().map(|one| &one["key"]).collect();
    assert!(!keys.contains(&&json!("kim")), "the rule of the binding leaves Kim out");
    let team = report(&repo, &["--group", "team", "--only", "bob"]);
    assert_eq!(team["accounts"].as_array().unwrap().len(), 1);
    assert_eq!(grants(account(&team, "bob")).len(), 1);
}

#[test]
fn live_it_tells_what_is_missing_and_what_nobody_declared() {
    let server = Server::start();
    let repo = repo(server.url());
    repo.apply().expect(0);
    let writes = server.writes();
    let found = report(&repo, &["--live"]);
    assert_eq!((&found["summary"]["differing"], &found["summary"]["undeclared"]), (&json!(0), &json!(0)));
    server.add(&json!({ "userName": "mallory" }));
    server.set("Team", "members", json!([{ "value": server.id("mallory") }, { "value": server.id("ada") }]));
    server.set("ada", "active", false);
    let found = report(&repo, &["--live"]);
    let mallory = account(&found, "mallory");
    assert_eq!((&mallory["status"], &mallory["standing"]), (&json!("undeclared"), &json!("unmanaged")));
    assert_eq!(grants(mallory), [("Team".to_owned(), "undeclared".to_owned())]);
    assert_eq!(account(&found, "ada")["status"], "inactive");
    let status =
        |name: &str, group: &str| grants(account(&found, name)).into_iter().find(|(own, _)| own == group).unwrap().1;
    assert_eq!(status("bob", "Team"), "missing");
    assert_eq!(status("ada", "Team"), "present");
    assert_eq!(found["read"]["complete"], true);
    assert_eq!(server.writes(), writes + 3, "what this test sent itself");
}

#[test]
fn live_it_tells_roles_and_entitlements_that_nobody_declared() {
    let server = Server::start();
    let repo = repo(server.url());
    repo.apply().expect(0);
    server.add(
        &json!({ "userName": "mallory", "roles": [{ "value": "owner" }], "entitlements": [{ "value": "billing" }] }),
    );
    server.patch("ada", &json!([{ "op": "add", "path": "roles", "value": [{ "value": "superuser" }] }]));
    let found = report(&repo, &["--live"]);
    let undeclared = |name: &str| -> Vec<String> {
        let grants = grants(account(&found, name)).into_iter();
        grants.filter(|(_, status)| status == "undeclared").map(|(name, _)| name).collect()
    };
    assert_eq!(undeclared("mallory"), ["owner", "billing"]);
    assert_eq!(undeclared("ada"), ["superuser"]);
    assert_eq!(found["summary"]["undeclared"], 4);
}

#[test]
fn who_waits_for_a_password_is_there_as_declared() {
    let config = target("https://console.jumpcloud.example/scim", "jumpcloud", "");
    let bindings = BINDINGS.replace("[all, team]", "[]");
    // It needs an address of everyone, and takes no roles.
    let mut people = PEOPLE.replace(", roles: [{ value: admin }]", "");
    for key in ["ada", "bob", "eve", "kim"] {
        let name = format!("userName: {key}@acme.example");
        people = people.replace(&name, &format!("{name}, emails: [{{ value: {key}@acme.example, primary: true }}]"));
    }
    let repo = Repo::new(&[("scimform.yaml", &config), ("bindings.yaml", &bindings), ("people.yaml", &people)]);
    repo.run(&["apply", "--sandbox", "--auto-approve", "--as-of", "2026-12-01"]).expect(0);
    let found = report(&repo, &["--live", "--sandbox"]);
    assert_eq!((&found["summary"]["active"], &found["summary"]["differing"]), (&json!(2), &json!(0)), "{found}");
}

#[test]
fn a_target_that_is_not_read_is_told_and_the_declared_side_stays() {
    let repo = repo("http://127.0.0.1:9");
    let ran = repo.run(&["report", "access", "--live", "--format", "json"]).expect(1);
    let found = &ran.json()["targets"][0];
    assert!(found["failed"].is_string() && found["accounts"].as_array().unwrap().len() == 3);
}

#[test]
fn a_spreadsheet_gets_one_row_each_and_no_formula() {
    let repo = repo("http://127.0.0.1:9");
    let text = repo.run(&["report", "access", "--as-of", "2026-12-01", "--format", "csv"]).expect(0).out;
    assert!(text.starts_with("target,key,name,userName,account,kind,access,accessKey,binding,reason,"), "{text}");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let each: BTreeSet<String> = rows.iter().map(|row| format!("{} {} {}", &row[1], &row[5], &row[6])).collect();
    assert_eq!((rows.len(), each.len()), (8, 8), "{text}");
    assert!(each.contains("ada role admin"), "{each:?}");
    assert!(rows.iter().filter(|row| &row[1] == "ada").all(|row| &row[2] == "'=cmd()"), "{text}");
    assert!(rows.iter().all(|row| !row[9].is_empty()), "a reason for each");
}

#[test]
fn names_are_withheld_from_every_format() {
    let repo = repo("http://127.0.0.1:9");
    for format in ["human", "csv", "markdown", "json"] {
        let ran = repo.run(&["report", "access", "--redact", "names", "--format", format]).expect(0);
        for word in ["ada", "bob", "Bob", "eve", "cmd()", "Ghost", "Sales", "people.yaml", "admin"] {
            assert!(!ran.out.contains(word) && !ran.err.contains(word), "{word} in {format}:\n{}", ran.out);
        }
        assert!(ran.out.contains("person-1"), "{}", ran.out);
    }
}

//! An apply is taken back, as a reviewed change of its own.

use serde_json::{Value, json};

use crate::support::golden::golden;
use crate::support::plan::errors;
use crate::support::{BINDINGS, Ran, Repo, Server, applied, declared, target};

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

fn read(repo: &Repo, file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(repo.path().join(file)).unwrap()).unwrap()
}

#[test]
fn updates_and_memberships_go_back_and_come_again_with_the_next_apply() {
    let (server, repo) = applied(&["ada", "grace", "linus"]);
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
    let (server, repo) = applied(&["ada", "grace"]);
    let before = state(&server);
    let files = std::fs::read(repo.path().join("people.yaml")).unwrap();
    repo.people(&["ada", "linus"]);
    repo.edit("people.yaml", "title: Engineer", "title: Countess");
    let ran = repo.apply().expect(0);
    undo(&repo, &file(&ran)).expect(0);
    repo.write("people.yaml", files);
    let plan = repo.run(&["plan", "--detailed-exitcode"]).expect(0);
    assert!(plan.out.contains("No changes."), "{}", plan.out);
    let linus = server.get("linus");
    assert_eq!(linus["active"], json!(false), "what was made stays without access, as onRemove has it");
    let others: Vec<Value> = state(&server).into_iter().filter(|one| one["id"] != linus["id"]).collect();
    assert_eq!(others, before);
}

#[test]
fn access_that_was_taken_is_given_again_and_the_other_way_round() {
    let (server, repo) = applied(&["ada", "grace"]);
    let before = state(&server);
    repo.people(&["ada"]);
    let taken = repo.apply().expect(0);
    let after = state(&server);
    assert_eq!(server.get("grace")["active"], json!(false));
    let given = undo(&repo, &file(&taken)).expect(0);
    assert_eq!(state(&server), before);
    // An undo is an apply like others, and can be taken back itself.
    assert_ne!(file(&taken), file(&given));
    undo(&repo, &file(&given)).expect(0);
    assert_eq!(state(&server), after);
}

#[test]
fn what_was_undone_once_is_not_undone_again() {
    let (server, repo) = applied(&["ada", "grace"]);
    repo.people(&["ada", "linus"]);
    let ran = repo.apply().expect(0);
    undo(&repo, &file(&ran)).expect(0);
    server.running().forget_requests();
    let again = undo(&repo, &file(&ran)).expect(0);
    assert!(again.out.contains("Everything is as it was before that apply."), "{}", again.out);
    assert!(!again.out.contains("to take this back"), "{}", again.out);
    assert_eq!(server.writes(), 0);
}

#[test]
fn a_deletion_is_said_to_be_final_before_after_and_when_it_is_to_be_undone() {
    let (server, repo) = declared(&["ada", "grace"]);
    repo.edit("scimform.yaml", "    profile: generic\n", "    profile: generic\n    onRemove: { users: delete }\n");
    repo.apply().expect(0);
    repo.people(&["ada"]);
    repo.edit("people.yaml", "title: Engineer", "title: Countess");
    let plan = repo.run(&["plan"]).expect(0);
    assert!(plan.out.contains("note[cannot-undo] no undo brings a deleted user back"), "{}", plan.out);
    let ran = repo.apply().expect(0);
    assert!(ran.out.contains("stays app: delete user grace: a deleted user does not come back"), "{}", ran.out);
    let back = repo.run(&["plan", "--undo", &file(&ran), "--format", "json"]).expect(1).json();
    assert_eq!(errors(&back["targets"][0]), ["cannot-undo grace"]);
    // The others go back all the same, and nobody is made anew.
    let undone = undo(&repo, &file(&ran)).expect(4);
    assert!(undone.out.contains("made again, it would be another one with a new id"), "{}", undone.out);
    let users = server.list("Users");
    assert_eq!((users.len(), &users[0]["title"]), (1, &json!("Engineer")));
}

#[test]
fn the_report_names_the_way_back_and_what_it_does_not_bring_back() {
    let (_server, repo) = declared(&["ada", "grace"]);
    repo.edit("scimform.yaml", "    profile: generic\n", "    profile: generic\n    onRemove: { users: delete }\n");
    let first = repo.run(&["apply", "--auto-approve", "--format", "json"]).expect(0).json();
    assert_eq!(first["undo"]["cannot"], json!([]));
    repo.people(&["ada"]);
    let second = repo.run(&["apply", "--auto-approve", "--format", "json"]).expect(0).json();
    let cannot = &second["undo"]["cannot"];
    assert_eq!(
        (&cannot[0]["target"], &cannot[0]["key"], &cannot[0]["action"]),
        (&json!("app"), &json!("grace"), &json!("delete"))
    );
    let way = read(&repo, second["undo"]["file"].as_str().unwrap());
    assert_eq!(way["format"], json!("scimform.undo/v1"));
    let third = repo.run(&["apply", "--auto-approve", "--format", "json"]).expect(0).json();
    assert_eq!(third.get("undo"), None, "nothing was done");
}

#[test]
fn whoever_was_changed_since_is_left_with_all_three_values_and_the_others_go_back() {
    let (server, repo) = applied(&["ada", "grace"]);
    repo.edit("people.yaml", "title: Engineer", "title: Countess");
    let ran = repo.apply().expect(0);
    server.set("ada", "title", "Analyst");
    let shown = repo.run(&["plan", "--undo", &file(&ran)]).expect(1);
    let text = r#"`title` was `"Engineer"`, the apply made it `"Countess"`, and it is `"Analyst"` now"#;
    assert!(shown.out.contains("error[moved-since] user ada") && shown.out.contains(text), "{}", shown.out);
    undo(&repo, &file(&ran)).expect(4);
    let title = |key: &str| server.get(key)["title"].clone();
    assert_eq!((title("ada"), title("grace")), (json!("Analyst"), json!("Engineer")));
}

#[test]
fn of_an_apply_that_broke_only_what_was_done_goes_back() {
    let (server, repo) = applied(&["ada", "grace", "linus"]);
    let before = state(&server);
    repo.edit("people.yaml", "title: Engineer", "title: Countess");
    repo.edit("people.yaml", "members: [ada, grace, linus]", "members: [ada]");
    server.fault("500,every=2,on=PATCH");
    let ran = repo.apply().expect(4);
    server.heal();
    assert_ne!(state(&server), before, "something was done");
    let way = read(&repo, &file(&ran));
    let states: Vec<&str> =
        way["targets"][0]["changes"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert!(states.contains(&"done") && states.contains(&"partly"), "{states:?}");
    undo(&repo, &file(&ran)).expect(0);
    assert_eq!(state(&server), before);
}

#[test]
fn a_mass_creation_is_taken_back_only_by_its_exact_number() {
    let (server, repo) = applied(&["ada"]);
    let many: Vec<String> = (0..50).map(|number| format!("p{number:02}")).collect();
    repo.people(&std::iter::once("ada").chain(many.iter().map(String::as_str)).collect::<Vec<_>>());
    let ran = repo.apply().expect(0);
    let way = file(&ran);
    let refused = undo(&repo, &way).expect(3);
    assert!(
        refused.out.contains("refused[removals]") && refused.out.contains("--confirm-removals 50"),
        "{}",
        refused.out
    );
    assert!(server.list("Users").iter().all(|user| user["active"] == json!(true)));
    repo.run(&["apply", "--undo", &way, "--auto-approve", "--confirm-removals", "49"]).expect(3);
    repo.run(&["apply", "--undo", &way, "--auto-approve", "--confirm-removals", "50"]).expect(0);
    assert_eq!(server.active(), 1);
    assert_eq!(server.list("Groups")[0]["members"].as_array().unwrap().len(), 1);
}

#[test]
fn a_saved_plan_of_an_undo_stays_one() {
    let (server, repo) = applied(&["ada", "grace"]);
    let before = state(&server);
    repo.edit("people.yaml", "title: Engineer", "title: Countess");
    let ran = repo.apply().expect(0);
    let way = file(&ran);
    repo.run(&["plan", "--undo", &way, "--out", "back.json"]).expect(0);
    repo.run(&["plan", "--out", "forth.json"]).expect(0);
    let other = repo.run(&["apply", "forth.json", "--undo", &way]).expect(1);
    assert!(other.err.contains("made without `--undo`"), "{}", other.err);
    repo.run(&["apply", "back.json"]).expect(0);
    assert_eq!(state(&server), before);
    // The digest of an undo serves as well.
    repo.apply().expect(0);
    let digest = repo.run(&["plan", "--undo", &way, "--format", "json"]).expect(0).json()["digest"].clone();
    repo.run(&["apply", "--undo", &way, "--expect", "0000"]).expect(3);
    repo.run(&["apply", "--undo", &way, "--expect", digest.as_str().unwrap()]).expect(0);
    assert_eq!(state(&server), before);
    // Another file in its place is no part of what was reviewed.
    let next = repo.apply().expect(0);
    std::fs::copy(repo.path().join(file(&next)), repo.path().join(&way)).unwrap();
    let swapped = repo.run(&["apply", "back.json"]).expect(1);
    assert!(swapped.err.contains("is not the file that the plan was made from"), "{}", swapped.err);
}

#[test]
fn a_file_that_was_edited_or_is_none_is_refused() {
    let (server, repo) = declared(&["ada"]);
    let ran = repo.apply().expect(0);
    repo.edit(&file(&ran), "\"key\":\"ada\"", "\"key\":\"eve\"");
    let edited = undo(&repo, &file(&ran)).expect(1);
    assert!(edited.err.contains("was changed since the apply wrote it"), "{}", edited.err);
    let none = undo(&repo, "people.yaml").expect(1);
    assert!(none.err.contains("is no way back"), "{}", none.err);
    undo(&repo, "missing.json").expect(1);
    assert_eq!(server.get("ada")["active"], json!(true));
}

#[cfg(unix)]
#[test]
fn files_are_private_ignored_by_git_without_secrets_and_few() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_server, repo) = declared(&["ada"]);
    repo.write(
        "mapping.yaml",
        "mappings:\n  m:\n    extends: generic\n    user:\n      password: { secret: { env: TOKEN } }\n",
    );
    repo.edit("bindings.yaml", "    target: app\n", "    target: app\n    mapping: m\n");
    let ran = repo.apply().expect(0);
    let path = repo.path().join(file(&ran));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let folder = path.parent().unwrap();
    assert_eq!(std::fs::read_to_string(folder.join(".gitignore")).unwrap(), "*\n");
    assert!(!std::fs::read_to_string(&path).unwrap().contains("secret-token"));
    for number in 0..30 {
        let name = format!("20200101T0000{number:02}Z-00000000.json");
        std::fs::write(folder.join(name), "{}").unwrap();
    }
    repo.edit("people.yaml", "title: Engineer", "title: Countess");
    repo.apply().expect(0);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> = files.filter(|name| name.ends_with(".json")).collect();
    files.sort();
    assert_eq!(files.len(), 20);
    assert!(!files[17].starts_with("2020") || files[18].starts_with("20"), "{files:?}");
    assert!(path.exists(), "the newest stay");
}

#[test]
fn the_sandbox_has_ways_back_of_its_own() {
    let repo = Repo::with_people("https://nowhere.invalid/scim/v2", &["ada", "grace"]);
    repo.run(&["apply", "--sandbox", "--auto-approve"]).expect(0);
    repo.people(&["ada"]);
    let ran = repo.run(&["apply", "--sandbox", "--auto-approve"]).expect(0);
    let way = file(&ran);
    assert!(way.starts_with(".scimform/sandbox/undo/"), "{way}");
    let refused = repo.run(&["plan", "--undo", &way]).expect(1);
    assert!(refused.err.contains("ran with `--sandbox`"), "{}", refused.err);
    let back = repo.run(&["apply", "--sandbox", "--undo", &way, "--auto-approve"]).expect(0);
    assert!(back.out.contains("reactivate") && back.out.contains("grace"), "{}", back.out);
    repo.people(&["ada", "grace"]);
    let plan = repo.run(&["plan", "--sandbox"]).expect(0);
    assert!(plan.out.contains("No changes."), "{}", plan.out);
}

#[test]
fn one_key_or_one_target_goes_back_alone() {
    let (server, other) = (Server::start(), Server::start());
    let repo = Repo::with_people(server.url(), &["ada", "grace"]);
    let more =
        format!("  more:\n    profile: generic\n    url: {}\n    auth: {{ bearer: {{ env: TOKEN }} }}\n", other.url());
    repo.write("scimform.yaml", target(server.url(), "generic", &more));
    repo.write("more.yaml", BINDINGS.replace("everyone:", "again:").replace("target: app", "target: more"));
    repo.apply().expect(0);
    repo.edit("people.yaml", "title: Engineer", "title: Countess");
    let ran = repo.apply().expect(0);
    let titles = || {
        let all = [&server, &other].map(|server| ["ada", "grace"].map(|key| server.get(key)["title"].clone()));
        all.concat().iter().map(|title| title.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let way = file(&ran);
    repo.run(&["apply", "--undo", &way, "--auto-approve", "--target", "more", "--only", "ada"]).expect(0);
    assert_eq!(titles(), ["Countess", "Countess", "Engineer", "Countess"]);
    repo.run(&["apply", "--undo", &way, "--auto-approve", "--target", "app"]).expect(0);
    assert_eq!(titles(), ["Engineer", "Engineer", "Engineer", "Countess"]);
    let unknown = repo.run(&["plan", "--undo", &way, "--only", "nobody"]).expect(64);
    assert!(unknown.err.contains("nobody"), "{}", unknown.err);
    // What is no longer declared can't be written to.
    repo.write("scimform.yaml", target(server.url(), "generic", ""));
    std::fs::remove_file(repo.path().join("more.yaml")).unwrap();
    let gone = undo(&repo, &way).expect(1);
    assert!(gone.err.contains("`more`, which is no longer declared"), "{}", gone.err);
}

#[test]
fn accounts_that_were_only_adopted_are_managed_no_more_and_keep_their_access() {
    let server = Server::start();
    for key in ["ada", "grace"] {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": format!("{key}@acme.example"), "title": "Before", "active": true
        });
        assert_eq!(server.send("POST", "Users", &body), 201);
    }
    let before = state(&server);
    let repo = Repo::with_people(server.url(), &["ada", "grace"]);
    repo.write("people.yaml", "users:\n  ada: { userName: ada@acme.example, title: Countess }\n  grace: { userName: grace@acme.example, title: Before }\n");
    repo.write("bindings.yaml", BINDINGS.replace("    push: [all]\n", "    mapping: m\n"));
    repo.write(
        "mapping.yaml",
        "mappings:\n  m:\n    user: { userName: user.userName, title: user.title }\n    match: [userName]\n",
    );
    let ran = repo.apply().expect(0);
    undo(&repo, &file(&ran)).expect(0);
    assert_eq!(state(&server), before);
    let list = repo.run(&["ledger", "list"]).expect(0);
    assert!(!list.out.contains("ada") && !list.out.contains("grace"), "{}", list.out);
    // With the commit reverted nobody is taken for a leaver.
    repo.write("people.yaml", "users: {}\n");
    let plan = repo.run(&["plan", "--detailed-exitcode"]).expect(0);
    assert!(plan.out.contains("No changes."), "{}", plan.out);
}

#[test]
fn a_run_that_was_cut_off_is_taken_back_by_its_journal() {
    let (server, repo) = applied(&["ada", "grace"]);
    let before = state(&server);
    repo.people(&["ada", "linus", "niklaus"]);
    repo.edit("people.yaml", "title: Engineer", "title: Countess");
    server.fault("latency=400ms");
    let mut child = repo.command(&["apply", "--auto-approve"]).stdout(std::process::Stdio::null()).spawn().unwrap();
    let folder = repo.path().join(".scimform/journal");
    let created = || {
        let texts =
            std::fs::read_dir(&folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
        texts
            .filter(|text| !text.contains("\"finished\""))
            .any(|text| text.contains("\"done\"") && text.contains("linus"))
    };
    for _ in 0..600 {
        if created() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    server.heal();
    let mut ways: Vec<String> = std::fs::read_dir(repo.path().join(".scimform/undo"))
        .unwrap()
        .map(|entry| format!(".scimform/undo/{}", entry.unwrap().file_name().to_string_lossy()))
        .filter(|name| name.ends_with(".json"))
        .collect();
    ways.sort_by_key(|way| std::fs::metadata(repo.path().join(way)).unwrap().modified().unwrap());
    let way = ways.last().unwrap();
    assert_eq!(read(&repo, way)["targets"][0]["settled"], json!(false));
    let ran = undo(&repo, way);
    // Someone whose creation was in flight is told of, nobody is guessed at.
    assert!(ran.code == 0 || ran.out.contains("error[outcome-unknown]"), "{}\n{}", ran.out, ran.err);
    assert_eq!(server.get("linus")["active"], json!(false));
    let old: Vec<&str> = before.iter().map(|one| one["id"].as_str().unwrap()).collect();
    let now: Vec<Value> = state(&server).into_iter().filter(|one| old.contains(&one["id"].as_str().unwrap())).collect();
    assert_eq!(now, before);
}

#[test]
fn the_published_schema_is_fresh_and_describes_the_files() {
    let (_server, repo) = applied(&["ada", "grace"]);
    repo.people(&["ada", "linus"]);
    let ran = repo.apply().expect(0);
    let printed = repo.run(&["schema", "undo"]).expect(0);
    golden("schema/undo.v1.schema.json", &printed.out);
    let validator = jsonschema::validator_for(&printed.json()).unwrap();
    let way = read(&repo, &file(&ran));
    assert!(
        validator.is_valid(&way),
        "{:?}",
        validator.iter_errors(&way["targets"][0]).map(|error| error.to_string()).collect::<Vec<_>>()
    );
}

#[test]
fn where_nobody_gets_access_back_that_is_said_before_and_after() {
    let (server, repo) = declared(&["ada", "grace"]);
    repo.edit(
        "scimform.yaml",
        "    profile: generic\n",
        "    profile: generic\n    capabilities: { reactivation: false }\n",
    );
    repo.apply().expect(0);
    repo.people(&["ada"]);
    let plan = repo.run(&["plan"]).expect(0);
    assert!(plan.out.contains("note[cannot-undo] no undo gives access back"), "{}", plan.out);
    let ran = repo.apply().expect(0);
    assert!(ran.out.contains("stays app: deactivate user grace"), "{}", ran.out);
    let back = undo(&repo, &file(&ran)).expect(4);
    assert!(back.out.contains("error[cannot-undo] user grace"), "{}", back.out);
    assert_eq!(server.get("grace")["active"], json!(false));
}

//! What people write in YAML, and plans that have grown old.

use serde_json::json;

use crate::awkward::attributes::PATCH;
use crate::awkward::identity::{USERS, person, repo};
use crate::support::BINDINGS;
use crate::support::plan::{actions, settled};
use crate::support::scripted::Scripted;

#[test]
fn t96_words_that_look_like_something_else_stay_text() {
    let server = Scripted::plain();
    let people = "users:\n  \"0123\": { userName: \"0123\", title: \"1e3\", nickName: 12:30, displayName: \"no\" }\n  1e3: { userName: 1e3@x.example, title: 1_000, employeeNumber: \"007\" }\n";
    let repo = repo(server.url(), "", USERS, people);
    repo.apply().expect(0);
    let users = server.all("Users");
    let of = |key: &str| users.iter().find(|user| user["externalId"] == key).unwrap_or_else(|| panic!("{users:#?}"));
    let ada = of("0123");
    assert_eq!(
        [&ada["userName"], &ada["title"], &ada["nickName"], &ada["displayName"]],
        ["0123", "1e3", "12:30", "no"]
    );
    assert_eq!(of("1e3")["title"], "1_000");
    assert_eq!(of("1e3")[crate::awkward::attributes::ENTERPRISE]["employeeNumber"], "007");
    settled(&repo);
}

#[test]
fn t96_a_number_in_place_of_text_is_refused_with_the_quotes_to_write() {
    for number in ["0123", "1e3", "0x1F", "007", "1.0"] {
        let text = format!("{}    title: {number}\n", person("ada", "ada@x.example"));
        let ran = repo("https://app.example.com/scim", "", USERS, &text).run(&["validate"]).expect(1);
        assert!(ran.out.contains("people.yaml:4") && ran.out.contains(&format!("\"{number}\"")), "{}", ran.out);
    }
}

#[test]
fn t96_line_ends_marks_and_anchors_are_read() {
    let server = Scripted::plain();
    let people = "\u{feff}users:\r\n  ada: &ada\r\n    userName: ada@x.example\r\n    emails: &mail [{ value: a@x.example }]\r\n  bob:\r\n    userName: bob@x.example\r\n    emails: *mail\r\n";
    let repo = repo(server.url(), "", USERS, people);
    repo.apply().expect(0);
    assert!(server.all("Users").iter().all(|user| user["emails"][0]["value"] == "a@x.example"));
}

#[test]
fn t96_what_is_ambiguous_or_a_bomb_is_refused_where_it_stands() {
    let bomb: String = (1..40).map(|n| format!("    a{n}: &a{n} [*a{0}, *a{0}, *a{0}, *a{0}]\n", n - 1)).collect();
    let bad = [
        ("  ada: { userName: no }\n", "yaml-boolean", "people.yaml:2"),
        ("  ada: { userName: a, userName: b }\n", "duplicate-key", "people.yaml:2"),
        ("  ada: { userName: a }\n  ada: { userName: b }\n", "duplicate-key", "people.yaml:3"),
        ("\tada: { userName: a }\n", "yaml-syntax", "people.yaml:2"),
        ("  ada: &a { userName: a }\n  bob: { <<: *a }\n", "yaml-unsupported", "people.yaml:3"),
    ];
    for (text, code, place) in bad {
        let repo = repo("https://app.example.com/scim", "", USERS, &format!("users:\n{text}"));
        let ran = repo.run(&["validate"]).expect(1);
        assert!(ran.out.contains(code) && ran.out.contains(place), "{text}: {}", ran.out);
    }
    let text = format!("users:\n  ada:\n    userName: a\n    custom:\n    {}\n{bomb}", "  a0: &a0 [x]".trim());
    let repo = repo("https://app.example.com/scim", "", USERS, &text.replace("    a", "      a"));
    let start = std::time::Instant::now();
    repo.run(&["validate"]).expect(1);
    assert!(start.elapsed() < std::time::Duration::from_secs(10));
}

#[test]
fn t97_references_that_lead_nowhere_or_round_have_a_place() {
    let server = Scripted::plain();
    let repo = repo(
        server.url(),
        "",
        BINDINGS,
        "users:\n  ada: { userName: ada@x.example }\ngroups:\n  all:\n    displayName: All\n    members: [ada, nobody]\n    groups: [inner]\n",
    );
    repo.write("twice.yaml", person("ada", "ada@x.example"));
    repo.write("inner.yaml", "groups:\n  inner:\n    displayName: Inner\n    groups: [all]\n");
    let ran = repo.run(&["validate"]).expect(1);
    for wanted in ["people.yaml:6", "nobody", "cycle", "inner.yaml:4", "people.yaml:7", "twice.yaml:2"] {
        assert!(ran.out.contains(wanted), "`{wanted}` is not in:\n{}", ran.out);
    }
    assert!(server.seen().is_empty());
}

#[test]
fn t97_an_empty_group_is_a_group() {
    let server = Scripted::plain();
    let people = "users:\n  ada: { userName: ada@x.example }\ngroups:\n  all: { displayName: All, members: [] }\n";
    let repo = repo(server.url(), "", BINDINGS, people);
    repo.apply().expect(0);
    assert_eq!(server.all("Groups").len(), 1);
    settled(&repo);
}

#[test]
fn t98_names_that_play_with_the_terminal_are_told_and_shown_harmless() {
    let server = Scripted::plain();
    let name = "Ada\u{1b}[31m\n\u{202e}ecila";
    let people = format!("users:\n  ada:\n    userName: ada@x.example\n    displayName: {}\n", json!(name));
    let repo = repo(server.url(), "", USERS, &people);
    let told = repo.run(&["validate"]).expect(0);
    assert!(told.out.contains("hostile-text") && told.out.contains("people.yaml:4"), "{}", told.out);
    for format in ["human", "markdown"] {
        let plan = repo.run(&["plan", "--format", format]).expect(0);
        let text = format!("{}{}{}", told.out, plan.out, plan.err);
        assert!(text.contains("Ada"), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
    repo.apply().expect(0);
    assert_eq!(server.all("Users")[0]["displayName"], name, "what is sent is what is declared");
}

#[test]
fn t99_a_group_that_is_no_longer_given_is_emptied_and_taken_up_again() {
    let server = Scripted::plain();
    let people = "users:\n  ada: { userName: ada@x.example }\ngroups:\n  all: { displayName: All, members: [ada] }\n";
    let repo = repo(server.url(), PATCH, BINDINGS, people);
    repo.apply().expect(0);
    repo.edit("bindings.yaml", "push: [all]", "push: []");
    let plan = repo.plan();
    assert_eq!(actions(&plan), ["update all"]);
    repo.apply().expect(0);
    let group = server.all("Groups").pop().expect("the group stays");
    assert!(group["members"].as_array().is_none_or(Vec::is_empty), "{group}");
    assert_eq!(server.all("Users")[0]["active"], true, "who is still assigned keeps access");
    settled(&repo);
    repo.edit("bindings.yaml", "push: []", "push: [all]");
    repo.apply().expect(0);
    assert_eq!(server.all("Groups").len(), 1, "taken up again, not made anew");
    assert_eq!(server.all("Groups")[0]["members"].as_array().unwrap().len(), 1);
    settled(&repo);
}

#[test]
fn t100_a_reviewed_plan_whose_ground_has_moved_is_left() {
    let server = Scripted::plain();
    server.put(
        "Users",
        "1",
        json!({"userName": "ada@x.example", "externalId": "ada", "title": "Lady", "active": true}),
    );
    server.put("Users", "2", json!({"userName": "bob@x.example", "externalId": "bob", "title": "Sir", "active": true}));
    let people = "users:\n  ada: { userName: ada@x.example, title: Countess }\n  bob: { userName: bob@x.example, title: Lord }\n";
    let repo = repo(server.url(), "", USERS, people);
    repo.run(&["plan", "--out", "reviewed.json"]).expect(0);
    server.change(|held| {
        let mut ada = held.get("Users", "1").unwrap().clone();
        ada["title"] = json!("Duchess");
        held.put("Users", "1", ada);
    });
    let ran = repo.run(&["apply", "reviewed.json"]).expect(4);
    assert!(ran.out.contains("ada"), "{}", ran.out);
    assert_eq!(server.get("Users", "1").unwrap()["title"], "Duchess", "what nobody reviewed is not done");
    assert_eq!(server.get("Users", "2").unwrap()["title"], "Lord", "the other change still holds");
}

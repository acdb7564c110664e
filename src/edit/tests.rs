#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::format_push_string,
    reason = "a test may fail loudly"
)]

use proptest::prelude::*;
use serde_json::json;

use super::*;

mod random;

fn way(path: &str) -> Vec<Step> {
    path.split('.').map(|step| step.parse::<usize>().map_or_else(|_| Step::from(step), Step::Index)).collect()
}

fn value(json: serde_json::Value) -> Value {
    Value::from(json)
}

fn done(text: &str, edit: Edit) -> String {
    apply("people.yaml", text, &[edit]).unwrap_or_else(|error| panic!("{error} ({})", error.hint))
}

fn insert(path: &str, text: &str, section: &str, key: &str, entry: Value) -> Result<String, EditError> {
    apply(path, text, &[Edit::Insert { section: section.to_owned(), entries: vec![(key.to_owned(), entry)] }])
}

fn set(path: &str, text: &str, place: &[Step], value: Value) -> Result<String, EditError> {
    apply(path, text, &[Edit::Set { path: place.to_vec(), value }])
}

fn remove(path: &str, text: &str, place: &[Step]) -> Result<String, EditError> {
    apply(path, text, &[Edit::Remove { path: place.to_vec() }])
}

const PEOPLE: &str = "\
# yaml-language-server: $schema=x
users:
  # the founders
  ada:   # since 1842
    userName: ada@acme.example
    name: { givenName: Ada, familyName: Lovelace }   # née Byron
    title: 'Engineer'   # not Director
    emails: [{ value: ada@acme.example, type: work, primary: true }]
    # what she likes
    custom: { teeShirtSize: M }

  grace:
    userName: \"grace@acme.example\"
    title: >-
      Rear
      Admiral
    active:

groups:
  # teams
  engineering:
    members: [ada, { user: grace, until: 2027-01-31 }]
  admirals:
    members:
      - grace   # since 1985
      - user: ada
        until: 2027-01-31   # a guest
";

#[test]
fn a_value_changes_and_its_line_alone() {
    let table = [
        ("users.ada.title", json!("O'Brien"), "title: 'Engineer'   # not", "title: 'O''Brien'   # not"),
        ("users.ada.name.givenName", json!("A, B"), "givenName: Ada,", "givenName: \"A, B\","),
        ("users.grace.userName", json!("g@acme.example"), "\"grace@acme.example\"", "\"g@acme.example\""),
        ("users.grace.title", json!("Admiral"), ">-\n      Rear\n      Admiral", "Admiral"),
        ("users.grace.active", json!(false), "active:\n", "active: false\n"),
        ("users.ada.emails.0.value", json!("a@acme.example"), "value: ada@acme.example", "value: a@acme.example"),
        (
            "users.ada.name.middleName",
            json!("King"),
            "familyName: Lovelace }",
            "familyName: Lovelace, middleName: King }",
        ),
        ("users.grace.employeeNumber", json!("1042"), "    active:\n", "    employeeNumber: \"1042\"\n    active:\n"),
        (
            "users.grace.name.familyName",
            json!("Hopper"),
            "    title: >-\n",
            "    name: { familyName: Hopper }\n    title: >-\n",
        ),
        (
            "users.ada.ends",
            json!("2027-06-30"),
            "type: work, primary: true }]\n",
            "type: work, primary: true }]\n    ends: 2027-06-30\n",
        ),
        (
            "groups.engineering.members.1.until",
            json!("2028-01-31"),
            "grace, until: 2027-01-31",
            "grace, until: 2028-01-31",
        ),
        ("groups.admirals.members.1.until", json!("2028-01-31"), "2027-01-31   # a", "2028-01-31   # a"),
    ];
    for (path, new, before, after) in table {
        assert_eq!(PEOPLE.matches(before).count(), 1, "{before:?}");
        let text = done(PEOPLE, Edit::Set { path: way(path), value: value(new) });
        assert_eq!(text, PEOPLE.replace(before, after), "{path}");
        let crlf = PEOPLE.replace('\n', "\r\n");
        let (before, after) = (before.replace('\n', "\r\n"), after.replace('\n', "\r\n"));
        let new = crate::config::meaning(&text).unwrap();
        let found = way(path).iter().fold(&new, |at, step| match step {
            Step::Key(key) => &at[key],
            Step::Index(index) => &at[*index],
        });
        let text = done(&crlf, Edit::Set { path: way(path), value: value(found.clone()) });
        assert_eq!(text, crlf.replace(&before, &after), "{path} with CRLF");
    }
}

#[test]
fn what_goes_takes_its_own_comment_along() {
    let table = [
        ("users.ada.title", "    title: 'Engineer'   # not Director\n", ""),
        ("users.ada.custom", "    # what she likes\n    custom: { teeShirtSize: M }\n", "    # what she likes\n"),
        ("users.ada.name.familyName", ", familyName: Lovelace }", " }"),
        ("users.ada.name.givenName", "{ givenName: Ada, ", "{ "),
        ("users.ada.custom.teeShirtSize", "{ teeShirtSize: M }", "{}"),
        ("users.grace.title", "    title: >-\n      Rear\n      Admiral\n", ""),
        ("groups.engineering.members.0", "[ada, ", "["),
        ("groups.engineering.members.1", ", { user: grace, until: 2027-01-31 }]", "]"),
        ("groups.admirals.members.0", "      - grace   # since 1985\n", ""),
        ("groups.admirals.members.1", "      - user: ada\n        until: 2027-01-31   # a guest\n", ""),
        ("groups.admirals.members.1.until", "        until: 2027-01-31   # a guest\n", ""),
    ];
    for (path, before, after) in table {
        assert_eq!(PEOPLE.matches(before).count(), 1, "{before:?}");
        let text = done(PEOPLE, Edit::Remove { path: way(path) });
        assert_eq!(text, PEOPLE.replace(before, after), "{path}");
    }
    let spaced = "users:\n  ada: {}\n\n  # the admiral\n  grace:\n    title: A\n\n  linus: {}\n";
    assert_eq!(done(spaced, Edit::Remove { path: way("users.grace") }), "users:\n  ada: {}\n\n  linus: {}\n");
    let heading = "groups:\n  all: {}\n\n  # teams\n  data: {}\n  it: {}\n";
    assert_eq!(done(heading, Edit::Remove { path: way("groups.data") }), heading.replace("  data: {}\n", ""));
}

#[test]
fn members_come_and_go_in_the_style_of_the_list() {
    let add = |text: &str, items: &[&str]| {
        let items = items.iter().map(|item| Value::from(*item)).collect();
        done(text, Edit::AddItems { path: way("groups.g.members"), items })
    };
    let table = [
        ("[a, b]", "[a, b, c, d]"),
        ("[a, b, ]", "[a, b, c, d, ]"),
        ("[ a ]", "[ a, c, d ]"),
        ("[]", "[c, d]"),
        ("# none", "[c, d] # none"),
        ("[\n      a,   # x\n      b,   # y\n    ]", "[\n      a,   # x\n      b,   # y\n      c,\n      d,\n    ]"),
        ("[\n      a,\n      b   # y\n    ]", "[\n      a,\n      b,   # y\n      c,\n      d\n    ]"),
        ("\n    - a   # x\n    # nobody else", "\n    - a   # x\n    # nobody else\n    - c\n    - d"),
        ("\n      - a\n      - b\n\n", "\n      - a\n      - b\n      - c\n      - d\n\n"),
    ];
    for (before, after) in table {
        let text = |list: &str| format!("groups:\n  g:\n    members: {list}\n  h: {{}}\n").replace(": \n", ":\n");
        assert_eq!(add(&text(before), &["c", "d"]), text(after));
        let crlf = |list: &str| text(list).replace('\n', "\r\n");
        assert_eq!(add(&crlf(before), &["c", "d"]), crlf(after));
        if !before.contains("b   # y\n    ]") && before != "[]" && before != "# none" {
            let items = vec!["c".to_owned(), "d".to_owned()];
            let gone = done(&text(after), Edit::RemoveItems { path: way("groups.g.members"), items });
            assert_eq!(gone, text(before));
        }
    }
    let long = format!("groups:\n  g:\n    members: [{}]\n", ["somebody"; 8].join(", "));
    let wide = add(&long, &["another-person", "one-more"]);
    assert!(wide.ends_with("somebody,\n              another-person, one-more]\n"), "{wide}");
}

#[test]
fn entries_are_put_at_the_end_of_their_section() {
    let grace = || value(json!({ "userName": "grace@acme.example", "title": "Admiral" }));
    let lines = "  grace:\n    userName: grace@acme.example\n    title: Admiral\n";
    let flow = "grace: { userName: grace@acme.example, title: Admiral }";
    let table = [
        (String::new(), format!("users:\n{lines}")),
        ("# people\n".to_owned(), format!("# people\nusers:\n{lines}")),
        ("---\n".to_owned(), format!("---\nusers:\n{lines}")),
        ("users:\n".to_owned(), format!("users:\n{lines}")),
        ("users: {}   # none yet\n".to_owned(), format!("users:   # none yet\n{lines}")),
        ("users: {}\ngroups: {}\n".to_owned(), format!("users:\n{lines}groups: {{}}\n")),
        ("users: { ada: {} }\n".to_owned(), format!("users: {{ ada: {{}}, {flow} }}\n")),
        ("{ groups: {} }\n".to_owned(), format!("{{ groups: {{}}, users: {{ {flow} }} }}\n")),
        ("groups: {}\n# the end\n".to_owned(), format!("groups: {{}}\n# the end\n\nusers:\n{lines}")),
        (
            "---\nusers:\n  ada:\n    title: A\n  # no more\n\n# teams\ngroups: {}\n...\n".to_owned(),
            format!("---\nusers:\n  ada:\n    title: A\n  # no more\n\n{lines}\n# teams\ngroups: {{}}\n...\n"),
        ),
        (
            "users:\n    ada:\n        title: A".to_owned(),
            "users:\n    ada:\n        title: A\n\n    grace:\n        userName: grace@acme.example\n        title: Admiral"
                .to_owned(),
        ),
    ];
    for (before, after) in table {
        let insert = |text: &str| insert("people.yaml", text, "users", "grace", grace()).unwrap();
        assert_eq!(insert(&before), after);
        let crlf = |text: &str| text.replace('\n', "\r\n");
        if before.contains('\n') {
            assert_eq!(insert(&crlf(&before)), crlf(&after));
        }
        if before.contains("ada") {
            assert_eq!(remove("people.yaml", &after, &way("users.grace")).unwrap(), before);
        }
    }
}

#[test]
fn what_stands_for_more_than_one_place_is_refused_and_says_where() {
    let table = [
        ("users:\n  ada: &x { title: A }\n  bob: *x\n", "users.ada.title", 2, "more than one place"),
        ("users:\n  ada: &x { title: A }\n  bob: *x\n", "users.bob.title", 3, "an alias"),
        ("users:\n  ? ada\n  : title: A\n", "users.ada", 2, ""),
        ("users:\n  ada:\n    title: |   # a text\n      A\n", "users.ada.title", 3, "comment"),
        ("users:\n  ada:\n    emails:\n      # at work\n      - value: a\n", "users.ada.emails", 4, "comment"),
        ("users: [\n", "users.ada", 1, "never closed"),
    ];
    for (text, path, line, words) in table {
        let error = set("people.yaml", text, &way(path), Value::from("B")).unwrap_err();
        assert_eq!((error.line, error.message.contains(words)), (line, true), "{path}: {error}");
        assert!(error.to_string().starts_with(&format!("people.yaml:{line}: ")) && !error.hint.is_empty());
    }
    let twice = insert("people.yaml", PEOPLE, "users", "ada", Value::Null).unwrap_err();
    assert!(twice.message.contains("`ada` stands in `users` already"), "{twice}");
    assert_eq!(
        done("users:\n  ada: &x { title: A }\n", Edit::Set { path: way("users.ada.title"), value: "B".into() }),
        "users:\n  ada: &x { title: B }\n"
    );
}

#[test]
fn many_edits_are_made_in_order_at_once() {
    let edits = vec![
        Edit::Set { path: way("users.ada.title"), value: "Director".into() },
        Edit::Set {
            path: way("users.ada.name"),
            value: value(json!({ "givenName": "Augusta", "honorificPrefix": "Dr" })),
        },
        Edit::Set { path: way("users.grace.department"), value: "Navy".into() },
        Edit::Set { path: way("users.grace.costCenter"), value: "12".into() },
        Edit::Remove { path: way("users.ada.custom") },
        Edit::AddItems { path: way("groups.admirals.members"), items: vec!["linus".into()] },
        Edit::RemoveItems { path: way("groups.admirals.members"), items: vec!["grace".into()] },
        Edit::Insert {
            section: "users".to_owned(),
            entries: vec![("linus".to_owned(), value(json!({ "title": "x" })))],
        },
        Edit::Set { path: way("users.linus.title"), value: "Fellow".into() },
    ];
    let text = apply("people.yaml", PEOPLE, &edits).unwrap();
    let wanted = PEOPLE
        .replace("'Engineer'", "'Director'")
        .replace("givenName: Ada, familyName: Lovelace", "givenName: Augusta, honorificPrefix: Dr")
        .replace("    custom: { teeShirtSize: M }\n", "")
        .replace("      Admiral\n", "      Admiral\n    department: Navy\n    costCenter: \"12\"\n")
        .replace("    active:\n", "    active:\n\n  linus:\n    title: Fellow\n")
        .replace("      - grace   # since 1985\n", "")
        .replace("# a guest\n", "# a guest\n      - linus\n");
    assert_eq!(text, wanted);
}

#[test]
fn a_new_file_looks_as_if_written_by_hand() {
    let users = vec![
        (
            "ada".to_owned(),
            value(json!({
                "userName": "ada@acme.example",
                "name": { "givenName": "Ada", "familyName": "Lovelace" },
                "emails": [{ "value": "ada@acme.example", "type": "work", "primary": true }],
                "employeeNumber": "1042",
                "starts": "2026-12-01",
            })),
        ),
        (
            "grace".to_owned(),
            value(json!({ "addresses": [
            { "streetAddress": "1 Somewhat Long Street With A Long Name", "locality": "Arlington", "country": "US", "type": "work" },
        ] })),
        ),
    ];
    let members: Vec<String> = (0..20).map(|at| format!("person-{at}")).collect();
    let groups = vec![("all".to_owned(), value(json!({ "members": members }))), ("none".to_owned(), value(json!({})))];
    let text = file(Some("schema.json"), &[("users", users), ("groups", groups), ("bindings", Vec::new())]);
    let expected = "\
# yaml-language-server: $schema=schema.json
users:
  ada:
    userName: ada@acme.example
    name: { givenName: Ada, familyName: Lovelace }
    emails: [{ value: ada@acme.example, type: work, primary: true }]
    employeeNumber: \"1042\"
    starts: 2026-12-01

  grace:
    addresses:
      - streetAddress: 1 Somewhat Long Street With A Long Name
        locality: Arlington
        country: US
        type: work

groups:
  all:
    members:
      - person-0
";
    assert!(text.starts_with(expected) && text.ends_with("      - person-19\n  none: {}\n"), "{text}");
}

//! The generic defence: "we sent X, the server kept Y".

use std::cell::Cell;
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};

use crate::equality::{changes, repo};
use crate::support::laws;
use crate::support::mock::Reply;
use crate::support::plan::{notices, settled};
use crate::support::scripted::Scripted;

/// What a server makes of a text.
#[derive(Clone, Debug)]
enum Habit {
    Upper,
    Reverse,
    Prefix(String),
    Cut(usize),
    Constant(String),
    Swap(char, char),
    Drop,
    Keep,
}

impl Habit {
    fn of(&self, text: &str) -> Option<String> {
        Some(match self {
            Self::Upper => text.to_uppercase(),
            Self::Reverse => text.chars().rev().collect(),
            Self::Prefix(prefix) if text.starts_with(prefix.as_str()) => text.to_owned(),
            Self::Prefix(prefix) => format!("{prefix}{text}"),
            Self::Cut(length) => text.chars().take(*length).collect(),
            Self::Constant(text) => text.clone(),
            Self::Swap(from, to) => text.replace(*from, &to.to_string()),
            Self::Drop => return None,
            Self::Keep => text.to_owned(),
        })
    }
}

fn habit() -> impl Strategy<Value = Habit> {
    prop_oneof![
        Just(Habit::Upper),
        Just(Habit::Reverse),
        "[a-z]{1,3}".prop_map(Habit::Prefix),
        (1..6_usize).prop_map(Habit::Cut),
        "[A-Z]{1,4}".prop_map(Habit::Constant),
        (prop::char::range('a', 'e'), prop::char::range('x', 'z')).prop_map(|(from, to)| Habit::Swap(from, to)),
        Just(Habit::Drop),
        Just(Habit::Keep),
    ]
}

const NAMES: [&str; 3] = ["title", "nickName", "displayName"];

/// A server with a habit for each attribute that it is sent.
fn server(habits: Vec<Habit>) -> Scripted {
    Scripted::new(move |seen, held| {
        let write = matches!(seen.method.as_str(), "POST" | "PUT");
        let reply = write.then(|| held.answer(seen))?;
        let sent: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        let id = sent["id"].as_str()?.to_owned();
        let mut user = held.get("Users", &id)?.clone();
        for (name, habit) in NAMES.iter().zip(&habits) {
            let Some(text) = user[*name].as_str() else { continue };
            match habit.of(text) {
                Some(text) => user[*name] = json!(text),
                None => drop(user.as_object_mut().unwrap().remove(*name)),
            }
        }
        held.put("Users", &id, user.clone());
        Some(Reply { status: reply.status, ..Reply::json(&user) })
    })
}

fn people(words: &[String]) -> String {
    let mut rows = String::new();
    for (name, word) in NAMES.iter().zip(words) {
        let _ = writeln!(rows, "    {name}: {word:?}");
    }
    format!("users:\n  ada:\n    userName: ada@x.example\n{rows}")
}

/// Whatever a server makes of texts: once an apply ends well the plan is empty; else it says what did not converge.
#[test]
fn t43_any_habit_of_a_server_converges_or_is_told() {
    let words = || prop::collection::vec("[a-z]{3,8}", 3);
    let (kept, told) = (Cell::new(0), Cell::new(0));
    let cases = (prop::collection::vec(habit(), 3), words(), words());
    laws::hold("a server of habits", 40, &cases, |(habits, first, second)| {
        let server = server(habits);
        let repo = repo(server.url(), "generic", "", &people(&first));
        for words in [&first, &second] {
            repo.write("people.yaml", people(words));
            let ran = repo.apply();
            let fail = |what: &str| TestCaseError::fail(format!("{what}\n{}\n{:#}", ran.said(), repo.plan()));
            let count = if ran.code == 0 { &kept } else { &told };
            count.set(count.get() + 1);
            if ran.code == 0 && !changes(&repo).is_empty() {
                return Err(fail("a second plan is not empty"));
            }
            if ran.code != 0 && (ran.code != 4 || !ran.out.contains("did not converge")) {
                return Err(fail("neither green nor told"));
            }
        }
        Ok(())
    });
    let (kept, told) = (kept.get(), told.get());
    assert!(kept > 20 && told > 5, "the cases are too tame: {kept} {told}");
}

#[test]
fn a_witness_is_dropped_when_either_side_moves() {
    let server = server(vec![Habit::Reverse, Habit::Keep, Habit::Keep]);
    let words = |title: &str| people(&[title.to_owned(), "nick".into(), "name".into()]);
    let repo = repo(server.url(), "generic", "", &words("abc"));
    repo.apply().expect(0);
    settled(&repo);
    assert!(notices(&repo.plan()).contains(&"normalised"));
    // The target moves: drift is shown.
    let mut user = server.all("Users")[0].clone();
    user["title"] = json!("other");
    server.put("Users", user["id"].as_str().unwrap(), user.clone());
    assert_eq!(changes(&repo), ["update ada title"]);
    user["title"] = json!("cba");
    server.put("Users", user["id"].as_str().unwrap(), user.clone());
    settled(&repo);
    // The repository moves: to what the server shows, which is no difference, and to something new.
    repo.write("people.yaml", words("abd"));
    assert_eq!(changes(&repo), ["update ada title"]);
    repo.apply().expect(0);
    assert_eq!(server.all("Users")[0]["title"], json!("dba"));
    settled(&repo);
    // Going back to the first value is a change: its witness is gone.
    repo.write("people.yaml", words("abc"));
    assert_eq!(changes(&repo), ["update ada title"]);
}

#[test]
fn access_and_names_have_no_witness() {
    // Of each the server keeps something else.
    let cases: [(&str, &str, Value); 3] = [
        ("userName", "    userName: ada@new.example\n", json!("somebody@else.example")),
        ("roles", "    userName: ada@x.example\n    roles: [{ value: reader }]\n", json!([{"value": "admin"}])),
        (
            "entitlements",
            "    userName: ada@x.example\n    entitlements: [{ value: one }]\n",
            json!([{"value": "all"}]),
        ),
    ];
    for (name, declared, kept) in cases {
        let made = kept.clone();
        let server = Scripted::new(move |seen, held| {
            let reply = (seen.method == "PUT").then(|| held.answer(seen))?;
            let mut user = held.all("Users")[0].clone();
            user[name] = made.clone();
            held.put("Users", "1", user.clone());
            Some(Reply { status: reply.status, ..Reply::json(&user) })
        });
        server.put("Users", "1", json!({"userName": "ada@x.example", "externalId": "ada", "active": true}));
        let repo = repo(server.url(), "generic", "", &format!("users:\n  ada:\n{declared}"));
        let ran = repo.apply().expect(4);
        assert!(ran.out.contains("did not converge") && ran.out.contains(name), "{}", ran.out);
        assert_eq!(changes(&repo), [format!("update ada {name}")], "and the next plan shows it again");
    }
}

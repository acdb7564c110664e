//! Answers that are whole in themselves and can't be believed, and credentials that would lock themselves out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::awkward::identity::{USERS, repo};
use crate::support::Repo;
use crate::support::mock::Reply;
use crate::support::plan::actions;
use crate::support::scripted::{Scripted, list};

fn account(number: usize) -> Value {
    json!({"userName": format!("p{number}@acme.example"), "externalId": format!("p{number}"), "active": true})
}

fn people(numbers: impl Iterator<Item = usize>) -> String {
    let declared: String =
        numbers.map(|number| format!("  p{number}:\n    userName: p{number}@acme.example\n")).collect();
    format!("users:\n{declared}")
}

/// Sixty accounts, of which the first six are ours after a first apply; `shown` of them are listed, and looked up by id
/// with this status if it is not 200.
struct Shrinking {
    server: Scripted,
    repo: Repo,
    shown: Arc<AtomicUsize>,
    status: Arc<AtomicU16>,
}

impl Shrinking {
    fn new() -> Self {
        let (shown, status) = (Arc::new(AtomicUsize::new(usize::MAX)), Arc::new(AtomicU16::new(200)));
        let (most, by_id) = (shown.clone(), status.clone());
        let server = Scripted::new(move |seen, held| {
            if seen.method != "GET" {
                return None;
            }
            if seen.path.ends_with("/Users") && seen.param("filter").is_none() {
                let some = held.all("Users").into_iter().take(most.load(Ordering::Relaxed)).collect();
                return Some(list(seen, some));
            }
            let status = by_id.load(Ordering::Relaxed);
            (seen.path.contains("/Users/") && status != 200).then(|| Reply::error(status, "", "not today"))
        });
        for number in 1..=60 {
            server.put("Users", &format!("u{number:04}"), account(number));
        }
        let repo = repo(server.url(), "", USERS, &people(1..7));
        repo.apply().expect(0);
        Self { server, repo, shown, status }
    }

    fn show(&self, most: usize) {
        self.shown.store(most, Ordering::Relaxed);
    }
}

#[test]
fn what_can_not_be_confirmed_is_held_back_until_the_count_is_forgotten() {
    let world = Shrinking::new();
    world.repo.write("people.yaml", people(1..6));
    world.show(20);
    world.status.store(403, Ordering::Relaxed);
    let plan = world.repo.plan();
    assert_eq!((actions(&plan), &plan["read"]["unconfirmed"]), (vec![], &json!(1)));
    assert_eq!((&plan["errors"][0]["code"], &plan["errors"][0]["key"]), (&json!("unconfirmed"), &json!("p6")));
    let ran = world.repo.run(&["plan"]).expect(1);
    assert!(ran.out.contains("1 unconfirmed removal held back"), "{}", ran.out);
    world.repo.apply().expect(4);
    assert_eq!(world.server.writes().len(), 0);
    // An apply that held something back does not take the new count.
    world.repo.run(&["plan"]).expect(1);
    let ran = world.repo.run(&["ledger", "forget", "app", "--counts"]).expect(0);
    assert!(ran.out.contains("60 users"), "{}", ran.out);
    assert_eq!(actions(&world.repo.plan()), ["deactivate p6"]);
}

#[test]
fn the_account_that_the_target_names_behind_the_credentials_is_not_locked_out() {
    let server = Scripted::new(|seen, _| {
        let me = seen.method == "GET" && seen.path.ends_with("/Me");
        me.then(|| Reply::json(&json!({"id": "u0003", "userName": "p3@acme.example"})))
    });
    let asked = || server.seen().iter().filter(|seen| seen.path.ends_with("/Me")).count();
    for number in 1..=4 {
        server.put("Users", &format!("u{number:04}"), account(number));
    }
    let repo = repo(server.url(), "", USERS, &people(1..5));
    repo.apply().expect(0);
    repo.run(&["plan"]).expect(0);
    assert_eq!(asked(), 0, "nothing is at stake");
    let written = server.writes().len();
    repo.write("people.yaml", people([1, 2, 4].into_iter()));
    let ran = repo.run(&["plan"]).expect(3);
    assert_eq!(asked(), 1);
    assert!(ran.out.contains("deactivate") && ran.out.contains("refused[lockout]"), "{}", ran.out);
    assert!(ran.out.contains("by its own word (`/Me`)") && ran.out.contains("to allow it:"), "{}", ran.out);
    repo.run(&["apply", "--auto-approve", "--confirm-removals", "1"]).expect(3);
    for format in ["markdown", "json"] {
        let ran = repo.run(&["plan", "--format", format]).expect(3);
        let said = if format == "json" { "\"lockout\"" } else { "**refused** at app" };
        assert!(ran.out.contains(said) && ran.out.contains("credentials of another account"), "{}", ran.out);
    }
    assert_eq!(server.writes().len(), written);
    // Someone else's account is no hindrance.
    repo.write("people.yaml", people([1, 2, 3].into_iter()));
    repo.apply().expect(0);
}

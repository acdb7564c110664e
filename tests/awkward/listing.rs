//! What a list that was read whole or not means for a plan; how lists are read in every shape is in `target/paging.rs` and
//! `target/cursors.rs`.

use serde_json::{Value, json};

use crate::awkward::identity::{USERS, repo};
use crate::support::Repo;
use crate::support::mock::{Reply, Seen};
use crate::support::plan::actions;
use crate::support::scripted::{Held, Scripted};

/// The only source, so that whoever is live and not declared is a leaver.
const ALL: &str = "    manage: all\n    limits: { removals: { count: 1000 } }\n";

fn live(number: usize) -> Value {
    json!({"id": format!("u{number:04}"), "userName": format!("p{number}@acme.example"), "externalId": format!("p{number}"), "active": true})
}

/// As many live people as this, all but the last of them declared; lists of users are answered by the function.
fn world(
    people: usize,
    more: &str,
    answer: impl Fn(&Seen, &mut Held) -> Option<Reply> + Send + Sync + 'static,
) -> (Scripted, Repo) {
    let server = Scripted::new(move |seen, held| {
        let list = seen.method == "GET" && seen.path.ends_with("/Users") && seen.param("filter").is_none();
        if list { answer(seen, held) } else { None }
    });
    for number in 1..=people {
        server.put("Users", &format!("u{number:04}"), live(number));
    }
    let declared: String =
        (1..people).map(|number| format!("  p{number}:\n    userName: p{number}@acme.example\n")).collect();
    let repo = repo(server.url(), &format!("{ALL}{more}"), USERS, &format!("users:\n{declared}"));
    (server, repo)
}

fn reply(total: Value, resources: &[Value]) -> Reply {
    let mut list = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "Resources": resources});
    if !total.is_null() {
        list["totalResults"] = total;
    }
    Reply::json(&list)
}

/// The page that was asked for, never more than `cap`.
fn page(seen: &Seen, held: &Held, cap: usize) -> Vec<Value> {
    let start = usize::try_from(seen.number("startIndex").max(1)).unwrap();
    let count = seen.param("count").map_or(cap, |count| count.parse().unwrap()).min(cap);
    held.all("Users").into_iter().skip(start - 1).take(count).collect()
}

fn lists(server: &Scripted) -> usize {
    server.seen().iter().filter(|seen| seen.path.ends_with("/Users")).count()
}

/// Everything was read: the one who is not declared leaves.
#[track_caller]
fn whole(repo: &Repo, last: usize) {
    let plan = repo.plan();
    assert_eq!(plan["read"]["complete"], true, "{plan:#}");
    assert_eq!(actions(&plan), [format!("deactivate u{last:04}")], "{plan:#}");
}

/// Not everything was read: nobody leaves, and that is an error in both commands.
#[track_caller]
fn incomplete(server: &Scripted, repo: &Repo) -> String {
    let plan = repo.plan();
    assert_eq!(plan["read"]["complete"], false, "{plan:#}");
    assert_eq!(actions(&plan), [""; 0], "{plan:#}");
    let ran = repo.run(&["plan"]).expect(1);
    assert!(ran.out.contains("incomplete"), "{}", ran.out);
    repo.apply().expect(4);
    assert!(server.writes().is_empty(), "{:?}", server.writes());
    ran.out
}

#[test]
fn t23_a_list_that_goes_on_missing_someone_justifies_no_removal() {
    let (server, repo) = world(9, "", |seen, held| Some(reply(json!(10), &page(seen, held, 100))));
    let told = incomplete(&server, &repo);
    assert!(told.contains("promised 10 and gave 9"), "{told}");
}

#[test]
fn t24_who_came_while_it_was_listed_is_seen_once() {
    let (server, repo) = world(10, "    capabilities: { pageSize: 4, concurrency: 1 }\n", |seen, held| {
        if seen.number("startIndex") == 5 {
            held.put("Users", "a-new-one", json!({"userName": "p9@acme.example", "externalId": "p9"}));
            held.resources.remove(&("Users".to_owned(), "u0009".to_owned()));
        }
        let total = held.all("Users").len();
        Some(reply(json!(total), &page(seen, held, 4)))
    });
    let plan = repo.plan();
    assert_eq!(plan["read"]["users"], 10);
    assert_eq!(actions(&plan), ["deactivate u0010"], "{plan:#}");
    assert!(server.writes().is_empty());
}

#[test]
fn t39_too_many_names_the_way_out() {
    let (server, repo) = world(3, "", |_, _| Some(Reply::error(400, "tooMany", "more than we list")));
    let ran = repo.run(&["plan"]).expect(1);
    assert!(ran.out.contains("more than we list"), "{}", ran.out);
    assert!(ran.out.contains("pageSize") || ran.out.contains("manage: owned"), "{}", ran.out);
    repo.apply().expect(1);
    assert!(server.writes().is_empty());
}

#[test]
fn t40_one_huge_answer_is_read() {
    let (server, repo) = world(5000, "", |_, held| {
        let mut all = held.all("Users");
        all.iter_mut().for_each(|user| user["notes"] = json!("x".repeat(1000)));
        Some(reply(json!(5000), &all))
    });
    whole(&repo, 5000);
    assert_eq!(lists(&server), 1);
}

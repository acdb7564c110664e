//! Lists that lie, shrink, break off or never end: what is seen counts, and who was not seen is nobody's leaver.

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
fn t23_who_left_while_it_was_listed_is_settled_by_a_second_list() {
    let (server, repo) = world(10, "    capabilities: { pageSize: 4, concurrency: 1 }\n", |seen, held| {
        if seen.number("startIndex") == 5 {
            held.resources.retain(|(_, id), _| id != "gone");
        }
        let total = held.all("Users").len();
        Some(reply(json!(total), &page(seen, held, 4)))
    });
    server.put("Users", "gone", json!({"userName": "gone@acme.example"}));
    whole(&repo, 10);
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
fn t26_everything_at_once_is_one_request() {
    let (server, repo) = world(250, "", |_, held| Some(reply(json!(250), &held.all("Users"))));
    whole(&repo, 250);
    assert_eq!(lists(&server), 1);
}

#[test]
fn t27_smaller_pages_than_asked_for_leave_no_gap() {
    let (_server, repo) = world(120, "", |seen, held| Some(reply(json!(120), &page(seen, held, 50))));
    whole(&repo, 120);
}

#[test]
fn t29_totals_that_mean_something_else_do_no_harm() {
    type Total = fn(usize, usize) -> Value;
    let totals: [(&str, Total); 4] = [
        ("the page's size", |_, page| json!(page)),
        ("nothing", |_, _| json!(0)),
        ("a text", |all, _| json!(all.to_string())),
        ("missing", |_, _| Value::Null),
    ];
    for (name, total) in totals {
        let (_server, repo) = world(25, "", move |seen, held| {
            let page = page(seen, held, 10);
            Some(reply(total(held.all("Users").len(), page.len()), &page))
        });
        let plan = repo.plan();
        assert_eq!((&plan["read"]["users"], &plan["read"]["complete"]), (&json!(25), &json!(true)), "{name}");
        assert_eq!(actions(&plan), ["deactivate u0025"], "{name}");
    }
    let (server, repo) = world(25, "", |seen, held| Some(reply(json!(40), &page(seen, held, 10))));
    incomplete(&server, &repo);
}

#[test]
fn t31_an_error_beyond_the_end_is_the_end_if_all_came_and_else_a_gap() {
    for status in [400, 404] {
        let (_server, repo) = world(10, "    capabilities: { pageSize: 10 }\n", move |seen, held| {
            let page = page(seen, held, 10);
            Some(if page.is_empty() { Reply::error(status, "", "no page") } else { reply(json!(10), &page) })
        });
        whole(&repo, 10);
        let (server, repo) = world(10, "    capabilities: { pageSize: 10 }\n", move |seen, held| {
            let late = seen.number("startIndex") > 1;
            Some(if late { Reply::error(status, "", "no page") } else { reply(json!(11), &page(seen, held, 10)) })
        });
        incomplete(&server, &repo);
    }
}

#[test]
fn t32_resources_in_every_shape() {
    for body in [json!({"totalResults": 0}), json!({"totalResults": 0, "Resources": null})] {
        let (server, repo) = world(2, "", move |_, held| {
            held.resources.clear();
            Some(Reply::json(&body))
        });
        assert_eq!(actions(&repo.plan()), ["create p1"]);
        assert_eq!(lists(&server), 1);
    }
    let (_server, repo) = world(1, "", |_, _| Some(Reply::json(&json!({"totalResults": 1, "Resources": live(1)}))));
    whole(&repo, 1);
    for body in [json!({"totalResults": 2, "Resources": "two"}), json!({"Resources": 7}), json!({"Resources": null})] {
        let (server, repo) = world(2, "", move |_, _| Some(Reply::json(&body)));
        let ran = repo.run(&["plan"]).expect(1);
        assert!(!ran.out.contains("deactivate"), "{}", ran.out);
        repo.apply();
        assert!(!server.writes().iter().any(|seen| seen.method != "POST"), "{:?}", server.writes());
    }
}

/// A server of cursors with 5 people a page; `break_at` answers `expiredCursor` once at this page.
fn cursors(seen: &Seen, held: &mut Held, break_at: Option<usize>) -> Reply {
    let all = held.all("Users");
    let cursor = seen.param("cursor").unwrap_or_default();
    let start: usize = cursor.strip_prefix("a=/+&%").map_or(0, |at| at.parse().unwrap());
    if break_at == Some(start) && held.get("Broken", "once").is_none() {
        held.put("Broken", "once", json!({}));
        return Reply::error(400, "expiredCursor", "too late");
    }
    let page: Vec<Value> = all.iter().skip(start).take(5).cloned().collect();
    let mut list = json!({"totalResults": all.len(), "Resources": page});
    if start + 5 < all.len() {
        list["nextCursor"] = json!(format!("a=/+&%{}", start + 5));
    }
    Reply::json(&list)
}

const CURSOR: &str = "    capabilities: { paging: cursor }\n";

#[test]
fn t35_an_expired_cursor_starts_the_list_over() {
    let (server, repo) = world(17, CURSOR, |seen, held| Some(cursors(seen, held, Some(10))));
    whole(&repo, 17);
    assert_eq!(lists(&server), 3 + 4);
}

#[test]
fn t36_cursors_of_any_characters_come_back_as_they_were() {
    let (server, repo) = world(17, CURSOR, |seen, held| Some(cursors(seen, held, None)));
    whole(&repo, 17);
    assert_eq!(lists(&server), 4);
    let sent = server.seen().into_iter().filter(|seen| seen.query.contains("cursor=a%3D%2F%2B%26%255"));
    assert_eq!(sent.count(), 1);
}

#[test]
fn t38_a_round_number_that_repeats_is_not_everything_without_cursors() {
    let hundred = |seen: &Seen, held: &mut Held| {
        let start = if seen.param("cursor").is_some_and(|cursor| cursor == "next") { 100 } else { 0 };
        let page: Vec<Value> = held.all("Users").into_iter().skip(start).take(100).collect();
        let mut list = json!({"Resources": page});
        if seen.param("cursor").is_some() && start == 0 {
            list["nextCursor"] = json!("next");
        }
        Some(Reply::json(&list))
    };
    let (server, repo) = world(150, "    capabilities: { paging: index }\n", hundred);
    let plan = repo.plan();
    assert_eq!(plan["read"]["complete"], false, "{plan:#}");
    assert!(!actions(&plan).iter().any(|action| action.starts_with("deactivate")), "{plan:#}");
    assert!(server.writes().is_empty());
    let (_server, repo) = world(150, CURSOR, hundred);
    whole(&repo, 150);
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

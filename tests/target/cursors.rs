use scimform::live::{ListTrust, Live};
use serde_json::{Value, json};

use crate::support::mock::{Reply, list, read_with};

fn cursor() -> Value {
    json!({"paging": "cursor"})
}

/// A page of ten without a total, and the cursor to the next.
fn page(number: u64, next: Option<&str>) -> Value {
    let mut page = list(Value::Null, number * 10 + 1, number * 10 + 10);
    page.as_object_mut().unwrap().remove("totalResults");
    if let Some(next) = next {
        page["nextCursor"] = json!(next);
    }
    page
}

fn incomplete(live: &Live) -> &str {
    match &live.trust.users {
        ListTrust::Short(why) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn t36_cursors_are_encoded_and_all_else_stays_the_same() {
    let (live, mock) = read_with(cursor(), |seen, _| match seen.param("cursor") {
        Some("") => Reply::json(&page(0, Some("a=/+&:b"))),
        Some("a=/+&:b") => Reply::json(&page(1, Some("c"))),
        Some("c") => Reply::json(&page(2, Some(""))),
        other => panic!("{other:?}"),
    })
    .await;
    assert_eq!((live.users.len(), live.trust.users), (30, ListTrust::Whole));
    let queries: Vec<_> = mock.seen().into_iter().map(|seen| seen.query).collect();
    assert_eq!(queries, ["cursor=&count=100", "cursor=a%3D%2F%2B%26%3Ab&count=100", "cursor=c&count=100"]);
}

#[tokio::test]
async fn an_empty_page_with_a_next_cursor_is_not_the_end() {
    let (live, _) = read_with(cursor(), |seen, _| match seen.param("cursor") {
        Some("") => Reply::json(&page(0, Some("a"))),
        Some("a") => Reply::json(&json!({"Resources": [], "nextCursor": "b"})),
        _ => Reply::json(&page(1, None)),
    })
    .await;
    assert_eq!((live.users.len(), live.trust.users), (20, ListTrust::Whole));
}

#[tokio::test]
async fn t35_an_expired_cursor_starts_over_once_without_the_partial_result() {
    let (live, mock) = read_with(cursor(), |seen, before| match (seen.param("cursor"), before) {
        (Some(""), 0) => Reply::json(&page(7, Some("old"))),
        (Some(""), _) => Reply::json(&page(0, Some("new"))),
        (Some("old"), _) => Reply::error(400, "expiredCursor", "expired"),
        _ => Reply::json(&page(1, None)),
    })
    .await;
    assert_eq!(live.trust.users, ListTrust::Whole);
    assert_eq!(live.users.len(), 20, "the page read before the restart is not mixed in");
    assert_eq!(live.users[0].id, "id-00001");
    assert_eq!(mock.count(), 4);
}

#[tokio::test]
async fn t35_a_cursor_that_always_expires_is_incomplete() {
    let (live, mock) = read_with(cursor(), |seen, _| match seen.param("cursor") {
        Some("") => Reply::json(&page(0, Some("x"))),
        _ => Reply::error(400, "expiredCursor", "expired"),
    })
    .await;
    assert!(incomplete(&live).contains("broke"));
    assert_eq!(live.users.len(), 10);
    assert_eq!(mock.count(), 4);
}

#[tokio::test]
async fn a_chain_that_breaks_or_loops_is_incomplete() {
    let (live, _) = read_with(cursor(), |seen, _| match seen.param("cursor") {
        Some("") => Reply::json(&page(0, Some("x"))),
        _ => Reply::error(500, "", "boom"),
    })
    .await;
    assert!(incomplete(&live).contains("broke"));
    let (live, mock) = read_with(cursor(), |seen, _| match seen.param("cursor") {
        Some("") => Reply::json(&page(0, Some("x"))),
        Some("x") => Reply::json(&page(1, Some("y"))),
        _ => Reply::json(&page(2, Some("x"))),
    })
    .await;
    assert!(incomplete(&live).contains("circle"));
    assert_eq!(live.users.len(), 30);
    assert_eq!(mock.count(), 3);
    let (live, mock) = read_with(cursor(), |_, before| Reply::json(&page(0, Some(&format!("c{before}"))))).await;
    assert!(incomplete(&live).contains("circle"));
    assert!(mock.count() < 60);
}

#[tokio::test]
async fn a_cursor_that_was_not_asked_for_is_followed() {
    let (live, mock) = read_with(json!({}), |seen, _| match seen.param("cursor") {
        None => Reply::json(&page(0, Some("a"))),
        Some("a") => Reply::json(&page(1, None)),
        other => panic!("{other:?}"),
    })
    .await;
    assert_eq!((live.users.len(), live.trust.users), (20, ListTrust::Whole));
    assert_eq!(mock.seen()[1].query, "cursor=a&count=100");
}

#[tokio::test]
async fn fewer_than_promised_by_cursor_is_incomplete() {
    let (live, mock) = read_with(cursor(), |seen, _| {
        let mut page = match seen.param("cursor") {
            Some("") => page(0, Some("a")),
            _ => page(1, None),
        };
        page["totalResults"] = json!(25);
        Reply::json(&page)
    })
    .await;
    assert!(incomplete(&live).contains("promised 25 and gave 20"));
    assert_eq!(mock.count(), 4);
}

#[tokio::test]
async fn t38_a_server_that_does_not_know_cursors_is_read_by_index() {
    let (live, _) = read_with(cursor(), |seen, _| Reply::json(&crate::support::mock::honest(seen, 250, 100))).await;
    assert_eq!((live.users.len(), live.trust.users), (250, ListTrust::Whole));
}

#[tokio::test]
async fn t38_cursors_are_tried_where_indexes_lead_nowhere() {
    // Without `cursor` it gives its first hundred and no hint that there are more.
    let (live, mock) = read_with(json!({}), |seen, _| {
        let start = seen.number("cursor").max(1);
        let mut page = list(Value::Null, start, start + 99);
        if seen.param("cursor").is_some() && start < 201 {
            page["nextCursor"] = json!((start + 100).to_string());
        }
        Reply::json(&page)
    })
    .await;
    assert_eq!((live.users.len(), live.trust.users), (300, ListTrust::Whole));
    assert_eq!(mock.count(), 2 + 3);
}

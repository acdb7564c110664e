use scimform::live::{ListTrust, Live};
use scimform::target::ErrorKind;
use serde_json::{Value, json};

use crate::support::mock::{Mock, Reply, Seen, honest, list, read_with, reader, refused, user, users_only};

async fn read(answer: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> (Live, Mock) {
    read_with(json!({}), answer).await
}

#[track_caller]
fn assert_all(live: &Live, count: u64) {
    let ids: Vec<_> = live.users.iter().map(|user| user.id.clone()).collect();
    let expected: Vec<_> = (1..=count).map(|number| format!("id-{number:05}")).collect();
    assert_eq!(ids, expected);
}

/// All were read, and the list is trusted.
#[track_caller]
fn assert_whole(live: &Live, count: u64) {
    assert_all(live, count);
    assert_eq!(live.trust.users, ListTrust::Whole);
}

#[track_caller]
fn assert_incomplete(live: &Live, part: &str) {
    match &live.trust.users {
        ListTrust::Short(why) => assert!(why.contains(part), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn pages_are_read_with_the_fewest_requests_and_kept_small() {
    let (live, mock) = read(|seen, _| Reply::json(&honest(seen, 345, 100))).await;
    assert_whole(&live, 345);
    assert_eq!(mock.count(), 4);
    assert_eq!(live.users[0].attributes.len(), 1, "only what was asked for is kept");
    assert_eq!(live.trust.groups, ListTrust::NotAsked);
    assert!(live.requests >= 4);
}

#[tokio::test]
async fn the_result_does_not_hang_on_concurrency() {
    let mut all = Vec::new();
    for concurrency in [1, 2, 16] {
        let overrides = json!({"concurrency": concurrency, "pageSize": 7});
        let (live, _) = read_with(overrides, |seen, _| {
            let jitter = seen.number("startIndex") * 7919 % 13;
            Reply::json(&honest(seen, 100, 7)).after(std::time::Duration::from_millis(jitter))
        })
        .await;
        assert_eq!(live.trust.users, ListTrust::Whole);
        all.push(format!("{:?}", live.users));
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
}

#[tokio::test]
async fn t23_removals_while_paging_are_settled_by_a_second_listing() {
    // Ten are removed after the first page: the second page starts ten later than it should.
    let (live, mock) = read(|seen, before| match (before, seen.number("startIndex")) {
        (0, _) => Reply::json(&list(200, 1, 100)),
        (1, _) => Reply::json(&list(190, 111, 200)),
        _ => Reply::json(&honest(seen, 190, 100)),
    })
    .await;
    assert_whole(&live, 190);
    assert_eq!(mock.count(), 4);
}

#[tokio::test]
async fn t23_a_list_that_does_not_settle_is_incomplete_and_keeps_what_it_saw() {
    // The server counts everyone and leaves one out, the second time another one.
    let (live, mock) = read(|seen, before| {
        let missing = if before < 3 { "id-00150" } else { "id-00050" };
        let mut page = honest(seen, 200, 100);
        page["Resources"].as_array_mut().unwrap().retain(|user| user["id"] != missing);
        Reply::json(&page)
    })
    .await;
    assert_incomplete(&live, "promised 200 and gave 199");
    assert_all(&live, 200);
    assert!(mock.count() <= 6, "{}", mock.count());
}

#[tokio::test]
async fn t24_an_insert_while_paging_is_seen_once() {
    let (live, _) = read(|seen, before| match before {
        0 => Reply::json(&list(150, 2, 101)),
        1 => Reply::json(&list(151, 101, 151)),
        _ => Reply::json(&honest(seen, 151, 100)),
    })
    .await;
    assert_whole(&live, 151);
}

#[tokio::test]
async fn t26_server_ignores_count_and_returns_everything() {
    let (live, mock) = read(|_, _| Reply::json(&list(250, 1, 250))).await;
    assert_whole(&live, 250);
    assert_eq!(mock.count(), 1);
}

#[tokio::test]
async fn t27_server_caps_count_silently() {
    for concurrency in [1, 4] {
        let (live, mock) =
            read_with(json!({"concurrency": concurrency}), |seen, _| Reply::json(&honest(seen, 120, 50))).await;
        assert_whole(&live, 120);
        assert_eq!(mock.count(), 3);
    }
}

#[tokio::test]
async fn t27_gaps_behind_short_pages_are_read_as_well() {
    for concurrency in [1, 4] {
        // The second page is cut short for no reason.
        let (live, _) = read_with(json!({"concurrency": concurrency}), |seen, _| {
            let cap = if seen.number("startIndex") == 101 { 30 } else { 100 };
            Reply::json(&honest(seen, 400, cap))
        })
        .await;
        assert_whole(&live, 400);
    }
}

/// Reads so many people in pages of at most `cap`, each of which promises this total: a number of its own where there is
/// none.
async fn promised(overrides: Value, have: u64, cap: u64, total: Option<Value>) -> (Live, Mock) {
    read_with(overrides, move |seen, _| {
        let mut page = honest(seen, have, cap);
        page["totalResults"] = total.clone().unwrap_or_else(|| page["itemsPerPage"].clone());
        Reply::json(&page)
    })
    .await
}

#[tokio::test]
async fn t29_totals_that_say_nothing_or_lie_leave_nobody_out() {
    for total in [json!(null), json!("many"), json!({}), json!(-1), json!(true)] {
        let (live, mock) = promised(json!({}), 130, 50, Some(total)).await;
        assert_whole(&live, 130);
        assert_eq!(mock.count(), 4);
    }
    for total in [json!("130"), json!(130.0), json!("130.0")] {
        let (live, mock) = promised(json!({}), 130, 100, Some(total)).await;
        assert_whole(&live, 130);
        assert_eq!(mock.count(), 2);
    }
    assert_whole(&promised(json!({}), 230, 100, None).await.0, 230);
    assert_whole(&promised(json!({}), 120, 100, Some(json!(0))).await.0, 120);
    assert_whole(&promised(json!({"totals": false}), 250, 100, Some(json!(9999))).await.0, 250);
}

#[tokio::test]
async fn t29_total_is_too_large() {
    for concurrency in [1, 4] {
        let (live, mock) = promised(json!({"concurrency": concurrency}), 120, 100, Some(json!(500))).await;
        assert_all(&live, 120);
        assert_incomplete(&live, "promised 500 and gave 120");
        assert!(mock.count() <= 12, "{}", mock.count());
    }
}

#[tokio::test]
async fn t29_exactly_one_full_page_is_asked_once_more() {
    let (live, mock) = read(|seen, _| Reply::json(&honest(seen, 100, 100))).await;
    assert_whole(&live, 100);
    assert_eq!(mock.count(), 2);
    let (live, mock) = read(|seen, _| Reply::json(&honest(seen, 99, 100))).await;
    assert_all(&live, 99);
    assert_eq!(mock.count(), 1);
}

#[tokio::test]
async fn t31_an_error_beyond_the_end_is_the_end_if_all_came() {
    for status in [400, 404, 500] {
        let (live, _) = read(move |seen, _| match seen.number("startIndex") {
            1 => Reply::json(&list(100, 1, 100)),
            _ => Reply::error(status, "invalidValue", "startIndex is beyond the end"),
        })
        .await;
        assert_all(&live, 100);
        assert_eq!(live.trust.users, ListTrust::Whole, "{status}");
    }
}

#[tokio::test]
async fn t31_an_error_before_the_end_makes_it_incomplete() {
    for concurrency in [1, 4] {
        let (live, _) = read_with(json!({"concurrency": concurrency}), |seen, _| match seen.number("startIndex") {
            1 => Reply::json(&list(250, 1, 100)),
            _ => Reply::error(400, "invalidValue", "no"),
        })
        .await;
        assert_all(&live, 100);
        assert_incomplete(&live, "");
    }
    let (live, _) = read(|seen, _| match seen.number("startIndex") {
        1 => Reply::json(&list(Value::Null, 1, 100)),
        _ => Reply::error(404, "", ""),
    })
    .await;
    assert_incomplete(&live, "the page from 101 on answered 404");
}

#[tokio::test]
async fn t32_resources_missing_null_or_an_object() {
    for resources in [None, Some(Value::Null), Some(json!([]))] {
        let (live, _) = read(move |_, _| {
            let mut page = json!({"totalResults": 0});
            if let Some(resources) = &resources {
                page["Resources"] = resources.clone();
            }
            Reply::json(&page)
        })
        .await;
        assert!(live.users.is_empty());
        assert_eq!(live.trust.users, ListTrust::Whole);
    }
    let (live, _) = read(|_, _| Reply::json(&json!({"totalResults": 1, "Resources": user(1)}))).await;
    assert_whole(&live, 1);
    let (live, _) = read(|_, _| Reply::json(&json!({"totalResults": 5, "Resources": null}))).await;
    assert_incomplete(&live, "promised 5 and gave 0");
    let mock = Mock::start(|_, _| Reply::json(&json!({"totalResults": 1, "Resources": "none"}))).await;
    assert!(reader(&mock.base, &json!({})).read(&users_only()).await.is_err());
}

#[tokio::test]
async fn t38_a_full_page_that_repeats_is_not_everything() {
    for total in [json!(100), Value::Null] {
        let (live, _) = read(move |_, _| Reply::json(&list(total.clone(), 1, 100))).await;
        assert_all(&live, 100);
        assert_incomplete(&live, "every page holds the same 100 resources");
    }
    // Few resources without a promise, and a server that does not know `startIndex`: nothing says that more exist.
    let (live, _) = read(|_, _| Reply::json(&list(Value::Null, 1, 7))).await;
    assert_whole(&live, 7);
}

#[tokio::test]
async fn t39_too_many_is_an_error_with_a_way_out() {
    let (error, _) = refused(|_, _| Reply::error(400, "tooMany", "too many results")).await;
    assert_eq!((error.status(), error.scim_type()), (Some(400), Some("tooMany")));
    assert!(error.hint().unwrap().contains("capabilities: { pageSize: 50 }"));
}

#[tokio::test]
async fn t40_one_answer_with_everything() {
    let (live, mock) = read_with(json!({"paging": "none"}), |seen, _| {
        assert_eq!(seen.query, "");
        Reply::json(&list(Value::Null, 1, 3000))
    })
    .await;
    assert_whole(&live, 3000);
    assert_eq!(mock.count(), 1);
    let (live, _) = read_with(json!({"paging": "none"}), |_, _| Reply::json(&list(500, 1, 100))).await;
    assert_incomplete(&live, "promised 500 and gave 100");
}

#[tokio::test]
async fn entries_without_an_id_make_it_incomplete() {
    let (live, _) =
        read(|_, _| Reply::json(&json!({"totalResults": 3, "Resources": [user(1), {"userName": "x"}, null]}))).await;
    assert_all(&live, 1);
    assert_incomplete(&live, "2 entries came without an id");
}

#[tokio::test]
async fn attributes_are_asked_for_only_where_that_is_honoured() {
    let (_, mock) = read(|_, _| Reply::json(&list(1, 1, 1))).await;
    assert_eq!(mock.seen()[0].query, "startIndex=1&count=100");
    let (_, mock) =
        read_with(json!({"attributesParameter": true, "pageSize": 50}), |_, _| Reply::json(&list(1, 1, 1))).await;
    assert_eq!(mock.seen()[0].query, "startIndex=1&count=50&attributes=id%2Cmeta%2CuserName");
}

#[tokio::test]
async fn t91_the_query_of_the_base_url_goes_with_every_request() {
    let mock = Mock::start(|seen, _| Reply::json(&honest(seen, 150, 100))).await;
    let base = format!("{}/?aadOptscim062020", mock.base);
    let live = reader(&base, &json!({})).read(&users_only()).await.unwrap();
    assert_all(&live, 150);
    let queries: Vec<_> = mock.seen().into_iter().map(|seen| (seen.path, seen.query)).collect();
    let path = "/scim/v2/Users".to_owned();
    assert_eq!(
        queries,
        [
            (path.clone(), "aadOptscim062020&startIndex=1&count=100".to_owned()),
            (path, "aadOptscim062020&startIndex=101&count=100".to_owned())
        ]
    );
}

const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

#[tokio::test]
async fn a_list_without_total_and_resources_says_nothing() {
    for page in [
        json!({"schemas": [LIST]}),
        json!({"schemas": [LIST], "Resources": null}),
        json!({"schemas": [LIST], "totalResults": null, "itemsPerPage": 0}),
    ] {
        let (live, _) = read(move |_, _| Reply::json(&page)).await;
        assert!(live.users.is_empty());
        assert_incomplete(&live, "neither `totalResults` nor `Resources`");
    }
    for page in [json!({"schemas": [LIST], "totalResults": 0}), json!({"schemas": [LIST], "Resources": []})] {
        let (live, _) = read(move |_, _| Reply::json(&page)).await;
        assert_eq!(live.trust.users, ListTrust::Whole);
    }
    // A page beyond the end may be bare where as much came as was promised.
    let (live, _) = read(|seen, _| match seen.number("startIndex") {
        0 | 1 => Reply::json(&list(10, 1, 10)),
        _ => Reply::json(&json!({"schemas": [LIST]})),
    })
    .await;
    assert_whole(&live, 10);
}

#[tokio::test]
async fn json_that_is_no_list_is_an_error() {
    for body in [json!({}), json!({"status": "ok"}), json!({"schemas": ["urn:example:x"], "users": []})] {
        let (error, _) = refused(move |_, _| Reply::json(&body)).await;
        assert!(error.to_string().contains("not a SCIM list"), "{error}");
    }
}

#[tokio::test]
async fn s0_03_s1_09_a_list_of_scim_1_is_refused() {
    for mut page in [list(0, 1, 0), list(2, 1, 2), json!({})] {
        page["schemas"] = json!(["urn:scim:schemas:core:1.0"]);
        let (error, _) = refused(move |_, _| Reply::json(&page)).await;
        assert_eq!(error.kind(), ErrorKind::Version);
        assert!(error.to_string().contains("SCIM 1.1; scimform speaks SCIM 2.0"), "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("`url`")));
    }
}

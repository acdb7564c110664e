//! Refusals that are none, and refusals that a setting lifts.

use proptest::prelude::*;
use scimform::live::ListTrust;
use scimform::scim::{Object, ResourceKind};
use scimform::target::ErrorKind;
use serde_json::{Value, json};

use crate::support::mock::{Mock, Reply, connect, list, read_with, reader, refused, user, users_only};

fn person() -> Object {
    [("userName", "ada".into())].into_iter().collect()
}

#[tokio::test]
async fn a_403_that_limits_the_rate_waits_as_a_429_does() {
    for headers in [&[("retry-after", "0")][..], &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "0")]] {
        let mock = Mock::start(move |_, number| match number {
            0 => headers.iter().fold(Reply::new(403, "{}"), |reply, (name, value)| reply.with(name, *value)),
            _ => Reply::json(&user(1)),
        })
        .await;
        let written = connect(&mock.base, &json!({})).writer().create(ResourceKind::User, &person()).await;
        assert!(written.is_ok(), "{written:?}");
        assert_eq!(mock.count(), 2);
    }
}

#[tokio::test]
async fn a_limit_that_lasts_names_the_settings_and_not_the_vendors_advice_about_permissions() {
    let (error, _) = refused(|_, _| Reply::new(403, "{}").with("retry-after", "86400")).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Limited, Some(403)));
    let hint = error.hint().unwrap();
    assert!(hint.contains("capabilities: { concurrency: 1 }") && hint.contains("rates: [{"), "{hint}");
}

#[tokio::test]
async fn a_403_without_a_word_of_limits_is_refused_at_once() {
    let (error, mock) = refused(|_, _| Reply::new(403, "{}").with("x-ratelimit-remaining", "17")).await;
    assert_eq!((error.kind(), error.attempts(), mock.count()), (ErrorKind::Status, 1, 1));
}

#[tokio::test]
async fn a_server_that_refuses_count_is_read_once_the_setting_says_so() {
    let serve = || {
        Mock::start(|seen, _| match seen.param("count").or(seen.param("startIndex")) {
            Some(_) => Reply::error(400, "invalidValue", "unknown parameter"),
            None => Reply::json(&list(30, 1, 30)),
        })
    };
    let mock = serve().await;
    let error = reader(&mock.base, &json!({})).read(&users_only()).await.unwrap_err();
    assert!(error.hint().unwrap().contains("capabilities: { countParameter: false }"), "{:?}", error.hint());
    for paging in ["auto", "index", "none"] {
        let mock = serve().await;
        let overrides = json!({ "countParameter": false, "paging": paging });
        let live = reader(&mock.base, &overrides).read(&users_only()).await.unwrap();
        assert_eq!((live.users.len(), live.trust.users, mock.count()), (30, ListTrust::Whole, 1), "{paging}");
    }
}

#[tokio::test]
async fn without_count_a_list_that_is_cut_is_not_whole() {
    for total in [json!(31), Value::Null] {
        let (live, _) =
            read_with(json!({ "countParameter": false }), move |_, _| Reply::json(&list(total.clone(), 1, 30))).await;
        let ListTrust::Short(why) = &live.trust.users else { panic!("{:?}", live.trust.users) };
        assert!(
            why.contains("capabilities: { totals: false") || why.contains("capabilities: { paging: none }"),
            "{why}"
        );
    }
}

#[tokio::test]
async fn cursors_are_followed_without_count() {
    let mock = Mock::start(|seen, _| {
        assert_eq!((seen.param("count"), seen.param("startIndex")), (None, None));
        if seen.param("cursor") == Some("2") {
            return Reply::json(&list(4, 3, 4));
        }
        let mut page = list(4, 1, 2);
        page["nextCursor"] = json!("2");
        Reply::json(&page)
    })
    .await;
    let overrides = json!({ "countParameter": false, "paging": "cursor" });
    let live = reader(&mock.base, &overrides).read(&users_only()).await.unwrap();
    assert_eq!((live.users.len(), live.trust.users), (4, ListTrust::Whole));
}

/// Each person as often as `shown` says, all counted, in pages of `page`.
fn repeated(shown: &[usize], from: u64, page: u64) -> Value {
    let entries = shown.iter().enumerate().flat_map(|(number, times)| vec![user(number as u64 + 1); *times]);
    let all: Vec<Value> = entries.collect();
    let first = usize::try_from(from.max(1) - 1).unwrap().min(all.len());
    let last = (first + usize::try_from(page).unwrap()).min(all.len());
    let mut answer = list(all.len() as u64, 1, 0);
    answer["Resources"] = all[first..last].to_vec().into();
    answer
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A list that shows people several times and counts each showing is in doubt, with the setting that helps; with that
    /// setting it is whole, whatever repeats and wherever pages end, unless a whole page brings nobody new.
    #[test]
    fn repeats_are_told_as_such(shown in prop::collection::vec(1_usize..4, 1..12), page in 3_u64..9) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let doubled = shown.iter().any(|times| *times > 1);
        let people = shown.len();
        runtime.block_on(async {
            let serve = shown.clone();
            let (live, mock) = read_with(json!({ "pageSize": page }), move |seen, _| Reply::json(&repeated(&serve, seen.number("startIndex"), page))).await;
            match live.trust.users {
                ListTrust::Whole => assert!(!doubled),
                ListTrust::Short(why) => {
                    assert!(doubled && why.contains("several times"), "{why}");
                    assert!(why.contains("capabilities: { totals: false }"), "{why}");
                }
                _ => panic!("it was listed"),
            }
            let settings = json!({ "pageSize": page, "totals": false });
            let live = reader(&mock.base, &settings).read(&users_only()).await.unwrap();
            assert_eq!((live.users.len(), live.trust.users), (people, ListTrust::Whole));
        });
    }
}

#[tokio::test]
async fn a_page_of_repeats_only_does_not_end_a_list() {
    // `1112 2233 3333 4`: the third page shows nobody new, the last one does.
    let shown = [3, 3, 6, 1];
    let mock = Mock::start(move |seen, _| Reply::json(&repeated(&shown, seen.number("startIndex"), 4))).await;
    let settings = json!({ "pageSize": 4, "totals": false });
    let live = reader(&mock.base, &settings).read(&users_only()).await.unwrap();
    assert_eq!((live.users.len(), live.trust.users), (4, ListTrust::Whole));
    // `111 222 333 333 4`: the fourth page is the third once more, as of a server that knows no further one.
    let mock = Mock::start(move |seen, _| Reply::json(&repeated(&shown, seen.number("startIndex"), 3))).await;
    let settings = json!({ "pageSize": 3, "totals": false });
    let live = reader(&mock.base, &settings).read(&users_only()).await.unwrap();
    let ListTrust::Short(why) = &live.trust.users else { panic!("{:?}", live.trust.users) };
    assert!(why.contains("two pages in a row") && why.contains("capabilities: { pageSize: 6 }"), "{why}");
}

#[tokio::test]
async fn a_refused_write_names_the_verb_to_set() {
    let mock = Mock::start(|_, _| Reply::new(501, r#"{"detail":"Route PUT:/Users/:id not found"}"#)).await;
    let connection = connect(&mock.base, &json!({}));
    let error = connection.writer().replace(ResourceKind::User, "7", &person(), None).await.unwrap_err();
    let hint = error.hint().unwrap();
    assert!(hint.contains("capabilities: { put: false, patch: true }") && hint.contains("probe"), "{hint}");
}

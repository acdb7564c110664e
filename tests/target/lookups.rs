use scimform::live::ListTrust;
use scimform::scim::ResourceKind;
use scimform::scim::path::AttrPath;
use scimform::target::{ErrorKind, Lookups, ReadRequest, Wanted};
use serde_json::json;

use crate::support::mock::{Mock, Reply, Seen, honest, list, reader, users_only};

fn by_name(numbers: &[u64]) -> Lookups {
    let users = numbers.iter().map(|number| {
        let name = format!("user{number}@example.com");
        (format!("key{number}"), vec![(AttrPath::attribute("userName"), name)])
    });
    Lookups {
        users: users.collect(),
        ids: vec!["id-00007".to_owned(), "gone".to_owned()],
        only_when_cheaper: true,
        ..Lookups::default()
    }
}

fn request(lookups: Lookups) -> ReadRequest {
    ReadRequest { lookups: Some(lookups), ..users_only() }
}

fn answer(seen: &Seen, have: u64) -> Reply {
    if let Some(id) = seen.path.strip_prefix("/scim/v2/Users/") {
        return match id.strip_prefix("id-") {
            Some(number) => Reply::json(&crate::support::mock::user(number.parse().unwrap())),
            None => Reply::error(404, "", ""),
        };
    }
    match seen.param("filter") {
        Some(filter) => {
            let number = filter.strip_prefix("userName eq \"user").unwrap().split('@').next().unwrap().parse().unwrap();
            Reply::json(&if number <= have { list(1, number, number) } else { list(0, 1, 0) })
        }
        None => Reply::json(&honest(seen, have, 100)),
    }
}

#[tokio::test]
async fn few_people_at_a_huge_target_are_looked_up() {
    let mock = Mock::start(|seen, _| answer(seen, 100_000)).await;
    let live = reader(&mock.base, &json!({})).read(&request(by_name(&[70_000, 80_000, 200_000]))).await.unwrap();
    assert_eq!(live.trust.users, ListTrust::NotAsked);
    let ids: Vec<_> = live.users.iter().map(|user| user.id.as_str()).collect();
    assert!(ids.contains(&"id-70000") && ids.contains(&"id-80000") && ids.contains(&"id-00007"));
    assert_eq!(mock.count(), 1 + 3 + 2);
}

#[tokio::test]
async fn a_small_target_is_listed_as_that_takes_fewer_requests() {
    let mock = Mock::start(|seen, _| answer(seen, 250)).await;
    let live = reader(&mock.base, &json!({})).read(&request(by_name(&[1, 2, 3]))).await.unwrap();
    assert_eq!(live.trust.users, ListTrust::Whole);
    assert_eq!(live.users.len(), 250);
    assert_eq!(mock.count(), 3);
}

#[tokio::test]
async fn look_ups_alone_need_no_list() {
    let mock = Mock::start(|seen, _| answer(seen, 100_000)).await;
    let lookups = Lookups { only_when_cheaper: false, ..by_name(&[5]) };
    let live = reader(&mock.base, &json!({})).read(&request(lookups)).await.unwrap();
    assert_eq!(live.users.len(), 2);
    assert_eq!(mock.count(), 3);
    assert!(mock.seen().iter().all(|seen| seen.path != "/scim/v2/Users" || seen.param("filter").is_some()));
}

#[tokio::test]
async fn where_filters_do_not_work_everyone_is_listed() {
    let overrides = json!({"filterUsers": ["externalId"]});
    let mock = Mock::start(|seen, _| answer(seen, 2000)).await;
    let live = reader(&mock.base, &overrides).read(&request(by_name(&[1]))).await.unwrap();
    assert_eq!(live.trust.users, ListTrust::Whole);
    let mock = Mock::start(|seen, _| match seen.param("filter") {
        Some(_) => Reply::error(400, "invalidFilter", "no"),
        None => answer(seen, 2000),
    })
    .await;
    let live = reader(&mock.base, &json!({})).read(&request(by_name(&[1]))).await.unwrap();
    assert_eq!((live.users.len(), live.trust.users), (2000, ListTrust::Whole));
}

#[tokio::test]
async fn t12_filters_that_are_ignored_are_noticed_and_everyone_is_listed() {
    let mock = Mock::start(|seen, _| Reply::json(&honest(seen, 2000, 100))).await;
    let reader = reader(&mock.base, &json!({}));
    let path = AttrPath::attribute("userName");
    let error = reader.find(ResourceKind::User, &path, "x", &Wanted::of(["userName"])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Filter);
    assert_eq!(mock.count(), 1);
    let lookups = Lookups { ids: Vec::new(), ..by_name(&[1]) };
    let live = reader.read(&request(lookups)).await.unwrap();
    assert_eq!((live.users.len(), live.trust.users), (2000, ListTrust::Whole));
}

#[tokio::test]
async fn t19_values_in_filters_arrive_as_they_are() {
    let value = "o'ne\"two\\three&four+five#%six 😀";
    let mock = Mock::start(|_, _| Reply::json(&list(0, 1, 0))).await;
    let reader = reader(&mock.base, &json!({}));
    let found = reader
        .find(ResourceKind::User, &AttrPath::attribute("userName"), value, &Wanted::of(["userName"]))
        .await
        .unwrap();
    assert!(found.is_empty());
    let filter = mock.seen()[0].param("filter").unwrap().to_owned();
    let literal = filter.strip_prefix("userName eq ").unwrap();
    assert_eq!(serde_json::from_str::<String>(literal).unwrap(), value);
    assert!(mock.seen()[0].query.is_ascii());
}

#[tokio::test]
async fn a_filter_that_is_answered_by_nothing_is_no_answer() {
    let mock = Mock::start(|seen, _| match seen.param("filter") {
        Some(_) => Reply::json(&json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]})),
        None => answer(seen, 100),
    })
    .await;
    let (reader, path) = (reader(&mock.base, &json!({})), AttrPath::attribute("userName"));
    let found = reader.find(ResourceKind::User, &path, "user1@example.com", &Wanted::of(["userName"])).await;
    assert_eq!(found.unwrap_err().kind(), ErrorKind::Filter);
    let lookups = Lookups { only_when_cheaper: false, ..by_name(&[1]) };
    let live = reader.read(&request(lookups)).await.unwrap();
    assert_eq!((live.users.len(), live.trust.users), (100, ListTrust::Whole));
}

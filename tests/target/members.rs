use scimform::live::{ListTrust, Live, Members, Memberships};
use scimform::scim::ResourceKind;
use scimform::target::{ReadRequest, Wanted};
use serde_json::{Value, json};

use crate::support::mock::{Mock, Reply, Seen, list, reader};

fn both() -> ReadRequest {
    ReadRequest {
        users: Some(Wanted::of(["userName"])),
        groups: Some(Wanted::of(["displayName", "members"])),
        lookups: None,
    }
}

async fn read(overrides: Value, answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> (Live, Mock) {
    let mock = Mock::start(
        move |seen, _| {
            if seen.path.ends_with("/Users") { Reply::json(&list(3, 1, 3)) } else { answer(seen) }
        },
    )
    .await;
    let live = reader(&mock.base, &overrides).read(&both()).await.unwrap();
    (live, mock)
}

fn ids(members: &Members) -> Vec<String> {
    match members {
        Members::Known(members) => members.iter().map(|member| member.id.clone()).collect(),
        Members::Unknown => panic!("unknown"),
    }
}

fn groups(items: &[Value]) -> Reply {
    Reply::json(&json!({"totalResults": items.len(), "Resources": items}))
}

fn by_id(seen: &Seen) -> Reply {
    let id = seen.path.rsplit('/').next().unwrap();
    let members = if id == "g1" { json!([{"value": "id-00001"}, {"value": "id-00002"}]) } else { json!([]) };
    Reply::json(&json!({"id": id, "displayName": id, "members": members}))
}

fn plain() -> Vec<Value> {
    (1..=4).map(|number| json!({"id": format!("g{number}"), "displayName": "x"})).collect()
}

#[tokio::test]
async fn members_shown_in_the_list_take_no_further_request() {
    let (live, mock) = read(json!({}), |_| {
        groups(&[
            json!({"id": "g1", "members": [{"value": "b", "type": "User"}, {"value": "a"}, {"value": "b"}]}),
            json!({"id": "g2"}),
        ])
    })
    .await;
    assert_eq!(ids(&live.groups[0].members), ["a", "b"]);
    assert_eq!(live.groups[1].members, Members::Unknown, "what a list does not show is not known");
    assert_eq!(mock.count(), 2);
}

#[tokio::test]
async fn t71_an_empty_list_of_members_is_not_believed_where_the_profile_says_so() {
    let shown: Vec<_> = (1..=2).map(|number| json!({"id": format!("g{number}"), "members": []})).collect();
    let (live, mock) = read(json!({"members": "byId"}), move |_| groups(&shown)).await;
    assert!(live.groups.iter().all(|group| group.members == Members::Unknown));
    assert_eq!(mock.count(), 2, "what still has to be read is the plan's to say");
}

fn asked(groups: &[(&str, u64)], members: &[&str]) -> Memberships {
    Memberships {
        groups: groups.iter().map(|(id, size)| ((*id).to_owned(), *size)).collect(),
        members: members.iter().map(|id| (*id).to_owned()).collect(),
    }
}

/// Reads a target that hides members, then asks for the members of its groups.
async fn find_out(
    overrides: Value,
    asked: &Memberships,
    answer: impl Fn(&Seen, &str) -> Reply + Send + Sync + 'static,
) -> (Live, Mock) {
    let mock = Mock::start(move |seen, _| match (seen.path.ends_with("/Users"), seen.param("filter")) {
        (true, None) => Reply::json(&list(3, 1, 3)),
        (false, None) => groups(&[json!({"id": "g1", "members": []}), json!({"id": "g2", "members": []})]),
        (_, Some(filter)) => answer(seen, filter),
    })
    .await;
    let reader = reader(&mock.base, &overrides);
    let mut live = reader.read(&both()).await.unwrap();
    assert!(live.groups.iter().all(|group| group.members == Members::Unknown), "nothing is believed from the list");
    let found = reader.memberships(&live, asked).await.unwrap();
    for group in &mut live.groups {
        group.members = found.members.get(&group.id).cloned().map_or(Members::Unknown, Members::Known);
    }
    live.discovery.notices.extend(found.notices);
    (live, mock)
}

fn filters(mock: &Mock) -> Vec<String> {
    let mut filters: Vec<String> =
        mock.seen().iter().filter_map(|seen| seen.param("filter").map(str::to_owned)).collect();
    filters.sort();
    filters
}

#[tokio::test]
async fn t71_members_that_are_never_shown_are_asked_for_by_user() {
    let overrides = json!({"members": "never", "filterGroups": ["displayName", "members.value"]});
    let asked = asked(&[("g1", 5)], &["id-00001", "id-00002"]);
    let (live, mock) = find_out(overrides, &asked, |_, filter| match filter {
        r#"members.value eq "id-00002""# => groups(&[json!({"id": "g1"}), json!({"id": "g2"})]),
        _ => groups(&[]),
    })
    .await;
    assert_eq!(ids(&live.groups[0].members), ["id-00002"]);
    assert_eq!(live.groups[1].members, Members::Unknown, "a group that does not matter is not looked into");
    assert_eq!(filters(&mock), [r#"members.value eq "id-00001""#, r#"members.value eq "id-00002""#]);
    assert!(mock.seen().iter().all(|seen| seen.method == "GET" && seen.body.is_empty()), "a read never writes");
}

#[tokio::test]
async fn t71_the_cheaper_question_is_asked_and_its_pages_are_followed() {
    let overrides = json!({
        "members": "never", "nestedGroups": false, "pageSize": 2,
        "filterUsers": ["userName", "groups.value"], "filterGroups": ["members.value"]
    });
    let many: Vec<String> = (0..30).map(|number| format!("u{number:02}")).collect();
    let asked = asked(&[("g1", 3), ("g2", 0)], &many.iter().map(String::as_str).collect::<Vec<_>>());
    let (live, mock) = find_out(overrides, &asked, |seen, filter| {
        assert!(seen.path.ends_with("/Users"), "{filter}");
        match (filter, seen.param("startIndex")) {
            (r#"groups.value eq "g1""#, Some("1")) => {
                Reply::json(&json!({"totalResults": 3, "Resources": [{"id": "b"}, {"id": "a"}]}))
            }
            (r#"groups.value eq "g1""#, _) => Reply::json(&json!({"totalResults": 3, "Resources": [{"id": "c"}]})),
            _ => groups(&[]),
        }
    })
    .await;
    assert_eq!(ids(&live.groups[0].members), ["a", "b", "c"]);
    assert_eq!(ids(&live.groups[1].members), [""; 0]);
    assert_eq!(filters(&mock).len(), 3, "two pages and one: {:?}", filters(&mock));
}

type Answer = fn(&Seen, &str) -> Reply;

#[tokio::test]
async fn t71_an_answer_that_is_missing_or_in_doubt_leaves_members_unknown() {
    let by_user = json!({"members": "never", "filterGroups": ["members.value"]});
    let everyone = asked(&[("g1", 1), ("g2", 1)], &["id-00001", "id-00002"]);
    let answers: [(&str, Answer); 4] = [
        ("the filter is refused", |_, _| Reply::error(400, "invalidFilter", "no")),
        ("the filter is ignored", |_, _| groups(&[json!({"id": "g1"}), json!({"id": "g2"})])),
        ("the answer is no list", |_, _| Reply::json(&json!({}))),
        ("one answer breaks off", |_, filter| {
            if filter.contains("00002") {
                Reply::json(&json!({"totalResults": 9, "Resources": []}))
            } else {
                groups(&[json!({"id": "g1"})])
            }
        }),
    ];
    for (what, answer) in answers {
        let (live, _) = find_out(by_user.clone(), &everyone, answer).await;
        assert!(live.groups.iter().all(|group| group.members == Members::Unknown), "{what}");
        assert!(live.discovery.notices.iter().any(|notice| notice.contains("members.value")), "{what}");
    }
    // Everyone in every group is possible, and told apart by asking for nobody.
    let (live, _) = find_out(by_user, &everyone, |_, filter| {
        if filter.contains("id-") { groups(&[json!({"id": "g1"}), json!({"id": "g2"})]) } else { groups(&[]) }
    })
    .await;
    assert_eq!(ids(&live.groups[0].members), ["id-00001", "id-00002"]);
    let (live, mock) = find_out(json!({"members": "never"}), &everyone, |_, _| panic!("no filter is offered")).await;
    assert!(live.groups.iter().all(|group| group.members == Members::Unknown));
    assert_eq!(filters(&mock), [""; 0]);
}

#[tokio::test]
async fn members_that_are_not_wanted_are_unknown_and_cost_nothing() {
    let mock = Mock::start(|_, _| groups(&plain())).await;
    let request = ReadRequest { groups: Some(Wanted::of(["displayName"])), ..ReadRequest::default() };
    let live = reader(&mock.base, &json!({})).read(&request).await.unwrap();
    assert!(live.groups.iter().all(|group| group.members == Members::Unknown));
    assert_eq!(mock.count(), 1);
}

#[tokio::test]
async fn a_target_without_groups_is_never_asked_or_told_by_a_notice() {
    let (live, mock) = read(json!({"resources": {"users": true, "groups": false}}), |_| panic!()).await;
    assert_eq!(live.trust.groups, ListTrust::NotAsked);
    assert!(mock.seen().iter().all(|seen| !seen.path.contains("Groups")));
    for status in [404, 405, 501] {
        let (live, _) = read(json!({}), move |_| Reply::new(status, "")).await;
        assert_eq!(live.trust.groups, ListTrust::NotAsked);
        assert_eq!(live.discovery.groups, Some(false));
        assert!(live.discovery.notices.iter().any(|notice| notice.contains("no groups")));
    }
}

#[tokio::test]
async fn one_group_by_id_and_its_version() {
    let mock = Mock::start(|seen, _| match seen.path.as_str() {
        "/scim/v2/Groups/g1" => by_id(seen).with("etag", "W/\"7\""),
        _ => Reply::error(404, "", ""),
    })
    .await;
    let reader = reader(&mock.base, &json!({}));
    let wanted = Wanted::everything();
    let group = reader.get(ResourceKind::Group, "g1", &wanted).await.unwrap().unwrap();
    assert_eq!((group.version.as_deref(), ids(&group.members).len()), (Some("W/\"7\""), 2));
    assert!(reader.get(ResourceKind::Group, "g9", &wanted).await.unwrap().is_none());
    let whole = reader.get_whole(ResourceKind::Group, "g1").await.unwrap().unwrap();
    assert_eq!(whole.etag.as_deref(), Some("W/\"7\""));
    assert!(whole.object.get("members").is_some());
}

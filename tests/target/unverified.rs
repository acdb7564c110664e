//! Facts that nobody verified, and people whom a server makes up: no proof that a list is whole.

use std::sync::Arc;

use scimform::live::{ListTrust, Live};
use scimform::profile::Confidence;
use scimform::target::{Connection, Settings};
use serde_json::{Value, json};

use crate::support::mock::{Mock, Reply, list, profile, reader, settings, users_only};

/// Reads a server with one answer, `paging` being a fact of this confidence.
async fn read(paging: &str, confidence: Confidence, answer: Value) -> Live {
    let mock = Mock::start(move |_, _| Reply::json(&answer)).await;
    let mut profile = (*profile(&json!({ "paging": paging }))).clone();
    profile.confidence.insert("capabilities.paging".into(), confidence);
    let settings = Settings { profile: Arc::new(profile), ..settings(&mock.base, &json!({})) };
    Connection::open(settings).unwrap().reader().read(&users_only()).await.unwrap()
}

fn silent() -> Value {
    let mut answer = list(3, 1, 3);
    answer.as_object_mut().unwrap().remove("totalResults");
    answer
}

#[tokio::test]
async fn one_answer_is_the_whole_list_where_that_is_verified_or_the_server_says_so() {
    for paging in ["none", "cursor"] {
        for unsure in [Confidence::Unverified, Confidence::Secondary] {
            let live = read(paging, unsure, silent()).await;
            let ListTrust::Short(why) = live.trust.users else { panic!("{paging}: complete") };
            assert!(why.contains("not verified") && why.contains(&format!("paging: {paging}")), "{why}");
            assert_eq!(live.users.len(), 3, "what came is used all the same");
            assert_eq!(read(paging, unsure, list(3, 1, 3)).await.trust.users, ListTrust::Whole);
        }
        assert_eq!(read(paging, Confidence::Verified, silent()).await.trust.users, ListTrust::Whole);
    }
}

#[test]
fn what_the_user_says_of_a_target_is_verified() {
    let mut unsure = (*profile(&json!({}))).clone();
    unsure.confidence.insert("capabilities.paging".into(), Confidence::Unverified);
    unsure.confidence.insert("capabilities.deletion".into(), Confidence::Unverified);
    let said = unsure.with_capabilities(&json!({ "paging": "none" })).unwrap();
    assert!(said.is_verified("capabilities.paging") && !said.is_verified("capabilities.deletion"));
}

#[tokio::test]
async fn t12_a_made_up_person_makes_a_list_incomplete() {
    let mock = Mock::start(|_, _| {
        let mut answer = list(1, 1, 1);
        answer["Resources"][0]["userName"] = json!("synthesis_user");
        Reply::json(&answer)
    })
    .await;
    let plain = reader(&mock.base, &json!({})).read(&users_only()).await.unwrap();
    assert_eq!((plain.users.len(), plain.trust.users), (1, ListTrust::Whole));
    let live = reader(&mock.base, &json!({ "synthetic": ["synthesis_user"] })).read(&users_only()).await.unwrap();
    let ListTrust::Short(why) = live.trust.users else { panic!("complete") };
    assert!(why.contains("synthesis_user"), "{why}");
    assert!(live.users.is_empty(), "whom the server makes up is nobody");
}

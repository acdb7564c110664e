use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use scimform::scim::patch::PatchOp;
use scimform::scim::path::AttrPath;
use scimform::scim::{Object, ResourceKind, Value};
use scimform::target::ErrorKind;
use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::support::mock::{self, Mock, Reply, connect, user};

fn ada() -> Object {
    [("userName", Value::from("ada"))].into_iter().collect()
}

#[tokio::test]
async fn written_ids_come_from_body_location_or_the_request() {
    for (reply, id) in [
        (Reply::new(201, r#"{"id":"a"}"#).with("location", "https://x/Users/b").with("etag", "W/\"1\""), Some("a")),
        (Reply::new(201, r#"{"ID":7}"#), Some("7")),
        (Reply::new(201, "").with("location", "/scim/v2/Users/b%2Fc?x"), Some("b/c")),
        (Reply::new(202, ""), None),
        (Reply::new(200, "created").with("location", "Users/b/"), Some("b")),
    ] {
        let (status, reply) = (reply.status, Arc::new(std::sync::Mutex::new(Some(reply))));
        let mock = Mock::start(move |_, _| reply.lock().unwrap().take().unwrap()).await;
        let written = connect(&mock.base, &json!({})).writer().create(ResourceKind::User, &ada()).await.unwrap();
        assert_eq!((written.status, written.id.as_deref()), (status, id));
    }
}

#[tokio::test]
async fn requests_are_as_the_rfc_has_them() {
    let mock = Mock::start(|_, _| Reply::new(204, "")).await;
    let writer = connect(&mock.base, &json!({"contentType": "application/json"})).writer();
    let id = "a/b c?d";
    let operation = PatchOp::replace(AttrPath::attribute("active"), Value::Bool(false));
    let written = writer.patch(ResourceKind::User, id, &[operation], Some("W/\"3\"")).await.unwrap();
    assert_eq!((written.status, written.id.as_deref(), written.object), (204, Some(id), None));
    writer.replace(ResourceKind::Group, id, &ada(), None).await.unwrap();
    writer.delete(ResourceKind::User, id, None).await.unwrap();
    let seen = mock.seen();
    let lines: Vec<_> = seen.iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect();
    assert_eq!(
        lines,
        [
            "PATCH /scim/v2/Users/a%2Fb%20c%3Fd",
            "PUT /scim/v2/Groups/a%2Fb%20c%3Fd",
            "DELETE /scim/v2/Users/a%2Fb%20c%3Fd"
        ]
    );
    assert_eq!(seen[0].header("if-match"), Some("W/\"3\""));
    assert_eq!(seen[1].header("if-match"), None);
    assert_eq!(seen[0].header("content-type"), Some("application/json"));
    assert_eq!(seen[2].header("content-type"), None);
    let body: serde_json::Value = serde_json::from_str(&seen[0].body).unwrap();
    assert_eq!(
        body,
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "active", "value": false}]})
    );
}

#[tokio::test]
async fn gone_already_is_deleted() {
    let mock = Mock::start(|_, _| Reply::error(404, "", "gone")).await;
    let written = connect(&mock.base, &json!({})).writer().delete(ResourceKind::User, "1", None).await.unwrap();
    assert_eq!(written.status, 404);
    let error =
        connect(&mock.base, &json!({})).writer().replace(ResourceKind::User, "1", &ada(), None).await.unwrap_err();
    assert_eq!(error.status(), Some(404));
}

#[tokio::test]
async fn conflicts_carry_what_the_server_says() {
    let mock = Mock::start(|_, _| Reply::error(409, "uniqueness", "userName is taken")).await;
    let error = connect(&mock.base, &json!({})).writer().create(ResourceKind::User, &ada()).await.unwrap_err();
    assert_eq!(
        (error.status(), error.scim_type(), error.detail()),
        (Some(409), Some("uniqueness"), "userName is taken")
    );
    assert_eq!((error.method(), error.attempts(), error.outcome_unknown()), ("POST", 1, false));
    assert_eq!(mock.count(), 1);
}

#[tokio::test]
async fn t78_a_create_whose_connection_is_cut_is_sent_once_and_unknown() {
    let created = Arc::new(AtomicUsize::new(0));
    let counter = created.clone();
    let origin = mock::raw(move |mut stream, _| {
        let counter = counter.clone();
        async move {
            if mock::swallow(&mut stream).await.starts_with("POST") {
                counter.fetch_add(1, Ordering::SeqCst);
            }
        }
    })
    .await;
    let error = connect(&origin, &json!({})).writer().create(ResourceKind::User, &ada()).await.unwrap_err();
    assert!(error.outcome_unknown(), "{error:?}");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Cut, 1));
    assert_eq!(created.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn t78_an_answer_that_is_late_or_cut_leaves_the_outcome_unknown() {
    let mock = Mock::start(|_, _| Reply::json(&user(1)).after(Duration::from_secs(5))).await;
    let writer = connect(&mock.base, &json!({})).writer();
    let error = writer.create(ResourceKind::User, &ada()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome_unknown()), (ErrorKind::Timeout, true));
    let error = writer.delete(ResourceKind::User, "1", None).await.unwrap_err();
    assert!(error.outcome_unknown());
    assert_eq!(mock.count(), 2, "each was sent once");
    let origin = mock::raw(|mut stream, _| async move {
        mock::swallow(&mut stream).await;
        stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 500\r\n\r\n{\"id\":").await.ok();
    })
    .await;
    let error = connect(&origin, &json!({})).writer().create(ResourceKind::User, &ada()).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.outcome_unknown()), (ErrorKind::Cut, Some(201), true));
}

#[tokio::test]
async fn t78_gateways_that_may_have_passed_a_create_on_are_not_asked_again() {
    for status in [500, 502, 503, 504] {
        let mock = Mock::start(move |_, _| Reply::new(status, "")).await;
        let error = connect(&mock.base, &json!({})).writer().create(ResourceKind::User, &ada()).await.unwrap_err();
        assert!(error.outcome_unknown(), "{status}");
        assert_eq!(mock.count(), 1);
    }
}

#[tokio::test]
async fn writes_are_sent_again_where_the_server_says_not_now() {
    for (status, header) in [(429, None), (429, Some("0")), (503, Some("0"))] {
        let mock = Mock::start(move |_, before| {
            let reply = Reply::new(if before == 0 { status } else { 201 }, r#"{"id":"1"}"#);
            match header {
                Some(value) if before == 0 => reply.with("retry-after", value),
                _ => reply,
            }
        })
        .await;
        let writer = connect(&mock.base, &json!({})).writer();
        writer.create(ResourceKind::User, &ada()).await.unwrap();
        assert_eq!(mock.count(), 2, "{status} {header:?}");
    }
}

#[tokio::test]
async fn ids_that_no_url_can_hold_are_refused_before_anything_is_sent() {
    let mock = Mock::start(|_, _| Reply::new(204, "")).await;
    for id in ["", ".", ".."] {
        let error = connect(&mock.base, &json!({})).writer().delete(ResourceKind::User, id, None).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome_unknown()), (ErrorKind::Setup, false));
    }
    assert_eq!(mock.count(), 0);
}

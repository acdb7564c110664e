use std::time::{Duration, Instant};

use scimform::scim::ResourceKind;
use scimform::target::{Connection, Credential, ErrorKind, Settings, TargetError, Wanted};
use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::support::mock::{
    self, Mock, Reply, connect, list, login, reader, refused, settings, times, user, users_only,
};

async fn get(base: &str) -> Result<(), TargetError> {
    let wanted = Wanted::of(["userName"]);
    reader(base, &json!({})).get(ResourceKind::User, "1", &wanted).await.map(|found| assert!(found.is_some()))
}

#[tokio::test]
async fn t75_a_gateway_page_is_tried_again_and_then_shown_tamed() {
    let mock = Mock::start(|_, _| {
        Reply::new(502, "<html><title>502 Bad\u{1b}[31m\r\nGateway</title>").with("content-type", "text/html")
    })
    .await;
    let error = get(&mock.base).await.unwrap_err();
    assert_eq!(error.status(), Some(502));
    assert_eq!(error.detail(), "502 Bad [31m Gateway");
    assert_eq!(error.attempts(), 5);
    assert_eq!(mock.count(), 5);
}

#[tokio::test]
async fn t75_reads_come_through_after_passing_failures() {
    for status in [500, 502, 503, 504, 429] {
        let mock =
            Mock::start(move |_, before| if before == 0 { Reply::new(status, "later") } else { Reply::json(&user(1)) })
                .await;
        get(&mock.base).await.unwrap();
        assert_eq!(mock.count(), 2, "{status}");
    }
}

#[tokio::test]
async fn t75_a_web_page_with_status_200_is_named_as_such() {
    let mock =
        Mock::start(|_, _| Reply::new(200, "<!DOCTYPE html><title>Sign in</title>").with("content-type", "text/html"))
            .await;
    let error = reader(&mock.base, &json!({})).read(&users_only()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Html);
    assert!(error.to_string().contains("Sign in"), "{error}");
    assert!(error.hint().unwrap().contains("/scim/v2"));
    assert_eq!(mock.count(), 1);
}

#[tokio::test]
async fn t75_empty_and_foreign_answers_are_errors_with_their_beginning() {
    for (body, part) in [
        ("", "empty"),
        ("all good", "all good"),
        (r#"{"users":[]}"#, r#"{"users":[]}"#),
        ("[]", "[]"),
        ("{\"totalResults\":1,", "EOF"),
        ("{} {}", "trailing"),
    ] {
        let (error, _) = refused(move |_, _| Reply::new(200, body)).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::Body, Some(200)), "{body}");
        assert!(error.to_string().contains(part), "{error}");
    }
    let long = "x".repeat(5000);
    let mock = Mock::start(move |_, _| Reply::new(400, long.clone())).await;
    let error = get(&mock.base).await.unwrap_err();
    assert_eq!(error.detail().chars().count(), 201);
}

#[tokio::test]
async fn t77_retry_after_holds_all_workers() {
    let mock = Mock::start(|_, before| match before {
        0 => Reply::new(429, "").with("retry-after", "1"),
        _ => Reply::json(&user(1)),
    })
    .await;
    let reader = reader(&mock.base, &json!({}));
    let wanted = Wanted::of(["userName"]);
    let start = Instant::now();
    reader.get(ResourceKind::User, "1", &wanted).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));

    let start = Instant::now();
    let mock = Mock::start(|_, before| match before {
        0 => Reply::new(503, "").with("retry-after", "1"),
        _ => Reply::json(&user(1)).after(Duration::from_millis(20)),
    })
    .await;
    let connection = connect(&mock.base, &json!({"concurrency": 1}));
    let (first, second) = (connection.reader(), connection.reader());
    let (a, b) =
        tokio::join!(first.get(ResourceKind::User, "1", &wanted), second.get(ResourceKind::User, "2", &wanted));
    assert!(a.unwrap().is_some() && b.unwrap().is_some());
    assert!(start.elapsed() >= Duration::from_secs(1), "the second waits as well");
    assert_eq!(mock.count(), 3);
}

#[tokio::test]
async fn t77_a_wait_beyond_the_time_of_the_request_is_given_up_at_once() {
    let mock = Mock::start(|_, _| Reply::new(429, "").with("retry-after", "86400")).await;
    let start = Instant::now();
    let error = get(&mock.base).await.unwrap_err();
    assert_eq!(error.status(), Some(429));
    assert!(start.elapsed() < Duration::from_secs(2));
    assert_eq!(mock.count(), 1);
}

#[tokio::test]
async fn t77_without_retry_after_the_number_of_attempts_is_bounded() {
    for headers in [vec![], vec![("retry-after", "-5")], vec![("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")]] {
        let mock = Mock::start(move |_, _| Reply {
            headers: headers.iter().map(|(n, v)| (*n, (*v).to_owned())).collect(),
            ..Reply::new(429, "")
        })
        .await;
        let error = get(&mock.base).await.unwrap_err();
        assert_eq!(error.attempts(), 8);
        assert_eq!(mock.count(), 8);
    }
}

#[tokio::test]
async fn a_trickling_answer_is_not_tried_again() {
    let origin = mock::raw(|mut stream, _| async move {
        mock::swallow(&mut stream).await;
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n{";
        stream.write_all(head.as_bytes()).await.ok();
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let start = Instant::now();
    let error = get(&origin).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Trickle, 1));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_read_without_an_answer_is_tried_once_more() {
    let mock =
        Mock::start(|_, before| Reply::json(&user(1)).after(Duration::from_secs(if before == 0 { 5 } else { 0 })))
            .await;
    get(&mock.base).await.unwrap();
    assert_eq!(mock.count(), 2);
}

#[tokio::test]
async fn a_read_that_is_cut_comes_through_on_another_connection() {
    let origin = mock::raw(|mut stream, count| async move {
        mock::swallow(&mut stream).await;
        match count {
            0 => {}
            1 => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"id\":").await.ok();
            }
            _ => mock::answer(&mut stream, "200 OK", &user(1).to_string()).await,
        }
    })
    .await;
    get(&origin).await.unwrap();
}

#[tokio::test]
async fn a_huge_answer_is_given_up() {
    let huge = list(20_000, 1, 20_000);
    let (error, mock) = refused(move |_, _| Reply::json(&huge)).await;
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(mock.count(), 1);
}

#[tokio::test]
async fn refused_connections_and_unknown_hosts_say_what_to_check() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/scim", listener.local_addr().unwrap());
    drop(listener);
    let error = get(&base).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Refused, 4));
    assert!(error.hint().is_some());
    let error = get("https://nowhere.localhost:1/scim").await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Dns | ErrorKind::Refused), "{error:?}");
}

#[tokio::test]
async fn t90_tls_that_is_not_trusted_fails_closed() {
    let origin = mock::raw(|mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.ok();
        mock::swallow(&mut stream).await;
    })
    .await;
    let error = get(&origin.replace("http:", "https:")).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Tls | ErrorKind::Connect), "{error:?}");
}

#[tokio::test]
async fn t82_an_error_never_shows_the_token_the_query_or_a_password() {
    let mock = Mock::start(|seen, _| {
        let echo = format!("you sent {} and {}", seen.header("authorization").unwrap_or_default(), seen.body);
        Reply::error(400, "invalidValue", &echo)
    })
    .await;
    let base = format!("{}?key=hidden-in-query", mock.base);
    let auth = login(&base, Credential::Bearer("tok-s3cret-value".to_owned().into()));
    let settings = Settings { auth, ..settings(&base, &json!({})) };
    assert!(!format!("{settings:?}").contains("s3cret"));
    let writer = Connection::open(settings).unwrap().writer();
    let resource = [("userName", "ada".into()), ("password", "hunt\"er22".into())].into_iter().collect();
    let error = writer.create(ResourceKind::User, &resource).await.unwrap_err();
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(text.contains("[redacted]"), "{text}");
        for secret in ["s3cret", "hunt", "hidden-in-query"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    assert!(mock.seen()[0].body.contains("hunt"));
}

#[tokio::test]
async fn hints_help_where_access_is_refused() {
    for (status, part) in [(401, "token"), (403, "SCIM enabled"), (404, "/scim/v2")] {
        let (error, mock) = refused(move |_, _| Reply::error(status, "", "no")).await;
        assert_eq!(error.status(), Some(status));
        assert!(error.hint().unwrap().contains(part));
        assert_eq!(error.is_unauthorized(), status == 401);
        assert_eq!(mock.count(), 1, "never tried again");
    }
}

#[tokio::test]
async fn t61_broken_text_is_a_clear_error_and_no_crash() {
    let deep = format!(
        r#"{{"totalResults":1,"Resources":[{{"id":"1","userName":{}1{}}}]}}"#,
        "[".repeat(1000),
        "]".repeat(1000)
    );
    let (error, _) = refused(move |_, _| Reply::new(200, deep.clone())).await;
    assert!(error.to_string().contains("recursion limit"), "{error}");
    let origin = mock::raw(|mut stream, _| async move {
        mock::swallow(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{\"id\":\"\xff\xfe\"   }").await.ok();
    })
    .await;
    let error = get(&origin).await.unwrap_err();
    assert!(error.to_string().contains("not valid UTF-8 at byte 7"), "{error}");
}

#[test]
fn the_usual_limits_are_those_promised() {
    let usual = scimform::target::Times::default();
    assert_eq!((usual.connect.as_secs(), usual.answer.as_secs(), usual.request.as_secs()), (10, 60, 90));
    assert!(times().request < usual.request);
}

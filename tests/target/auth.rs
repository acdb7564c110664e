use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use scimform::directory::{Auth, Secret};
use scimform::scim::ResourceKind;
use scimform::target::{self, Connection, Credential, ErrorKind, Pins, ResolvedAuth, Settings, TargetError, Wanted};
use serde_json::json;

use crate::support::mock::{Mock, Reply, Seen, login, profile, settings, user};

fn open(base: &str, auth: ResolvedAuth) -> Connection {
    Connection::open(Settings { auth, ..settings(base, &json!({})) }).unwrap()
}

fn oauth(mock: &Mock) -> ResolvedAuth {
    let auth = Auth::OAuth2 {
        token_url: format!("{}/token", mock.origin),
        client_id: "our id".to_owned(),
        client_secret: Secret::Env("SECRET".to_owned()),
        scopes: vec!["scim.read".to_owned(), "scim.write".to_owned()],
    };
    let permit = Pins::none().permit(&mock.base, Some(&auth), &profile(&json!({}))).unwrap();
    let secrets = |_: &Secret| Ok::<_, TargetError>("client+s3cret".to_owned().into());
    target::resolve(Some(&auth), &permit, &secrets).unwrap()
}

async fn get(connection: &Connection) -> Result<(), TargetError> {
    let wanted = Wanted::of(["userName"]);
    connection.reader().get(ResourceKind::User, "1", &wanted).await.map(|found| assert!(found.is_some()))
}

#[tokio::test]
async fn each_form_is_sent_as_its_header() {
    let mock = Mock::start(|_, _| Reply::json(&user(1))).await;
    let secret = || "s3cret".to_owned().into();
    for (auth, header, value) in [
        (Credential::Bearer(secret()), "authorization", "Bearer s3cret"),
        (Credential::Header { name: "X-Api-Key".into(), value: secret() }, "x-api-key", "s3cret"),
        (Credential::Basic { username: "ada".into(), password: secret() }, "authorization", "Basic YWRhOnMzY3JldA=="),
    ] {
        get(&open(&mock.base, login(&mock.base, auth))).await.unwrap();
        let seen = mock.seen().pop().unwrap();
        assert_eq!(seen.header(header), Some(value));
        assert_eq!(seen.header("accept"), Some("application/scim+json, application/json;q=0.9"));
        assert!(seen.header("user-agent").unwrap().starts_with("scimform/"));
        assert!(seen.header("accept-encoding").unwrap().contains("gzip"));
    }
    get(&open(&mock.base, ResolvedAuth::None)).await.unwrap();
    assert_eq!(mock.seen().pop().unwrap().header("authorization"), None);
}

/// Gives `token-N` for the N-th time asked and wants the token that it gave last.
fn token_server(
    given: Arc<AtomicUsize>,
    takes: impl Fn(&Seen) -> bool + Send + Sync + 'static,
) -> impl Fn(&Seen, usize) -> Reply + Send + Sync {
    move |seen, _| {
        if seen.path == "/token" {
            if !takes(seen) {
                return Reply::new(401, r#"{"error":"invalid_client"}"#);
            }
            let number = given.fetch_add(1, Ordering::SeqCst) + 1;
            return Reply::json(
                &json!({"access_token": format!("token-{number}"), "token_type": "bearer", "expires_in": 3600}),
            )
            .after(Duration::from_millis(20));
        }
        let wanted = format!("Bearer token-{}", given.load(Ordering::SeqCst));
        if seen.header("authorization") == Some(wanted.as_str()) { Reply::json(&user(1)) } else { Reply::new(401, "") }
    }
}

#[tokio::test]
async fn oauth2_fetches_one_token_for_many_requests() {
    let given = Arc::new(AtomicUsize::new(0));
    let mock = Mock::start(token_server(given.clone(), |seen| seen.header("authorization").is_some())).await;
    let connection = open(&mock.base, oauth(&mock));
    let (a, b, c) = tokio::join!(get(&connection), get(&connection), get(&connection));
    for answer in [a, b, c] {
        answer.unwrap();
    }
    assert_eq!(given.load(Ordering::SeqCst), 1);
    let asked = mock.seen().into_iter().find(|seen| seen.path == "/token").unwrap();
    assert_eq!(asked.body, "grant_type=client_credentials&scope=scim.read+scim.write");
    assert_eq!(asked.header("authorization"), Some("Basic b3VyK2lkOmNsaWVudCUyQnMzY3JldA=="));
}

#[tokio::test]
async fn oauth2_falls_back_to_credentials_in_the_body() {
    let given = Arc::new(AtomicUsize::new(0));
    let mock =
        Mock::start(token_server(given.clone(), |seen| seen.body.contains("client_secret=client%2Bs3cret"))).await;
    get(&open(&mock.base, oauth(&mock))).await.unwrap();
    assert_eq!(given.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn t84_an_expired_token_is_renewed_once_also_for_writes() {
    let given = Arc::new(AtomicUsize::new(0));
    let mock = Mock::start(token_server(given.clone(), |_| true)).await;
    let connection = open(&mock.base, oauth(&mock));
    get(&connection).await.unwrap();
    // The server forgets the token that we hold.
    given.fetch_add(1, Ordering::SeqCst);
    let resource = [("userName", "ada".into())].into_iter().collect();
    connection.writer().create(ResourceKind::User, &resource).await.unwrap();
    assert_eq!(given.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn t84_a_token_that_stays_refused_stops_after_one_renewal() {
    let mock = Mock::start(|seen, _| match seen.path.as_str() {
        "/token" => Reply::json(&json!({"access_token": "never-good", "expires_in": "60"})),
        _ => Reply::error(401, "", "token never-good is no good"),
    })
    .await;
    let error = get(&open(&mock.base, oauth(&mock))).await.unwrap_err();
    assert!(error.is_unauthorized());
    assert!(!error.to_string().contains("never-good"), "{error}");
    let asked = mock.seen();
    assert_eq!(asked.iter().filter(|seen| seen.path == "/token").count(), 2);
    assert_eq!(asked.len(), 4);
}

#[tokio::test]
async fn oauth2_problems_name_the_endpoint_and_not_the_secret() {
    let mock =
        Mock::start(|_, _| Reply::new(400, r#"{"error":"invalid_scope","error_description":"client+s3cret may not"}"#))
            .await;
    let error = get(&open(&mock.base, oauth(&mock))).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Token, Some(400)));
    assert!(error.url().ends_with("/token"));
    assert!(error.to_string().contains("invalid_scope"), "{error}");
    assert!(!error.to_string().contains("s3cret"), "{error}");
    assert!(error.is_unauthorized());
}

use scimform::scim::ResourceKind;
use scimform::target::{Connection, Credential, ErrorKind, ResolvedAuth, Settings, Wanted};
use serde_json::json;

use crate::support::mock::{Mock, Reply, login, settings, user};

fn open(base: &str, auth: ResolvedAuth) -> Connection {
    Connection::open(Settings { auth, ..settings(base, &json!({})) }).unwrap()
}

fn credentials(base: &str) -> [ResolvedAuth; 3] {
    let secret = || "s3cret-token".to_owned().into();
    [
        Credential::Bearer(secret()),
        Credential::Header { name: "x-api-key".to_owned(), value: secret() },
        Credential::Basic { username: "ada".to_owned(), password: secret() },
    ]
    .map(|credential| login(base, credential))
}

#[tokio::test]
async fn t80_redirects_to_the_same_origin_are_followed_with_method_and_body() {
    for status in [307, 308] {
        let mock = Mock::start(move |seen, _| match seen.path.as_str() {
            "/scim/v2/Users" => Reply::new(status, "").with("location", "/other/Users?x=1"),
            _ => Reply::json(&user(1)),
        })
        .await;
        for auth in credentials(&mock.base) {
            let resource = [("userName", "ada".into())].into_iter().collect();
            open(&mock.base, auth).writer().create(ResourceKind::User, &resource).await.unwrap();
            let last = mock.seen().pop().unwrap();
            assert_eq!(
                (last.method.as_str(), last.path.as_str(), last.query.as_str()),
                ("POST", "/other/Users", "x=1")
            );
            assert_eq!(last.body, r#"{"userName":"ada"}"#);
            assert!(last.header("authorization").or(last.header("x-api-key")).is_some());
        }
    }
}

#[tokio::test]
async fn t80_redirects_that_change_the_method_are_refused() {
    for status in [301, 302, 303] {
        let mock = Mock::start(move |_, _| Reply::new(status, "").with("location", "/elsewhere")).await;
        let resource = [("userName", "ada".into())].into_iter().collect();
        let error =
            open(&mock.base, ResolvedAuth::None).writer().create(ResourceKind::User, &resource).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect);
        assert_eq!(mock.count(), 1);
    }
}

#[tokio::test]
async fn t80_redirects_are_followed_three_times_at_most() {
    let mock = Mock::start(|_, before| Reply::new(307, "").with("location", format!("/hop/{before}"))).await;
    let wanted = Wanted::of(["userName"]);
    let error = open(&mock.base, ResolvedAuth::None).reader().get(ResourceKind::User, "1", &wanted).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert_eq!(mock.count(), 4);
}

#[test]
fn t81_settings_that_would_give_credentials_away_are_refused() {
    for base in
        ["http://example.com/scim", "https://ada:s3cret@example.com/scim", "ftp://example.com", "example.com/scim", ""]
    {
        let error = Connection::open(settings(base, &json!({}))).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Setup);
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
    let auth = login("https://example.com", Credential::Bearer("two\nlines".to_owned().into()));
    let error = Connection::open(Settings { auth, ..settings("https://example.com", &json!({})) }).err().unwrap();
    assert!(!error.to_string().contains("two"), "{error}");
    // A login is for the address that it was permitted for, and goes to no other.
    let auth = || login("https://example.com/scim", Credential::Bearer("s3cret".to_owned().into()));
    for (base, good) in [
        ("https://example.com/scim/", true),
        ("https://example.com/other", false),
        ("https://evil.example/scim", false),
    ] {
        let opened = Connection::open(Settings { auth: auth(), ..settings(base, &json!({})) });
        assert_eq!(opened.is_ok(), good, "{base}");
    }
}

use super::*;
use crate::profile::{Profile, builtin};

fn generic() -> std::sync::Arc<Profile> {
    builtin("generic").unwrap()
}

fn bearer(variable: &str) -> Auth {
    Auth::Bearer(Secret::Env(variable.to_owned()))
}

/// Whether a token may go to an address with these hosts allowed.
fn goes(allowed: &str, url: &str, profile: &Profile) -> bool {
    let permit = Pins::allowing(allowed).unwrap().permit(url, Some(&bearer("TOKEN")), profile);
    // What can't be used at all is no way for a token either.
    permit.is_ok()
}

/// What is allowed, a URL, and whether a token goes there.
const ENTRIES: &[(&str, &str, bool)] = &[
    ("app.example", "https://app.example/scim/v2", true),
    ("APP.Example.", "https://app.example/scim", true),
    ("app.example", "https://APP.EXAMPLE./scim", true),
    ("app.example", "https://app.example:443/scim", true),
    ("app.example", "https://app.example:8443/scim", false),
    ("app.example:8443", "https://app.example:8443/scim", true),
    ("app.example:8443", "https://app.example/scim", false),
    ("app.example", "https://app.example.evil.example/scim", false),
    ("app.example", "https://evil-app.example/scim", false),
    ("app.example", "https://sub.app.example/scim", false),
    ("app.example", "https://example/scim", false),
    ("app.example", "https://app.example@evil.example/scim", false),
    ("app.example", "https://app.example:443@evil.example/scim", false),
    ("app.example", "https://evil.example\\@app.example/scim", false),
    ("app.example", "https://evil.example/app.example", false),
    ("app.example", "https://evil.example#app.example", false),
    ("app.example", "https://evil.example?app.example", false),
    ("app.example", "https:\\\\evil.example/app.example", false),
    ("app.example", "https:evil.example", false),
    ("app.example", "https://app。example/scim", true),
    ("app.example", "https://app.ex\u{ad}ample/scim", true),
    ("app.example", "https://аpp.example/scim", false),
    ("app.example", "https://app%2Eexample/scim", true),
    ("app.example", "https://app.example%00.evil.example/scim", false),
    ("app.example", "https://app.example%23.evil.example/scim", false),
    ("app.example", "https://evil.example\t/scim", false),
    ("app.example", "http://app.example/scim", false),
    ("app.example:80", "http://app.example/scim", false),
    ("app.example", "ftp://app.example/scim", false),
    ("bücher.example", "https://xn--bcher-kva.example/scim", true),
    ("xn--bcher-kva.example", "https://BÜCHER.example/scim", true),
    ("*.example.com", "https://a.example.com/scim", true),
    ("*.example.com", "https://A.EXAMPLE.COM./scim", true),
    ("*.example.com", "https://example.com/scim", false),
    ("*.example.com", "https://.example.com/scim", false),
    ("*.example.com", "https://a.b.example.com/scim", false),
    ("*.example.com", "https://evilexample.com/scim", false),
    ("*.example.com", "https://a.example.com.evil.example/scim", false),
    ("*.example.com:8443", "https://a.example.com:8443/scim", true),
    ("*.example.com:8443", "https://a.example.com/scim", false),
    ("127.0.0.1", "http://127.0.0.1:4711/scim", true),
    ("127.0.0.1", "http://2130706433:4711/scim", true),
    ("127.0.0.1", "http://localhost:4711/scim", false),
    ("127.0.0.1", "http://127.0.0.2:4711/scim", false),
    ("127.0.0.1:4711", "http://127.0.0.1:4711/scim", true),
    ("127.0.0.1:4711", "http://127.0.0.1:4712/scim", false),
    ("localhost", "http://localhost:1/scim", true),
    ("localhost", "http://localhost.evil.example/scim", false),
    ("localhost", "http://127.0.0.1.evil.example/scim", false),
    ("[::1]", "http://[::1]:9/scim", true),
    ("[::1]", "http://[0:0:0:0:0:0:0:1]:9/scim", true),
    ("[::1]:9", "http://[::1]:9/scim", true),
    ("[::1]:9", "http://[::1]:8/scim", false),
    ("[::1]", "http://[::ffff:127.0.0.1]/scim", false),
    ("192.0.2.7", "https://192.0.2.7/scim", true),
    ("192.0.2.7", "https://0xc0.0.0x207/scim", true),
    ("192.0.2.7", "http://192.0.2.7/scim", false),
    ("[2001:db8::1]", "https://[2001:DB8::1]/scim", true),
    ("a.example, b.example\tc.example\n", "https://c.example", true),
    ("", "https://app.example", false),
    (" , ", "https://app.example", false),
];

#[test]
fn an_entry_allows_what_it_says_and_nothing_that_looks_like_it() {
    for (allowed, url, expected) in ENTRIES {
        assert_eq!(goes(allowed, url, &generic()), *expected, "{allowed} {url}");
    }
}

#[test]
fn an_entry_that_is_none_is_an_error_that_shows_it() {
    for text in [
        "https://app.example",
        "app.example/scim",
        "user@app.example",
        "app.example:",
        "app.example:0",
        "app.example:65536",
        "app.example:+443",
        "app.example:44e",
        "*",
        "*.",
        "*.com",
        "*.*.example.com",
        "a*.example.com",
        "a.*.example.com",
        "*.192.0.2.7",
        "*.[::1]",
        "::1",
        "[::1",
        "[::1]x:1",
        "[nonsense]",
        "..",
        "app..example",
        ".app.example",
        "app.example..",
        "1.2.3.256",
        "TOKEN=",
        "=app.example",
        "1TOKEN=app.example",
        "TO-KEN=app.example",
        "TOKEN=*",
        "A=B=app.example",
        "app%2eexample",
        "app\u{0}.example",
    ] {
        let error = Pins::allowing(&format!("good.example,{text}")).err();
        let error = error.unwrap_or_else(|| panic!("{text} is taken for an entry"));
        assert!(error.starts_with(&format!("`{text}` ")), "{error}");
    }
}

#[test]
fn only_the_fixed_host_of_a_profile_of_ours_is_pinned() {
    for (profile, url, expected) in [
        ("slack", "https://api.slack.com/scim/v2", true),
        ("slack", "https://api.slack.com/other", true),
        ("slack", "https://api.slack.com:8443/scim/v2", false),
        ("slack", "http://api.slack.com:443/scim/v2", false),
        ("slack", "https://slack.com/scim/v2", false),
        ("slack", "https://evil.api.slack.com/scim/v2", false),
        ("slack", "https://api.github.com/scim/v2", false),
        ("github-enterprise", "https://api.github.com/scim/v2/enterprises/acme", true),
        ("generic", "https://api.slack.com/scim/v2", false),
        // Anyone can have a tenant there.
        ("scalekit", "https://acme.scalekit.com/directory/d/scim/v2", false),
        ("salesforce", "https://acme.my.salesforce.com/services/scim/v2", false),
        ("aws-iam-identity-center", "https://scim.us-east-1.amazonaws.com/t/scim/v2", false),
        // The address is not sure.
        ("miro", "https://miro.com/api/v1/scim", false),
    ] {
        assert_eq!(goes("", url, &builtin(profile).unwrap()), expected, "{profile} {url}");
        assert!(Pins::none().permit(url, None, &generic()).is_ok() || url.starts_with("http:"), "{url}");
    }
}

#[test]
fn a_bound_variable_goes_where_it_is_bound_to_and_nowhere_else() {
    let slack = builtin("slack").unwrap();
    let pins = "ACME_TOKEN=acme.example, ACME_TOKEN=login.acme.example:8443,SLACK_TOKEN=api.slack.com free.example";
    for (variable, url, expected) in [
        ("ACME_TOKEN", "https://acme.example/scim", true),
        ("acme_token", "https://free.example/scim", false),
        ("ACME_TOKEN", "https://login.acme.example:8443/scim", true),
        ("ACME_TOKEN", "https://free.example/scim", false),
        ("ACME_TOKEN", "https://api.slack.com/scim/v2", false),
        ("SLACK_TOKEN", "https://api.slack.com/scim/v2", true),
        ("SLACK_TOKEN", "https://acme.example/scim", false),
        ("OTHER", "https://free.example/scim", true),
        ("OTHER", "https://api.slack.com/scim/v2", true),
        ("OTHER", "https://acme.example/scim", false),
    ] {
        let permit = Pins::allowing(pins).unwrap().permit(url, Some(&bearer(variable)), &slack);
        assert_eq!(permit.is_ok(), expected, "{variable} {url}");
    }
    // Other secrets, and addresses without a login.
    let pins = Pins::allowing(pins).unwrap();
    for (auth, url, expected) in [
        (Some(Auth::Bearer(Secret::File("f".into()))), "https://acme.example", false),
        (Some(Auth::Bearer(Secret::Command(vec![]))), "https://free.example", true),
        (None, "https://acme.example", true),
        (None, "https://other.example", false),
    ] {
        assert_eq!(pins.permit(url, auth.as_ref(), &slack).is_ok(), expected, "{auth:?} {url}");
    }
    // A first password is judged by its own variable.
    let permit = pins.permit("https://api.slack.com/scim/v2", Some(&bearer("SLACK_TOKEN")), &slack).unwrap();
    assert!(permit.admits(&Secret::Env("FIRST_PASSWORD".into())).is_ok());
    let error = permit.admits(&Secret::Env("ACME_TOKEN".into())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Pinned);
    assert!(error.to_string().contains("`ACME_TOKEN` is bound to acme.example, login.acme.example:8443"), "{error}");
}

#[test]
fn a_token_endpoint_is_judged_like_the_address() {
    let oauth = |token_url: &str| Auth::OAuth2 {
        token_url: token_url.to_owned(),
        client_id: "us".to_owned(),
        client_secret: Secret::Env("SECRET".to_owned()),
        scopes: Vec::new(),
    };
    let (url, zoom) = ("https://api.zoom.us/scim2", builtin("zoom").unwrap());
    let permit = |allowed: &str, token_url: &str| {
        Pins::allowing(allowed).unwrap().permit(url, Some(&oauth(token_url)), &zoom).map(drop)
    };
    assert!(permit("", "https://api.zoom.us/token").is_ok());
    assert!(permit("zoom.us", "https://zoom.us/oauth/token").is_ok());
    assert!(permit("SECRET=zoom.us,SECRET=api.zoom.us", "https://zoom.us/oauth/token").is_ok());
    // The access token would go where the client secret may not.
    assert!(permit("SECRET=zoom.us", "https://zoom.us/oauth/token").is_err());
    match permit("", "https://evil.example/oauth/token") {
        Err(Denied::Elsewhere(why)) => {
            assert!(why.token_url);
            assert_eq!(why.way_out(), "SCIMFORM_ALLOWED_HOSTS=SECRET=evil.example");
            assert_eq!(why.to_string(), "its `tokenUrl` is at evil.example, and its profile pins api.zoom.us");
        }
        other => panic!("{other:?}"),
    }
    for token_url in ["http://api.zoom.us/token", "https://api.zoom.us@evil.example/token", "nonsense"] {
        assert!(matches!(permit("", token_url), Err(Denied::Unusable(_))), "{token_url}");
    }
}

//! Paths: RFC 7644 sections 3.5.2 and 3.10.

use proptest::prelude::*;

use super::*;
use crate::scim::strategies;
use crate::scim::{Object, Value};

fn path(text: &str) -> AttrPath {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn object(json: &str) -> Object {
    serde_json::from_str(json).unwrap()
}

fn read(text: &str, resource: &Object) -> String {
    let found: Vec<String> = path(text).read(resource).into_iter().map(ToString::to_string).collect();
    found.join(" ")
}

#[test]
fn parts_of_a_path() {
    let manager = path("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value");
    assert_eq!(manager.top(), (Some(urn::ENTERPRISE_USER), "manager"));
    assert_eq!(manager.sub.as_deref(), Some("value"));
    assert!(!manager.is_core());

    let core = path("URN:ietf:params:scim:schemas:CORE:2.0:User:name.familyName");
    assert_eq!(core.top(), (None, "name"));
    assert!(core.is_core());

    let filtered = path(r#"addresses[type eq "work" and not (primary eq true)].streetAddress"#);
    assert_eq!(filtered.attribute, "addresses");
    assert!(filtered.filter.is_some());
    assert_eq!(filtered.sub.as_deref(), Some("streetAddress"));

    let spaced = path("urn:ietf:params:scim:schemas:extension:lattice:attributes:1.0:User:Tee Shirt Size");
    assert_eq!(spaced.attribute, "Tee Shirt Size");

    assert_eq!(path("members[value eq \"2]\\\"x\"].$ref").sub.as_deref(), Some("$ref"));
}

#[test]
fn a_urn_alone_is_the_whole_extension() {
    for text in [
        urn::ENTERPRISE_USER,
        urn::USER,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user",
        "urn:example:acme:1.0:Employee",
        "urn:example:acme:1.0",
    ] {
        let bare = path(text);
        assert!(bare.is_bare(), "{text}");
        assert_eq!(bare.schema.as_deref(), Some(text));
    }
    assert!(!path("urn:okta:acme:1.0:user:custom:badge").is_bare());
}

#[test]
fn what_is_no_path_is_refused_at_its_place() {
    for (text, offset) in [
        ("", 0),
        ("2fa", 0),
        ("name.", 0),
        ("name.a.b", 0),
        ("http://x:y", 0),
        ("emails[", 7),
        ("emails[]", 7),
        ("emails[type eq 'work']", 15),
        ("emails[type eq \"work\"", 21),
        ("emails[type eq \"work\"].", 23),
        ("emails[type eq \"work\"] x", 23),
        ("emails[a[b eq 1] pr]", 8),
        ("emails.value[type pr]", 12),
        ("tee shirt", 0),
        ("urn:", 0),
        ("urn:a:1.0:User[x pr]", 14),
    ] {
        let error = text.parse::<AttrPath>().expect_err(text);
        assert_eq!(error.offset, offset, "{text}: {error}");
    }
    let deep = format!("a[{}b pr{}]", "(".repeat(70), ")".repeat(70));
    assert!(deep.parse::<AttrPath>().is_err());
}

#[test]
fn names_are_compared_without_case() {
    let one = path(r#"urn:ietf:params:scim:schemas:core:2.0:User:Emails[Type eq "Work"].VALUE"#);
    let other = path(r#"emails[type eq "Work"].value"#);
    assert_ne!(one, other);
    assert!(one.same(&other));
    assert_eq!(one.key(), other.key());
    assert!(!one.same(&path(r#"emails[type eq "work"].value"#)), "values keep their case");
    assert!(path(&urn::ENTERPRISE_USER.to_lowercase()).same(&path(urn::ENTERPRISE_USER)));
}

#[test]
fn reading() {
    let user = object(
        r#"{"userName":"ada","NAME":{"givenName":"Ada"},"nickName":null,
            "emails":[{"type":"Work","value":"a@x"},{"type":"home","value":"b@x"}],
            "phoneNumbers":["1","2"],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user":{"Department":"R&D","manager":"7"}}"#,
    );
    assert_eq!(read("username", &user), r#""ada""#);
    assert_eq!(read("name.givenname", &user), r#""Ada""#);
    assert_eq!(read("title", &user), "");
    assert_eq!(read("nickName", &user), "null");
    assert_eq!(read("emails.value", &user), r#""a@x" "b@x""#);
    assert_eq!(read(r#"emails[type eq "work"].value"#, &user), r#""a@x""#);
    assert_eq!(read(r#"emails[type eq "home"]"#, &user), r#"{"type":"home","value":"b@x"}"#);
    assert_eq!(read("phoneNumbers", &user), r#"["1","2"]"#);
    assert_eq!(read("phoneNumbers.value", &user), r#""1" "2""#);
    assert_eq!(read(r#"phoneNumbers[value eq "2"]"#, &user), r#""2""#);
    assert_eq!(read(&format!("{}:department", urn::ENTERPRISE_USER), &user), r#""R&D""#);
    assert_eq!(read(&format!("{}:manager.value", urn::ENTERPRISE_USER), &user), r#""7""#);
    assert_eq!(read(urn::ENTERPRISE_USER, &user), r#"{"Department":"R&D","manager":"7"}"#);
}

#[test]
fn assigning_builds_the_shape() {
    let mut user = Object::new();
    for (text, value) in [
        ("userName", "ada"),
        ("name.givenName", "Ada"),
        ("name.familyName", "Lovelace"),
        (r#"emails[type eq "work" and primary eq true].value"#, "a@x"),
        (r#"emails[type eq "home"].value"#, "b@x"),
        (r#"emails[type eq "work"].display"#, "Work"),
        ("photos.value", "https://x/y"),
        (r#"phoneNumbers[type eq "work"]"#, "1"),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", "7"),
        ("urn:ietf:params:scim:schemas:core:2.0:User:title", "Countess"),
    ] {
        path(text).assign(&mut user, value.into());
    }
    let expected = object(
        r#"{"userName":"ada","name":{"givenName":"Ada","familyName":"Lovelace"},
            "emails":[{"type":"work","primary":true,"value":"a@x","display":"Work"},{"type":"home","value":"b@x"}],
            "photos":[{"value":"https://x/y"}],"phoneNumbers":[{"type":"work","value":"1"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"7"}},
            "title":"Countess"}"#,
    );
    assert_eq!(user, expected);
}

proptest! {
    #[test]
    fn a_printed_path_is_that_path(path in strategies::path()) {
        let text = path.to_string();
        prop_assert_eq!(text.parse::<AttrPath>(), Ok(path), "{}", text);
    }

    #[test]
    fn case_does_not_matter_to_keys(path in strategies::plain_path()) {
        let shouted: AttrPath = path.to_string().to_uppercase().parse().unwrap();
        prop_assert!(path.same(&shouted));
        prop_assert_eq!(path.key(), shouted.key());
    }

    #[test]
    fn what_is_assigned_is_read(path in strategies::path_without_filter(), value in strategies::value()) {
        let mut resource = Object::new();
        path.assign(&mut resource, value.clone());
        prop_assert_eq!(path.read(&resource), vec![&value]);
    }

    #[test]
    fn nothing_makes_the_parser_panic(text in "\\PC{0,40}|[a-z\\[\\]().: \"\\\\]{0,40}") {
        let _: Result<AttrPath, _> = text.parse();
        let _: Result<Filter, _> = text.parse();
    }
}

#[test]
fn values_are_lifted_when_assigned_parts() {
    let mut user = object(r#"{"emails":["a@x"]}"#);
    path("emails.type").assign(&mut user, Value::from("work"));
    assert_eq!(user, object(r#"{"emails":[{"value":"a@x","type":"work"}]}"#));
}

//! What a profile says about values.

use super::*;

fn matches(profile: &Profile, path: &str, value: &str) -> Vec<String> {
    let comparison = Comparison::new(profile, ResourceKind::User, &path.parse().unwrap());
    comparison.match_keys(&Found::One(&json(value)))
}

#[test]
fn e27_forms_hold_on_both_sides_and_for_matching() {
    let profile = with(
        r#"{"normalised":[{"path":"userName","form":"handle"},{"path":"emails.value","form":"lowerCase"},{"path":"name.givenName","form":"trimmed"},{"path":"externalId","form":"lowerCase"},{"path":"phoneNumbers","form":"phone"}]}"#,
    );
    assert!(within(&profile, "userName", r#""Ada.Lovelace@x""#, r#"{"userName":"ada-lovelace"}"#));
    assert!(!within(&profile, "userName", r#""ada.byron@x""#, r#"{"userName":"ada-lovelace"}"#));
    assert_eq!(
        matches(&profile, "userName", r#""Ada.Lovelace@x""#),
        matches(&profile, "userName", r#""ada-lovelace""#)
    );
    // An id keeps its case, unless the target takes it away.
    assert!(within(&profile, "externalId", r#""HR-1""#, r#"{"externalId":"hr-1"}"#));
    assert!(!within(&generic(), "externalId", r#""HR-1""#, r#"{"externalId":"hr-1"}"#));
    assert!(within(&profile, "emails", r#"[{"value":"A@x"}]"#, r#"{"emails":[{"value":"a@x"}]}"#));
    assert!(within(
        &profile,
        r#"phoneNumbers[type eq "work"].value"#,
        r#""tel:+1 (5)""#,
        r#"{"phoneNumbers":[{"value":"+15","type":"work"}]}"#
    ));
    assert!(within(&profile, "name", r#"{"givenName":"Ada "}"#, r#"{"name":{"givenName":"Ada"}}"#));
    assert!(!within(&profile, "name", r#"{"givenName":"ADA"}"#, r#"{"name":{"givenName":"Ada"}}"#));
}

#[test]
fn e49_placeholders_are_nothing_on_both_sides() {
    let profile = with(r#"{"placeholders":{"name.givenName":"N/A","name.familyName":"N/A","title":"-"}}"#);
    let live = r#"{"name":{"givenName":"N/A","familyName":"n/a"},"title":"-","nickName":"N/A"}"#;
    for (path, nothing) in
        [("name.givenName", "null"), ("title", r#""""#), ("name", "null"), ("name", r#"{"givenName":null}"#)]
    {
        assert!(within(&profile, path, nothing, live), "{path} {nothing}");
    }
    // Declared by someone who copied it, it is nothing as well, wherever the target shows nothing at all.
    assert!(within(&profile, "title", r#""-""#, live) && within(&profile, "title", r#""-""#, "{}"));
    assert!(within(&profile, "name", r#"{"givenName":"N/A"}"#, "{}"));
    assert!(!within(&profile, "name.givenName", r#""Ada""#, live));
    assert!(!within(&profile, "nickName", "null", live), "what is a placeholder of one attribute is none of another");
    let comparison = Comparison::new(&profile, ResourceKind::User, &"name.formatted".parse().unwrap());
    assert!(comparison.find(&object(live)).is_blank(), "no name is made of placeholders");
    assert_eq!(matches(&profile, "title", r#""-""#), [""; 0], "and nobody is matched by one");
}

#[test]
fn e32_what_the_server_fills_in() {
    let profile = with(r#"{"defaults":{"preferredLanguage":"en","emails.type":"work","name.honorificPrefix":"Mx"}}"#);
    let is_default = |path: &str, live: &str| {
        let comparison = Comparison::new(&profile, ResourceKind::User, &path.parse().unwrap());
        let live = object(live);
        comparison.is_default(&comparison.find(&live))
    };
    assert!(is_default("preferredLanguage", r#"{"preferredLanguage":"EN"}"#));
    assert!(!is_default("preferredLanguage", r#"{"preferredLanguage":"de"}"#));
    assert!(!is_default("title", r#"{"title":"en"}"#));
    assert!(is_default("name", r#"{"name":{"honorificPrefix":"Mx"}}"#));
    assert!(!is_default("name", r#"{"name":{"honorificPrefix":"Mx","givenName":"Ada"}}"#));
    assert!(within(
        &profile,
        "emails",
        r#"[{"value":"a@x","type":null}]"#,
        r#"{"emails":[{"value":"a@x","type":"work"}]}"#
    ));
    assert!(!within(
        &profile,
        "emails",
        r#"[{"value":"a@x","type":null}]"#,
        r#"{"emails":[{"value":"a@x","type":"home"}]}"#
    ));
}

#[test]
fn e28_what_an_attribute_that_leads_hands_on() {
    let profile = with(r#"{"coupled":[{"path":"emails.value","to":"userName"},{"path":"displayName","to":"emails"}]}"#);
    let of = |path: &str| Comparison::new(&profile, ResourceKind::User, &path.parse().unwrap());
    assert!(of("userName").leader().is_none() && of("emails.type").leader().is_none());
    for path in ["emails", "emails.value", r#"emails[type eq "work"].value"#] {
        assert_eq!(of(path).leader().unwrap().path().to_string(), "userName", "{path}");
    }
    let display = of("displayName");
    let emails = json(r#"[{"value":"a@x"},{"value":"b@x","primary":true}]"#);
    assert_eq!(display.leader().unwrap().leading(&Found::One(&emails)), Some("b@x".into()));
}

#[test]
fn parts_that_the_server_drops_are_not_compared() {
    let profile = with(r#"{"ignored":["emails.type"],"serverOwned":["name.formatted"]}"#);
    let live = r#"{"emails":[{"value":"a@x","type":"other"}],"name":{"givenName":"Ada","formatted":"X"}}"#;
    assert!(within(&profile, "emails", r#"[{"value":"a@x","type":"work"}]"#, live));
    assert!(!within(&profile, "emails", r#"[{"value":"b@x","type":"other"}]"#, live));
    assert!(within(&profile, "name", r#"{"givenName":"Ada","formatted":"Ada"}"#, live));
}

#[test]
fn elements_of_the_servers_own_are_neither_missing_nor_too_many() {
    let live = r#"{"emails":[{"value":"a@x","type":"work"},{"value":"r@x","type":"recovery"}]}"#;
    let profile = with(r#"{"serverOwned":["emails[type eq \"recovery\"]"]}"#);
    assert!(within(&profile, "emails", r#"[{"value":"a@x","type":"work"}]"#, live));
    assert!(!within(&profile, "emails", r#"[{"value":"b@x","type":"work"}]"#, live));
    assert!(!within(&generic(), "emails", r#"[{"value":"a@x","type":"work"}]"#, live));
    let path: AttrPath = "emails".parse().unwrap();
    let comparison = Comparison::new(&profile, ResourceKind::User, &path);
    let found = comparison.find(&object(live)).to_value();
    assert_eq!(found, json(r#"[{"value":"a@x","type":"work"}]"#));
}

#[test]
fn parts_that_are_not_sent_are_not_compared() {
    for list in ["serverOwned", "ignored", "unsupported"] {
        let profile = with(&format!(r#"{{"{list}":["emails.type"]}}"#));
        let wanted = r#"[{"value":"a@x","type":"work"}]"#;
        assert!(within(&profile, "emails", wanted, r#"{"emails":[{"value":"a@x"}]}"#), "{list}");
        assert!(within(&profile, "emails", wanted, r#"{"emails":[{"value":"a@x","type":"other"}]}"#), "{list}");
        assert!(!within(&profile, "emails", wanted, r#"{"emails":[{"value":"b@x"}]}"#), "{list}");
    }
}

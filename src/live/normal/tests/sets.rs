//! Multi-valued attributes.

use super::{eq, with, within};

#[test]
fn e03_e07_order_and_case_of_names() {
    assert!(eq("name", r#"{"givenName":"A","familyName":"L"}"#, r#"{"FamilyName":"L","givenname":"A"}"#));
}

#[test]
fn e05_e06_sets_whatever_the_order_and_repetition() {
    let ab = r#"[{"value":"a@x","type":"work"},{"value":"b@x","type":"home"}]"#;
    assert!(eq("emails", ab, r#"[{"value":"b@x","type":"home"},{"value":"A@x","type":"Work"}]"#));
    assert!(eq("emails", ab, r#"[{"value":"b@x","type":"home"},{"value":"a@x","type":"work"},{"value":"b@x","type":"home"}]"#));
    assert!(!eq("emails", ab, r#"[{"value":"b@x","type":"home"}]"#));
    assert!(!eq("emails", ab, r#"[{"value":"a@x","type":"home"},{"value":"b@x","type":"work"}]"#));
    assert!(!eq("emails", r#"[{"value":"a@x"}]"#, r#"[{"value":"a@x"},{"value":"c@x"}]"#), "one too many");
    assert!(eq("roles", r#"["admin","dev"]"#, r#"[{"value":"dev","display":"Dev"},{"value":"admin"}]"#));
}

#[test]
fn e19_e20_primary() {
    let two = r#"[{"value":"a@x","primary":true},{"value":"b@x"}]"#;
    assert!(eq("emails", two, r#"[{"value":"a@x","primary":true},{"value":"b@x","primary":false}]"#));
    assert!(!eq("emails", two, r#"[{"value":"a@x"},{"value":"b@x","primary":true}]"#));
    assert!(eq("emails", r#"[{"value":"a@x"}]"#, r#"[{"value":"a@x","primary":true}]"#), "not asserted");
    assert!(eq("emails", r#"[{"value":"a@x","primary":true}]"#, r#"[{"value":"a@x"}]"#), "an only one");
    assert!(eq("emails", r#"[{"value":"a@x","primary":false}]"#, r#"[{"value":"a@x","primary":true}]"#), "forced by the server");
    assert!(!eq("emails", r#"[{"value":"a@x","primary":true}]"#, r#"[{"value":"a@x","primary":false}]"#));
}

#[test]
fn e22_types_that_the_server_drops_or_adds() {
    assert!(eq("emails", r#"[{"value":"a@x","type":"work"}]"#, r#"[{"value":"a@x"}]"#));
    assert!(eq("emails", r#"[{"value":"a@x"}]"#, r#"[{"value":"a@x","type":"other"}]"#));
    assert!(!eq("emails", r#"[{"value":"a@x","type":"work"}]"#, r#"[{"value":"a@x","type":"home"}]"#));
    let profile = with("{}");
    let path = r#"emails[type eq "work"].value"#;
    assert!(within(&profile, path, r#""a@x""#, r#"{"emails":[{"value":"a@x"}]}"#));
    assert!(within(&profile, path, r#""a@x""#, r#"{"emails":[{"value":"b@x","type":"home"},{"value":"a@x","type":"WORK"}]}"#));
    assert!(!within(&profile, path, r#""a@x""#, r#"{"emails":[{"value":"a@x","type":"home"}]}"#));
    assert!(within(&profile, "emails[primary eq true].value", r#""a@x""#, r#"{"emails":[{"value":"a@x"}]}"#));
}

#[test]
fn e23_what_the_server_adds_to_references() {
    let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
    assert!(eq(manager, r#"{"value":"26"}"#, r#"{"value":"26","$ref":"../Users/26","displayName":"G"}"#));
    assert!(eq(manager, r#""26""#, r#"{"value":"26","displayName":"G"}"#));
    assert!(eq(manager, r#"{"value":"26"}"#, r#"{"$ref":"https://a/v2/Users/26"}"#));
    assert!(!eq(manager, r#"{"value":"2a"}"#, r#"{"value":"2A"}"#), "ids are case-exact");
}

#[test]
fn e25_a_formatted_name_beside_its_parts() {
    assert!(eq("name", r#"{"givenName":"Ada","familyName":"L","formatted":"Ada L"}"#, r#"{"givenName":"Ada","familyName":"L","formatted":"L, Ada"}"#));
    assert!(!eq("name", r#"{"formatted":"Ada L"}"#, r#"{"givenName":"Ada","familyName":"L","formatted":"L, Ada"}"#));
    let profile = with("{}");
    assert!(within(&profile, "name.formatted", r#""Ada L""#, r#"{"name":{"familyName":"L","givenName":"Ada"}}"#));
    assert!(!within(&profile, "name.formatted", r#""Ada L""#, r#"{"name":{"familyName":"M","givenName":"Ada"}}"#));
}

#[test]
fn e45_a_server_that_keeps_one_of_several() {
    let profile = with(r#"{"singleValued":["emails"]}"#);
    let two = r#"[{"value":"a@x","primary":true},{"value":"b@x"}]"#;
    assert!(within(&profile, "emails", two, r#"{"emails":[{"value":"a@x"}]}"#));
    assert!(!within(&profile, "emails", two, r#"{"emails":[{"value":"b@x"}]}"#), "the primary one is meant");
    assert!(within(&profile, "emails", r#"[{"value":"a@x"},{"value":"b@x"}]"#, r#"{"emails":[{"value":"b@x"}]}"#));
    assert!(!within(&with("{}"), "emails", two, r#"{"emails":[{"value":"a@x"}]}"#));
}

#[test]
fn e50_plain_values_where_objects_are_expected() {
    assert!(eq("emails", r#"[{"value":"a@x"}]"#, r#"["A@x"]"#));
    assert!(eq("emails", r#"[{"value":"a@x"}]"#, r#"{"value":"a@x"}"#));
    assert!(eq("emails", r#"[{"value":"a@x"}]"#, r#""a@x""#));
    assert!(eq("name", r#"{"givenName":"A"}"#, r#"[{"givenName":"A"}]"#));
}

#[test]
fn addresses_by_their_type() {
    let live = r#"[{"type":"home","locality":"Dresden"},{"type":"work","locality":"Berlin","region":"BE"}]"#;
    assert!(eq("addresses", r#"[{"type":"work","locality":"Berlin"},{"type":"home","locality":"Dresden"}]"#, live));
    assert!(!eq("addresses", r#"[{"type":"work","locality":"Dresden"},{"type":"home","locality":"Berlin"}]"#, live));
}

#[test]
fn long_lists_cost_no_more_than_their_length() {
    let value = |index: usize| format!(r#"{{"value":"role-{index}"}}"#);
    let forth: Vec<String> = (0..30_000).map(value).collect();
    let back: Vec<String> = (0..30_000).rev().map(value).collect();
    assert!(eq("roles", &format!("[{}]", forth.join(",")), &format!("[{}]", back.join(","))));
}

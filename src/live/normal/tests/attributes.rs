//! Where values stand, and how far they are compared.

use super::*;

#[test]
fn e08_urns_have_no_case() {
    let path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    let live = r#"{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:user":{"Department":"IT"}}"#;
    assert!(within(&generic(), path, r#""IT""#, live));
}

#[test]
fn e10_e51_other_places_of_the_profile() {
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter";
    let profile =
        with(&format!(r#"{{"aliases":{{"{enterprise}":"costCenter","title":"jobTitle","name":"fullName"}}}}"#));
    assert!(within(&profile, enterprise, r#""7""#, r#"{"costCenter":"7"}"#));
    assert!(within(&profile, "jobTitle", r#""Boss""#, r#"{"title":"Boss"}"#));
    assert!(within(&profile, "name.givenName", r#""Ada""#, r#"{"fullName":{"givenName":"Ada"}}"#));
    assert!(!within(&profile, "title", r#""Boss""#, r#"{"nickName":"Boss"}"#));
}

#[test]
fn e11_flat_dotted_keys() {
    assert!(within(&generic(), "name.givenName", r#""Ada""#, r#"{"name.givenName":"Ada"}"#));
    let path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    assert!(within(&generic(), path, r#""IT""#, &format!(r#"{{"{path}":"IT"}}"#)));
}

#[test]
fn e26_e39_e41_e42_e44_handling_by_profile_and_schema() {
    let profile = with(
        r#"{"serverOwned":["displayName"],"createOnly":["externalId","name.formatted"],"derived":["active"],"ignored":["locale"],"unsupported":["addresses"]}"#,
    );
    let handling = |path: &str| Comparison::new(&profile, ResourceKind::User, &path.parse().unwrap()).handling();
    assert_eq!(handling("DisplayName"), Handling::Silent);
    assert_eq!(handling("externalId"), Handling::CreateOnly);
    assert_eq!(handling("name.formatted"), Handling::CreateOnly);
    assert_eq!(handling("name.givenName"), Handling::Compared);
    assert_eq!(handling("active"), Handling::Derived);
    assert_eq!(handling("locale"), Handling::Silent);
    assert_eq!(handling(r#"addresses[type eq "work"].country"#), Handling::Silent);
    assert_eq!(handling("groups"), Handling::Silent);
    assert_eq!(handling("password"), Handling::Hidden);
}

#[test]
fn what_holds_for_names_of_people_does_not_for_names_of_groups() {
    let profile = with(r#"{"serverOwned":["displayName"],"unsupported":["externalId"]}"#);
    let handling = |path: &str| Comparison::new(&profile, ResourceKind::Group, &path.parse().unwrap()).handling();
    assert_eq!(handling("displayName"), Handling::Compared);
    assert_eq!(handling("externalId"), Handling::Silent);
}

#[test]
fn only_asserted_sub_attributes_are_compared() {
    assert!(eq("name", r#"{"givenName":"Ada"}"#, r#"{"givenName":"Ada","familyName":"L"}"#));
    assert!(eq("emails", r#"[{"value":"a@x"}]"#, r#"[{"value":"a@x","type":"work","display":"A"}]"#));
}

#[test]
fn a_live_value_is_cut_to_what_is_asserted() {
    let path: AttrPath = "emails".parse().unwrap();
    let comparison = Comparison::new(&generic(), ResourceKind::User, &path);
    let live = object(r#"{"emails":[{"value":"a@x","display":"A","type":"work"}]}"#);
    let cut = comparison.project(&json(r#"[{"value":"b@x","type":"work"}]"#), &comparison.find(&live));
    assert_eq!(cut, json(r#"[{"value":"a@x","type":"work"}]"#));
}

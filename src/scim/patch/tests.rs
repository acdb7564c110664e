//! Modifications: RFC 7644 section 3.5.2.

use proptest::prelude::*;

use super::*;
use crate::scim::schema::Schemas;
use crate::scim::{Object, ResourceKind, strategies};

fn object(json: &str) -> Object {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

fn operations(json: &str) -> Vec<PatchOp> {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// Applies operations to a resource and compares; unchanged if both are equal.
fn check(kind: ResourceKind, before: &str, ops: &str, after: &str) {
    let (mut resource, expected) = (object(before), object(after));
    let changed = apply(&mut resource, &operations(ops), Schemas::core(kind));
    assert_eq!(resource, expected, "{ops} made {}", Value::from(resource.clone()));
    assert_eq!(changed, Ok(object(before) != expected), "{ops}");
}

fn user(before: &str, ops: &str, after: &str) {
    check(ResourceKind::User, before, ops, after);
}

fn group(before: &str, ops: &str, after: &str) {
    check(ResourceKind::Group, before, ops, after);
}

fn refused(before: &str, ops: &str, kind: ScimType) {
    let mut resource = object(before);
    let error = apply(&mut resource, &operations(ops), Schemas::core(ResourceKind::User)).expect_err(ops);
    assert_eq!(error.scim_type, kind, "{ops}");
    assert_eq!(resource, object(before), "{ops}: an error leaves the resource as it was");
}

const MEMBERS: &str = r#"{"displayName":"Crew","members":[{"value":"1","display":"Ada"},{"value":"2"}]}"#;

#[test]
fn add_to_members() {
    // Section 3.5.2.1, adding a member; one that is there is not added again.
    group(
        MEMBERS,
        r#"[{"op":"add","path":"members","value":[{"value":"3"},{"value":"1"}]}]"#,
        r#"{"displayName":"Crew","members":[{"value":"1","display":"Ada"},{"value":"2"},{"value":"3"}]}"#,
    );
    group(MEMBERS, r#"[{"op":"add","path":"members","value":{"value":"1","type":"User"}}]"#, MEMBERS);
    let many: Vec<String> = (1..8).map(|id| format!(r#"{{"value":"{id}"}}"#)).collect();
    let mut resource = object(MEMBERS);
    let ops = operations(&format!(r#"[{{"op":"add","path":"members","value":[{}]}}]"#, many.join(",")));
    assert_eq!(apply(&mut resource, &ops, Schemas::core(ResourceKind::Group)), Ok(true));
    assert_eq!(resource.get("members").unwrap().as_array().unwrap().len(), 7);
    group(MEMBERS, r#"[{"op":"add","path":"members","value":[]}]"#, MEMBERS);
}

#[test]
fn remove_members() {
    // Section 3.5.2.2: by filter, all of them, and by value as some clients do.
    let one = r#"{"displayName":"Crew","members":[{"value":"2"}]}"#;
    group(MEMBERS, r#"[{"op":"remove","path":"members[value eq \"1\"]"}]"#, one);
    group(MEMBERS, r#"[{"op":"Remove","path":"members","value":[{"value":"1"},{"value":"9"}]}]"#, one);
    group(MEMBERS, r#"[{"op":"remove","path":"members","value":[]}]"#, MEMBERS);
    group(MEMBERS, r#"[{"op":"remove","path":"members"}]"#, r#"{"displayName":"Crew"}"#);
    group(MEMBERS, r#"[{"op":"remove","path":"members[value eq \"9\"]"}]"#, MEMBERS);
    group(
        MEMBERS,
        r#"[{"op":"remove","path":"members[value eq \"1\"]"},{"op":"remove","path":"members[value eq \"2\"]"}]"#,
        r#"{"displayName":"Crew"}"#,
    );
}

#[test]
fn replace_members() {
    // Section 3.5.2.3: without a filter all values are replaced; an empty array clears.
    group(
        MEMBERS,
        r#"[{"op":"replace","path":"members","value":[{"value":"3"},{"value":"3"}]}]"#,
        r#"{"displayName":"Crew","members":[{"value":"3"}]}"#,
    );
    group(MEMBERS, r#"[{"op":"replace","path":"members","value":[]}]"#, r#"{"displayName":"Crew"}"#);
}

const ADA: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"7","userName":"ada",
    "name":{"givenName":"Ada","familyName":"Byron"},
    "emails":[{"type":"work","value":"a@x","primary":true},{"type":"home","value":"b@x"}]}"#;

fn ada(change: impl Fn(&mut Object)) -> String {
    let mut resource = object(ADA);
    change(&mut resource);
    Value::from(resource).to_string()
}

fn set(resource: &mut Object, name: &str, json: &str) {
    resource.insert(name, serde_json::from_str::<Value>(json).unwrap());
}

#[test]
fn single_values() {
    let titled = ada(|r| set(r, "title", r#""Countess""#));
    for ops in [
        r#"[{"op":"add","path":"title","value":"Countess"}]"#,
        r#"[{"op":"replace","path":"TITLE","value":"Countess"}]"#,
        r#"[{"op":"Add","value":{"title":"Countess"}}]"#,
        r#"[{"op":"replace","path":"","value":{"urn:ietf:params:scim:schemas:core:2.0:User:title":"Countess"}}]"#,
        r#"[{"op":"add","path":"urn:ietf:params:scim:schemas:core:2.0:User","value":{"title":"Countess"}}]"#,
    ] {
        user(ADA, ops, &titled);
        user(&titled, ops, &titled);
    }
    user(&titled, r#"[{"op":"remove","path":"title"}]"#, ADA);
    user(&titled, r#"[{"op":"replace","path":"title","value":null}]"#, ADA);
    user(ADA, r#"[{"op":"remove","path":"title"}]"#, ADA);
    user(ADA, r#"[{"op":"replace","path":"userName","value":"Ada"}]"#, &ada(|r| set(r, "userName", r#""Ada""#)));
}

#[test]
fn complex_values_keep_what_is_not_given() {
    let married = ada(|r| set(r, "name", r#"{"givenName":"Ada","familyName":"Lovelace"}"#));
    for ops in [
        r#"[{"op":"replace","path":"name","value":{"familyName":"Lovelace"}}]"#,
        r#"[{"op":"add","path":"name","value":{"familyName":"Lovelace"}}]"#,
        r#"[{"op":"replace","path":"name.familyName","value":"Lovelace"}]"#,
        r#"[{"op":"replace","value":{"name.familyName":"Lovelace"}}]"#,
    ] {
        user(ADA, ops, &married);
    }
    user(
        ADA,
        r#"[{"op":"remove","path":"name.givenName"},{"op":"remove","path":"name.familyName"}]"#,
        &ada(|r| drop(r.remove("name"))),
    );
}

#[test]
fn value_filters() {
    let moved = ada(|r| {
        set(r, "emails", r#"[{"type":"work","value":"c@x","primary":true},{"type":"home","value":"b@x"}]"#);
    });
    user(ADA, r#"[{"op":"replace","path":"emails[type eq \"work\"].value","value":"c@x"}]"#, &moved);
    user(ADA, r#"[{"op":"add","path":"emails[type eq \"work\"]","value":{"value":"c@x"}}]"#, &moved);
    // Replacing a whole element: nothing of the old one stays.
    user(
        ADA,
        r#"[{"op":"replace","path":"emails[type eq \"work\"]","value":{"value":"c@x"}}]"#,
        &ada(|r| set(r, "emails", r#"[{"value":"c@x"},{"type":"home","value":"b@x"}]"#)),
    );
    user(
        ADA,
        r#"[{"op":"add","path":"emails[type eq \"other\"].value","value":"o@x"}]"#,
        &ada(|r| {
            set(
                r,
                "emails",
                r#"[{"type":"work","value":"a@x","primary":true},{"type":"home","value":"b@x"},{"type":"other","value":"o@x"}]"#,
            );
        }),
    );
    user(
        ADA,
        r#"[{"op":"remove","path":"emails[type eq \"work\" and value ew \"x\"].primary"}]"#,
        &ada(|r| set(r, "emails", r#"[{"type":"work","value":"a@x"},{"type":"home","value":"b@x"}]"#)),
    );
    user(ADA, r#"[{"op":"remove","path":"emails[type pr]"}]"#, &ada(|r| drop(r.remove("emails"))));
    refused(ADA, r#"[{"op":"replace","path":"emails[type eq \"fax\"].value","value":"c@x"}]"#, ScimType::NoTarget);
    refused(ADA, r#"[{"op":"add","path":"emails[type co \"fax\"].value","value":"c@x"}]"#, ScimType::NoTarget);
    refused(ADA, r#"[{"op":"replace","path":"name[givenName pr].familyName","value":"x"}]"#, ScimType::InvalidPath);
}

#[test]
fn one_primary() {
    let swapped = r#"[{"type":"work","value":"a@x","primary":false},{"type":"home","value":"b@x","primary":true}]"#;
    for ops in [
        r#"[{"op":"replace","path":"emails[type eq \"home\"].primary","value":true}]"#,
        r#"[{"op":"add","path":"emails","value":[{"type":"home","value":"b@x","primary":true}]}]"#,
        r#"[{"op":"add","path":"emails[type eq \"home\"]","value":{"primary":true}}]"#,
    ] {
        user(ADA, ops, &ada(|r| set(r, "emails", swapped)));
    }
    let two =
        r#"[{"op":"replace","path":"emails","value":[{"value":"1","primary":true},{"value":"2","primary":true}]}]"#;
    refused(ADA, two, ScimType::InvalidValue);
    refused(ADA, r#"[{"op":"replace","path":"emails.primary","value":true}]"#, ScimType::InvalidValue);
}

#[test]
fn extensions() {
    let hired = ada(|r| {
        set(
            r,
            "schemas",
            r#"["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]"#,
        );
        set(r, urn::ENTERPRISE_USER, r#"{"department":"R&D","manager":{"value":"9"}}"#);
    });
    let prefix = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    for ops in [
        format!(r#"[{{"op":"add","path":"{prefix}","value":{{"department":"R&D","manager":{{"value":"9"}}}}}}]"#),
        format!(r#"[{{"op":"replace","value":{{"{prefix}":{{"department":"R&D","manager.value":"9"}}}}}}]"#),
        format!(
            r#"[{{"op":"add","path":"{prefix}:department","value":"R&D"}},{{"op":"add","path":"{}:manager","value":"9"}}]"#,
            prefix.to_lowercase()
        ),
        format!(
            r#"[{{"op":"add","value":{{"{prefix}:department":"R&D","{prefix}:manager.value":"9","schemas":[]}}}}]"#
        ),
    ] {
        user(ADA, &ops, &hired);
        user(&hired, &ops, &hired);
    }
    user(&hired, &format!(r#"[{{"op":"remove","path":"{prefix}"}}]"#), ADA);
    user(
        &hired,
        &format!(r#"[{{"op":"remove","path":"{prefix}:department"}},{{"op":"remove","path":"{prefix}:manager"}}]"#),
        ADA,
    );
    refused(
        ADA,
        &format!(r#"[{{"op":"add","path":"{prefix}:manager.displayName","value":"Grace"}}]"#),
        ScimType::Mutability,
    );
    // An extension that the schemas do not know is taken as it comes.
    let shirt = "urn:example:lattice:1.0:User:Tee Shirt Size";
    let mut resource = object(ADA);
    let ops = operations(&format!(r#"[{{"op":"replace","path":"{shirt}","value":"M"}}]"#));
    assert_eq!(apply(&mut resource, &ops, Schemas::core(ResourceKind::User)), Ok(true));
    assert_eq!(shirt.parse::<AttrPath>().unwrap().read(&resource), [&Value::from("M")]);
    assert_eq!(resource.get("schemas").unwrap().as_array().unwrap().len(), 2);
}

#[test]
fn what_must_not_be_changed() {
    for ops in [
        r#"[{"op":"replace","path":"id","value":"8"}]"#,
        r#"[{"op":"remove","path":"id"}]"#,
        r#"[{"op":"remove","path":"userName"}]"#,
        r#"[{"op":"replace","path":"userName","value":null}]"#,
        r#"[{"op":"add","path":"groups","value":[{"value":"1"}]}]"#,
        r#"[{"op":"replace","value":{"title":"x","meta":{"created":"2020-01-01T00:00:00Z"}}}]"#,
    ] {
        refused(ADA, ops, ScimType::Mutability);
    }
    user(ADA, r#"[{"op":"replace","value":{"id":"7"}}]"#, ADA);
    let mut crew = object(MEMBERS);
    let ops = operations(r#"[{"op":"replace","path":"members[value eq \"1\"].value","value":"5"}]"#);
    let error = apply(&mut crew, &ops, Schemas::core(ResourceKind::Group)).unwrap_err();
    assert_eq!(error.scim_type, ScimType::Mutability);
}

#[test]
fn what_cannot_be_done() {
    refused(ADA, r#"[{"op":"remove"}]"#, ScimType::NoTarget);
    refused(ADA, r#"[{"op":"add","value":"x"}]"#, ScimType::InvalidValue);
    refused(ADA, r#"[{"op":"add","path":"title"}]"#, ScimType::InvalidValue);
    refused(ADA, r#"[{"op":"add","path":"active","value":"True"}]"#, ScimType::InvalidValue);
    refused(ADA, r#"[{"op":"add","path":"emails","value":[{"value":7}]}]"#, ScimType::InvalidValue);
    refused(ADA, r#"[{"op":"add","path":"title.value","value":"x"}]"#, ScimType::InvalidPath);
    refused(ADA, r#"[{"op":"add","value":{"a b":1}}]"#, ScimType::InvalidPath);
    // All or nothing: the first operation would work.
    refused(ADA, r#"[{"op":"add","path":"title","value":"x"},{"op":"remove"}]"#, ScimType::NoTarget);
}

#[test]
fn bodies() {
    let request = PatchRequest::new(vec![PatchOp::remove("members[value eq \"1\"]".parse().unwrap())]);
    let json = serde_json::to_string(&request).unwrap();
    assert_eq!(
        json,
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"members[value eq \"1\"]"}]}"#
    );
    let read = |json: &str| PatchRequest::read(&serde_json::from_str(json).unwrap());
    assert_eq!(read(&json), Ok(request));
    let kind = |operation: &str| {
        let body = format!(r#"{{"schemas":["{}"],"Operations":[{operation}]}}"#, urn::PATCH_OP);
        read(&body).unwrap_err().scim_type
    };
    assert_eq!(kind(r#"{"op":"move"}"#), ScimType::InvalidSyntax);
    assert_eq!(kind(r#"{"op":"add","path":"1x"}"#), ScimType::InvalidPath);
    assert_eq!(kind(r#"{"op":"add","path":"a[b xx 1]"}"#), ScimType::InvalidFilter);
    assert!(read(r#"{"Operations":[]}"#).is_err());
    assert!(read(&format!(r#"{{"schemas":["{}"],"operations":[]}}"#, urn::PATCH_OP)).is_err());
}

#[test]
fn a_large_group_takes_many_operations() {
    let member = |id: usize| Value::Object([("value", Value::from(format!("id-{id}")))].into_iter().collect());
    let mut crew: Object = [("displayName", Value::from("Crew"))].into_iter().collect();
    crew.insert("members", Value::Array((0..20_000).map(member).collect()));
    let path = || AttrPath::attribute("members");
    let mut ops = vec![PatchOp::add(path(), Value::Array((19_000..40_000).map(member).collect()))];
    for id in 0..50 {
        let filter = crate::scim::filter::eq(AttrPath::attribute("value"), &format!("id-{id}"));
        ops.push(PatchOp::remove(path().with_filter(filter)));
    }
    ops.push(PatchOp {
        op: Op::Remove,
        path: Some(path()),
        value: Some(Value::Array((100..10_000).map(member).collect())),
    });
    assert_eq!(apply(&mut crew, &ops, Schemas::core(ResourceKind::Group)), Ok(true));
    assert_eq!(crew.get("members").unwrap().as_array().unwrap().len(), 40_000 - 50 - 9_900);
}

proptest! {
    #[test]
    fn a_written_operation_is_that_operation(op in strategies::operation()) {
        let json = serde_json::to_string(&op).unwrap();
        prop_assert_eq!(serde_json::from_str::<PatchOp>(&json).unwrap(), op.clone(), "{}", json);
        let value: Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(PatchOp::read(&value), Ok(op));
    }

    #[test]
    fn an_error_changes_nothing_and_no_change_is_none(
        ops in prop::collection::vec(strategies::operation(), 0..4),
    ) {
        let before = object(ADA);
        let mut resource = before.clone();
        let result = apply(&mut resource, &ops, Schemas::core(ResourceKind::User));
        prop_assert_eq!(result.unwrap_or(false), resource != before);
    }

    #[test]
    fn replacing_twice_is_replacing_once(op in strategies::plain_replace()) {
        // Without a filter: it may no longer match what it was used to change.
        let schemas = Schemas::core(ResourceKind::User);
        let mut once = object(ADA);
        if apply(&mut once, std::slice::from_ref(&op), schemas).is_ok() {
            let mut twice = once.clone();
            prop_assert_eq!(apply(&mut twice, &[op], schemas), Ok(false));
        }
    }
}

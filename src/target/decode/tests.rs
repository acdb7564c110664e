use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::live::{LiveMember, Members};

fn one(body: &serde_json::Value, wanted: &Wanted) -> LiveResource {
    resource(body.to_string().as_bytes(), ResourceKind::User, wanted).unwrap().unwrap()
}

fn attributes(body: &serde_json::Value, names: &[&str]) -> serde_json::Value {
    let mut body = body.clone();
    body["id"] = json!("1");
    serde_json::to_value(&one(&body, &Wanted::of(names.iter().copied())).attributes).unwrap()
}

#[test]
fn only_what_is_wanted_is_kept() {
    let body = json!({"schemas": ["x"], "id": 7, "meta": {"created": "x", "version": "W/\"1\""}, "userName": "ada",
        "title": "Dr", "groups": [{"value": "g"}], "secret": {"deep": [1]}});
    let user = one(&body, &Wanted::of(["USERNAME", "groups", "meta", "id"]));
    assert_eq!((user.id.as_str(), user.version.as_deref()), ("7", Some("W/\"1\"")));
    assert_eq!(serde_json::to_value(&user.attributes).unwrap(), json!({"userName": "ada"}));
    let user = one(&body, &Wanted::everything());
    let expected = json!({"userName": "ada", "title": "Dr", "secret": {"deep": [1]}});
    assert_eq!(serde_json::to_value(&user.attributes).unwrap(), expected);
    assert_eq!(user.members, Members::Unknown);
}

#[test]
fn t44_t45_awkward_shapes_are_lifted() {
    const URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    for (body, names, expected) in [
        (json!({"active": "True"}), &["active"][..], json!({"active": true})),
        (json!({"active": "false"}), &["active"], json!({"active": false})),
        (json!({"active": 1}), &["active"], json!({"active": true})),
        (json!({"active": "Suspended"}), &["active"], json!({"active": false})),
        (json!({"active": "banana"}), &["active"], json!({"active": null})),
        (json!({"active": 2}), &["active"], json!({"active": null})),
        (json!({"active": null}), &["active"], json!({"active": null})),
        (json!({"userName": 42}), &["userName"], json!({"userName": "42"})),
        (
            json!({"phoneNumbers": [{"value": 7.0, "primary": 1}]}),
            &["phoneNumbers"],
            json!({"phoneNumbers": [{"value": "7", "primary": true}]}),
        ),
        (json!({URN: {"employeeNumber": 42}}), &[URN], json!({URN: {"employeeNumber": "42"}})),
        (json!({"urn:x": {"level": 42}}), &["urn:x"], json!({"urn:x": {"level": 42}})),
        (
            json!({"emails": ["a@b", {"value": "c@d", "primary": "TRUE"}]}),
            &["emails"],
            json!({"emails": [{"value": "a@b"}, {"value": "c@d", "primary": true}]}),
        ),
        (json!({"emails": "a@b"}), &["emails"], json!({"emails": [{"value": "a@b"}]})),
        (json!({"emails": {"value": "a@b"}}), &["emails"], json!({"emails": [{"value": "a@b"}]})),
        (json!({"emails": null}), &["emails"], json!({"emails": null})),
        (json!({"addresses": "Main St"}), &["addresses"], json!({"addresses": [{"formatted": "Main St"}]})),
        (
            json!({"name.formatted": "Ada L", "name.givenName": "Ada"}),
            &["name"],
            json!({"name": {"formatted": "Ada L", "givenName": "Ada"}}),
        ),
        (
            json!({"name": {"givenName": "Ada"}, "name.formatted": "Ada L"}),
            &["name"],
            json!({"name": {"givenName": "Ada", "formatted": "Ada L"}}),
        ),
        (
            json!({"name.formatted": "Ada L", "name": {"givenName": "Ada"}}),
            &["name"],
            json!({"name": {"formatted": "Ada L", "givenName": "Ada"}}),
        ),
        (json!({"title.x": "y"}), &["name"], json!({})),
    ] {
        assert_eq!(attributes(&body, names), expected, "{body}");
    }
    let lower = URN.to_lowercase();
    assert_eq!(attributes(&json!({lower.clone(): {"department": "X"}}), &[URN]), json!({lower: {"department": "X"}}));
    let flat = json!({format!("{URN}:department"): "X", format!("{URN}:manager.value"): "7"});
    assert_eq!(attributes(&flat, &[URN]), json!({URN: {"department": "X", "manager": {"value": "7"}}}));
}

#[test]
fn t61_duplicate_names_the_last_one_wins() {
    let body = br#"{"id":"1","userName":"a","USERNAME":"b","id":"2"}"#;
    let user = resource(body, ResourceKind::User, &Wanted::of(["userName"])).unwrap().unwrap();
    assert_eq!((user.id.as_str(), user.attributes.get("userName")), ("2", Some(&"b".into())));
}

#[test]
fn t61_marks_depth_and_encoding() {
    let wanted = Wanted::of(["userName"]);
    let marked = b"\xEF\xBB\xBF{\"id\":\"1\"}";
    assert!(resource(marked, ResourceKind::User, &wanted).unwrap().is_some());
    assert!(resource(b"{\"id\":\"\xff\"}", ResourceKind::User, &wanted).unwrap_err().contains("UTF-8 at byte 7"));
    let deep = |name: &str| format!(r#"{{"id":"1","{name}":{}{}}}"#, "[".repeat(1000), "]".repeat(1000));
    assert!(resource(deep("userName").as_bytes(), ResourceKind::User, &wanted).unwrap_err().contains("recursion"));
    for body in ["null", "[]", "7", "\"x\""] {
        assert!(!matches!(resource(body.as_bytes(), ResourceKind::User, &wanted), Ok(Some(_))), "{body}");
    }
    assert!(resource(br#"{"userName":"x"}"#, ResourceKind::User, &wanted).unwrap().is_none());
    assert!(resource(br#"{"id":""}"#, ResourceKind::User, &wanted).unwrap().is_none());
}

#[test]
fn members_in_all_forms() {
    let wanted = Wanted::of(["members"]);
    let read = |members: serde_json::Value| {
        let body = json!({"id": "g", "members": members}).to_string();
        match resource(body.as_bytes(), ResourceKind::Group, &wanted).unwrap().unwrap().members {
            Members::Known(members) => members,
            Members::Unknown => panic!("unknown"),
        }
    };
    let member =
        |id: &str, kind, display: Option<&str>| LiveMember { id: id.into(), kind, display: display.map(Into::into) };
    let (user, group) = (Some(ResourceKind::User), Some(ResourceKind::Group));
    assert_eq!(
        read(json!([
            {"value": "c", "type": "Group"},
            {"$ref": "https://h/scim/v2/Users/b%2F1?x=y"},
            {"Value": 5, "display": "Five", "extra": {"x": [1]}},
            "a",
            {"value": "d", "$ref": "../Groups/d"},
            {"value": "c"},
            {"value": "", "display": "nobody"},
            null,
        ])),
        [
            member("5", None, Some("Five")),
            member("a", None, None),
            member("b/1", user, None),
            member("c", group, None),
            member("d", group, None)
        ]
    );
    assert_eq!(read(json!(null)), []);
    assert_eq!(read(json!({"value": "a"})), [member("a", None, None)]);
}

#[test]
fn e12_e50_whole_resources_keep_everything_in_the_shape_of_lists() {
    let shape = |body: serde_json::Value| serde_json::to_value(whole(body.to_string().as_bytes()).unwrap()).unwrap();
    assert_eq!(
        shape(json!({"id": "1", "active": "True", "emails": ["a"], "name.formatted": "x", "meta": {"version": "1"}})),
        json!({"id": "1", "active": true, "emails": [{"value": "a"}], "name.formatted": "x", "meta": {"version": "1"}})
    );
    assert_eq!(
        shape(json!({"members": [2, "3", {"value": 4, "note": "x"}, {"$ref": "https://x/Users/5"}, null]})),
        json!({"members": [{"value": "2"}, {"value": "3"}, {"value": "4", "note": "x"},
            {"$ref": "https://x/Users/5", "value": "5"}, null]})
    );
    assert!(whole(b"[]").is_err());
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "[a-zA-Z.:$]{0,8}".prop_map(Into::into),
    ];
    let names = prop_oneof![
        Just("id"),
        Just("Resources"),
        Just("totalResults"),
        Just("members"),
        Just("value"),
        Just("$ref"),
        Just("meta"),
        Just("version"),
        Just("emails"),
        Just("primary"),
        Just("name.formatted"),
        Just("name"),
        Just("nextCursor"),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            proptest::collection::btree_map(names.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever JSON comes as members, ids are sorted and each is there once; nothing panics.
    #[test]
    fn any_json_is_read_or_refused(body in any_json()) {
        let text = body.to_string();
        for wanted in [Wanted::everything(), Wanted::of(["name", "emails", "members"])] {
            let page = page(text.as_bytes(), ResourceKind::Group, &wanted);
            for resource in page.into_iter().flat_map(|page| page.resources) {
                prop_assert!(!resource.id.is_empty());
                prop_assert!(["id", "meta", "members", "schemas", "groups"].iter().all(|name| resource.attributes.get(name).is_none()));
                if let Members::Known(members) = resource.members {
                    prop_assert!(members.windows(2).all(|pair| pair[0].id < pair[1].id));
                }
            }
        }
    }

    /// Bytes that are no JSON never panic.
    #[test]
    fn any_bytes_are_refused_or_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = page(&bytes, ResourceKind::User, &Wanted::everything());
    }
}

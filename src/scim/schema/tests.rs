//! Schemas: RFC 7643 sections 2.2, 7 and 8.7.1.

use super::*;
use crate::scim::{ResourceKind, Value};

fn attribute(kind: ResourceKind, path: &str) -> Attribute {
    let path: AttrPath = path.parse().unwrap();
    Schemas::core(kind).attribute(&path).unwrap_or_else(|| panic!("{path}")).clone()
}

#[test]
fn characteristics_of_the_rfc() {
    let user = |path| attribute(ResourceKind::User, path);
    let name = user("USERNAME");
    assert_eq!((name.required, name.case_exact, name.uniqueness), (true, false, Uniqueness::Server));
    let id = user("id");
    assert_eq!((id.case_exact, id.mutability, id.returned), (true, Mutability::ReadOnly, Returned::Always));
    assert_eq!(user("password").mutability, Mutability::WriteOnly);
    assert_eq!(user("password").returned, Returned::Never);
    assert_eq!(user("groups").mutability, Mutability::ReadOnly);
    assert_eq!(user("meta.lastModified").kind, Type::DateTime);
    assert_eq!(user("x509Certificates.value").kind, Type::Binary);
    assert_eq!(user("urn:ietf:params:scim:schemas:core:2.0:User:emails.primary").kind, Type::Boolean);
    let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager.displayName";
    assert_eq!(user(manager).mutability, Mutability::ReadOnly);
    assert!(user("emails").multi_valued && !user("name").multi_valued);
    let group = |path| attribute(ResourceKind::Group, path);
    assert_eq!(group("members.value").mutability, Mutability::Immutable);
    assert!(group("displayName").required);
    assert!(Schemas::core(ResourceKind::Group).attribute(&AttrPath::attribute("userName")).is_none());
    assert!(Schemas::core(ResourceKind::User).attribute(&AttrPath::attribute("department")).is_none());
}

#[test]
fn written_schemas_read_back() {
    for kind in ResourceKind::ALL {
        for schema in Schemas::core(kind).iter() {
            let json = serde_json::to_string(schema).unwrap();
            let back: Schema = serde_json::from_str(&json).unwrap();
            assert_eq!(&back, schema);
            assert!(json.contains(r#""type":"string""#) && json.contains(r#""mutability":"readWrite""#));
        }
    }
}

#[test]
fn lenient_reading() {
    let answer: Value = serde_json::from_str(
        r#"{"Resources":[{"id":"urn:x:1.0:User","attributes":[
            {"name":"a","type":"DateTime","multiValued":"true","caseExact":1,"mutability":"readonly"},
            {"name":"b","type":"strange","required":null,"subAttributes":[{"name":"c"}]},
            {"type":"string"}, 7]}, {"name":"no id"}, null]}"#,
    )
    .unwrap();
    let schemas = Schemas::read(&answer);
    assert_eq!(schemas.iter().count(), 1);
    let schema = schemas.schema("URN:x:1.0:user").unwrap();
    assert_eq!(schema.attributes.len(), 2);
    let a = schema.attribute("A").unwrap();
    assert_eq!((a.kind, a.multi_valued, a.case_exact), (Type::DateTime, true, true));
    assert_eq!(a.mutability, Mutability::ReadOnly);
    let b = schema.attribute("b").unwrap();
    assert_eq!((b.kind, b.required, b.returned), (Type::Complex, false, Returned::Default));
    assert_eq!(Schemas::read(&Value::from("<html>")), Schemas::default());
}

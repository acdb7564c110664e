//! Rows and the profiles' default mappings.

use serde_json::{Value as Json, json};

use super::ada;
use crate::mapping::{
    Apply, Context, Expression, RawRow, RowError, Subject, check_names, compile_row, default_mapping, dry_run,
    known_attributes,
};
use crate::profile;
use crate::scim::schema::{Mutability, Schemas};
use crate::scim::{ResourceKind, Value};

fn row(value: &str, default: Option<&str>) -> RawRow {
    let text = |text: &str| (text.to_owned(), None);
    RawRow { value: Some(text(value)), default: default.map(text), ..RawRow::default() }
}

#[test]
fn rows_assert_values_emptiness_or_nothing() {
    let ada = ada();
    let asserts = |raw: RawRow| compile_row("title", &raw, None).unwrap().evaluate(&Context::user(&ada)).unwrap();
    assert_eq!(asserts(row("user.title", None)), Some(Value::from("Principal Engineer")));
    assert_eq!(asserts(row("user.nickName", None)), None);
    assert_eq!(asserts(row("user.nickName", Some("user.title"))), Some(Value::from("Principal Engineer")));
    assert_eq!(asserts(row("user.nickName", Some("user.displayName"))), None);
    assert_eq!(asserts(row("user.timezone", Some("'x'"))), Some(Value::Null));
    assert_eq!(asserts(row("user.roles", Some("'x'"))), Some(Value::Array(Vec::new())));
    let constant = RawRow { constant: Some(Value::from(true)), ..RawRow::default() };
    assert_eq!(asserts(constant), Some(Value::Bool(true)));
}

#[test]
fn rows_that_make_no_sense_are_refused() {
    let both = RawRow { constant: Some(Value::Null), ..row("user.title", None) };
    assert!(matches!(compile_row("title", &both, None), Err(RowError::Form(_))));
    assert!(matches!(compile_row("title", &RawRow::default(), None), Err(RowError::Form(_))));
    let constant = RawRow { value: None, constant: Some(Value::Null), ..row("", Some("1")) };
    assert!(matches!(compile_row("title", &constant, None), Err(RowError::Form(_))));
    assert!(matches!(compile_row("emails[", &row("user.title", None), None), Err(RowError::Path { .. })));
    assert!(matches!(compile_row("title", &row("user.", None), None), Err(RowError::Value(_))));
    let default = compile_row("title", &row("user.title", Some("user. ")), None).unwrap_err();
    assert!(matches!(&default, RowError::Default(_)) && default.range().is_some());
}

#[test]
fn every_profile_has_a_mapping_that_compiles() {
    for name in profile::names() {
        let profile = profile::builtin(name).unwrap();
        let mapping = default_mapping(&profile).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(mapping.name, name);
        assert!(mapping.rows.users.is_sorted_by(|a, b| a.path < b.path), "{name}");
        assert!(!mapping.matching.users.is_empty(), "{name}");
        assert_eq!(mapping.rows.groups.is_empty(), !profile.capabilities.resources.groups, "{name}");
        for (rows, subject) in [(&mapping.rows.users, Subject::User), (&mapping.rows.groups, Subject::Group)] {
            for row in rows {
                for expression in row.expressions() {
                    assert_eq!(check_names(expression, &[subject]), [], "{name}: {}", row.path);
                    assert_eq!(dry_run(expression, &[subject]), Ok(()), "{name}: {}", row.path);
                }
            }
        }
    }
}

/// What files can't declare: the server's own, secrets, and `active`, which follows from assignment and dates.
const NOT_MAPPED: &[&str] = &["password", "groups", "active", "id", "meta", "schemas"];

#[test]
fn the_generic_mapping_and_the_known_names_hold_the_whole_schema() {
    let mapping = default_mapping(&profile::builtin("generic").unwrap()).unwrap();
    let known: Vec<_> = known_attributes(Subject::User).collect();
    assert!(known.is_sorted());
    for schema in Schemas::core(ResourceKind::User).iter() {
        for attribute in schema.attributes.iter().filter(|attribute| !NOT_MAPPED.contains(&&*attribute.name)) {
            let name = attribute.name.as_str();
            assert!(known.contains(&name), "{name} is not known to expressions");
            let rows: Vec<_> = mapping.rows.users.iter().filter(|row| row.path.attribute == name).collect();
            let parts = attribute.sub_attributes.iter().filter(|part| part.mutability != Mutability::ReadOnly);
            let parts: Vec<_> = parts.filter(|_| !attribute.multi_valued && name != "manager").collect();
            assert_eq!(rows.len(), parts.len().max(1), "{name} is not mapped whole");
            assert!(rows.iter().all(|row| Schemas::core(ResourceKind::User).attribute(&row.path).is_some()), "{name}");
            let list = Expression::compile(&format!("user.{name}.x"), None).unwrap();
            let is_list =
                check_names(&list, &[Subject::User]).first().is_some_and(|found| found.message.contains("is a list"));
            assert_eq!(is_list, attribute.multi_valued, "{name}");
        }
    }
}

fn sent(profile: &str, user: &Value) -> Vec<(String, Json, Apply)> {
    let mapping = default_mapping(&profile::builtin(profile).unwrap()).unwrap();
    let rows = mapping.rows.users.iter().filter_map(|row| {
        let value = row.evaluate(&Context::user(user)).unwrap()?;
        Some((row.path.to_string(), serde_json::to_value(value).unwrap(), row.apply))
    });
    rows.collect()
}

#[test]
fn vendors_get_what_they_want() {
    let ada = ada();
    let jumpcloud = sent("jumpcloud", &ada);
    let find =
        |rows: &[(String, Json, Apply)], path: &str| rows.iter().find(|row| row.0 == path).map(|row| row.1.clone());
    assert_eq!(find(&jumpcloud, "userName"), Some(json!("ada")));
    assert_eq!(
        find(&jumpcloud, "emails"),
        Some(json!([{ "value": "ada@acme.example", "type": "work", "primary": true }]))
    );
    let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:department";
    assert_eq!(find(&jumpcloud, department), Some(json!("Engineering")));
    assert_eq!(find(&jumpcloud, "externalId"), None);

    let lattice = sent("lattice", &ada);
    assert_eq!(find(&lattice, "userName"), Some(json!("ada@acme.example")));
    assert_eq!(find(&lattice, "jobTitle"), Some(json!("Principal Engineer")));
    assert_eq!(find(&lattice, "emails"), Some(json!([{ "value": "ada@acme.example" }])));
    assert_eq!(find(&lattice, "phoneNumbers"), Some(json!([{ "value": "+44 (0)20 7946-0000" }])));
    assert!(lattice.contains(&("externalId".into(), json!("1042"), Apply::OnCreate)));
    assert!(lattice.iter().all(|row| !["preferredLanguage", "addresses", "displayName", "title"].contains(&&*row.0)));

    let scalekit = sent("scalekit", &ada);
    assert_eq!(scalekit, sent("generic", &ada));
    assert_eq!(find(&scalekit, "externalId"), Some(json!("ada")));
    let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";
    assert_eq!(find(&scalekit, manager), Some(json!("grace")));
    assert_eq!(find(&scalekit, "timezone"), Some(json!(null)));
    assert_eq!(find(&scalekit, "roles"), Some(json!([])));
    assert_eq!(find(&scalekit, "nickName"), None);
}

#[test]
fn bases_are_extended_and_null_takes_rows_out() {
    let mut own = (*profile::builtin("scalekit").unwrap()).clone();
    own.mapping.user.insert("TITLE".into(), json!("user.userType"));
    own.mapping.user.insert("nickName".into(), Json::Null);
    let mapping = default_mapping(&own).unwrap();
    let titles: Vec<_> =
        mapping.rows.users.iter().filter(|row| row.path.attribute.eq_ignore_ascii_case("title")).collect();
    assert_eq!(titles.len(), 1);
    assert!(mapping.rows.users.iter().all(|row| row.path.attribute != "nickName"));
    own.mapping.extends = Some("scalekit".into());
    assert!(default_mapping(&own).unwrap_err().contains("extends itself"));
    own.mapping.extends = Some("nobody".into());
    assert!(default_mapping(&own).unwrap_err().contains("no profile `nobody`"));
    own.mapping.extends = None;
    own.mapping.user.insert("locale".into(), json!({ "valeu": "x" }));
    assert!(default_mapping(&own).unwrap_err().contains("`locale`"));
}

//! What the schema accepts is read, and means what was written.

use proptest::prelude::*;
use scimform::config::model::{Auth, Push, Row, Secret};
use scimform::scim;
use serde_json::{Map, Value, json};

use super::{parse, parse_files};

use crate::support::golden::in_repository;

/// The values that the published schema allows for a key of a user.
fn value_of(schema: &Value, root: &Value) -> BoxedStrategy<Value> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return value_of(root.pointer(reference.trim_start_matches('#')).unwrap(), root);
    }
    if let Some(forms) = schema.get("anyOf").and_then(Value::as_array) {
        let forms: Vec<_> = forms.iter().map(|form| value_of(form, root)).collect();
        return prop::strategy::Union::new(forms).boxed();
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().map(|name| name.as_str().unwrap()).collect(),
        _ => vec!["null"],
    };
    let forms: Vec<BoxedStrategy<Value>> = types
        .into_iter()
        .map(|name| match name {
            "string" if schema.get("format").is_some() => {
                (1970..2100, 1..13, 1..29).prop_map(|(y, m, d)| json!(format!("{y:04}-{m:02}-{d:02}"))).boxed()
            }
            "string" => "[^\\p{C}]{1,12}".prop_map(Value::from).boxed(),
            "boolean" => any::<bool>().prop_map(Value::from).boxed(),
            "array" => prop::collection::vec(value_of(&schema["items"], root), 0..3).prop_map(Value::from).boxed(),
            "object" => object_of(schema, root),
            _ => Just(Value::Null).boxed(),
        })
        .collect();
    prop::strategy::Union::new(forms).boxed()
}

fn object_of(schema: &Value, root: &Value) -> BoxedStrategy<Value> {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let mut fields: Vec<BoxedStrategy<Option<(String, Value)>>> = Vec::new();
    for (name, property) in properties {
        let value = value_of(&property, root);
        let field = if required.contains(&name.as_str()) {
            value.prop_map(Some).boxed()
        } else {
            prop::option::weighted(0.3, value).boxed()
        };
        fields.push(field.prop_map(move |value| Some((name.clone(), value?))).boxed());
    }
    fields.prop_map(|fields| Value::Object(fields.into_iter().flatten().collect())).boxed()
}

fn user() -> BoxedStrategy<Value> {
    let root = scimform::config::json_schema();
    let schema = root.pointer("/$defs/User").unwrap().clone();
    value_of(&schema, &root)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn people_are_read_as_written(people in prop::collection::btree_map("[a-z]{1,6}", user(), 0..5)) {
        // JSON is YAML.
        let text = serde_json::to_string(&json!({ "users": people })).unwrap();
        let parsed = parse(&text);
        prop_assert!(parsed.found.is_empty(), "{:?}\n{text}", parsed.found);
        prop_assert_eq!(parsed.config.users.len(), people.len());
        for (key, mut written) in people {
            let read = &parsed.config.users[&key];
            let previously: Vec<&str> = read.previously.iter().map(|key| key.as_str()).collect();
            let object: &mut Map<String, Value> = written.as_object_mut().unwrap();
            prop_assert_eq!(json!(previously), object.remove("previously").unwrap_or(json!([])));
            for (name, value) in &*object {
                let place = read.places.get(name).unwrap();
                prop_assert!(!parsed.sources.text(place).is_empty());
                let starts = read.starts.map(|day| json!(day.to_string()));
                prop_assert!(name != "starts" || starts.as_ref() == Some(value));
            }
            prop_assert_eq!(&read.attributes, &scim::Value::from(written));
        }
    }
}

#[test]
fn every_form_of_every_section_is_read() {
    let parsed = parse_files(&[("scimform.yaml", include_str!("every-form.yaml"))]);
    assert_eq!(parsed.lines(), Vec::<String>::new());
    let config = &parsed.config;
    assert_eq!(config.version.map(|version| version.value), Some(1));
    let auth = |name: &str| config.targets[name].auth.as_ref().map(|auth| auth.value.clone()).unwrap();
    assert!(
        matches!(auth("bearer"), Auth::Bearer(secret) if matches!(&secret.value, Secret::Env(name) if name.value == "TOKEN"))
    );
    assert!(matches!(auth("header"), Auth::Header(header) if matches!(&header.value.value, Secret::File(_))));
    assert!(
        matches!(auth("basic"), Auth::Basic(basic) if matches!(&basic.password.value, Secret::Command(words) if words.len() == 3))
    );
    assert!(matches!(auth("oauth2"), Auth::OAuth2(client) if client.scopes.len() == 1));
    assert!(matches!(&config.bindings["all"].push, Push::Assigned(_)));
    assert!(matches!(&config.bindings["some"].push, Push::Groups(groups) if groups.len() == 1));
    assert!(matches!(&config.bindings["none"].push, Push::Groups(groups) if groups.is_empty()));
    let rows = &config.mappings["m"].user;
    assert!(matches!(&rows["userName"].value, Row::Expression(text) if text.value == "user.emails | primary"));
    assert!(matches!(&rows["active"].value, Row::Expression(text) if text.value == "true"));
    assert!(matches!(&rows["department"].value, Row::TakenOut));
    assert!(
        matches!(&rows["title"].value, Row::Full(row) if row.constant.as_ref().is_some_and(|value| value.value == scim::Value::Null))
    );
    assert_eq!(parsed.sources.text(rows["userName"].key), "userName");
    let members = &config.groups["g"].members;
    assert_eq!(members[1].until.map(|day| day.to_string()).as_deref(), Some("2027-01-31"));
    assert_eq!(parsed.sources.text(members[0].user.span), "ada");
    let matching = config.mappings["m"].matching.as_ref().unwrap();
    assert!(matching.users.is_some() && matching.groups.is_none());
    assert!(config.mappings["n"].matching.as_ref().unwrap().groups.is_some());
}

#[test]
fn custom_attributes_are_checked_by_a_schema_in_any_file() {
    let schema = "customSchema:\n  user:\n    type: object\n    properties: { size: { enum: [S, M] }, badge: { type: integer } }\n    additionalProperties: false\n";
    let people =
        "users:\n  a: { custom: { size: M, badge: 7 } }\n  b: { custom: { size: XL, badge: \"7\", sise: S } }\n";
    let parsed = parse_files(&[("a.yaml", people), ("z.yaml", schema)]);
    assert_eq!(parsed.lines(), ["custom-schema 3:24 «XL»", "custom-schema 3:35 «\"7\"»", "custom-schema 3:40 «sise»"]);
    let broken = parse("customSchema: { user: { $ref: 'https://acme.example/none.json' } }\n");
    assert_eq!(broken.lines(), ["custom-schema 1:17 «user»"]);
}

#[test]
fn the_examples_are_right() {
    for name in ["minimal", "acme"] {
        let root = in_repository("examples").join(name);
        let (sources, found) = scimform::repo::load(&root);
        let (config, problems) = scimform::config::parse(&sources);
        assert!(found.is_empty() && problems.is_empty(), "{found:?} {problems:?}");
        assert!(!config.users.is_empty());
    }
}

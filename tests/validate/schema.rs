//! The published JSON Schemas.

use std::path::Path;

use scimform::config::{json_schema, json_schema_draft07};
use scimform::{plan, profile};
use serde_json::Value;

use crate::support::golden::{golden, in_repository};

#[test]
fn checked_in_schemas_are_fresh() {
    for (name, schema) in [
        ("scimform.schema.json", json_schema()),
        ("scimform.draft07.schema.json", json_schema_draft07()),
        ("profile.schema.json", profile::json_schema()),
        ("journal.v1.schema.json", scimform::apply::journal_schema()),
        ("report.v1.schema.json", scimform::apply::report_schema()),
        ("ledger.v3.schema.json", scimform::ledger::json_schema()),
        ("plan.v1.schema.json", plan::json_schema()),
        ("drift.v1.schema.json", plan::drift_schema()),
    ] {
        golden(Path::new("schema").join(name), &format!("{schema:#}\n"));
    }
}

#[test]
fn schemas_are_valid_by_their_meta_schema_and_describe_every_key() {
    for schema in [json_schema(), json_schema_draft07(), profile::json_schema()] {
        jsonschema::meta::validate(&schema).unwrap();
        let mut undescribed = Vec::new();
        walk(&schema, "", &mut |path, property| {
            if property.get("description").is_none() {
                undescribed.push(path.to_owned());
            }
        });
        assert!(undescribed.is_empty(), "{undescribed:#?}");
    }
}

/// Calls for every key of every mapping that the schema describes.
fn walk(schema: &Value, path: &str, each: &mut impl FnMut(&str, &Value)) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                if matches!(key.as_str(), "examples" | "default") {
                    continue;
                }
                let path = format!("{path}/{key}");
                if let ("properties", Some(properties)) = (key.as_str(), value.as_object()) {
                    for (name, property) in properties {
                        each(&format!("{path}/{name}"), property);
                    }
                }
                walk(value, &path, each);
            }
        }
        Value::Array(items) => {
            for item in items {
                walk(item, path, each);
            }
        }
        _ => {}
    }
}

#[test]
fn examples_in_the_schema_are_valid() {
    let schema = json_schema();
    let mut checked = 0;
    walk(&schema, "", &mut |path, property| {
        let mut own = property.clone();
        own["$defs"] = schema["$defs"].clone();
        let validator = jsonschema::options().should_validate_formats(true).build(&own).unwrap();
        for example in property.get("examples").and_then(Value::as_array).into_iter().flatten() {
            assert!(validator.is_valid(example), "{path}: {example}");
            checked += 1;
        }
    });
    assert!(checked > 20, "only {checked} examples were found");
}

#[test]
fn profile_files_keep_their_schema_and_name_it() {
    let validator = jsonschema::options().build(&profile::json_schema()).unwrap();
    let folder = in_repository("src/profile/builtin");
    let mut checked = 0;
    for name in profile::names() {
        let text = std::fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap();
        let first = text.lines().next().unwrap_or_default();
        let schema = first.strip_prefix("# yaml-language-server: $schema=").unwrap_or_default();
        assert!(folder.join(schema).is_file(), "{name}: {first}");
        let file: Value = serde_yaml::from_str(&text).unwrap();
        let wrong: Vec<String> = validator.iter_errors(&file).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:?}");
        checked += 1;
    }
    let files = std::fs::read_dir(&folder).unwrap().flatten();
    let there = files.filter(|file| file.path().extension().is_some_and(|ending| ending == "yaml")).count();
    assert_eq!(checked, there, "a file that is not in the list of built-in profiles");
    for wrong in [
        "{ name: a }",
        "{ name: a, title: A, capabilities: { pageSise: 1 } }",
        "{ name: a, title: A, auth: { key: b } }",
    ] {
        assert!(!validator.is_valid(&serde_yaml::from_str(wrong).unwrap()), "{wrong}");
    }
}

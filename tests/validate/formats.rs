//! Complaints for machines.

use scimform::render::diagnostics::{github, human, json, sarif, summary};
use scimform::render::look::Look;
use serde_json::{Value, json};

use super::{Parsed, parse_files};

fn sample() -> Parsed {
    parse_files(&[("a, b.yaml", "users:\n  ä: { titel: x }\n  z: {}\n"), ("c.yaml", "users: { z: {} }\n")])
}

#[test]
fn json_names_places_from_one_and_counts_characters() {
    let Parsed { sources, found, .. } = sample();
    let document: Value = serde_json::from_str(&json(&found, &sources)).unwrap();
    assert_eq!(document["format"], "scimform.diagnostics/v1");
    assert_eq!((&document["errors"], &document["warnings"]), (&json!(2), &json!(0)));
    assert_eq!(
        document["diagnostics"][0],
        json!({
            "code": "unknown-key", "severity": "error", "message": "`titel` is not a known key here",
            "file": "a, b.yaml", "line": 2, "column": 8, "endLine": 2, "endColumn": 13,
            "hint": "Did you mean `title`?", "labels": []
        })
    );
    assert_eq!(
        document["diagnostics"][1]["labels"],
        json!([{ "file": "a, b.yaml", "line": 3, "column": 3, "endLine": 3, "endColumn": 4, "text": "it is here already" }])
    );
}

#[test]
fn github_commands_are_escaped() {
    let Parsed { sources, found, .. } = sample();
    let text = github(&found, &sources);
    assert_eq!(
        text.lines().next().unwrap(),
        "::error file=a%2C b.yaml,title=unknown-key,line=2,endLine=2,col=8,endColumn=13::`titel` is not a known key here%0ADid you mean `title`?"
    );
    assert_eq!(text.lines().count(), 2);
}

#[test]
fn sarif_has_a_rule_for_every_result() {
    let Parsed { sources, found, .. } = sample();
    let log: Value = serde_json::from_str(&sarif(&found, &sources)).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules: Vec<&str> =
        run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    for result in run["results"].as_array().unwrap() {
        assert!(rules.contains(&result["ruleId"].as_str().unwrap()));
    }
    let place = &run["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"], json!({ "uri": "a%2C%20b.yaml", "uriBaseId": "%SRCROOT%" }));
    assert_eq!(place["region"], json!({ "startLine": 2, "startColumn": 8, "endLine": 2, "endColumn": 13 }));
    assert_eq!(run["results"][1]["relatedLocations"][0]["message"]["text"], "it is here already");
}

#[test]
fn nothing_in_a_file_reaches_the_terminal_as_a_command() {
    let parsed =
        parse_files(&[("a.yaml", "users:\n  a: { \"\\e[31mred\\u202e\": x }\n  b: { titel: \"\u{1b}[31m\" }\n")]);
    let text = human(&parsed.found, &parsed.sources, &Look { width: Some(100), color: false, ..Look::default() });
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
    assert!(
        human(&parsed.found, &parsed.sources, &Look { width: Some(100), color: true, ..Look::default() })
            .contains("\u{1b}["),
        "colour was asked for"
    );
}

#[test]
fn the_summary_counts() {
    assert_eq!(summary(&sample().found), "2 errors");
    assert_eq!(summary(&[]), "");
    let Parsed { sources, .. } = sample();
    assert_eq!(human(&[], &sources, &Look { width: Some(80), color: false, ..Look::default() }), "");
}

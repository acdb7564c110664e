//! For code scanners: SARIF 2.1.0.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::place::{Place, path};
use super::word;
use crate::diag::{Code, Diagnostic};
use crate::source::{SourceMap, Span};

/// One SARIF log with one run.
pub fn sarif(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let codes: BTreeSet<Code> = diagnostics.iter().map(|found| found.code).collect();
    let rules: Vec<Value> = codes
        .iter()
        .map(|code| {
            json!({
                "id": code.name(),
                "shortDescription": { "text": code.description() },
                "defaultConfiguration": { "level": word(code.severity()) },
            })
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "scimform",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": diagnostics.iter().map(|found| result(found, sources)).collect::<Vec<_>>(),
        }],
    });
    format!("{log:#}\n")
}

fn result(found: &Diagnostic, sources: &SourceMap) -> Value {
    let text = match &found.hint {
        Some(hint) => format!("{}\n{hint}", found.message),
        None => found.message.clone(),
    };
    let mut result = json!({
        "ruleId": found.code.name(),
        "level": word(found.severity),
        "message": { "text": text },
    });
    let location = match (found.span, path(found, sources)) {
        (Some(span), _) => Some(physical(span, sources)),
        (None, Some(path)) => Some(json!({ "physicalLocation": { "artifactLocation": artifact(&path) } })),
        (None, None) => None,
    };
    if let Some(location) = location {
        result["locations"] = json!([location]);
    }
    if !found.labels.is_empty() {
        let related = found.labels.iter().map(|(span, text)| {
            let mut location = physical(*span, sources);
            location["message"] = json!({ "text": text });
            location
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

fn physical(span: Span, sources: &SourceMap) -> Value {
    let place = Place::of(span, sources);
    json!({ "physicalLocation": {
        "artifactLocation": artifact(&place.start.file),
        "region": {
            "startLine": place.start.line,
            "startColumn": place.start.column,
            "endLine": place.end.line,
            "endColumn": place.end.column,
        },
    } })
}

/// A path from the root of the repository as a URI reference (RFC 3986): what is no plain character is escaped.
fn artifact(path: &str) -> Value {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let uri: String =
        path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect();
    json!({ "uri": uri, "uriBaseId": "%SRCROOT%" })
}

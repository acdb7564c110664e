//! For code scanners: SARIF 2.1.0.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::place::{Place, path};
use super::word;
use crate::diag::{Code, Diagnostic};
use crate::scim::percent;
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
    let location = match (found.span, path(found, sources)) {
        (Some(span), _) => Some(json!({ "physicalLocation": physical(span, sources) })),
        (None, Some(path)) => Some(json!({ "physicalLocation": { "artifactLocation": artifact(&path) } })),
        (None, None) => None,
    };
    let related = |(span, text): &(Span, String)| json!({ "physicalLocation": physical(*span, sources), "message": { "text": text } });
    json!({
        "ruleId": found.code.name(),
        "level": word(found.severity),
        "message": { "text": text },
        "locations": location.into_iter().collect::<Vec<_>>(),
        "relatedLocations": found.labels.iter().map(related).collect::<Vec<_>>(),
    })
}

fn physical(span: Span, sources: &SourceMap) -> Value {
    let place = Place::of(span, sources);
    json!({
        "artifactLocation": artifact(&place.start.file),
        "region": {
            "startLine": place.start.line,
            "startColumn": place.start.column,
            "endLine": place.end.line,
            "endColumn": place.end.column,
        },
    })
}

/// A path from the root of the repository as a URI reference.
fn artifact(path: &str) -> Value {
    json!({ "uri": percent::encode(path, percent::PATH).to_string(), "uriBaseId": "%SRCROOT%" })
}

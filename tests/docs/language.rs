//! The reference of the file language, from the JSON Schema.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};

const HEAD: &str = "# The file language

Every key that a file may hold, from `schema/scimform.schema.json`. This page is generated.

Any `*.yaml` or `*.yml` below the folder of `scimform.yaml` is part of the repository, whatever its name; hidden files,
git-ignored ones and those that `.scimformignore` lists are not. Each may hold any of the sections, so that people can
stand in one file, in one per team or in one each. Only `scimform.yaml` must be there.

A key that is left out is *not managed*: it is never sent and never lost. One that is `null` or `[]` is managed and empty.
Dates are days in UTC; `starts` is the first, `ends` and `until` are the last with access.

To have an editor complete and check them, begin each file with the address of the schema, or with its path:

```yaml
# yaml-language-server: $schema=./scimform.schema.json
version: 1
```

`scimform schema > scimform.schema.json` writes it; `--draft 07` suits older editors.

";

/// Types that many others use, and that the page describes at its end.
fn name_of(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

fn title(name: &str, schema: &Value) -> String {
    schema.get("title").and_then(Value::as_str).unwrap_or(name).to_owned()
}

/// The anchor that mdBook and GitHub give a heading.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

struct Page<'s> {
    defs: &'s Map<String, Value>,
    text: String,
    waiting: Vec<String>,
    done: BTreeSet<String>,
}

/// The page.
pub(crate) fn page(schema: &Value) -> String {
    let defs = schema["$defs"].as_object().unwrap();
    let mut page = Page { defs, text: HEAD.to_owned(), waiting: Vec::new(), done: BTreeSet::new() };
    page.text.push_str("## Sections\n\n");
    page.table(schema);
    while !page.waiting.is_empty() {
        let name = page.waiting.remove(0);
        page.part(&name);
    }
    let missing: Vec<&String> = defs.keys().filter(|name| !page.done.contains(*name)).collect();
    assert!(missing.is_empty(), "nothing leads to {missing:?}");
    page.text.trim_end().to_owned() + "\n"
}

impl Page<'_> {
    /// One type: what it is, its keys, its choices.
    fn part(&mut self, name: &str) {
        let schema = self.defs[name].clone();
        let _ = writeln!(self.text, "## {}\n", title(name, &schema));
        if let Some(about) = about(&schema) {
            let _ = writeln!(self.text, "{about}\n");
        }
        if schema.get("properties").is_some() {
            self.table(&schema);
            match (schema.get("minProperties"), schema.get("maxProperties")) {
                (Some(_), Some(_)) => self.text.push_str("Exactly one of them.\n\n"),
                (Some(_), None) => self.text.push_str("At least one of them.\n\n"),
                _ => {}
            }
        } else if let Some(one) = schema.get("additionalProperties").filter(|one| one.is_object()) {
            let takes = self.takes(one);
            let _ = writeln!(self.text, "Names of your own; each holds {takes}.\n");
        }
        let choices = ["anyOf", "oneOf"].iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
        for choice in choices.filter(|choice| choice.get("required").is_none_or(|_| choice.get("type").is_some())) {
            let takes = self.takes(choice);
            let about = about(choice).map(|about| format!(": {about}")).unwrap_or_default();
            let example = examples(choice);
            let _ = writeln!(self.text, "- {takes}{about}{example}");
        }
        if !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
        let example = examples(&schema);
        if !example.is_empty() {
            let _ = writeln!(self.text, "{}\n", example.trim().trim_start_matches("For example").trim());
        }
    }

    /// The keys of a type.
    fn table(&mut self, schema: &Value) {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        self.text.push_str("| key | takes | meaning |\n|---|---|---|\n");
        for (key, property) in schema["properties"].as_object().unwrap() {
            let takes = self.takes(property);
            let must = if required.contains(&key.as_str()) { " **Required.**" } else { "" };
            let meaning = about(property).unwrap_or_default();
            let values = values(property);
            let _ = writeln!(self.text, "| `{key}` | {takes} | {meaning}{must}{values}{} |", examples(property));
        }
        self.text.push('\n');
    }

    /// What a place takes, with a link where it is a type of its own.
    fn takes(&mut self, schema: &Value) -> String {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return self.link(name_of(reference));
        }
        if let Some(value) = schema.get("const") {
            return format!("`{value}`").replace('"', "");
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(choices) = schema.get(key).and_then(Value::as_array) {
                let mut all: Vec<String> = choices.iter().map(|choice| self.takes(choice)).collect();
                all.dedup();
                return all.join(" or ");
            }
        }
        let kinds: Vec<String> = match &schema["type"] {
            Value::String(kind) => vec![kind.clone()],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => return "any value".to_owned(),
        };
        let kinds: Vec<String> = kinds.iter().map(|kind| self.kind(kind, schema)).collect();
        kinds.join(" or ")
    }

    fn kind(&mut self, kind: &str, schema: &Value) -> String {
        match kind {
            "array" => match schema.get("items") {
                Some(items) => format!("list of {}", self.takes(items)),
                None => "list".to_owned(),
            },
            "object" => match schema.get("additionalProperties").filter(|one| one.is_object()) {
                Some(one) => format!("names, each with {}", self.takes(one)),
                None => "mapping".to_owned(),
            },
            "string" if schema.get("format").and_then(Value::as_str) == Some("date") => "day".to_owned(),
            "string" => "text".to_owned(),
            "boolean" => "`true`, `false`".to_owned(),
            "integer" => "whole number".to_owned(),
            "null" => "`null`".to_owned(),
            other => other.to_owned(),
        }
    }

    fn link(&mut self, name: &str) -> String {
        if self.done.insert(name.to_owned()) {
            self.waiting.push(name.to_owned());
        }
        let title = title(name, &self.defs[name]);
        format!("[{}](#{})", title, anchor(&title))
    }
}

fn about(schema: &Value) -> Option<String> {
    let text = schema.get("description")?.as_str()?;
    Some(text.replace('\n', " ").replace('|', "\\|"))
}

/// The words that a place takes, where the meaning does not name them.
fn values(schema: &Value) -> String {
    let inner = schema.get("items").unwrap_or(schema);
    let choices = inner.get("oneOf").or_else(|| inner.get("anyOf")).and_then(Value::as_array);
    let told: Vec<String> = choices
        .into_iter()
        .flatten()
        .filter_map(|choice| Some(format!("`{}`: {}", choice.get("const")?.as_str()?, about(choice)?)))
        .collect();
    if told.is_empty() { String::new() } else { format!("<br>{}", told.join("<br>")) }
}

/// One example in the way that YAML is written on a line.
fn examples(schema: &Value) -> String {
    let Some(example) = schema.get("examples").and_then(|all| all.get(0)) else { return String::new() };
    format!(" For example `{}`.", flow(example).replace('|', "\\|"))
}

fn flow(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let parts: Vec<String> = map.iter().map(|(key, value)| format!("{key}: {}", flow(value))).collect();
            format!("{{ {} }}", parts.join(", "))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::String(text) if text.parse::<f64>().is_ok() => format!("\"{text}\""),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

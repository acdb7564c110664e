//! A setting of a target as the YAML to paste: the one form in which every message names a way out.

use std::fmt;

use serde_json::{Map, Value};

/// Facts under `capabilities` of a target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setting {
    target: Option<String>,
    facts: Map<String, Value>,
}

impl Setting {
    /// A fact of [`super::Capabilities`] by its name in YAML.
    pub fn new(name: &str, value: impl Into<Value>) -> Self {
        Self { target: None, facts: Map::from_iter([(name.to_owned(), value.into())]) }
    }

    /// A fact of [`super::AttributeRules`].
    pub fn attribute(name: &str, value: impl Into<Value>) -> Self {
        Self::new("attributes", Value::Object(Map::from_iter([(name.to_owned(), value.into())])))
    }

    /// Another fact beside it.
    #[must_use]
    pub fn and(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    /// For a target of this name, so that it can be pasted at the top of a file.
    #[must_use]
    pub fn at(mut self, target: Option<&str>) -> Self {
        self.target = target.map(str::to_owned);
        self
    }

    /// The dotted names of the facts, as the documentation has them.
    pub fn names(&self) -> String {
        let of = |(name, value): (&String, &Value)| match value {
            Value::Object(parts) if name == "attributes" => {
                parts.keys().map(|part| format!("`capabilities.attributes.{part}`")).collect::<Vec<_>>()
            }
            _ => vec![format!("`capabilities.{name}`")],
        };
        self.facts.iter().flat_map(of).collect::<Vec<_>>().join(" and ")
    }

    /// What is said, as `targets.<t>.capabilities` holds it.
    pub fn facts(&self) -> Value {
        Value::Object(self.facts.clone())
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = flow(&Value::Object(self.facts.clone()));
        match &self.target {
            Some(target) => write!(f, "targets: {{ {}: {{ capabilities: {facts} }} }}", plain(target)),
            None => write!(f, "capabilities: {facts}"),
        }
    }
}

/// A value in YAML's flow style.
fn flow(value: &Value) -> String {
    match value {
        Value::Object(parts) if parts.is_empty() => "{}".to_owned(),
        Value::Object(parts) => {
            let parts: Vec<String> =
                parts.iter().map(|(name, value)| format!("{}: {}", plain(name), flow(value))).collect();
            format!("{{ {} }}", parts.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::String(text) => plain(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// A text as it can stand in a flow: quoted unless it is a plain word that YAML takes for nothing else.
fn plain(text: &str) -> String {
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/+".contains(c));
    // Of YAML 1.1 too, for whoever reads the file with another tool.
    let other = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    if word && !other.iter().any(|known| text.eq_ignore_ascii_case(known)) {
        text.to_owned()
    } else if text.contains(['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}']) {
        // YAML takes these for ends of lines and the like.
        let escaped: String = text.chars().map(escape).collect();
        format!("\"{escaped}\"")
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

fn escape(character: char) -> String {
    match character {
        '"' | '\\' => format!("\\{character}"),
        '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => format!("\\u{:04x}", u32::from(character)),
        _ => character.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn one_form_everywhere() {
        let setting = Setting::new("totals", false);
        assert_eq!(setting.to_string(), "capabilities: { totals: false }");
        assert_eq!(setting.at(Some("app")).to_string(), "targets: { app: { capabilities: { totals: false } } }");
        assert_eq!(Setting::attribute("ignored", json!(["title"])).names(), "`capabilities.attributes.ignored`");
        assert_eq!(
            Setting::new("put", false).and("patch", true).names(),
            "`capabilities.put` and `capabilities.patch`"
        );
        let setting = Setting::attribute("serverOwned", json!(["userName", "emails[type eq \"work\"].value"]));
        let shown = "capabilities: { attributes: { serverOwned: [userName, 'emails[type eq \"work\"].value'] } }";
        assert_eq!(setting.to_string(), shown);
        assert_eq!(
            Setting::new("paging", "none").and("pageSize", 50).to_string(),
            "capabilities: { paging: none, pageSize: 50 }"
        );
    }

    #[test]
    fn what_yaml_takes_for_the_end_of_a_line_is_escaped() {
        let setting = Setting::new("totals", false).at(Some("a\u{2028}\"b"));
        assert_eq!(setting.to_string(), r#"targets: { "a\u2028\"b": { capabilities: { totals: false } } }"#);
        let read: Value = serde_yaml::from_str(&setting.to_string()).unwrap();
        assert!(read["targets"]["a\u{2028}\"b"].is_object());
    }

    proptest! {
        /// What is printed says, pasted as YAML, what is meant.
        #[test]
        fn what_is_printed_is_read_back(target in "\\PC{1,12}", path in "\\PC{1,20}") {
            let setting = Setting::attribute("serverOwned", json!([path])).at(Some(&target));
            let read: Value = serde_yaml::from_str(&setting.to_string()).unwrap();
            prop_assert_eq!(read, json!({ "targets": { target: { "capabilities": setting.facts() } } }));
        }
    }
}

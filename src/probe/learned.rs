//! What was learned of a target, as lines of `capabilities` that can be pasted, each with what was seen.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::directory::contradictions;
use crate::profile::Profile;

/// Facts under this name are those of single attributes.
const ATTRIBUTES: &str = "attributes";

/// What the target does otherwise than the profile in force says.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Learned {
    /// What `capabilities` of the target should say: exactly what can be written there.
    pub capabilities: Map<String, Json>,
    /// Each line of it with its reasons.
    pub learned: Vec<Line>,
}

/// One line of `capabilities`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The name as `capabilities` has it; `attributes.unsupported` for what is within `attributes`.
    pub name: String,
    /// The value.
    pub value: Json,
    /// What was seen.
    pub because: Vec<String>,
}

impl Learned {
    /// Notes a fact, unless the profile in force says it already or has no such fact. A fact that was noted before gets
    /// this value and one more reason.
    pub(super) fn fact(&mut self, profile: &Profile, name: &str, value: impl Into<Json>, because: impl Into<String>) {
        let value = value.into();
        let Some(known) = in_force(profile, name) else { return };
        if same(&known, &value) {
            return self.forget(name);
        }
        if self.clashes(profile, name, &value) {
            return;
        }
        let because = because.into();
        if self.learned.iter().any(|line| line.name == name && same(&line.value, &value)) {
            return;
        }
        match self.learned.iter_mut().find(|line| line.name == name) {
            Some(line) => {
                line.value = value.clone();
                line.because.push(because);
            }
            None => self.learned.push(Line { name: name.to_owned(), value: value.clone(), because: vec![because] }),
        }
        self.write(name, value);
    }

    /// Adds items to a list of the profile.
    pub(super) fn items(&mut self, profile: &Profile, name: &str, more: Vec<Json>, because: impl Into<String>) {
        let noted = self.learned.iter().find(|line| line.name == name).map(|line| line.value.clone());
        let Some(Json::Array(mut items)) = noted.or_else(|| in_force(profile, name)) else { return };
        let known = items.len();
        for item in more {
            if !items.contains(&item) {
                items.push(item);
            }
        }
        if items.len() > known {
            self.fact(profile, name, items, because);
        }
    }

    /// Takes a line back that a later trial has shown to be wrong.
    fn forget(&mut self, name: &str) {
        self.learned.retain(|line| line.name != name);
        match name.strip_prefix("attributes.") {
            None => {
                self.capabilities.remove(name);
            }
            Some(rule) => {
                if let Some(Json::Object(rules)) = self.capabilities.get_mut(ATTRIBUTES) {
                    rules.remove(rule);
                }
            }
        }
    }

    /// Whether the profile would not be one with the fact.
    fn clashes(&self, profile: &Profile, name: &str, value: &Json) -> bool {
        let mut tried = self.clone();
        tried.write(name, value.clone());
        let changed = profile.with_capabilities(&Json::Object(tried.capabilities));
        changed.is_err() || changed.is_ok_and(|changed| contradictions(&changed).next().is_some())
    }

    fn write(&mut self, name: &str, value: Json) {
        let Some(rule) = name.strip_prefix(ATTRIBUTES).and_then(|rest| rest.strip_prefix('.')) else {
            self.capabilities.insert(name.to_owned(), value);
            return;
        };
        let rules = self.capabilities.entry(ATTRIBUTES).or_insert_with(|| Json::Object(Map::new()));
        if let Json::Object(rules) = rules {
            rules.insert(rule.to_owned(), value);
        }
    }

    /// Whether the profile in force says all of it already.
    pub fn is_empty(&self) -> bool {
        self.learned.is_empty()
    }

    /// The lines in YAML, to be written under `targets.<target>`. Each reason is a comment above its line.
    pub fn yaml(&self, target: &str) -> String {
        let mut text = format!("targets:\n  {}:\n    capabilities:\n", scalar(target));
        let (within, plain): (Vec<&Line>, Vec<&Line>) =
            self.learned.iter().partition(|line| line.name.starts_with("attributes."));
        for line in plain {
            line.write(&mut text, 6, &line.name);
        }
        if !within.is_empty() {
            text.push_str("      attributes:\n");
        }
        for line in within {
            line.write(&mut text, 8, line.name.strip_prefix("attributes.").unwrap_or(&line.name));
        }
        text
    }
}

impl Line {
    fn write(&self, text: &mut String, indent: usize, name: &str) {
        for because in &self.because {
            let because: String = because.chars().map(|one| if one.is_control() { ' ' } else { one }).collect();
            let _ = writeln!(text, "{:indent$}# {because}", "");
        }
        let _ = writeln!(text, "{:indent$}{name}: {}", "", flow(&self.value));
    }
}

/// What the profile in force says of a fact; `None` where there is no such fact.
fn in_force(profile: &Profile, name: &str) -> Option<Json> {
    let whole = match name.strip_prefix("attributes.") {
        Some(_) => serde_json::to_value(&profile.attributes),
        None => serde_json::to_value(&profile.capabilities),
    };
    whole.ok()?.get(name.strip_prefix("attributes.").unwrap_or(name)).cloned()
}

/// Whether both say the same; the order of a list is no part of its meaning.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().all(|item| b.contains(item)),
        _ => a == b,
    }
}

/// A value in YAML on one line.
fn flow(value: &Json) -> String {
    match value {
        Json::String(text) => scalar(text),
        Json::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Json::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{}: {}", scalar(name), flow(value)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Text as it may be written in YAML: bare where nothing in it means something there.
fn scalar(text: &str) -> String {
    let word = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let bare = text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.chars().all(word);
    let means =
        ["true", "false", "null", "yes", "no", "on", "off"].iter().any(|known| text.eq_ignore_ascii_case(known));
    if bare && !means { text.to_owned() } else { Json::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::profile::builtin;

    #[test]
    fn what_the_profile_says_already_is_no_line() {
        let profile = builtin("generic").unwrap();
        let mut learned = Learned::default();
        learned.fact(&profile, "put", true, "it worked");
        learned.fact(&profile, "filterUsers", json!(["externalId", "userName"]), "both work");
        learned.fact(&profile, "noSuchFact", true, "it does not exist");
        learned.fact(&profile, "pageSize", 0, "a page of none");
        assert!(learned.is_empty(), "{learned:?}");
    }

    #[test]
    fn the_block_can_be_read_back_with_its_reasons_as_comments() {
        let profile = builtin("generic").unwrap();
        let mut learned = Learned::default();
        learned.fact(&profile, "patch", false, "PATCH was answered with 405:\nno");
        learned.items(&profile, "attributes.unsupported", vec![json!("title")], "`title`: accepted and not shown");
        let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
        learned.items(&profile, "attributes.unsupported", vec![json!(department)], "`department`: refused");
        let form = json!({ "path": "userName", "form": "lowerCase" });
        learned.items(&profile, "attributes.normalised", vec![form], "lowered");
        let text = learned.yaml("no");
        let read: Json = serde_yaml::from_str(&text).unwrap();
        assert_eq!(read["targets"]["no"]["capabilities"], Json::Object(learned.capabilities.clone()), "{text}");
        assert!(text.contains("      # PATCH was answered with 405: no\n      patch: false\n"), "{text}");
        let changed = profile.with_capabilities(&Json::Object(learned.capabilities)).unwrap();
        assert_eq!(changed.attributes.unsupported, ["title", department].map(|path| path.parse().unwrap()));
    }
}

//! What a server holds, by key: to be compared with what it held before and with what is declared.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// One resource: its attributes by path, ids replaced by keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    pub id: String,
    pub attributes: BTreeMap<String, Value>,
    pub members: BTreeSet<String>,
}

/// Everything at a server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Managed people and groups, by `externalId`.
    pub ours: BTreeMap<String, Resource>,
    /// All others as the server shows them, by id, but for `groups`, which mirrors what groups hold.
    pub others: BTreeMap<String, Value>,
    /// Keys and names that stand there more than once.
    pub twice: BTreeSet<String>,
}

impl State {
    /// Takes the lists of a server.
    pub fn of(users: Vec<Value>, groups: Vec<Value>) -> Self {
        let mut state = Self::default();
        let key = |one: &Value| one["externalId"].as_str().map(str::to_owned);
        let keys: BTreeMap<String, String> = users
            .iter()
            .chain(&groups)
            .map(|one| {
                let id = text(&one["id"]);
                (id.clone(), key(one).unwrap_or(id))
            })
            .collect();
        let named = |id: &Value| keys.get(&text(id)).cloned().unwrap_or_else(|| format!("nobody: {id}"));
        let mut names = BTreeSet::new();
        for mut one in users.into_iter().chain(groups) {
            let name = text(if one["userName"].is_null() { &one["displayName"] } else { &one["userName"] });
            if !names.insert(name.to_lowercase()) {
                state.twice.insert(name);
            }
            let id = text(&one["id"]);
            match key(&one) {
                None => {
                    one.as_object_mut().unwrap().remove("groups");
                    state.others.insert(id, one);
                }
                Some(key) => {
                    let resource = resource(one.as_object().unwrap(), id, &named);
                    if state.ours.insert(key.clone(), resource).is_some() {
                        state.twice.insert(key);
                    }
                }
            }
        }
        state
    }

    /// Managed people and groups without their ids, which differ from run to run.
    pub fn shape(&self) -> Value {
        let shown = |one: &Resource| json!({"attributes": one.attributes, "members": one.members});
        self.ours.iter().map(|(key, one)| (key.clone(), shown(one))).collect::<Map<_, _>>().into()
    }

    pub fn ids(&self) -> BTreeSet<&str> {
        self.ours.values().map(|one| one.id.as_str()).chain(self.others.keys().map(String::as_str)).collect()
    }
}

fn resource(object: &Map<String, Value>, id: String, named: &impl Fn(&Value) -> String) -> Resource {
    let mut attributes = BTreeMap::new();
    let mut members = BTreeSet::new();
    for (name, value) in object {
        match name.as_str() {
            "id" | "meta" | "schemas" | "groups" => {}
            "members" => {
                members.extend(value.as_array().unwrap().iter().map(|member| named(&member["value"])));
            }
            ENTERPRISE => {
                for (name, value) in value.as_object().unwrap() {
                    let value = if name == "manager" { json!(named(&value["value"])) } else { value.clone() };
                    attributes.insert(name.clone(), value);
                }
            }
            // Who has no `active` is active.
            "active" if *value == json!(true) => {}
            _ => {
                attributes.insert(name.clone(), value.clone());
            }
        }
    }
    Resource { id, attributes, members }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

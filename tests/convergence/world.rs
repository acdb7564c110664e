//! A repository and a target, and what must hold after an apply.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use scimform::profile::{AttributeRules, Capabilities, Profile};
use scimform::sandbox::{Options, Store};
use serde_json::{Value, json};

use super::cases::{Case, is_stranger};
use super::needs::Needs;
use crate::support::{Repo, Server, target};

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// A target and a repository.
pub struct World {
    profile: Arc<Profile>,
    needs: Needs,
    repo: Repo,
    store: PathBuf,
    /// Strangers and strange groups, as they were.
    strangers: BTreeMap<String, Value>,
    /// What nobody declares, by id.
    unasserted: BTreeMap<String, Value>,
    /// Ids of those whom the target took out as they were set inactive.
    removed: RefCell<BTreeSet<String>>,
}

impl World {
    /// Puts everyone there as a server without limits would keep them: a vendor may hold anything.
    pub fn of(profile: &Profile, needs: &Needs, case: &Case) -> Self {
        // The vendor's pace is for another test.
        let mut profile = profile.clone();
        profile.capabilities.rates.clear();
        let profile = Arc::new(profile);
        let repo = Repo::new(&[]);
        let store = repo.path().join(".server").join("store.jsonl");
        std::fs::create_dir_all(store.parent().unwrap()).unwrap();
        let (strangers, unasserted) = (BTreeMap::new(), BTreeMap::new());
        let mut world =
            Self { profile, needs: needs.clone(), repo, store, strangers, unasserted, removed: RefCell::default() };
        let server = world.server(if needs.id_is_external_id { Arc::clone(&world.profile) } else { world.open() });
        for user in &case.live {
            assert_eq!(server.send("POST", "Users", user), 201, "{user}");
        }
        let ids: Vec<Value> = server.list("Users").iter().map(|user| user["id"].clone()).collect();
        let mut groups: Vec<(String, Vec<Value>)> = Vec::new();
        for (number, members) in case.stranger_groups.iter().enumerate() {
            let mut members: Vec<&Value> = members.iter().filter_map(|member| ids.get(*member)).collect();
            members.sort_by_key(std::string::ToString::to_string);
            members.dedup();
            groups.push((format!("Strange {number}"), members.iter().map(|id| json!({"value": id})).collect()));
        }
        if !needs.creates_groups {
            groups.extend((0..4).map(|number| (format!("Gruppe {number}"), Vec::new())));
        }
        for (name, members) in if needs.groups { groups } else { Vec::new() } {
            let group = json!({"schemas": [GROUP], "displayName": name, "members": members});
            assert_eq!(server.send("POST", "Groups", &group), 201, "{group}");
        }
        drop(server);
        (world.strangers, world.unasserted) = world.truth();
        world
    }

    /// The vendor without its limits and quirks: only its names are left.
    fn open(&self) -> Arc<Profile> {
        let own = &self.profile.attributes;
        let attributes = AttributeRules {
            aliases: own.aliases.clone(),
            extensions: own.extensions.clone(),
            ..AttributeRules::default()
        };
        Arc::new(Profile { attributes, capabilities: Capabilities::default(), ..Profile::clone(&self.profile) })
    }

    /// The server, as the vendor runs it.
    pub fn vendor(&self) -> Server {
        self.server(Arc::clone(&self.profile))
    }

    fn server(&self, profile: Arc<Profile>) -> Server {
        Server::with(Options {
            profile: Some(profile),
            auth_header: None,
            store: Store::File(self.store.clone()),
            ..Options::default()
        })
    }

    /// Declares a directory and applies it: how many changes that made, or what does not hold.
    pub fn converge(&self, directory: &Value) -> Result<usize, String> {
        let groups: Vec<&String> = directory["groups"].as_object().unwrap().keys().collect();
        let push = if self.needs.groups { json!(groups) } else { json!([]) };
        let assign = json!({"where": "user.userName is defined"});
        let binding = json!({"bindings": {"all": {"target": "app", "assign": assign, "push": push}}});
        self.repo.write("bindings.yaml", binding.to_string());
        self.repo.write("people.yaml", directory.to_string());
        let server = self.vendor();
        let limits = "    limits: { removals: { count: 1000 } }\n    capabilities: { rates: [] }\n";
        self.repo.write("scimform.yaml", target(server.url(), &self.profile.name, limits));
        let first = self.repo.run(&["plan", "--rehearse", "--format", "json"]);
        if first.code != 0 {
            return Err(format!("plan ended with {}\n{}{}", first.code, first.out, first.err));
        }
        let (first, before) = (first.json()["targets"][0].clone(), server.writes());
        let changes = first["changes"].as_array().unwrap().len();
        let applied = self.repo.apply();
        if applied.code != 0 {
            return Err(format!("apply ended with {}\n{}{}", applied.code, applied.out, applied.err));
        }
        let plan = self.repo.plan();
        if plan["changes"] != json!([]) {
            return Err(format!("a second plan is not empty: {:#}\n{}", plan["changes"], applied.out));
        }
        let (rehearsal, writes) = (&first["rehearsal"], json!(server.writes() - before));
        if rehearsal["converges"] != json!(true) || rehearsal["requests"] != writes {
            return Err(format!("{writes} requests wrote, and the rehearsal said {rehearsal:#}"));
        }
        drop(server);
        let removes = self.profile.capabilities.deactivation_removes;
        let (strangers, now) = self.truth();
        if strangers != self.strangers {
            return Err(format!("strangers: {strangers:#?}\nwere: {:#?}\n{}", self.strangers, applied.out));
        }
        for (id, was) in &self.unasserted {
            // Where who is set inactive is gone, so is what nobody declared of them.
            if removes && !now.contains_key(id) {
                self.removed.borrow_mut().insert(id.clone());
            }
            if now.get(id) != Some(was) && !self.removed.borrow().contains(id) {
                return Err(format!("{id} had {was} and has {:?}\n{}", now.get(id), applied.out));
            }
        }
        Ok(changes)
    }

    /// What is stored, past what the vendor shows: strangers, and attributes that no declaration of a case has, by id.
    fn truth(&self) -> (BTreeMap<String, Value>, BTreeMap<String, Value>) {
        let server = self.server(self.open());
        let (mut strange, mut kept) = (BTreeMap::new(), BTreeMap::new());
        for mut user in server.list("Users") {
            scrub(&mut user);
            kept.insert(user["id"].to_string(), json!([user["timezone"], user["profileUrl"]]));
            if is_stranger(&user) {
                strange.insert(user["userName"].to_string(), user);
            }
        }
        for mut group in server.list("Groups") {
            if group["displayName"].as_str().is_some_and(|name| name.starts_with("Strange")) {
                scrub(&mut group);
                strange.insert(group["displayName"].to_string(), group);
            }
        }
        (strange, kept)
    }
}

/// Takes out what holds the port, and names that are others' own.
fn scrub(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.retain(|name, _| !matches!(name.as_str(), "meta" | "$ref" | "display"));
            object.values_mut().for_each(scrub);
        }
        Value::Array(items) => items.iter_mut().for_each(scrub),
        _ => {}
    }
}

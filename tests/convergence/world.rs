//! Random directories and targets, and what must hold after an apply.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use scimform::profile;
use scimform::sandbox::Options;
use serde_json::{Map, Value, json};

use crate::support::{Repo, Server, target};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// Where names begin; the number makes them unique.
const STEMS: [&str; 6] = ["ada", "O'Brien", "zoë", "x+y", "a.b-c", "straße"];
const KEYS: usize = 6;

/// What is at a target beforehand, and what is declared, one after the other.
#[derive(Clone, Debug)]
pub struct Case {
    live: Vec<Value>,
    stranger_groups: Vec<Vec<usize>>,
    pub directories: Vec<Value>,
}

impl Case {
    pub fn strangers(&self) -> usize {
        self.live.iter().filter(|user| is_stranger(user)).count()
    }
}

pub fn case(profile: &'static str) -> impl Strategy<Value = Case> {
    let groups = prop::collection::vec(prop::collection::vec(0..8_usize, 0..4), 0..3);
    (live(profile), groups, prop::collection::vec(directory(profile), 1..3))
        .prop_map(|(live, stranger_groups, directories)| Case { live, stranger_groups, directories })
}

fn user_name(number: usize) -> String {
    format!("{}.{number}@acme.example", STEMS[number % STEMS.len()])
}

fn text() -> BoxedStrategy<String> {
    let plain = select(vec![
        "Engineer",
        "",
        " ",
        "Engineer ",
        "\"quoted\" \\ 'x'",
        "Führung & Co",
        "工程師",
        "🦀",
        "true",
        "null",
        "0123",
        "e\u{301}",
        "line\nbreak",
        "a, b; c",
        "İstanbul",
    ]);
    prop_oneof![9 => plain.prop_map(str::to_owned), 1 => "x{1,200}"].boxed()
}

/// A value, `null`, or nothing at all.
fn maybe(value: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Option<Value>> {
    prop_oneof![3 => value.prop_map(Some), 1 => Just(Some(Value::Null)), 3 => Just(None)]
}

fn emails(number: usize, least: usize) -> impl Strategy<Value = Value> {
    let kinds = subsequence(vec!["work", "home", "other"], least..=3);
    (kinds, any::<prop::sample::Index>(), any::<bool>()).prop_map(move |(kinds, primary, upper)| {
        // Where the address is the name, it stays the same: others may have the name that it would become.
        let named = least > 0 && kinds.first() != Some(&"work");
        let kinds: Vec<&str> = named.then_some("work").into_iter().chain(kinds).collect();
        let primary = if kinds.is_empty() || least > 0 { 0 } else { primary.index(kinds.len()) };
        let emails = kinds.iter().enumerate().map(|(place, kind)| {
            let value = format!("{kind}.{number}@acme.example");
            let value = if upper { value.to_uppercase() } else { value };
            json!({"value": value, "type": kind, "primary": place == primary})
        });
        Value::Array(emails.collect())
    })
}

fn phones(number: usize) -> impl Strategy<Value = Value> {
    subsequence(vec!["work", "mobile"], 0..=2).prop_map(move |kinds| {
        kinds.iter().map(|kind| json!({"value": format!("+49 (30) 123-{number}"), "type": kind})).collect()
    })
}

fn person(profile: &'static str, number: usize) -> impl Strategy<Value = Value> {
    // These two want an address, and take it or a part of the name for the user name.
    let least = usize::from(matches!(profile, "jumpcloud" | "lattice"));
    let names = (maybe(text().prop_map(Value::from)), maybe(text().prop_map(Value::from)));
    let words = prop::collection::vec(maybe(text().prop_map(Value::from)), 5);
    let manager = prop::option::of(0..KEYS);
    let active = prop_oneof![5 => Just(None), 1 => any::<bool>().prop_map(Some)];
    let many = (emails(number, least), prop_oneof![Just(None), phones(number).prop_map(Some)]);
    (names, words, manager, active, many).prop_map(
        move |((given, family), words, manager, active, (emails, phones))| {
            let mut person = Map::new();
            person.insert("userName".into(), user_name(number).into());
            for (name, word) in ["displayName", "title", "nickName", "department", "employeeNumber"].iter().zip(words) {
                // Two people with one number would match each other.
                let word = if *name == "employeeNumber" { word.map(|_| json!(format!("00{number}"))) } else { word };
                if let Some(word) = word {
                    person.insert((*name).into(), word);
                }
            }
            let mut name = Map::new();
            name.extend(given.map(|given| ("givenName".to_owned(), given)));
            name.extend(family.map(|family| ("familyName".to_owned(), family)));
            if !name.is_empty() {
                person.insert("name".into(), name.into());
            }
            person.insert("emails".into(), emails);
            person.extend(phones.map(|phones| ("phoneNumbers".to_owned(), phones)));
            person.extend(manager.map(|key| ("manager".to_owned(), json!(key))));
            person.extend(active.map(|active| ("active".to_owned(), json!(active))));
            person.into()
        },
    )
}

/// Users and groups as a file declares them; a reference to someone who is not there is left out.
fn directory(profile: &'static str) -> impl Strategy<Value = Value> {
    let people: Vec<BoxedStrategy<Value>> = (0..KEYS).map(|number| person(profile, number).boxed()).collect();
    let chosen = subsequence((0..KEYS).collect::<Vec<_>>(), 1..=KEYS);
    let members = prop::collection::vec(subsequence((0..KEYS).collect::<Vec<_>>(), 0..=KEYS), 0..4);
    (people, chosen, members, any::<bool>()).prop_map(|(people, chosen, members, nested)| {
        let key = |number: usize| format!("p{number}");
        let mut users = Map::new();
        for number in &chosen {
            let mut user = people[*number].clone();
            let manager = user["manager"].as_u64().and_then(|number| usize::try_from(number).ok());
            match manager.filter(|manager| chosen.contains(manager)) {
                Some(manager) => user["manager"] = json!(key(manager)),
                None => drop(user.as_object_mut().unwrap().remove("manager")),
            }
            users.insert(key(*number), user);
        }
        let mut groups = Map::new();
        for (number, members) in members.iter().enumerate() {
            let members: Vec<String> =
                members.iter().filter(|member| chosen.contains(member)).map(|member| key(*member)).collect();
            let within: Vec<String> = (nested && number > 0).then(|| format!("g{}", number - 1)).into_iter().collect();
            let group = json!({"displayName": format!("Gruppe {number}"), "members": members, "groups": within});
            groups.insert(format!("g{number}"), group);
        }
        json!({"users": users, "groups": groups})
    })
}

/// Some of the people that will be declared, as somebody else made them, and strangers.
fn live(profile: &'static str) -> impl Strategy<Value = Vec<Value>> {
    let extra = prop::collection::vec(maybe(text().prop_map(Value::from)), 3);
    let one = (any::<bool>(), 0..3_u8, prop::option::of(any::<bool>()), extra, any::<bool>());
    let all = prop::collection::vec(one, KEYS + 3);
    (subsequence((0..KEYS + 3).collect::<Vec<_>>(), 0..=KEYS + 3), all).prop_map(move |(chosen, all)| {
        let user = |number: usize| {
            let (upper, external, active, extra, phone) = &all[number];
            let known = number < KEYS;
            let mut name = if known { user_name(number) } else { format!("stranger{number}@partner.example") };
            let mut user = Map::new();
            match profile {
                "jumpcloud" => {
                    user.insert("emails".into(), json!([{"value": name, "type": "work", "primary": true}]));
                    name.truncate(name.find('@').unwrap());
                }
                // Lattice's user name is the address.
                "lattice" if known => name = format!("work.{number}@acme.example"),
                _ => {}
            }
            user.insert("schemas".into(), json!([USER]));
            user.insert("userName".into(), if *upper { name.to_ascii_uppercase() } else { name }.into());
            match external {
                0 if known => drop(user.insert("externalId".into(), json!(format!("p{number}")))),
                1 => drop(user.insert("externalId".into(), json!(format!("hr-{number}")))),
                _ => {}
            }
            user.extend(active.map(|active| ("active".to_owned(), json!(active))));
            // Lattice has a name of its own for it.
            let title = "title";
            for (name, word) in [title, "timezone", "profileUrl"].iter().zip(extra) {
                user.extend(word.clone().map(|word| ((*name).to_owned(), word)));
            }
            if *phone {
                user.insert("phoneNumbers".into(), json!([{"value": "+1 555 0100", "type": "pager"}]));
            }
            Value::from(user)
        };
        chosen.into_iter().map(user).collect()
    })
}

fn is_stranger(user: &Value) -> bool {
    user["userName"].as_str().is_some_and(|name| name.to_lowercase().starts_with("stranger"))
}

/// A target and a repository.
pub struct World {
    server: Server,
    repo: Repo,
    has_groups: bool,
    /// Strangers and strange groups, as they were.
    strangers: BTreeMap<String, Value>,
    /// What nobody declares, by id.
    unasserted: BTreeMap<String, Value>,
}

impl World {
    pub fn of(name: &str, case: &Case) -> Self {
        let profile = profile::builtin(name).unwrap();
        let has_groups = profile.capabilities.resources.groups;
        let server = Server::with(Options { profile: Some(profile), ..Options::default() });
        for user in &case.live {
            let status = server.send("POST", "Users", user);
            assert_eq!(status, 201, "{user}");
        }
        let ids: Vec<Value> = server.list("Users").iter().map(|user| user["id"].clone()).collect();
        for (number, members) in case.stranger_groups.iter().enumerate().filter(|_| has_groups) {
            let mut members: Vec<&Value> = members.iter().filter_map(|member| ids.get(*member)).collect();
            members.sort_by_key(std::string::ToString::to_string);
            members.dedup();
            let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
            let group = json!({"schemas": [GROUP], "displayName": format!("Strange {number}"), "members": members});
            assert_eq!(server.send("POST", "Groups", &group), 201, "{group}");
        }
        let limits = "    limits: { removals: { count: 1000 } }\n";
        let repo = Repo::new(&[("scimform.yaml", &target(server.url(), name, limits))]);
        let mut world = Self { server, repo, has_groups, strangers: BTreeMap::new(), unasserted: BTreeMap::new() };
        world.strangers = world.strange();
        world.unasserted = world.left_over();
        world
    }

    /// Declares a directory, applies it, and says what does not hold. Gives the number of changes.
    pub fn converge(&self, directory: &Value) -> Result<u64, String> {
        let groups: Vec<&String> = directory["groups"].as_object().unwrap().keys().collect();
        let push = if self.has_groups { json!(groups) } else { json!([]) };
        let assign = json!({"where": "user.userName is defined"});
        let binding = json!({"bindings": {"all": {"target": "app", "assign": assign, "push": push}}});
        self.repo.write("bindings.yaml", binding.to_string());
        self.repo.write("people.yaml", directory.to_string());
        let first = self.repo.run(&["plan", "--format", "json"]);
        let applied = self.repo.apply();
        if applied.code != 0 {
            return Err(format!("apply ended with {}\n{}{}", applied.code, applied.out, applied.err));
        }
        let plan = self.repo.plan();
        if plan["changes"] != json!([]) {
            return Err(format!("a second plan is not empty: {:#}\n{}", plan["changes"], applied.out));
        }
        if self.strange() != self.strangers {
            return Err(format!("strangers: {:#?}\nwere: {:#?}\n{}", self.strange(), self.strangers, applied.out));
        }
        let now = self.left_over();
        for (id, was) in &self.unasserted {
            if now.get(id) != Some(was) {
                return Err(format!("{id} had {was} and has {:?}\n{}", now.get(id), applied.out));
            }
        }
        Ok(first.json()["targets"][0]["changes"].as_array().unwrap().len() as u64)
    }

    fn strange(&self) -> BTreeMap<String, Value> {
        let mut strange = BTreeMap::new();
        for user in self.server.list("Users").into_iter().filter(is_stranger) {
            strange.insert(user["userName"].to_string(), user);
        }
        for mut group in if self.has_groups { self.server.list("Groups") } else { Vec::new() } {
            if group["displayName"].as_str().is_some_and(|name| name.starts_with("Strange")) {
                // A member's name is the member's.
                for member in group["members"].as_array_mut().into_iter().flatten() {
                    member.as_object_mut().unwrap().remove("display");
                }
                strange.insert(group["displayName"].to_string(), group);
            }
        }
        strange
    }

    /// Attributes that no declaration of a case has, by id.
    fn left_over(&self) -> BTreeMap<String, Value> {
        let users = self.server.list("Users").into_iter();
        let kept = |user: &Value| json!([user["timezone"], user["profileUrl"]]);
        users.map(|user| (user["id"].to_string(), kept(&user))).collect()
    }
}

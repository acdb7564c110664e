//! A repository of one target, `app`, which is a bent server.

use serde_json::{Map, Value, json};

use crate::odd::bends::Bends;
use crate::odd::server::{Asked, Odd};
use crate::support::{Ran, Repo};

/// A person as declared: all that a small company writes about someone.
pub fn person(key: &str) -> Value {
    let mail = format!("{key}@acme.example");
    json!({
        "userName": mail, "name": {"givenName": capitalised(key), "familyName": "Doe"},
        "emails": [{"value": mail, "type": "work", "primary": true}]
    })
}

/// [`person`] with more or other attributes.
pub fn person_with(key: &str, more: Value) -> Value {
    let mut person = person(key);
    for (name, value) in more.as_object().unwrap() {
        person[name] = value.clone();
    }
    person
}

/// The account of a declared person, as a server holds it.
pub fn account(key: &str) -> Value {
    person_with(key, json!({"active": true, "externalId": key}))
}

fn capitalised(key: &str) -> String {
    key[..1].to_uppercase() + &key[1..]
}

/// People by key.
pub fn people(keys: &[&str]) -> Value {
    keys.iter().map(|key| ((*key).to_owned(), person(key))).collect::<Map<_, _>>().into()
}

pub struct World {
    pub server: Odd,
    pub repo: Repo,
}

impl World {
    pub fn new(bends: Bends) -> Self {
        Self::of(Odd::new(bends))
    }

    pub fn of(server: Odd) -> Self {
        let world = Self { repo: Repo::new(&[]), server };
        world.target(json!({}));
        world
    }

    /// Settings of the target beside its address.
    pub fn target(&self, more: Value) {
        self.at(self.server.url(), more);
    }

    /// Settings of the target, at another address.
    pub fn at(&self, url: &str, more: Value) {
        let mut app = json!({
            "profile": "generic", "url": url, "auth": {"bearer": {"env": "TOKEN"}},
            "limits": {"removals": {"count": 10000, "percent": 100}}
        });
        for (name, value) in more.as_object().unwrap() {
            app[name] = value.clone();
        }
        self.repo.write("scimform.yaml", json!({"version": 1, "targets": {"app": app}}).to_string());
    }

    /// Declares these people, all assigned, and these groups, all pushed.
    pub fn declare(&self, users: Value, groups: Value) {
        let push: Vec<&String> = groups.as_object().unwrap().keys().collect();
        let binding = json!({"all": {"target": "app", "assign": {"where": "user.userName is defined"}, "push": push}});
        let all = json!({"users": users, "groups": groups, "bindings": binding});
        self.repo.write("people.yaml", all.to_string());
    }

    /// [`World::declare`] of plain people without groups.
    pub fn staff(&self, keys: &[&str]) {
        self.declare(people(keys), json!({}));
    }

    pub fn apply(&self) -> Ran {
        self.repo.apply()
    }

    /// `plan` in words.
    pub fn said(&self) -> String {
        self.repo.run(&["plan"]).said()
    }

    /// A plan must be empty and end with 0.
    #[track_caller]
    pub fn settled(&self) {
        let ran = self.repo.run(&["plan", "--format", "json"]).expect(0);
        let target = &ran.json()["targets"][0];
        assert_eq!((&target["changes"], &target["errors"]), (&json!([]), &json!([])), "{target:#}");
    }

    /// What an apply writes.
    pub fn written(&self, apply: impl FnOnce(&Self)) -> Vec<Asked> {
        let before = self.server.writes().len();
        apply(self);
        self.server.writes().split_off(before)
    }
}

/// Ends the test unless the text has one of these words.
#[track_caller]
pub fn names(text: &str, words: &[&str]) {
    assert!(words.iter().any(|word| text.contains(word)), "none of {words:?} in:\n{text}");
}

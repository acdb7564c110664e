//! Every profile that comes with the program can be played: one user is created, changed, listed, deactivated and
//! deleted, as the profile's facts say, and so is a group.

use std::sync::Arc;

use scimform::profile::{Capabilities, Deletion, MemberRemoval, MembersShown, Paging, Profile, builtin, names};
use scimform::sandbox::Options;
use scimform::scim::path::AttrPath;
use serde_json::{Map, Value, json};

use crate::sandbox::harness::{Answer, GROUP, Server, USER, values};

/// Attributes that a change can be shown with.
const CHANGEABLE: [&str; 6] = ["title", "nickName", "name.familyName", "name.givenName", "displayName", "externalId"];

struct Stage {
    profile: Arc<Profile>,
    server: Server,
}

#[tokio::test]
async fn every_profile_can_be_played() {
    let mut changed = 0;
    for name in names() {
        let mut profile = Profile::clone(&builtin(name).unwrap());
        // Rates have tests of their own; waiting for them here would take minutes.
        profile.capabilities.rates.clear();
        let profile = Arc::new(profile);
        let options = Options { profile: Some(Arc::clone(&profile)), ..Options::default() };
        let stage = Stage { server: Server::start(options).await, profile };
        stage.describes_itself().await;
        changed += usize::from(stage.users().await);
        stage.groups().await;
    }
    assert!(changed * 4 > names().count() * 3, "most vendors let some attribute be changed: {changed}");
}

impl Stage {
    fn name(&self) -> &str {
        &self.profile.name
    }

    fn can(&self) -> &Capabilities {
        &self.profile.capabilities
    }

    async fn describes_itself(&self) {
        let config = self.server.get(&format!("/{}", self.can().config_endpoint)).await;
        assert_eq!(config.status, 200, "{}", self.name());
        let offered = config.body["patch"]["supported"].as_bool();
        assert_eq!(offered, Some(self.can().patch != Some(false)), "{}", self.name());
    }

    /// A body that keeps the profile's rules.
    fn user(&self) -> Map<String, Value> {
        let rules = &self.profile.attributes.rules;
        let forbids_addresses = rules
            .iter()
            .any(|rule| rule.path == AttrPath::attribute("userName") && rule.forbid.as_deref() == Some("@"));
        let body = json!({
            "schemas": [USER],
            "userName": if forbids_addresses { "ada" } else { "ada@acme.example" },
            "externalId": "e-1",
            "name": { "givenName": "Ada", "familyName": "Lovelace", "formatted": "Ada Lovelace" },
            "displayName": "Ada Lovelace",
            "emails": [{ "value": "ada@acme.example", "type": "work", "primary": true }],
            "active": true,
            "password": "correct horse battery staple",
        });
        body.as_object().unwrap().clone()
    }

    /// Whether a PATCH or PUT is the way to change a user.
    fn patches(&self) -> bool {
        self.can().patch != Some(false)
    }

    async fn set(&self, id: &str, path: &str, value: Value) -> Answer {
        let url = format!("/Users/{id}");
        if self.patches() {
            let answer = self.server.patch(&url, json!([{ "op": "replace", "path": path, "value": value }])).await;
            assert_eq!(
                answer.status,
                if self.can().patch_answers { 200 } else { 204 },
                "{}: {}",
                self.name(),
                answer.body
            );
            return answer;
        }
        let mut body = Value::Object(self.user());
        match path.split_once('.') {
            Some((name, sub)) => body[name][sub] = value,
            None => body[path] = value,
        }
        let answer = self.server.put(&url, body).await;
        assert_eq!(answer.status, 200, "{}: {}", self.name(), answer.body);
        answer
    }

    /// The attribute that shows a change: one that the vendor neither fixes nor drops nor computes.
    fn changeable(&self) -> Option<&'static str> {
        let rules = &self.profile.attributes;
        let coupled: Vec<AttrPath> = rules.coupled.iter().map(|pair| pair.path.clone()).collect();
        let aliased: Vec<AttrPath> = rules.aliases.keys().cloned().collect();
        let lists = [&rules.server_owned, &rules.create_only, &rules.derived, &rules.ignored, &rules.unsupported];
        let fixed = |name: &str| {
            let whole = name.split('.').next().unwrap_or(name);
            lists
                .iter()
                .copied()
                .chain([&coupled, &aliased])
                .flatten()
                .any(|known| [name, whole].contains(&&*known.to_string()))
        };
        CHANGEABLE.into_iter().find(|name| !(fixed(name) || rules.id_is_external_id && *name == "externalId"))
    }

    /// Plays the life of a user; whether an attribute could be changed.
    async fn users(&self) -> bool {
        let (server, name) = (&self.server, self.name());
        let made = server.post("/Users", Value::Object(self.user())).await;
        if !self.can().create_users {
            assert!([404, 405].contains(&made.status), "{name}: {}", made.body);
            return false;
        }
        assert_eq!(made.status, 201, "{name}: {}", made.body);
        let (id, url) = (made.id(), format!("/Users/{}", made.id()));
        let changed = self.changeable();
        if let Some(path) = changed {
            self.set(&id, path, json!("Countess")).await;
            let shown = server.get(&url).await.body;
            let (top, sub) = path.split_once('.').map_or((path, None), |(top, sub)| (top, Some(sub)));
            let value = sub.map_or(&shown[top], |sub| &shown[top][sub]);
            assert_eq!(value, "Countess", "{name}: {path}");
        }
        assert!(is(&server.get(&url).await.body["active"], true), "{name}: it has a password and is active");
        self.is_listed(&id, true).await;
        self.set(&id, "active", json!(false)).await;
        if self.can().deactivation_removes {
            assert_eq!(server.get(&url).await.status, 404, "{name}");
            let again = server.post("/Users", Value::Object(self.user())).await;
            assert_eq!(again.status, 201, "{name}: the name is free: {}", again.body);
            self.is_deleted(&format!("/Users/{}", again.id())).await;
            return changed.is_some();
        }
        let off = server.get(&url).await;
        assert_eq!((off.status, is(&off.body["active"], false)), (200, true), "{name}: {}", off.body);
        self.is_listed(&id, false).await;
        if self.can().reactivation {
            self.set(&id, "active", json!(true)).await;
            assert!(is(&server.get(&url).await.body["active"], true), "{name}");
        }
        self.is_deleted(&url).await;
        changed.is_some()
    }

    async fn is_listed(&self, id: &str, active: bool) {
        let (server, name) = (&self.server, self.name());
        let query = if self.can().paging == Paging::Cursor { "?cursor=" } else { "" };
        let list = server.get(&format!("/Users{query}")).await.body;
        assert!(list["Resources"].is_array(), "{name}: {list}");
        assert_eq!(list["totalResults"], list["Resources"].as_array().unwrap().len(), "{name}");
        let listed = list["Resources"].as_array().unwrap().iter().any(|user| user["id"] == id);
        let expected = self.can().synthetic.is_empty() && (active || self.can().inactive_listed);
        assert_eq!(listed, expected, "{name}: {list}");
        let shown = server.get(&format!("/Users/{id}")).await.body;
        for path in self.can().filter_users.iter().filter(|path| shown[path.as_str()].is_string()) {
            let filter = format!("{path} eq {}", shown[path.as_str()]);
            let found = server.send(server.request("GET", "/Users").query(&[("filter", filter)])).await.body;
            let expected = u64::from(active || self.can().inactive_listed);
            assert_eq!(found["totalResults"], expected, "{name}: {path}: {found}");
        }
    }

    async fn is_deleted(&self, url: &str) {
        let (server, name) = (&self.server, self.name());
        let (answer, then, again) = match self.can().deletion {
            Deletion::Hard => (204, 404, 201),
            Deletion::Irreversible => (204, 404, 409),
            Deletion::Deactivates => (204, 200, 409),
            Deletion::None => (405, 200, 409),
        };
        assert_eq!(server.delete(url).await.status, answer, "{name}");
        assert_eq!(server.get(url).await.status, then, "{name}");
        assert_eq!(server.post("/Users", Value::Object(self.user())).await.status, again, "{name}");
    }

    async fn groups(&self) {
        let (server, name, can) = (&self.server, self.name(), self.can());
        let group = json!({ "schemas": [GROUP], "displayName": "g" });
        let made = server.post("/Groups", group).await;
        if !can.create_groups || !can.resources.groups {
            assert!([404, 405].contains(&made.status), "{name}: {}", made.body);
            return;
        }
        assert_eq!(made.status, 201, "{name}: {}", made.body);
        let mut person = Value::Object(self.user());
        (person["userName"], person["externalId"]) = (json!("grace@acme.example"), json!("e-2"));
        let person = server.post("/Users", person).await.id();
        let url = format!("/Groups/{}", made.id());
        if !self.patches() {
            let full = json!({ "schemas": [GROUP], "displayName": "g", "members": [{ "value": person }] });
            assert_eq!(server.put(&url, full).await.status, 200, "{name}");
            return;
        }
        let members = json!([{ "value": person }]);
        let ok = if can.patch_answers { 200 } else { 204 };
        let add = json!([{ "op": "add", "path": "members", "value": members }]);
        assert_eq!(server.patch(&url, add).await.status, ok, "{name}");
        let shown = server.get(&url).await.body;
        match can.members {
            MembersShown::Never => assert_eq!(shown["members"], json!([]), "{name}"),
            MembersShown::List | MembersShown::ById => {
                assert_eq!(values(&shown["members"]), [person.as_str()], "{name}");
            }
        }
        let remove = match can.member_removal {
            MemberRemoval::Filter => json!([{ "op": "remove", "path": format!("members[value eq \"{person}\"]") }]),
            MemberRemoval::Value => json!([{ "op": "remove", "path": "members", "value": members }]),
            MemberRemoval::Replace => json!([{ "op": "replace", "path": "members", "value": [] }]),
        };
        assert_eq!(server.patch(&url, remove).await.status, ok, "{name}");
        assert!(values(&server.get(&url).await.body["members"]).is_empty(), "{name}");
    }
}

/// Whether a boolean says so, in whatever form it is shown.
fn is(shown: &Value, expected: bool) -> bool {
    shown.as_bool().or_else(|| shown.as_str()?.to_ascii_lowercase().parse().ok()) == Some(expected)
}

//! A company that was applied, and hands that reach past scimform.

use serde_json::{Value, json};

pub use crate::support::World;
use crate::support::{Ran, declared};

impl World {
    /// Six people and a group of five of them, applied.
    pub fn company() -> Self {
        let (server, repo) = declared(&["ada", "bruno", "clara", "daniel", "elena", "fatima"]);
        repo.edit("people.yaml", ", fatima]", "]");
        repo.apply().expect(0);
        Self { server, repo }
    }

    #[track_caller]
    pub fn delete(&self, name: &str) {
        let (endpoint, one) = self.server.find(name);
        let path = format!("{endpoint}/{}", one["id"].as_str().unwrap());
        assert!(self.server.send("DELETE", &path, &json!({})) < 300);
    }

    #[track_caller]
    pub fn put_in(&self, group: &str, name: &str) {
        let member = json!([{"value": self.server.id(name)}]);
        self.server.patch(group, &json!([{"op": "add", "path": "members", "value": member}]));
    }

    #[track_caller]
    pub fn take_out(&self, group: &str, name: &str) {
        let id = self.server.id(name);
        self.server.patch(group, &json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]));
    }

    pub fn drift(&self, more: &[&str]) -> Ran {
        self.repo.run(&[&["drift"], more].concat())
    }

    /// The only target's drift.
    #[track_caller]
    pub fn target(&self) -> Value {
        self.drift(&["--format", "json"]).expect(0).json()["targets"][0].clone()
    }

    /// What is shown, a line each.
    #[track_caller]
    pub fn lines(&self) -> Vec<String> {
        lines(&self.target())
    }
}

/// `event key path:applied>live +joined -left` of everything that drifted.
pub fn lines(target: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let all = target["drifted"].as_array().unwrap().iter();
    all.map(|one| {
        let mut parts = vec![text(&one["event"]), text(&one["key"])];
        for attribute in one["attributes"].as_array().unwrap() {
            let (applied, live) = (text(&attribute["applied"]), text(&attribute["live"]));
            parts.push(format!("{}:{applied}>{live}", text(&attribute["path"])));
        }
        for (sign, members) in [('+', &one["joined"]), ('-', &one["left"])] {
            parts.extend(
                members.as_array().into_iter().flatten().map(|member| format!("{sign}{}", text(&member["key"]))),
            );
        }
        parts.join(" ")
    })
    .collect()
}

/// Differences of both sides, of the repository, of nobody knows whom.
pub fn counts(target: &Value) -> [u64; 3] {
    [&target["both"], &target["repository"], &target["unknown"]].map(|count| count.as_u64().unwrap())
}

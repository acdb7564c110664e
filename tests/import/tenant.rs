//! A server with people and groups on it, and an empty repository with that server as its only target.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use scimform::profile;
use scimform::sandbox::Options;
use serde_json::{Value, json};

pub use crate::support::World;
use crate::support::{Ran, Repo, Server, files, target};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

impl World {
    /// A generic server without anyone.
    pub fn tenant() -> Self {
        Self::tenant_of("generic")
    }

    /// A server with a vendor's habits, its pace aside.
    pub fn tenant_of(name: &str) -> Self {
        let mut profile = profile::Profile::clone(&profile::builtin(name).unwrap());
        profile.capabilities.rates.clear();
        let server = Server::with(Options { profile: Some(profile.into()), auth_header: None, ..Options::default() });
        let repo = empty(&server, name);
        Self { server, repo }
    }

    /// The same with people named `person0` and so on.
    pub fn tenant_with(count: usize) -> Self {
        let tenant = Self::tenant();
        for number in 0..count {
            tenant.person(&json!({"userName": format!("person{number}@acme.example")}));
        }
        tenant
    }

    /// Makes a person at the server; gives the id.
    pub fn person(&self, attributes: &Value) -> String {
        let mut body = attributes.clone();
        let extended = attributes.get(ENTERPRISE).map(|_| ENTERPRISE);
        body["schemas"] = std::iter::once("urn:ietf:params:scim:schemas:core:2.0:User").chain(extended).collect();
        assert_eq!(self.server.send("POST", "Users", &body), 201, "{body}");
        self.id("Users", "userName", &attributes["userName"])
    }

    /// Makes a group of these ids; gives its id.
    pub fn group(&self, name: &str, members: &[&str]) -> String {
        let before: Vec<Value> = self.server.list("Groups");
        let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]);
        let body = json!({"schemas": schemas, "displayName": name, "members": members});
        assert_eq!(self.server.send("POST", "Groups", &body), 201, "{body}");
        let known = |one: &Value| before.iter().any(|old| old["id"] == one["id"]);
        let made = self.server.list("Groups").into_iter().find(|one| !known(one)).unwrap();
        made["id"].as_str().unwrap().to_owned()
    }

    fn id(&self, endpoint: &str, name: &str, value: &Value) -> String {
        let all = self.server.list(endpoint);
        all.iter().find(|one| one[name] == *value).unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// `import app` with these options.
    pub fn import(&self, options: &[&str]) -> Ran {
        self.repo.run(&[&["import", "app"], options].concat())
    }

    /// The report of an import of everyone.
    #[track_caller]
    pub fn import_all(&self) -> Value {
        self.import(&["--all", "--format", "json"]).expect(0).json()
    }

    /// Asserts that the files are right and the plan is empty; gives the plan of the target.
    #[track_caller]
    pub fn is_adopted(&self) -> Value {
        is_adopted(&self.repo).unwrap_or_else(|why| panic!("{why}"))
    }

    /// The text of a file.
    #[track_caller]
    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.repo.path().join(name)).unwrap()
    }

    /// People with all that makes an import hard: accents, no name, two addresses, no access, managers in a circle.
    pub fn awkward(&self) {
        let zoe = self.person(&json!({
            "userName": "Zoë.Müßig@acme.example", "externalId": "e-1042", "title": "Führung: R&D #1",
            "name": {"givenName": "Zoë", "familyName": "Müßig", "formatted": "Dr. Zoë Müßig"},
            "emails": [{"value": "zoe@acme.example", "type": "work", "primary": true},
                       {"value": "zoe@home.example", "type": "home"}],
            "phoneNumbers": [{"value": "+49 30 123", "type": "mobile"}],
            (ENTERPRISE): {"department": "R&D", "employeeNumber": "0042", "costCenter": "no"},
        }));
        let bare = self.person(&json!({"userName": "root"}));
        let ann = self.person(&json!({"userName": "ann@acme.example", "externalId": "ann", "displayName": "true",
            "nickName": "null", "locale": "0123", "timezone": "line\nbreak",
            (ENTERPRISE): {"manager": {"value": zoe}}}));
        let other = self.person(&json!({"userName": "ann@partner.example", "name": {"familyName": "Ann"}}));
        let gone = self.person(&json!({"userName": "gone@acme.example", "active": false}));
        let back = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
            {"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": {"value": ann}}]});
        assert!(self.server.send("PATCH", &format!("Users/{zoe}"), &back) < 300);
        let inner = self.group("R&D: Kern", &[&zoe, &ann]);
        self.group("R&D", &[&bare, &inner, &gone]);
        self.group("Düsseldorf", &[&other]);
        self.group("Empty", &[]);
    }
}

/// A repository of a server alone.
pub fn empty(server: &Server, profile: &str) -> Repo {
    Repo::new(&[("scimform.yaml", &target(server.url(), profile, "    capabilities: { rates: [] }\n"))])
}

/// Whether the files are right and the plan is empty; the target's plan.
pub fn is_adopted(repo: &Repo) -> Result<Value, String> {
    let valid = repo.run(&["validate"]);
    if valid.code != 0 {
        return Err(format!("invalid: {}", valid.said()));
    }
    let ran = repo.run(&["plan", "--format", "json"]);
    if ran.code != 0 {
        return Err(format!("plan ended with {}: {}{}", ran.code, ran.out, ran.err));
    }
    let plan = ran.json()["targets"][0].clone();
    if plan["changes"] != json!([]) || plan["errors"] != json!([]) {
        return Err(format!("not empty: {:#}\n{:#}", plan["changes"], plan["errors"]));
    }
    Ok(plan)
}

/// Every YAML file by its path.
pub fn yaml(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let is_yaml = |path: &Path| path.extension().is_some_and(|extension| extension == "yaml" || extension == "tmp");
    files(folder).into_iter().filter(|(path, _)| is_yaml(path)).collect()
}

//! A repository bound to an embedded server that plays a vendor.

use scimform::profile;
use scimform::sandbox::{Logged, Options};
use serde_json::Value;

pub use crate::support::World;
use crate::support::mock::Reply;
use crate::support::plan::actions;
use crate::support::scripted::Scripted;
use crate::support::{Ran, Repo, Server};

/// The token that servers want.
pub const TOKEN: &str = "secret-token";

/// Two people with everything that a mapping can use.
pub const PEOPLE: &str = "\
users:
  ada:
    userName: ada@acme.example
    employeeNumber: \"1042\"
    name: { givenName: Ada, familyName: Lovelace }
    displayName: Ada Lovelace
    nickName: Countess
    title: Engineer
    department: Engineering
    emails: [{ value: ada@acme.example, type: work, primary: true }]
    phoneNumbers: [{ value: \"+44 20 7946 0018\", type: work }]
  grace:
    userName: grace@acme.example
    employeeNumber: \"1043\"
    name: { givenName: Grace, familyName: Hopper }
    displayName: Grace Hopper
    title: Admiral
    department: Navy
    emails: [{ value: grace@acme.example, type: work, primary: true }]
";

/// Everyone reaches `app`.
pub const EVERYONE: &str = "bindings:\n  staff:\n    target: app\n    assign: { where: user.userName is defined }\n";

impl World {
    /// The vendor with people.yaml and one binding of everyone.
    pub fn new(vendor: &str) -> Self {
        Self::with(vendor, "", EVERYONE)
    }

    /// The vendor; `more` goes under the target, `bindings` is a file of its own.
    pub fn with(vendor: &str, more: &str, bindings: &str) -> Self {
        let server = server(vendor);
        let repo = Repo::new(&[
            ("scimform.yaml", &target(server.url(), vendor, more)),
            ("bindings.yaml", bindings),
            ("people.yaml", PEOPLE),
        ]);
        Self { server, repo }
    }

    /// The plan of the only target.
    #[track_caller]
    pub fn plan(&self) -> Value {
        self.repo.plan()
    }

    /// `action key` of every change.
    #[track_caller]
    pub fn actions(&self) -> Vec<String> {
        actions(&self.plan())
    }

    /// Applies and shows that nothing is left to do; the requests of the apply.
    #[track_caller]
    pub fn converge(&self) -> Vec<Logged> {
        self.server.running().forget_requests();
        self.repo.apply().expect(0);
        let requests = self.server.running().requests();
        let plan = self.plan();
        assert_eq!(actions(&plan), [""; 0], "a second plan is not empty: {plan:#}");
        requests
    }

    /// Replaces in people.yaml.
    #[track_caller]
    pub fn edit(&self, before: &str, after: &str) {
        self.repo.edit("people.yaml", before, after);
    }

    /// Replaces people.yaml by the first person alone.
    pub fn without_grace(&self) {
        self.repo.write("people.yaml", PEOPLE.split("  grace:").next().unwrap());
    }

    /// The stored user of this userName.
    #[track_caller]
    pub fn user(&self, name: &str) -> Value {
        self.server.get(name)
    }

    /// The same with a first password for everyone.
    pub fn password(mut self, password: &str) -> Self {
        self.repo = self.repo.env("FIRST_PASSWORD", password);
        self
    }

    /// Everyone sets a password, as after an invitation.
    pub fn passwords(&self) {
        for user in self.server.list("Users") {
            self.server.set(user["userName"].as_str().unwrap(), "password", "correct horse battery");
        }
    }

    /// The same with a token that the server does not take.
    pub fn revoked(mut self) -> Self {
        self.repo = self.repo.env("TOKEN", "revoked");
        self
    }

    /// `validate`, however it ends.
    pub fn validate(&self) -> Ran {
        self.repo.run(&["validate"])
    }
}

/// An embedded server that plays the vendor and keeps the bodies of requests.
pub fn server(vendor: &str) -> Server {
    let profile = Some(profile::builtin(vendor).unwrap_or_else(|| panic!("no profile {vendor}")));
    Server::with(Options { token: Some(TOKEN.to_owned().into()), profile, log_bodies: true, ..Options::default() })
}

/// A `scimform.yaml` with one target, `app`, of the vendor.
pub fn target(url: &str, vendor: &str, more: &str) -> String {
    format!("version: 1\ntargets:\n{}", one_target("app", url, vendor, more))
}

/// One entry of `targets`.
pub fn one_target(name: &str, url: &str, vendor: &str, more: &str) -> String {
    let auth = match vendor {
        "jumpcloud" => "{ header: { name: x-api-key, value: { env: TOKEN } } }",
        _ => "{ bearer: { env: TOKEN } }",
    };
    format!("  {name}:\n    profile: {vendor}\n    url: {url}\n    auth: {auth}\n{more}")
}

/// Bodies of the requests that write, as sent.
pub fn bodies(requests: &[Logged]) -> Vec<Value> {
    let writes = requests.iter().filter(|request| request.method != "GET");
    writes.filter_map(|request| serde_json::from_str(request.body.as_deref()?).ok()).collect()
}

/// `METHOD /path` of the requests that write.
pub fn writes(requests: &[Logged]) -> Vec<String> {
    let writes = requests.iter().filter(|request| request.method != "GET");
    writes.map(|request| format!("{} {}", request.method, request.path)).collect()
}

/// Whether any request went below this endpoint.
pub fn asked(requests: &[Logged], endpoint: &str) -> bool {
    requests.iter().any(|request| request.path.starts_with(endpoint))
}

/// A server that answers every request with this list, and one by id with its first resource; every answer has the number
/// `r-4711`.
pub fn answering(list: &Value) -> Scripted {
    let list = list.clone();
    Scripted::new(move |seen, _| {
        let by_id = seen.path.contains("/Users/");
        Some(Reply::json(if by_id { &list["Resources"][0] } else { &list }).with("x-request-id", "r-4711"))
    })
}

/// The vendor at this address with the people and these bindings.
pub fn at(url: &str, vendor: &str, bindings: &str) -> Repo {
    let files = [("scimform.yaml", &*target(url, vendor, "")), ("bindings.yaml", bindings), ("people.yaml", PEOPLE)];
    Repo::new(&files)
}

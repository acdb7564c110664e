//! What vendors do to values, against the embedded server in their profiles.

use scimform::profile;
use scimform::sandbox::Options;
use serde_json::{Value, json};

use crate::equality::{changes, repo};
use crate::support::plan::{notices, settled};
use crate::support::{Repo, Server};

fn vendor(name: &str, people: &str) -> (Server, Repo) {
    let server = Server::with(Options { profile: profile::builtin(name), ..Options::default() });
    let repo = repo(server.url(), name, "", people);
    (server, repo)
}

fn ada(more: &str) -> String {
    format!(
        "users:\n  ada:\n    userName: Ada.Lovelace@x.example\n    name: {{ givenName: Ada, familyName: Lovelace, formatted: Ada Lovelace }}\n    emails: [{{ value: ada@x.example, type: work, primary: true }}]\n    phoneNumbers: [{{ value: '+44 (20) 7946-0018', type: work }}]\n{more}"
    )
}

fn only(server: &Server) -> Value {
    let users = server.list("Users");
    assert_eq!(users.len(), 1, "{users:#?}");
    users[0].clone()
}

#[test]
fn e27_a_user_name_in_the_servers_form_is_the_same_name() {
    for (name, form) in [("github-enterprise", "ada-lovelace"), ("salesforce", "ada.lovelace@x.example")] {
        let (server, repo) = vendor(name, &ada("    externalId: hr-1\n"));
        repo.apply().expect(0);
        assert_eq!(only(&server)["userName"], json!(form), "{name}");
        settled(&repo);
        // Without the ledger it is matched and adopted, not made again.
        std::fs::remove_dir_all(repo.path().join(".scimform")).unwrap();
        repo.edit("people.yaml", "externalId: hr-1\n", "");
        assert!(changes(&repo).iter().all(|change| !change.starts_with("create")), "{name}: {:?}", changes(&repo));
    }
}

#[test]
fn e28_an_attribute_that_follows_another_is_said_and_not_fought() {
    let (server, repo) = vendor("figma", &ada(""));
    repo.write("bindings.yaml", "bindings:\n  everyone:\n    target: app\n    assign: { where: user.userName is defined }\n    mapping: own\nmappings:\n  own:\n    extends: figma\n    user:\n      userName: user.userName\n      emails: user.emails\n");
    repo.apply().expect(0);
    assert_eq!(only(&server)["emails"][0]["value"], only(&server)["userName"], "the sandbox plays it");
    settled(&repo);
    assert!(notices(&repo.plan()).contains(&"coupled"), "{:?}", notices(&repo.plan()));
    // Once both are to be the same, nothing is to be said.
    repo.edit("people.yaml", "value: ada@x.example", "value: Ada.Lovelace@x.example");
    settled(&repo);
    assert!(!notices(&repo.plan()).contains(&"coupled"), "{:?}", notices(&repo.plan()));
}

#[test]
fn e32_a_value_that_the_server_fills_in_is_no_difference() {
    for more in ["", "    preferredLanguage: null\n"] {
        let (server, repo) = vendor("zitadel", &ada(more));
        repo.apply().expect(0);
        assert_eq!(only(&server)["preferredLanguage"], json!("und"), "the sandbox plays it");
        settled(&repo);
        assert_eq!(notices(&repo.plan()).contains(&"defaulted"), !more.is_empty(), "{:?}", notices(&repo.plan()));
    }
}

#[test]
fn e43_what_is_silently_kept_is_a_notice_and_not_sent() {
    let (server, repo) = vendor("databricks", &ada(""));
    repo.apply().expect(0);
    repo.edit("people.yaml", "value: ada@x.example", "value: ada@new.example");
    let writes = server.writes();
    settled(&repo);
    assert!(notices(&repo.plan()).contains(&"create-only"), "{:?}", notices(&repo.plan()));
    repo.apply().expect(0);
    assert_eq!(server.writes(), writes, "nothing is sent for it");
}

#[test]
fn e48_who_is_suspended_is_shown_in_disguise_and_that_is_no_drift() {
    let (server, repo) = vendor("github-enterprise", &ada("    externalId: hr-1\n"));
    repo.apply().expect(0);
    repo.edit("people.yaml", "    externalId: hr-1\n", "    externalId: hr-1\n    active: false\n");
    repo.apply().expect(0);
    assert_ne!(only(&server)["userName"], json!("ada-lovelace"), "the sandbox plays it");
    settled(&repo);
    // Back again: what can't be seen is no part of the change, and nobody is made a second time.
    repo.edit("people.yaml", "    active: false\n", "");
    assert_eq!(changes(&repo), ["reactivate ada active"]);
    repo.apply().expect(0);
    assert_eq!(only(&server)["userName"], json!("ada-lovelace"));
    settled(&repo);
    // What moved meanwhile is sent along, in one go.
    repo.edit("people.yaml", "externalId: hr-1\n", "externalId: hr-1\n    active: false\n");
    repo.apply().expect(0);
    repo.edit("people.yaml", "    active: false\n", "");
    repo.edit("people.yaml", "value: ada@x.example", "value: ada@new.example");
    assert_eq!(changes(&repo), ["reactivate ada active emails"]);
    repo.apply().expect(0);
    settled(&repo);
    assert_eq!(only(&server)["emails"][0]["value"], json!("ada@new.example"));
}

#[test]
fn e48_what_moves_while_someone_is_suspended_is_sent_with_the_access() {
    let (server, repo) = vendor("github-enterprise", &ada("    externalId: hr-1\n"));
    repo.apply().expect(0);
    repo.edit("people.yaml", "externalId: hr-1\n", "externalId: hr-1\n    active: false\n");
    repo.apply().expect(0);
    repo.edit("people.yaml", "value: ada@x.example", "value: ada@new.example");
    repo.edit("people.yaml", "userName: Ada.Lovelace@", "userName: Ada.King@");
    let writes = server.writes();
    repo.apply().expect(0);
    assert_eq!(server.writes(), writes, "nothing is sent about who has no access");
    repo.edit("people.yaml", "    active: false\n", "");
    assert_eq!(changes(&repo), ["reactivate ada active emails userName"]);
    repo.apply().expect(0);
    settled(&repo);
    assert_eq!(only(&server)["emails"][0]["value"], json!("ada@new.example"));
    assert_eq!(only(&server)["userName"], json!("ada-king"));
}

#[test]
fn e48_a_put_that_gives_access_again_does_not_store_the_disguise() {
    let profile = profile::builtin("github-enterprise").unwrap().with_capabilities(&json!({"patch": false})).unwrap();
    let server = Server::with(Options { profile: Some(profile.into()), ..Options::default() });
    let more = "    capabilities: { patch: false }\n";
    let repo = repo(server.url(), "github-enterprise", more, &ada("    externalId: hr-1\n"));
    repo.apply().expect(0);
    repo.edit("people.yaml", "externalId: hr-1\n", "externalId: hr-1\n    active: false\n");
    repo.apply().expect(0);
    assert_ne!(only(&server)["userName"], json!("ada-lovelace"), "the sandbox plays it");
    repo.edit("people.yaml", "    active: false\n", "");
    assert_eq!(changes(&repo), ["reactivate ada active"]);
    repo.apply().expect(0);
    assert_eq!(only(&server)["userName"], json!("ada-lovelace"));
    assert_eq!(only(&server)["emails"][0]["value"], json!("ada@x.example"));
    settled(&repo);
}

#[test]
fn e52_t22_where_the_external_id_is_the_id_the_ledger_follows_it() {
    let (server, repo) = vendor("gitlab", &ada("    externalId: hr-1\n"));
    repo.apply().expect(0);
    assert_eq!(only(&server)["id"], json!("hr-1"), "the sandbox plays it");
    repo.edit("people.yaml", "hr-1", "hr-2");
    assert_eq!(changes(&repo), ["update ada externalId"]);
    repo.apply().expect(0);
    assert_eq!(only(&server)["id"], json!("hr-2"));
    settled(&repo);
    // Someone else gives it another id: it is found by its name, and neither made again nor given up.
    let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "replace", "path": "externalId", "value": "hr-3"}]});
    assert!(server.send("PATCH", "Users/hr-2", &patch) < 300);
    assert_eq!(changes(&repo), ["update ada externalId"]);
    repo.apply().expect(0);
    assert_eq!(only(&server)["id"], json!("hr-2"));
    settled(&repo);
}

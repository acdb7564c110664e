//! What the copy keeps of the target.

use serde_json::json;

use super::verdict::rehearse;
use crate::support::{BINDINGS, Repo, Server, target};

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

#[test]
fn versions_are_kept_so_that_a_guarded_write_is_no_false_alarm() {
    let server = Server::start();
    let repo = Repo::with_people(server.url(), &["ada"]);
    repo.write("scimform.yaml", target(server.url(), "generic", "    capabilities: { etag: true }\n"));
    repo.apply().expect(0);
    let id = server.list("Users")[0]["id"].as_str().unwrap().to_owned();
    // By now the version is another one than that of a resource that was just made.
    for title in ["Boss", "Chief"] {
        let operations = json!([{"op": "replace", "path": "title", "value": title}]);
        let patch = json!({"schemas": [PATCH], "Operations": operations});
        assert_eq!(server.send("PATCH", &format!("Users/{id}"), &patch), 200);
    }
    let plan = repo.run(&["plan", "--rehearse", "--format", "json"]).expect(0).json();
    let target = &plan["targets"][0];
    assert_eq!(target["changes"][0]["precondition"]["etag"], json!("W/\"3\""));
    assert_eq!(target["rehearsal"]["converges"], json!(true), "{:#}", target["rehearsal"]);
}

/// A server of a vendor who shows members nowhere.
#[test]
fn members_that_are_shown_nowhere_are_those_that_the_ledger_knows() {
    let server = Server::start();
    let repo = Repo::new(&[("bindings.yaml", BINDINGS)]);
    repo.write("scimform.yaml", target(server.url(), "generic", "    capabilities: { members: never }\n"));
    repo.people(&["ada", "grace", "linus"]);
    repo.apply().expect(0);
    repo.edit("people.yaml", "members: [ada, grace, linus]", "members: [ada, linus]");
    let (code, rehearsal) = rehearse(&repo);
    assert_eq!((code, &rehearsal["converges"], &rehearsal["requests"]), (0, &json!(true), &json!(1)), "{rehearsal:#}");
}

#[test]
fn strangers_and_what_nobody_declares_are_in_the_copy_too() {
    let server = Server::start();
    let user = |name: &str| {
        let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
        json!({"schemas": schemas, "userName": name, "title": "Engineer", "nickName": "kept"})
    };
    assert_eq!(server.send("POST", "Users", &user("root@acme.example")), 201);
    assert_eq!(server.send("POST", "Users", &user("ada@acme.example")), 201);
    let repo = Repo::with_people(server.url(), &["ada", "grace"]);
    let more = "    manage: all\n    limits: { removals: { count: 100 } }\n";
    repo.write("scimform.yaml", target(server.url(), "generic", more));
    let plan = repo.run(&["plan", "--rehearse", "--format", "json"]).expect(0).json();
    let target = &plan["targets"][0];
    assert_eq!(target["summary"]["actions"], json!({"create": 2, "update": 1, "deactivate": 1}));
    assert_eq!(target["rehearsal"]["converges"], json!(true), "{:#}", target["rehearsal"]);
    assert_eq!(target["rehearsal"]["requests"], target["cost"]["requests"]);
}

//! What the copy keeps of the target.

use serde_json::json;

use super::verdict::rehearse;
use crate::support::{BINDINGS, Repo, Server, declared, target};

#[test]
fn versions_are_kept_so_that_a_guarded_write_is_no_false_alarm() {
    let (server, repo) = declared(&["ada"]);
    repo.write("scimform.yaml", target(server.url(), "generic", "    capabilities: { etag: true }\n"));
    repo.apply().expect(0);
    // By now the version is another one than that of a resource that was just made.
    for title in ["Boss", "Chief"] {
        server.set("ada", "title", title);
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
    for name in ["root@acme.example", "ada@acme.example"] {
        server.add(&json!({"userName": name, "title": "Engineer", "nickName": "kept"}));
    }
    let repo = Repo::with_people(server.url(), &["ada", "grace"]);
    let more = "    manage: all\n    limits: { removals: { count: 100 } }\n";
    repo.write("scimform.yaml", target(server.url(), "generic", more));
    let plan = repo.run(&["plan", "--rehearse", "--format", "json"]).expect(0).json();
    let target = &plan["targets"][0];
    assert_eq!(target["summary"]["actions"], json!({"create": 2, "update": 1, "deactivate": 1}));
    assert_eq!(target["rehearsal"]["converges"], json!(true), "{:#}", target["rehearsal"]);
    assert_eq!(target["rehearsal"]["requests"], target["cost"]["requests"]);
}

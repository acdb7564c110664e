//! Ledgers of earlier versions, and later and damaged ones.

use crate::support::{LEDGER, Repo, Server, applied, declared};

const PATH: &str = ".scimform/ledger.json";
/// As the version before `seal`, `seen` and `pending` wrote it.
const V1: &str = include_str!("v1.json");

#[test]
fn the_document_of_earlier_versions_is_read_and_becomes_a_ledger_per_target() {
    let (server, repo) = declared(&["ada", "grace"]);
    // Another target stands in it too, at which this run does nothing.
    let text = V1.replace("\"targets\": {", "\"targets\": { \"old\": { \"users\": { \"mei\": { \"id\": \"u-9\" } } },");
    repo.write(PATH, &text);
    let listed = repo.run(&["ledger", "list"]).expect(0).out;
    assert!(listed.contains("linus") && listed.contains("deactivated 2026-11-30"), "{listed}");
    assert_eq!(std::fs::read_to_string(repo.path().join(PATH)).unwrap(), text, "what only reads changes nothing");
    let plan = repo.run(&["plan"]);
    assert!(plan.err.contains("1 user and 0 groups at `old`"), "{}", plan.err);
    repo.run(&["ledger", "forget", "app", "grace"]).expect(0);
    assert!(!repo.path().join(PATH).exists());
    let ledger = repo.ledger();
    let hash = |path: &str| ledger.users["ada"].asserted.get(path).unwrap().to_string();
    assert_eq!((hash("title").as_str(), hash("userName").as_str()), ("0123456789abcdef", "fedcba9876543210"));
    assert!(V1.contains(&ledger.salt), "else no hash would be recognised");
    let witness = ledger.users["ada"].witnesses["title"];
    assert_eq!(
        (witness.sent, witness.kept.to_string()),
        (ledger.users["ada"].asserted.get("title").unwrap(), "0011223344556677".into())
    );
    assert_eq!(ledger.groups["all"].members, ["u-1", "u-2"]);
    assert_eq!(ledger.users.keys().collect::<Vec<_>>(), ["ada", "linus"]);
    assert!(repo.run(&["ledger", "list"]).expect(0).out.contains("mei"));
    assert!(server.running().requests().iter().all(|request| request.method == "GET"));
}

/// What was asserted is known again, so that nothing is taken for a change.
#[test]
fn an_apply_after_an_earlier_version_has_nothing_to_do() {
    let (_server, repo) = applied(&["ada", "grace"]);
    let hasher = repo.ledger().hasher();
    let ledger = serde_json::to_value(repo.ledger()).unwrap();
    let former = serde_json::json!({
        "format": "scimform.ledger/v2", "salt": repo.ledger().salt, "targets": { "app": ledger },
    });
    std::fs::remove_dir_all(repo.path().join(LEDGER)).unwrap();
    repo.write(PATH, former.to_string());
    assert!(repo.plan()["changes"].as_array().unwrap().is_empty());
    repo.apply().expect(0);
    assert_eq!(repo.ledger().hasher().mark(), hasher.mark());
    let after = serde_json::to_value(repo.ledger()).unwrap();
    assert_eq!((&after["users"], &after["groups"]), (&ledger["users"], &ledger["groups"]));
    assert!(!repo.path().join(PATH).exists());
}

#[test]
fn a_later_or_damaged_ledger_stops_everything_before_a_request() {
    let server = Server::start();
    let cut = V1.get(..V1.len() / 2).unwrap();
    let unknown = V1.replace("\"salt\"", "\"pepper\": 1, \"salt\"");
    let cases = [
        (V1.replace("ledger/v1", "ledger/v3"), "use the newer version"),
        (cut.to_owned(), "restore it from a backup"),
        (unknown, "pepper"),
        (String::new(), "restore it from a backup"),
    ];
    for (text, says) in cases {
        let repo = Repo::with_people(server.url(), &["ada"]);
        repo.write(PATH, &text);
        for run in [repo.run(&["plan"]), repo.apply(), repo.run(&["ledger", "list"])] {
            let run = run.expect(1);
            assert!(run.err.contains(says), "{says} in {}", run.err);
        }
        assert_eq!(std::fs::read_to_string(repo.path().join(PATH)).unwrap(), text, "what is there stays");
    }
    assert!(server.running().requests().is_empty());
}

#[test]
fn a_ledger_that_was_lost_is_said_aloud() {
    let (server, repo) = declared(&["ada", "grace"]);
    let fresh = repo.run(&["plan"]).expect(0);
    assert!(!fresh.err.contains("lost"), "{}", fresh.err);
    repo.apply().expect(0);
    std::fs::remove_dir_all(repo.path().join(LEDGER)).unwrap();
    repo.people(&["ada"]);
    let plan = repo.run(&["plan"]).expect(0);
    assert!(plan.err.contains("was lost"), "{}", plan.err);
    assert!(plan.out.contains("removals cannot be detected"), "{}", plan.out);
    let ran = repo.apply().expect(0);
    assert!(ran.err.contains("was lost"), "{}", ran.err);
    assert!(server.list("Users").iter().all(|user| user["active"] != false), "who left cannot be told from a stranger");
    assert!(!repo.run(&["plan"]).expect(0).err.contains("was lost"));
}

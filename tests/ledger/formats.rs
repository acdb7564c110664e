//! Earlier, later and damaged ledgers.

use crate::support::{Repo, Server, declared};

const PATH: &str = ".scimform/ledger.json";
/// As the version before `seal`, `seen` and `pending` wrote it.
const V1: &str = include_str!("v1.json");

#[test]
fn a_ledger_of_the_first_version_is_read_and_saved_as_the_second() {
    let (_server, repo) = declared(&["ada", "grace"]);
    repo.write(PATH, V1);
    let listed = repo.run(&["ledger", "list"]).expect(0).out;
    assert!(listed.contains("linus") && listed.contains("deactivated 2026-11-30"), "{listed}");
    let before: serde_json::Value = serde_json::from_str(V1).unwrap();
    repo.run(&["ledger", "forget", "app", "grace"]).expect(0);
    let text = std::fs::read_to_string(repo.path().join(PATH)).unwrap();
    let after: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(after["format"], "scimform.ledger/v2");
    assert_eq!(after["salt"], before["salt"], "else no hash would be recognised");
    assert_eq!(after["targets"]["app"]["users"]["ada"], before["targets"]["app"]["users"]["ada"]);
    assert_eq!(after["targets"]["app"]["groups"], before["targets"]["app"]["groups"]);
    assert!(after["targets"]["app"]["users"]["grace"].is_null());
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
    std::fs::remove_file(repo.path().join(PATH)).unwrap();
    repo.people(&["ada"]);
    let plan = repo.run(&["plan"]).expect(0);
    assert!(plan.err.contains("was lost"), "{}", plan.err);
    assert!(plan.out.contains("removals cannot be detected"), "{}", plan.out);
    let ran = repo.apply().expect(0);
    assert!(ran.err.contains("was lost"), "{}", ran.err);
    assert!(server.list("Users").iter().all(|user| user["active"] != false), "who left cannot be told from a stranger");
    assert!(!repo.run(&["plan"]).expect(0).err.contains("was lost"));
}

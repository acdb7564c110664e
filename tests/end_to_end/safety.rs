//! Limits, first runs, the sandbox's own ledger, locks, signals.

use crate::support::{Repo, applied, crowd, declared};

/// Keys that a journal tells to be done.
#[cfg(unix)]
fn done(repo: &Repo) -> Vec<String> {
    let journals = std::fs::read_dir(repo.path().join(".scimform/journal")).unwrap();
    let text: String = journals.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut keys: Vec<String> =
        lines.filter(|line| line["event"] == "done").map(|line| line["key"].as_str().unwrap().to_owned()).collect();
    keys.sort();
    keys
}

#[cfg(unix)]
#[test]
fn t93_who_was_made_by_a_killed_apply_and_then_left_is_still_known() {
    let keys = crowd(30);
    let (server, repo) = declared(&keys);
    server.fault("latency=60ms");
    let mut child = repo
        .command(&["apply", "--auto-approve"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while server.writes() < 12 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    server.heal();
    let made = done(&repo);
    assert!(made.len() >= 2 && made.len() < 30, "{made:?}");
    let left = &made[..made.len() / 2];
    let stay: Vec<&str> = keys.iter().copied().filter(|key| !left.iter().any(|gone| gone == key)).collect();
    repo.people(&stay);
    let told = format!("{} resources taken from its journal", made.len());
    for _ in 0..2 {
        let plan = repo.run(&["plan", "--format", "json"]);
        assert!(plan.err.contains(&told), "{}", plan.err);
        let changes = plan.json()["targets"][0]["changes"].as_array().unwrap().clone();
        let leaving: Vec<&str> = changes
            .iter()
            .filter(|change| change["action"] == "deactivate")
            .map(|change| change["key"].as_str().unwrap())
            .collect();
        assert_eq!(leaving, left);
    }
    let ran = repo.run(&["apply", "--auto-approve", "--confirm-removals", &left.len().to_string()]).expect(0);
    assert!(ran.err.contains(&told), "{}", ran.err);
    let users = server.list("Users");
    assert_eq!(users.len(), 30);
    let off = users.iter().filter(|user| user["active"] == false).map(|user| user["displayName"].as_str().unwrap());
    let mut off: Vec<&str> = off.collect();
    off.sort_unstable();
    assert_eq!(off, left);
    let plan = repo.run(&["plan"]).expect(0);
    assert!(plan.out.contains("No changes") && !plan.err.contains("earlier apply"), "{}", plan.said());
}

#[test]
fn t78_a_create_without_an_answer_is_looked_up_and_sent_again() {
    for (fault, posts) in [("cut=before", 2), ("cut=after", 1), ("503", 2)] {
        let (server, repo) = declared(&["ada"]);
        server.fault(&format!("{fault},on=POST,at=users,count=1"));
        repo.apply().expect(0);
        assert_eq!(server.list("Users").len(), 1, "{fault}");
        let requests = server.running().requests();
        let sent = requests.iter().filter(|request| request.method == "POST" && request.path.contains("Users"));
        assert_eq!(sent.count(), posts, "{fault}");
    }
}

#[test]
fn t78_a_server_that_is_late_for_longer_than_we_wait_makes_no_second_account() {
    let (server, repo) = declared(&["ada"]);
    let faults = ["cut=after,on=POST,at=users,count=1", "stale=60s"].map(|text| text.parse().unwrap());
    server.running().faults().set(faults);
    repo.apply().expect(4);
    server.heal();
    assert_eq!(server.list("Users").len(), 1);
    repo.apply().expect(0);
    assert_eq!(server.list("Users").len(), 1);
}

#[test]
fn many_who_are_gone_at_once_are_not_made_again_without_a_word() {
    let keys = crowd(12);
    let (server, repo) = applied(&keys);
    for user in &server.list("Users")[..11] {
        let id = user["id"].as_str().unwrap();
        assert_eq!(server.send("DELETE", &format!("Users/{id}"), &serde_json::Value::Null), 204);
    }
    let left = server.list("Users")[0]["userName"].as_str().unwrap().to_owned();
    let left = left.trim_end_matches("@acme.example");
    let declared: Vec<&str> = keys.iter().copied().filter(|key| *key == left || *key > "p04").collect();
    repo.people(&declared);
    server.running().forget_requests();
    let ran = repo.apply().expect(3);
    assert!(ran.out.contains("11 of the 12 people") || ran.err.contains("11 of the 12 people"), "{}", ran.out);
    assert_eq!(server.writes(), 0);
    // Whoever was really deleted is forgotten by key, and made again if declared.
    let gone: Vec<&str> = keys.iter().copied().filter(|key| *key != left).collect();
    repo.run(&[&["ledger", "forget", "app"], gone.as_slice()].concat()).expect(0);
    repo.apply().expect(0);
    assert_eq!(server.list("Users").len(), declared.len());
}

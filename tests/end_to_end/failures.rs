//! Bad input and a failing world: a clear message, the documented exit code, nothing written.

use crate::support::{LEDGER, Repo, Server, applied, crowd};

fn no_ledger(repo: &Repo) -> bool {
    !repo.path().join(LEDGER).join("head.json").exists()
}

#[test]
fn t33_an_empty_answer_where_many_were_removes_nobody_and_creates_nobody_twice() {
    let server = Server::start();
    let keys = crowd(30);
    let repo = Repo::with_people(server.url(), &keys);
    repo.apply().expect(0);
    server.fault("empty");
    let plan = repo.run(&["plan"]).expect(1);
    assert!(!plan.out.contains("deactivate") && !plan.out.contains("delete"), "{}", plan.out);
    assert!(plan.out.contains("incomplete read") && !plan.out.contains("create"), "{}", plan.out);
    server.running().forget_requests();
    repo.apply().expect(4);
    assert_eq!(server.writes(), 0);
    server.heal();
    assert_eq!(server.list("Users").len(), 30);
    assert!(server.list("Users").iter().all(|user| user["active"] == true));
}

#[test]
fn a_file_of_ninety_megabytes_is_read_and_a_much_larger_one_refused() {
    let repo = Repo::with_people("https://app.example.com/scim/v2", &["ada"]);
    let line = "# a comment that goes on and on, for a very long time indeed\n";
    repo.write("huge.yaml", line.repeat(90 * 1024 * 1024 / line.len()));
    repo.run(&["validate"]).expect(0);
    std::fs::File::create(repo.path().join("huge.yaml")).unwrap().set_len(128 * 1024 * 1024 + 1).unwrap();
    let ran = repo.run(&["validate"]).expect(1);
    assert!(ran.out.contains("huge.yaml") && ran.out.contains("MiB"), "{}", ran.out);
}

#[test]
fn no_files_at_all_is_told_with_the_way_out() {
    let repo = Repo::new(&[]);
    for command in ["validate", "plan", "apply"] {
        let arguments = if command == "apply" { vec![command, "--auto-approve"] } else { vec![command] };
        let ran = repo.run(&arguments).expect(1);
        let said = ran.said();
        assert!(said.contains("scimform.yaml"), "{said}");
    }
    assert!(no_ledger(&repo));
}

#[test]
fn a_target_that_was_really_emptied_can_be_forgotten_and_filled_again() {
    let (server, repo) = applied(&["ada", "grace", "linus", "margaret"]);
    for user in server.list("Users") {
        server.send("DELETE", &format!("Users/{}", user["id"].as_str().unwrap()), &serde_json::Value::Null);
    }
    let refused = repo.run(&["plan"]).expect(3);
    assert!(refused.out.contains("scimform ledger forget app --all"), "{}", refused.out);
    repo.edit("scimform.yaml", "    profile: generic\n", "    profile: generic\n    mode: disabled\n");
    repo.run(&["ledger", "forget", "app", "--all", "--confirm", "5"]).expect(0);
    repo.edit("scimform.yaml", "    mode: disabled\n", "");
    repo.apply().expect(0);
    assert_eq!(server.list("Users").len(), 4);
}

#[test]
fn the_root_is_looked_for_where_the_folder_really_is() {
    let outer = Repo::new(&[("inner/scimform.yaml", "version: 1\n"), ("inner/deep/er/note.txt", "")]);
    let ran = outer.run(&["validate"]).expect(1);
    assert!(ran.out.contains("scimform.yaml"), "{}", ran.out);
    let at = outer.path().join("inner/deep/er");
    let run = |directory: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_scimform"));
        command.current_dir(&at).env_clear().args(["-C", directory, "validate"]).output().unwrap().status.code()
    };
    assert_eq!(run(".."), Some(0), "a parent of the folder holds it");
    assert_eq!(run("../../.."), Some(1), "neither the folder nor a parent holds it");
}

#[test]
fn a_wrong_call_ends_with_64() {
    let repo = Repo::with_people("https://app.example.com/scim/v2", &["ada"]);
    repo.run(&["plan", "--no-such-flag"]).expect(64);
    repo.run(&["frobnicate"]).expect(64);
    repo.run(&["apply"]).expect(64);
    let ran = repo.run(&["plan", "--target", "ap"]).expect(64);
    assert!(ran.err.contains("Did you mean `app`?"), "{}", ran.err);
    repo.run(&["--help"]).expect(0);
}

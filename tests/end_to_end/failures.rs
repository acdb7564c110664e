//! Bad input and a failing world: a clear message, the documented exit code, nothing written.

use scimform::sandbox::Options;

use crate::support::{BINDINGS, Repo, Server, applied, crowd, declared, target};

/// A port on which nobody listens.
fn closed_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn no_ledger(repo: &Repo) -> bool {
    !repo.path().join(".scimform").join("ledger.json").exists()
}

#[test]
fn an_unreachable_host_is_named() {
    let repo = Repo::with_people(&format!("http://127.0.0.1:{}/scim/v2", closed_port()), &["ada"]);
    let ran = repo.run(&["plan"]).expect(1);
    assert!(ran.out.contains("app could not be read") && ran.out.contains("127.0.0.1"), "{}", ran.out);
    let ran = repo.apply().expect(1);
    assert!(ran.err.contains("nothing was changed"), "{}", ran.err);
    assert!(no_ledger(&repo));
}

#[test]
fn a_wrong_token_is_a_matter_of_the_token_and_never_shown() {
    let server = Server::with(Options { token: Some("another".to_owned().into()), ..Options::default() });
    let repo = Repo::with_people(server.url(), &["ada"]);
    let ran = repo.run(&["plan"]).expect(1);
    assert!(ran.out.contains("401") && ran.out.to_lowercase().contains("token"), "{}", ran.out);
    assert!(!ran.said().contains("secret-token"));
    assert_eq!(server.writes(), 0);
}

#[test]
fn a_missing_token_names_its_source() {
    let (server, repo) = declared(&["ada"]);
    repo.edit("scimform.yaml", "env: TOKEN", "env: NO_SUCH_TOKEN");
    let ran = repo.run(&["plan"]).expect(1);
    assert!(ran.out.contains("NO_SUCH_TOKEN"), "{}", ran.out);
    assert_eq!(server.running().request_count(), 0);
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
fn every_kind_of_mistake_is_told_in_one_run() {
    let repo = Repo::new(&[
        ("scimform.yaml", &target("https://app.example.com/scim/v2", "generik", "")),
        ("bindings.yaml", BINDINGS),
        (
            "people.yaml",
            "users:\n  ada:\n    userName: ada@acme.example\n    titel: Engineer\n    active: yes\n  grace:\n    userName: ADA@acme.example\n    manager: nobody\n    ends: 2027-02-30\ngroups:\n  all:\n    displayName: All\n    members: [ada, linus]\n    where: user.departement == \"X\"\n",
        ),
    ]);
    let ran = repo.run(&["validate"]).expect(1);
    for wanted in
        ["generik", "titel", "title", "yes", "nobody", "2027-02-30", "linus", "departement", "people.yaml:4:5"]
    {
        assert!(ran.out.contains(wanted), "`{wanted}` is not in:\n{}", ran.out);
    }
    let json = repo.run(&["validate", "--format", "json"]).expect(1);
    assert!(json.out.contains("\"unknown-key\""), "{}", json.out);
    assert!(
        repo.run(&["validate", "--format", "github"])
            .expect(1)
            .out
            .contains("file=people.yaml,title=unknown-key,line=4")
    );
    assert_eq!(repo.run(&["validate", "--format", "sarif"]).expect(1).json()["version"], "2.1.0");
    assert!(repo.run(&["plan"]).expect(1).err.contains("nothing was read"));
}

#[test]
fn files_that_are_no_yaml_text_are_told() {
    let repo = Repo::with_people("https://app.example.com/scim/v2", &["ada"]);
    repo.write("picture.yaml", [0xff, 0xd8, 0xff, 0x00, 0x01]);
    repo.write("broken.yaml", "users:\n\tx: 1\n");
    let ran = repo.run(&["validate"]).expect(1);
    assert!(ran.out.contains("picture.yaml") && ran.out.contains("broken.yaml:2:1"), "{}", ran.out);
}

#[test]
fn a_file_of_fifty_megabytes_is_read_and_a_larger_one_refused() {
    let repo = Repo::with_people("https://app.example.com/scim/v2", &["ada"]);
    let line = "# a comment that goes on and on, for a very long time indeed\n";
    repo.write("huge.yaml", line.repeat(50 * 1024 * 1024 / line.len()));
    repo.run(&["validate"]).expect(0);
    repo.write("huge.yaml", line.repeat(70 * 1024 * 1024 / line.len()));
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

//! What the environment allows: hosts, files, commands.

use crate::pins::world::{app, repo, silent};
use crate::support::scripted::Scripted;
use crate::support::{Repo, Server, folder};

fn at(url: &str, auth: &str) -> String {
    app(&format!("profile: generic\nurl: {url}\nauth: {auth}"))
}

const TOKEN: &str = "{ bearer: { env: TOKEN } }";

#[test]
fn an_allowed_host_is_planned_applied_and_probed_in_ci() {
    for allowed in ["127.0.0.1", "TOKEN=127.0.0.1", "other.example,\n TOKEN=127.0.0.1"] {
        let server = Server::start();
        let repo = repo(&at(server.url(), TOKEN)).env("SCIMFORM_ALLOWED_HOSTS", allowed);
        repo.run(&["plan", "--detailed-exitcode"]).expect(2);
        repo.run(&["apply", "--auto-approve", "--first-run"]).expect(0);
        repo.run(&["plan", "--detailed-exitcode"]).expect(0);
        repo.run(&["probe", "app"]).expect(0);
        assert_eq!(server.list("Users").len(), 1);
    }
}

#[test]
fn this_machine_counts_as_any_other_host_and_embedded_servers_do_not() {
    let server = Server::start();
    for ci in ["true", "1", "TRUE", "yes", "woodpecker"] {
        let repo = repo(&at(server.url(), TOKEN)).env("CI", ci);
        let ran = repo.run(&["plan"]).expect(1);
        assert!(
            ran.err.contains("`CI` is set") && ran.err.contains("SCIMFORM_ALLOWED_HOSTS=TOKEN=127.0.0.1:"),
            "{}",
            ran.err
        );
    }
    for off in ["", "0", "false", "False"] {
        repo(&at(server.url(), TOKEN)).env("CI", off).run(&["plan"]).expect(0);
    }
    let repo = repo(&at("https://app.example/scim", TOKEN));
    repo.run(&["plan", "--sandbox"]).expect(0);
    repo.run(&["apply", "--sandbox", "--auto-approve"]).expect(0);
    repo.run(&["probe", "app", "--sandbox"]).expect(0);
    repo.run(&["validate"]).expect(0);
}

#[test]
fn whoever_sets_the_hosts_has_them_hold_without_ci_as_well() {
    let server = Server::start();
    let repo = repo(&at(server.url(), TOKEN)).env("CI", "").env("SCIMFORM_ALLOWED_HOSTS", "app.example");
    let ran = repo.run(&["plan"]).expect(1);
    assert!(ran.err.contains("SCIMFORM_ALLOWED_HOSTS is set"), "{}", ran.err);
    repo.env("SCIMFORM_ALLOWED_HOSTS", " ").run(&["plan"]).expect(0);
}

#[test]
fn a_wrong_entry_stops_everything() {
    let server = Server::start();
    for (entry, why) in [
        ("https://app.example", "write the name alone"),
        ("*.com", "top-level"),
        ("app.example:x", "port"),
        ("TO-KEN=app.example", "environment variable"),
    ] {
        let repo = repo(&at(server.url(), TOKEN)).env("SCIMFORM_ALLOWED_HOSTS", &format!("127.0.0.1,{entry}"));
        let ran = repo.run(&["plan"]).expect(1);
        assert!(ran.err.contains(&format!("`{entry}`")) && ran.err.contains(why), "{entry}: {}", ran.err);
    }
    let repo =
        repo(&at(server.url(), TOKEN)).env("SCIMFORM_ALLOWED_HOSTS", "127.0.0.1").env("SCIMFORM_ALLOWED_FILES", "here");
    assert!(repo.run(&["plan"]).expect(1).err.contains("`here` is not an absolute path"));
    assert!(server.running().requests().is_empty());
}

/// How many requests a plan takes the server.
fn asked(server: &Scripted, repo: &Repo, words: &[&str], code: i32, says: &str) -> usize {
    let before = server.seen().len();
    let ran = repo.run(words).expect(code);
    silent(&ran);
    let all = ran.said().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(all.contains(says), "no `{says}` in:\n{all}");
    server.seen().len() - before
}

#[test]
fn a_command_needs_the_flag_everywhere() {
    let server = Scripted::plain();
    let root = at(server.url(), "{ bearer: { command: [sh, -c, \"touch ran; echo other-s3cret\"] } }");
    for ci in ["true", ""] {
        let repo = repo(&root).env("CI", ci).env("SCIMFORM_ALLOWED_HOSTS", "127.0.0.1");
        for words in [&["plan"][..], &["probe", "app"], &["apply", "--auto-approve", "--first-run"]] {
            assert_eq!(asked(&server, &repo, words, 1, "not run without `--allow-commands`"), 0);
            assert!(!repo.path().join("ran").exists());
        }
        // The repository can't allow it itself.
        repo.write(".env", "SCIMFORM_ALLOW_COMMANDS=1\n");
        assert_eq!(asked(&server, &repo, &["plan"], 1, "SCIMFORM_ALLOW_COMMANDS=1"), 0);
        assert!(asked(&server, &repo, &["plan", "--allow-commands"], 0, "") > 0);
        assert!(repo.path().join("ran").exists());
    }
    for (value, runs) in [("1", true), ("true", true), ("0", false), ("", false), ("false", false)] {
        let repo = repo(&root).env("CI", "").env("SCIMFORM_ALLOW_COMMANDS", value);
        repo.run(&["plan"]).expect(i32::from(!runs));
        assert_eq!(repo.path().join("ran").exists(), runs, "{value}");
    }
}

#[test]
fn in_ci_only_files_that_the_environment_names_are_read() {
    let server = Scripted::plain();
    let outside = folder();
    std::fs::write(outside.path().join("token"), "filed-s3cret").unwrap();
    let file = outside.path().join("token").to_str().unwrap().to_owned();
    let of = |path: &str| {
        let auth = format!("{{ bearer: {{ file: {} }} }}", serde_json::to_string(path).unwrap());
        let repo = repo(&at(server.url(), &auth)).env("SCIMFORM_ALLOWED_HOSTS", "127.0.0.1");
        repo.write("token", "filed-s3cret");
        repo
    };
    for path in ["token", file.as_str(), "/proc/self/environ"] {
        assert_eq!(asked(&server, &of(path), &["plan"], 1, "secret from file"), 0, "{path}");
    }
    let folder = outside.path().to_str().unwrap();
    assert!(asked(&server, &of(&file).env("SCIMFORM_ALLOWED_FILES", folder), &["plan"], 0, "") > 0);
    assert_eq!(server.seen().pop().unwrap().header("authorization"), Some("Bearer filed-s3cret"));
    assert_eq!(
        asked(&server, &of("token").env("SCIMFORM_ALLOWED_FILES", folder), &["plan"], 1, "SCIMFORM_ALLOWED_FILES"),
        0
    );
    // At one's desk any file will do.
    assert!(asked(&server, &of("token").env("CI", ""), &["plan"], 0, "") > 0);
}

#[test]
fn a_ledger_elsewhere_is_not_read() {
    let server = Scripted::plain();
    let declared = |ledger: &str| {
        let root = format!("{}ledger: {ledger}\n", at(server.url(), TOKEN));
        repo(&root).env("SCIMFORM_ALLOWED_HOSTS", "127.0.0.1")
    };
    for (ledger, pinned, fits) in [
        ("{ dir: .scimform }", ".scimform", true),
        ("{ dir: .scimform }", ".scimform/", true),
        ("{ dir: evil }", ".scimform", false),
        ("{ url: \"s3://evil/prefix\" }", "s3://ours/prefix", false),
        ("{ git: { ref: refs/pull/7/head } }", "origin:refs/scimform/ledger", false),
        ("{ git: { ref: refs/scimform/ledger, remote: fork } }", "origin:refs/scimform/ledger", false),
    ] {
        let repo = declared(ledger).env("SCIMFORM_LEDGER_LOCATION", pinned);
        for words in [&["plan"][..], &["apply", "--auto-approve", "--first-run"], &["ledger", "list"]] {
            let ran = repo.run(words);
            silent(&ran);
            let refused = ran.err.contains("SCIMFORM_LEDGER_LOCATION has it at");
            assert_eq!((ran.code == 1 && refused, ran.code == 0), (!fits, fits), "{ledger} {words:?}: {}", ran.err);
        }
        // What is tried out has a ledger of its own.
        repo.run(&["plan", "--sandbox"]).expect(0);
    }
    assert!(server.writes().len() <= 2);
}

/// `plan --sandbox` writes files, and does so for whoever wrote the repository's.
#[cfg(unix)]
#[test]
fn the_sandbox_writes_in_its_folder_alone() {
    let outside = folder();
    let precious = outside.path().join("precious");
    std::fs::write(&precious, "precious").unwrap();
    for name in [".gitignore", "app.jsonl"] {
        let repo = repo(&at("https://app.example", TOKEN));
        let folder = repo.path().join(".scimform/sandbox");
        std::fs::create_dir_all(&folder).unwrap();
        std::os::unix::fs::symlink(&precious, folder.join(name)).unwrap();
        let ran = repo.run(&["plan", "--sandbox"]).expect(1);
        assert!(ran.err.contains("is a link"), "{}", ran.err);
        assert_eq!(std::fs::read_to_string(&precious).unwrap(), "precious", "{name}");
    }
    let repo = repo(&at("https://app.example", TOKEN));
    repo.edit("scimform.yaml", "  app:", "  ../../x/evil:");
    repo.edit("bindings.yaml", "target: app", "target: ../../x/evil");
    repo.write("x/y", "");
    repo.run(&["plan", "--sandbox"]).expect(0);
    assert!(repo.path().join(".scimform/sandbox/..%2f..%2fx%2fevil.jsonl").exists());
    assert!(!repo.path().join("x/evil.jsonl").exists());
}

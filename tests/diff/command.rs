//! The command in a clone.

use serde_json::json;

use crate::diff::clone_with;
use crate::support::git::{commit, git};
use crate::support::{Repo, crowd, plan};

fn actions(repo: &Repo, arguments: &[&str]) -> Vec<String> {
    let ran = repo.run(&[&["diff", "--format", "json"], arguments].concat()).expect(0);
    plan::actions(&ran.json()["targets"][0])
}

#[test]
fn what_is_not_committed_is_held_against_the_last_commit() {
    let repo = clone_with(&["ada", "grace"]);
    assert!(actions(&repo, &[]).is_empty());
    repo.people(&["ada", "linus"]);
    assert_eq!(actions(&repo, &[]), ["create linus", "deactivate grace", "update all"]);
    // No secret, no network, no ledger: the environment has a path alone, and the address leads nowhere.
    let human = repo.run(&["diff"]).expect(0).out;
    assert!(human.contains("HEAD (") && human.contains("targets were not read"), "{human}");
    assert!(!repo.path().join(".scimform").exists());
    repo.run(&["diff", "--detailed-exitcode"]).expect(2);
    commit(repo.path(), "second");
    repo.run(&["diff", "--detailed-exitcode"]).expect(0);
    assert_eq!(actions(&repo, &["--base", "HEAD~1"]), ["create linus", "deactivate grace", "update all"]);
    assert_eq!(
        actions(&repo, &["--base", "HEAD", "--head", "HEAD~1"]),
        ["create grace", "deactivate linus", "update all"]
    );
}

#[test]
fn no_id_is_made_up() {
    let repo = clone_with(&["ada", "grace"]);
    repo.people(&["ada"]);
    let text = repo.run(&["diff", "--format", "json"]).expect(0).out;
    for made_up in ["user:ada", "user:grace", "group:all"] {
        assert!(!text.contains(made_up), "{text}");
    }
    let plan: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(plan["targets"][0]["changes"][0]["id"], json!(null));
    assert_eq!(plan["base"]["name"], json!("HEAD"));
}

#[test]
fn a_branch_is_held_against_where_it_began() {
    let origin = clone_with(&["ada"]);
    let clone = Repo::new(&[]).env("PATH", &std::env::var("PATH").unwrap());
    git(clone.path(), &["clone", "-q", origin.path().to_str().unwrap(), "."]);
    git(clone.path(), &["checkout", "-q", "-b", "branch"]);
    clone.people(&["ada", "grace"]);
    commit(clone.path(), "grace joins");
    // Meanwhile the other side goes on.
    origin.people(&["ada", "linus"]);
    commit(origin.path(), "linus joins");
    git(clone.path(), &["fetch", "-q"]);
    assert_eq!(actions(&clone, &[]), ["create grace", "update all"]);
    assert_eq!(actions(&clone, &["--base", "origin/main..."]), ["create grace", "update all"]);
    assert_eq!(actions(&clone, &["--base", "origin/main"]), ["create grace", "deactivate linus", "update all"]);
}

#[test]
fn a_shallow_clone_says_what_to_fetch() {
    let origin = clone_with(&["ada"]);
    let first = git(origin.path(), &["rev-parse", "HEAD"]);
    origin.people(&["ada", "grace"]);
    commit(origin.path(), "second");
    let clone = Repo::new(&[]).env("PATH", &std::env::var("PATH").unwrap());
    let address = format!("file://{}", origin.path().display());
    git(clone.path(), &["init", "-q"]);
    git(clone.path(), &["fetch", "-q", "--depth", "1", &address, "main"]);
    git(clone.path(), &["checkout", "-q", "FETCH_HEAD"]);
    for arguments in [&["diff"][..], &["diff", "--base", &first]] {
        let ran = clone.run(arguments).expect(1);
        assert!(ran.err.contains("fetch-depth: 0") && ran.out.is_empty(), "{}", ran.err);
    }
}

#[test]
fn nothing_that_looks_like_an_option_reaches_git() {
    let repo = clone_with(&["ada"]);
    let ran = repo.run(&["diff", "--base=--output=pwned"]).expect(1);
    assert!(ran.err.contains("there is no commit `--output=pwned`"), "{}", ran.err);
    assert!(!repo.path().join("pwned").exists());
}

#[test]
fn an_invalid_base_is_an_error_that_names_it_and_never_nothing() {
    let repo = clone_with(&["ada"]);
    repo.write("people.yaml", "users:\n  ada: { userNam: ada }\n");
    commit(repo.path(), "broken");
    repo.people(&["ada", "grace"]);
    let ran = repo.run(&["diff", "--base", "HEAD"]).expect(1);
    assert!(ran.err.contains("the files of `HEAD` have ") && ran.err.contains("`--base`"), "{}", ran.err);
    assert!(ran.err.contains("userNam") && ran.out.is_empty(), "{}", ran.err);
    assert_eq!(actions(&repo, &["--base", "HEAD~1"]), ["create grace", "update all"]);
}

#[test]
fn where_there_were_no_files_everything_is_new() {
    let repo = Repo::new(&[("README.md", "hello")]).env("PATH", &std::env::var("PATH").unwrap());
    git(repo.path(), &["init", "-q"]);
    commit(repo.path(), "nothing yet");
    for (name, text) in [
        ("people/scimform.yaml", crate::support::target("https://app.acme.example", "generic", "")),
        ("people/bindings.yaml", crate::support::BINDINGS.to_owned()),
        ("people/people.yaml", "users:\n  ada: { userName: ada }\ngroups:\n  all: { displayName: All }\n".to_owned()),
    ] {
        repo.write(name, text);
    }
    let folder = repo.path().join("people");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_scimform")).arg("-C").arg(folder).arg("diff").output();
    let output = output.unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(err.contains("everything is new") && out.contains("2 to create"), "{out}{err}");
}

#[test]
fn a_changed_mapping_shows_for_everyone_and_a_target_that_went_is_said() {
    let repo = clone_with(&["ada", "grace"]);
    repo.write("mappings.yaml", "mappings:\n  mine:\n    extends: generic\n    user:\n      nickName: user.userName\n");
    repo.edit("bindings.yaml", "    target: app\n", "    target: app\n    mapping: mine\n");
    assert_eq!(actions(&repo, &[]), ["update ada", "update grace"]);
    repo.edit("scimform.yaml", "  app:", "  other:");
    repo.edit("bindings.yaml", "target: app", "target: other");
    let ran = repo.run(&["diff"]).expect(0);
    assert!(
        ran.out.contains("`app` is no longer a target") && ran.out.contains("3 to create"),
        "{}{}",
        ran.out,
        ran.err
    );
}

#[test]
fn limits_refuse_as_they_would_in_a_plan() {
    let keys = crowd(20);
    let repo = clone_with(&keys);
    repo.people(&keys[..4]);
    let ran = repo.run(&["diff", "--format", "markdown"]).expect(3);
    assert!(ran.out.contains("refused at app") && ran.out.contains("## scimform diff"), "{}", ran.out);
}

#[test]
fn names_and_values_are_withheld_as_of_a_plan() {
    let repo = clone_with(&["wilma", "grace"]);
    repo.people(&["wilma", "linus"]);
    repo.edit("people.yaml", "title: Engineer", "title: Secretkeeper");
    let diff =
        |redact: &str| repo.run(&["diff", "--redact", redact, "--horizon", "30d", "--format", "json"]).expect(0).out;
    assert!(diff("none").contains("Secretkeeper") && diff("none").contains("linus"));
    assert!(!diff("values").contains("Secretkeeper") && diff("values").contains("linus"));
    // Names that no digest holds by chance.
    let names = diff("names");
    assert!(!names.contains("linus") && !names.contains("grace") && !names.contains("wilma"), "{names}");
}

#[test]
fn a_diff_is_never_applied() {
    let repo = clone_with(&["ada"]);
    repo.people(&["ada", "grace"]);
    let text = repo.run(&["diff", "--format", "json"]).expect(0).out;
    repo.write("diff.json", text);
    let ran = repo.run(&["apply", "diff.json"]).expect(1);
    assert!(ran.err.contains("no target was asked"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn it_runs_in_a_hook_of_git() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = clone_with(&["ada"]);
    let hook = repo.path().join(".git/hooks/pre-commit");
    let text = format!("#!/bin/sh\nexec {} diff > .git/told\n", env!("CARGO_BIN_EXE_scimform"));
    repo.write(".git/hooks/pre-commit", text);
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    repo.people(&["ada", "grace"]);
    commit(repo.path(), "grace joins");
    let told = std::fs::read_to_string(repo.path().join(".git/told")).unwrap();
    assert!(told.contains("1 to create, 1 to update"), "{told}");
}

#[test]
fn a_target_that_moves_is_no_silence() {
    let repo = clone_with(&["ada"]);
    let path = repo.path().join("scimform.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("https://app.acme.example/"));
    std::fs::write(&path, text.replace("https://app.acme.example/", "https://elsewhere.example/")).unwrap();
    let human = repo.run(&["diff", "--redact", "names"]).expect(0).out;
    assert!(human.contains("the target's address changes"), "{human}");
}

/// Whoever reviews must not take the silence of a target that is gone for a target without changes.
#[test]
fn a_target_that_is_no_longer_declared_is_told_on_every_page() {
    let repo = clone_with(&["ada"]);
    let file = std::fs::read_to_string(repo.path().join("scimform.yaml")).unwrap();
    let other = "  former:\n    profile: generic\n    url: https://former.acme.example/scim/v2\n";
    repo.write("scimform.yaml", file.replacen("targets:\n", &format!("targets:\n{other}"), 1));
    commit(repo.path(), "one more");
    repo.write("scimform.yaml", &file);
    for format in ["human", "markdown", "html"] {
        let told = repo.run(&["diff", "--format", format]).expect(0).out;
        assert!(told.contains("is no longer a target: nothing is done there"), "{format}: {told}");
    }
    let plan = repo.run(&["diff", "--format", "json"]).expect(0).json();
    assert_eq!(plan["base"]["gone"], serde_json::json!(["former"]));
}

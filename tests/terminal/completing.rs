//! Completions, asked for as shells ask.

use std::path::Path;

use super::{program, text};
use crate::support::folder;

use crate::support::golden::in_repository;

/// What bash would be offered for the last word.
fn offered(folder: &Path, words: &[&str]) -> Vec<String> {
    let mut command = program();
    command.env("COMPLETE", "bash").env("_CLAP_IFS", "\n").env("_CLAP_COMPLETE_INDEX", words.len().to_string());
    let output = command.arg("--").arg("scimform").args(words).current_dir(folder).output().unwrap();
    let (out, err) = text(&output);
    assert!(output.status.success() && err.is_empty(), "{err}");
    out.lines().map(|line| line.trim_end().to_owned()).collect()
}

fn acme() -> std::path::PathBuf {
    in_repository("examples/acme")
}

#[test]
fn targets_keys_and_profiles_are_those_of_the_repository() {
    assert_eq!(offered(&acme(), &["plan", "--target", "l"]), ["lattice"]);
    assert_eq!(offered(&acme(), &["probe", "j"]), ["jumpcloud"]);
    assert!(offered(&acme(), &["plan", "--only", "gr"]).contains(&"grace".to_owned()));
    assert!(offered(&acme(), &["ledger", "show", "engin"]).contains(&"engineering".to_owned()));
    assert!(offered(&acme(), &["profile", "show", "entra"]).contains(&"entra-style".to_owned()));
    let elsewhere = folder();
    assert_eq!(offered(elsewhere.path(), &["-C", acme().to_str().unwrap(), "plan", "--target", "l"]), ["lattice"]);
}

#[test]
fn without_a_repository_or_with_a_broken_one_nothing_is_said() {
    let folder = folder();
    assert!(offered(folder.path(), &["plan", "--target", ""]).is_empty());
    std::fs::write(
        folder.path().join("scimform.yaml"),
        "version: 1\ntargets: { app: { profile: generic } }\nusers: [\n",
    )
    .unwrap();
    offered(folder.path(), &["plan", "--target", ""]);
}

#[test]
fn no_command_of_the_files_is_run() {
    let folder = folder();
    let mark = folder.path().join("ran");
    std::fs::write(
        folder.path().join("scimform.yaml"),
        format!(
            "version: 1\ntargets:\n  app: {{ profile: generic, url: \"https://app.example\", auth: {{ bearer: {{ command: \"touch {}\" }} }} }}\n",
            mark.display()
        ),
    )
    .unwrap();
    assert_eq!(offered(folder.path(), &["--allow-commands", "plan", "--target", ""]), ["app"]);
    assert!(!mark.exists());
}

#[test]
fn the_script_works_in_bash() {
    let programs = Path::new(super::PROGRAM).parent().unwrap();
    let line = format!(
        "PATH={}:$PATH; source <(scimform completions bash); COMP_WORDS=(scimform probe la); COMP_CWORD=2; COMP_TYPE=9; \
         _clap_complete_scimform scimform la probe; echo \"${{COMPREPLY[*]}}\"",
        programs.display()
    );
    let output = std::process::Command::new("bash").args(["-c", &line]).current_dir(acme()).output();
    let Ok(output) = output else { return };
    assert_eq!(text(&output).0.trim(), "lattice", "{}", text(&output).1);
}

#[test]
fn every_shell_has_a_script_that_says_how_to_install_it() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = program().args(["completions", shell]).output().unwrap();
        let (script, _) = text(&output);
        assert!(script.contains(&format!("scimform completions {shell}")), "{shell}: {script}");
        assert!(script.contains("COMPLETE"), "{shell}");
        assert_eq!(script.starts_with("#compdef"), shell == "zsh", "zsh looks for it in the first line");
    }
}

#[test]
fn manual_pages_are_there_for_each_command() {
    let folder = folder();
    let output = program().args(["man", "--out"]).arg(folder.path()).env("SOURCE_DATE_EPOCH", "0").output().unwrap();
    assert!(output.status.success());
    let page = std::fs::read_to_string(folder.path().join("scimform-plan.1")).unwrap();
    assert!(page.contains("1970-01-01") && page.contains("Examples"), "{page}");
    assert!(page.is_ascii(), "every formatter reads it");
    assert!(folder.path().join("scimform-ledger-forget.1").exists() && folder.path().join("scimform.1").exists());
}

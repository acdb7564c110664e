//! The files: valid and plannable at once, whatever was asked for, and never written over.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::golden::{golden, in_repository};
use crate::support::{Ran, folder};

fn scimform(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scimform"));
    Ran::from(command.arg("-C").arg(folder).args(arguments).stdin(Stdio::null()).output().unwrap())
}

/// Every file, by its path, but for the sandbox's own.
fn tree(folder: &Path) -> BTreeMap<String, String> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            if path.is_dir() && !name.starts_with(".scimform") && name != ".git" {
                walk(root, &path, found);
            } else if path.is_file() {
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

#[test]
fn whatever_is_asked_for_is_valid_plannable_and_left_alone_by_a_second_run() {
    let forms: &[(&[&str], &[&str], &[&str])] = &[
        (&[], &[".github/CODEOWNERS", ".github/workflows/scimform-plan.yml"], &[".gitlab-ci.yml"]),
        (&["--ci", "gitlab"], &[".gitlab-ci.yml", ".gitlab/scimform/scimform.yml", ".gitlab/CODEOWNERS"], &[".github"]),
        (&["--ci", "both", "--ledger", "s3://acme/people"], &[".gitlab-ci.yml", ".github/CODEOWNERS"], &[]),
        (&["--ci", "none"], &["scimform.yaml", ".vscode/settings.json", ".editorconfig"], &[".github", ".gitlab"]),
        (&["--ci", "none", "--ledger", "dir", "--profile", "lattice", "--target", "reviews"], &["bindings.yaml"], &[]),
        (
            &["--profile", "1password", "--auth", "env:VAULT", "--url", "https://scim.acme.example"],
            &[".gitignore"],
            &[],
        ),
        (
            &["--profile", "jumpcloud", "--owners", "@acme/it", "--default-branch", "trunk"],
            &[".github/CODEOWNERS"],
            &[],
        ),
    ];
    for (flags, there, not_there) in forms {
        let folder = folder();
        let init: Vec<&str> = ["init", "--yes"].iter().chain(*flags).copied().collect();
        let told = scimform(folder.path(), &init).expect(0);
        for path in *there {
            assert!(folder.path().join(path).is_file(), "{flags:?} makes no {path}: {}", told.out);
        }
        for path in *not_there {
            assert!(!folder.path().join(path).exists(), "{flags:?} makes {path}");
        }
        let valid = scimform(folder.path(), &["validate"]).expect(0);
        assert!(valid.out.contains("Valid: 3 people"), "{flags:?}: {}", valid.out);
        let plan = scimform(folder.path(), &["plan", "--sandbox", "--format", "json"]).expect(0).json();
        assert!(plan["targets"][0]["summary"]["actions"]["create"].as_u64() >= Some(3), "{flags:?}: {plan}");

        let before = tree(folder.path());
        assert!(before.values().all(|text| !text.contains("@BRANCH@") && !text.contains("_ENV@")), "a gap is unfilled");
        let again = scimform(folder.path(), &init).expect(0);
        assert!(again.out.starts_with("Nothing to make"), "{}", again.out);
        assert_eq!(tree(folder.path()), before);
    }
}

#[test]
fn every_profile_gives_files_that_can_be_planned() {
    for profile in scimform::profile::names() {
        let folder = folder();
        scimform(folder.path(), &["init", "--yes", "--profile", profile, "--ci", "none"]).expect(0);
        let valid = scimform(folder.path(), &["validate"]).expect(0);
        assert!(valid.out.contains("Valid: 3 people"), "{profile}: {}", valid.out);
        let plan = scimform(folder.path(), &["plan", "--sandbox", "--format", "json"]);
        assert_eq!(plan.code, 0, "{profile}: {}", plan.err);
        assert_eq!(plan.json()["targets"][0]["errors"].as_array().map_or(0, Vec::len), 0, "{profile}: {}", plan.out);
    }
}

#[test]
fn what_is_there_is_left_and_told() {
    let folder = folder();
    std::fs::write(folder.path().join("README.md"), "mine\n").unwrap();
    std::fs::write(folder.path().join(".gitignore"), "/target\n").unwrap();
    std::fs::create_dir_all(folder.path().join(".git")).unwrap();
    std::fs::write(folder.path().join(".git/HEAD"), "ref: refs/heads/trunk\n").unwrap();
    std::fs::write(folder.path().join(".git/config"), "[remote \"origin\"]\n\turl = git@gitlab.com:acme/people.git\n")
        .unwrap();
    let told = scimform(folder.path(), &["init", "--yes"]).expect(0).out;
    assert!(told.contains("Left as they are, 2 files:\n  .gitignore   add `/.scimform/` to it"), "{told}");
    assert!(told.contains("  README.md\n"), "{told}");
    assert!(!told.contains("git init"), "it is a repository already: {told}");
    assert_eq!(std::fs::read_to_string(folder.path().join("README.md")).unwrap(), "mine\n");
    // What the repository says is proposed: GitLab, and the branch that is checked out.
    assert!(folder.path().join(".gitlab-ci.yml").is_file());
    assert!(!folder.path().join(".github").exists());
    assert!(std::fs::read_to_string(folder.path().join("README.md")).is_ok());
}

#[test]
fn a_folder_inside_a_repository_is_told_that_its_workflows_are_not_found() {
    let folder = folder();
    std::fs::create_dir_all(folder.path().join(".git")).unwrap();
    let told = scimform(folder.path(), &["init", "people", "--yes"]).expect(0).out;
    assert!(told.contains("a folder inside a git repository"), "{told}");
    assert!(!scimform(folder.path(), &["init", "--yes"]).expect(0).out.contains("a folder inside"));
}

#[test]
fn a_repository_that_declares_people_gets_no_examples() {
    let folder = folder();
    std::fs::write(folder.path().join("scimform.yaml"), "version: 1\n").unwrap();
    let told = scimform(folder.path(), &["init", "--yes"]).expect(0).out;
    assert!(told.contains("no examples were made"), "{told}");
    assert!(folder.path().join(".github/workflows/scimform-apply.yml").is_file());
    assert!(!folder.path().join("people").exists() && !folder.path().join("bindings.yaml").exists());
    scimform(folder.path(), &["validate"]).expect(0);
}

#[test]
fn what_would_make_wrong_files_is_a_wrong_call() {
    let folder = folder();
    for (flags, why) in [
        (vec!["--target", "Acme App"], "no name for a target"),
        (vec!["--target", "on"], "no name for a target"),
        (vec!["--profile", "latice"], "did you mean `lattice`"),
        (vec!["--url", "http://app.example.com"], "no base URL"),
        (vec!["--auth", "s3cr3t"], "a token itself never stands in a file"),
        (vec!["--auth", "env:GITHUB_TOKEN"], "is taken"),
        (vec!["--owners", "acme"], "is no team"),
        (vec!["--ledger", "ftp://x"], "is no place"),
        (vec!["--ledger", "dir", "--ci", "github"], "gone with the machine"),
        (vec!["--default-branch", "a'b"], "no name for a branch"),
        (vec!["--default-branch", "${{x}}"], "no name for a branch"),
    ] {
        let told =
            scimform(folder.path(), &["init", "--yes"].iter().chain(&flags).copied().collect::<Vec<_>>()).expect(64);
        assert!(told.err.contains(why), "{flags:?}: {}", told.err);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{flags:?} wrote something");
    }
}

#[test]
fn the_action_of_this_repository_is_the_one_that_is_written() {
    let folder = folder();
    scimform(folder.path(), &["init", "--yes", "--default-branch", "main"]).expect(0);
    let place = ".github/actions/scimform";
    let wanted = tree(&folder.path().join(place));
    for (name, text) in &wanted {
        golden(Path::new(place).join(name), text);
    }
    assert_eq!(tree(&in_repository(place)), wanted);
}

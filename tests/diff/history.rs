//! Which files of a commit count: those that would count in the work tree.

use crate::diff::clone_with;
use crate::support::Repo;
use crate::support::git::{commit, git};

/// Nothing differs after everything was committed, and the commit is read as the work tree is.
#[track_caller]
fn same(repo: &Repo) {
    commit(repo.path(), "same");
    let ran = repo.run(&["diff", "--detailed-exitcode"]).expect(0);
    assert!(ran.out.contains("No changes."), "{}", ran.out);
}

#[test]
fn ignored_and_hidden_files_are_left_out() {
    let repo = clone_with(&["ada"]);
    let other = |name: &str| format!("users:\n  {name}: {{ userName: {name} }}\n");
    repo.write(".scimformignore", "drafts/\n");
    repo.write("drafts/people.yaml", other("draft"));
    repo.write(".hidden/people.yaml", other("hidden"));
    repo.write("people.txt", "no YAML");
    repo.write("teams/Zoë’s team.yml", other("zoe"));
    same(&repo);
    // Tracked in spite of what is ignored: as in the work tree, it is none.
    repo.write("build/people.yaml", other("built"));
    commit(repo.path(), "tracked");
    repo.write(".gitignore", "build/\n");
    same(&repo);
}

#[cfg(unix)]
#[test]
fn links_are_followed_as_in_the_work_tree() {
    use std::os::unix::fs::symlink;
    let repo = clone_with(&["ada"]);
    repo.write("data/grace", "users:\n  grace: { userName: grace }\n");
    symlink("data/grace", repo.path().join("grace.yaml")).unwrap();
    same(&repo);
    // One that leads out is an error of the commit as well.
    symlink("/etc/hostname", repo.path().join("out.yaml")).unwrap();
    commit(repo.path(), "out");
    std::fs::remove_file(repo.path().join("out.yaml")).unwrap();
    let ran = repo.run(&["diff"]).expect(1);
    assert!(ran.err.contains("out.yaml") && ran.err.contains("leads out"), "{}", ran.err);
}

#[test]
fn pointers_of_git_lfs_and_large_files_are_said() {
    let repo = clone_with(&["ada"]);
    let people = std::fs::read(repo.path().join("people.yaml")).unwrap();
    repo.write("people.yaml", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
    commit(repo.path(), "pointer");
    repo.write("people.yaml", &people);
    let ran = repo.run(&["diff"]).expect(1);
    assert!(ran.err.contains("Git LFS") && ran.err.contains("people.yaml"), "{}", ran.err);
    let large = std::fs::File::create(repo.path().join("large.yaml")).unwrap();
    large.set_len(128 * 1024 * 1024 + 1).unwrap();
    commit(repo.path(), "large");
    std::fs::remove_file(repo.path().join("large.yaml")).unwrap();
    let ran = repo.run(&["diff"]).expect(1);
    assert!(ran.err.contains("large.yaml") && ran.err.contains("larger than"), "{}", ran.err);
}

#[test]
fn a_repository_in_a_folder_of_the_clone_is_found_and_others_are_none_of_it() {
    let repo = clone_with(&["ada"]);
    git(repo.path(), &["checkout", "-q", "--orphan", "moved"]);
    for name in ["scimform.yaml", "bindings.yaml", "people.yaml"] {
        let text = std::fs::read(repo.path().join(name)).unwrap();
        std::fs::remove_file(repo.path().join(name)).unwrap();
        repo.write(&format!("deep/er/{name}"), text);
    }
    repo.write("elsewhere/broken.yaml", "users: [");
    commit(repo.path(), "moved");
    repo.edit("deep/er/people.yaml", "title: Engineer", "title: Head");
    let folder = repo.path().join("deep/er");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_scimform")).arg("-C").arg(folder).arg("diff").output();
    let out = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(out.contains("1 to update") && out.contains("people.yaml:"), "{out}");
}

#[test]
fn outside_of_git_it_says_so() {
    let repo = Repo::with_people("https://app.acme.example", &["ada"]).env("PATH", &std::env::var("PATH").unwrap());
    let ran = repo.run(&["diff"]).expect(1);
    assert!(ran.err.contains("not in a git repository"), "{}", ran.err);
}

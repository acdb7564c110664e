use std::fs;
use std::path::Path;
use std::process::Command;

use super::load::MAX_FILE;
use super::*;
use crate::diag::Code;

fn write(root: &Path, path: &str, text: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn names(root: &Path) -> Vec<String> {
    load(root).0.files().map(|(_, file)| file.path().to_string()).collect()
}

fn codes(root: &Path) -> Vec<(&'static str, Option<String>)> {
    load(root).1.into_sorted().into_iter().map(|found| (found.code.name(), found.path)).collect()
}

#[test]
fn files_come_in_the_order_of_their_paths_without_ignored_and_hidden_ones() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "scimform.yaml", "version: 1\n");
    write(root, "teams/b.yml", "");
    write(root, "teams/a.yaml", "");
    write(root, "a.yaml", "");
    write(root, ".github/workflows/ci.yml", "");
    write(root, "build/out.yaml", "");
    write(root, "notes.txt", "");
    write(root, "docs/mkdocs.yml", "");
    write(root, ".gitignore", "build/\n");
    write(root, ".scimformignore", "docs/\n");
    assert_eq!(names(root), ["a.yaml", "scimform.yaml", "teams/a.yaml", "teams/b.yml"]);
    assert!(codes(root).is_empty() && !load(root).0.is_incomplete());
}

#[test]
fn files_that_cannot_be_read_are_errors_that_name_them() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "scimform.yaml", "version: 1\n");
    write(root, "latin.yaml", b"name: caf\xe9\n");
    write(root, "zero.yaml", b"a\0b");
    let large = fs::File::create(root.join("large.yaml")).unwrap();
    large.set_len(MAX_FILE + 1).unwrap();
    let unreadable = |name: &str| ("unreadable-file", Some(name.to_owned()));
    assert_eq!(codes(root), [unreadable("large.yaml"), unreadable("latin.yaml"), unreadable("zero.yaml")]);
    assert_eq!(names(root), ["scimform.yaml"]);
    assert!(load(root).0.is_incomplete(), "what is declared in them is unknown");
}

#[test]
fn a_folder_without_the_root_file_is_no_repository() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(load(folder.path()).1.into_sorted()[0].code, Code::NoFiles);
    write(folder.path(), "scimform.yml", "");
    let found = load(folder.path()).1.into_sorted();
    assert!(found[0].hint.as_ref().unwrap().contains("Rename"), "{found:?}");
}

#[test]
fn the_root_is_found_from_below() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "scimform.yaml", "");
    write(folder.path(), "a/b/c.yaml", "");
    assert_eq!(find_root(&folder.path().join("a/b")).as_deref(), Some(folder.path()));
    let elsewhere = tempfile::tempdir().unwrap();
    assert_eq!(find_root(elsewhere.path()), None);
}

#[cfg(unix)]
#[test]
fn links_are_followed_within_the_repository_only() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let (root, outside) = (folder.path().join("root"), folder.path().join("outside"));
    write(&root, "scimform.yaml", "version: 1\n");
    write(&root, "data/people", "users: {}\n");
    write(&outside, "secret.yaml", "a: 1\n");
    symlink("data/people", root.join("people.yaml")).unwrap();
    symlink("..", root.join("data/loop")).unwrap();
    symlink("nowhere", root.join("gone.yaml")).unwrap();
    symlink("nowhere", root.join("gone.txt")).unwrap();
    symlink(&outside, root.join("linked")).unwrap();
    symlink(outside.join("secret.yaml"), root.join("secret.yaml")).unwrap();
    // What is hidden is no part of it, and a link makes it none.
    write(&root, ".git/config", "[core]\n");
    symlink(".git/config", root.join("clone.yaml")).unwrap();
    symlink(".git", root.join("git")).unwrap();
    assert_eq!(names(&root), ["people.yaml", "scimform.yaml"]);
    let unreadable = |name: &str| ("unreadable-file", Some(name.to_owned()));
    assert_eq!(
        codes(&root),
        [
            unreadable("clone.yaml"),
            unreadable("git"),
            unreadable("gone.yaml"),
            unreadable("linked"),
            unreadable("secret.yaml")
        ]
    );
}

#[test]
fn the_revision_is_the_commit_that_is_checked_out() {
    let folder = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(folder.path()).args(["-c", "user.name=t", "-c", "user.email=t@acme.example"]);
        assert!(command.args(arguments).output().unwrap().status.success());
    };
    assert_eq!(revision(folder.path()), None);
    git(&["init", "-q"]);
    assert_eq!(revision(folder.path()), None);
    git(&["commit", "-q", "--allow-empty", "-m", "first"]);
    let hash = revision(folder.path()).unwrap();
    assert!(hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");
}

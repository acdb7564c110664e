//! The ledger in a git ref.

use std::path::Path;

use scimform::ledger::LedgerError;
use scimform::scim::ResourceKind;

use crate::ledger::world::{Bare, REF, declared, in_git, load_or_new, whole_loop};
use crate::support::git::git;
use crate::support::{Repo, Server};

const USER: ResourceKind = ResourceKind::User;
const IN_GIT: &str = "{ git: { ref: refs/scimform/ledger } }";

/// Makes a repository's folder a clone's work tree with its files committed.
fn track(repo: &Repo, bare: &Bare) {
    git(repo.path(), &["init", "-q", "-b", "main"]);
    git(repo.path(), &["remote", "add", "origin", &bare.url()]);
    git(repo.path(), &["add", "-A"]);
    git(repo.path(), &["commit", "-q", "-m", "files"]);
}

/// What must never move: work tree, index, branch, branches of the remote.
fn state(folder: &Path, bare: &Bare) -> [String; 4] {
    let status = git(folder, &["status", "--porcelain"]);
    let index = git(folder, &["ls-files", "--stage"]);
    [status, index, git(folder, &["rev-parse", "HEAD"]), bare.tip("refs/heads")]
}

#[test]
fn the_whole_loop_and_nothing_else_moves() {
    let (server, bare) = (Server::start(), Bare::new());
    let repo = declared(&server, IN_GIT);
    track(&repo, &bare);
    let before = state(repo.path(), &bare);
    whole_loop(&repo, &server);
    git(repo.path(), &["checkout", "-q", "--", "."]);
    assert_eq!(state(repo.path(), &bare), before, "`.scimform` is kept out of the repository as well");
    assert!(repo.path().join(".scimform/journal").is_dir());
    // Each save is a commit on the former one, with one file.
    let log = git(&bare.path(), &["log", "--format=%an %s", REF]);
    assert!(log.lines().count() >= 3 && log.lines().all(|line| line.starts_with("scimform scimform: ")), "{log}");
    assert_eq!(git(&bare.path(), &["ls-tree", "--name-only", REF]), "app");
    assert_eq!(
        git(&bare.path(), &["ls-tree", "--name-only", &format!("{REF}:app")]),
        "groups-000.jsonl\nhead.json\nusers-000.jsonl"
    );
    assert_eq!(bare.tip(&format!("{REF}-locks")), "");
}

#[test]
fn a_machine_with_hooks_signing_and_no_name_makes_no_difference() {
    let (server, bare) = (Server::start(), Bare::new());
    let repo = declared(&server, IN_GIT);
    track(&repo, &bare);
    let hooks = repo.path().join(".git/hooks");
    for hook in ["pre-push", "reference-transaction", "post-commit"] {
        let path = hooks.join(hook);
        std::fs::create_dir_all(&hooks).unwrap();
        std::fs::write(&path, "#!/bin/sh\nexit 1\n").unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    for (name, value) in [
        ("commit.gpgSign", "true"),
        ("push.gpgSign", "true"),
        ("gpg.program", "/nowhere"),
        ("user.useConfigOnly", "true"),
        ("push.default", "nothing"),
        ("core.autocrlf", "true"),
    ] {
        git(repo.path(), &["config", name, value]);
    }
    let elsewhere = repo.path().join("elsewhere").display().to_string();
    let repo = repo.env("GIT_DIR", &elsewhere).env("GIT_INDEX_FILE", &elsewhere);
    repo.apply().expect(0);
    assert_ne!(bare.tip(REF), "");
}

#[test]
fn a_shallow_clone_a_worktree_and_a_subfolder_will_do() {
    let bare = Bare::new();
    let first = in_git(&bare.clone("full", &[]));
    let mut ledger = load_or_new(&first);
    first.save("app", &ledger).unwrap();
    ledger.record(USER, "second", "2");
    first.save("app", &ledger).unwrap();
    let shallow = bare.clone("shallow", &["--depth=1"]);
    let full = bare.folder.path().join("full");
    git(&full, &["worktree", "add", "-q", "../tree"]);
    let sub = full.join("a/b");
    std::fs::create_dir_all(&sub).unwrap();
    for (number, folder) in [shallow.clone(), bare.folder.path().join("tree"), sub].iter().enumerate() {
        let store = in_git(folder);
        let mut ledger = load_or_new(&store);
        ledger.record(USER, &format!("more{number}"), "3");
        let lock = store.lock(&["app".to_owned()], jiff::Timestamp::now()).unwrap();
        store.save("app", &ledger).unwrap();
        drop(lock);
    }
    assert_eq!(load_or_new(&first).users.len(), 4);
    assert_eq!(git(&bare.path(), &["rev-list", "--count", REF]), "5", "no history is lost over a shallow clone");
    assert_eq!(git(&shallow, &["rev-parse", "--is-shallow-repository"]), "true");
}

#[test]
fn a_save_over_someone_elses_is_refused_and_says_so() {
    let bare = Bare::new();
    let (one, other) = (in_git(&bare.clone("one", &[])), in_git(&bare.clone("other", &[])));
    let ledger = load_or_new(&one);
    let mut theirs = load_or_new(&other);
    theirs.record(USER, "theirs", "1");
    other.save("app", &theirs).unwrap();
    let error = one.save("app", &ledger).unwrap_err();
    assert!(matches!(error, LedgerError::Conflict { .. }), "{error}");
    assert!(error.to_string().contains("changed by another run"), "{error}");
    assert_eq!(load_or_new(&one), theirs);
}

#[test]
fn without_a_remote_a_repository_or_the_right_ref_the_way_out_is_said() {
    let (server, bare) = (Server::start(), Bare::new());
    let repo = declared(&server, IN_GIT);
    let ran = repo.run(&["plan"]).expect(1);
    assert!(ran.err.contains("in a git repository") && ran.err.contains("dir: .scimform"), "{}", ran.err);
    git(repo.path(), &["init", "-q"]);
    let ran = repo.run(&["plan"]).expect(1);
    assert!(ran.err.contains("no remote `origin`") && ran.err.contains("remote: ."), "{}", ran.err);
    git(repo.path(), &["remote", "add", "origin", &bare.url()]);
    repo.edit("scimform.yaml", "refs/scimform/ledger", "refs/heads/main");
    let ran = repo.run(&["plan"]).expect(1);
    assert!(ran.err.contains("used for something else"), "{}", ran.err);
    assert_eq!(server.writes(), 0);
}

/// A file must not send the push, and the machine's login with it, elsewhere.
#[test]
fn a_remote_is_a_name_and_never_an_address() {
    let server = Server::start();
    for remote in ["https://evil.example/x.git", "ext::sh", "--upload-pack=x", "../elsewhere"] {
        let repo = declared(&server, &format!("{{ git: {{ ref: refs/scimform/ledger, remote: \"{remote}\" }} }}"));
        let ran = repo.run(&["validate"]).expect(1);
        assert!((ran.out + &ran.err).contains("not the name of a remote"), "{remote}");
    }
}

/// A folder of the repository that is a repository itself, with hooks.
#[test]
fn a_folder_is_no_remote() {
    let (server, bare) = (Server::start(), Bare::new());
    let repo = declared(&server, "{ git: { ref: refs/scimform/ledger, remote: vendored } }");
    git(repo.path(), &["init", "-q"]);
    git(repo.path(), &["remote", "add", "origin", &bare.url()]);
    git(repo.path(), &["init", "-q", "--bare", "vendored"]);
    for command in [&["plan"][..], &["apply", "--auto-approve"]] {
        let ran = repo.run(command).expect(1);
        assert!(ran.err.contains("no remote `vendored`"), "{}", ran.err);
    }
    assert_eq!(server.writes(), 0);
}

/// Files that make up a bare repository can be committed in a folder, and their settings run commands.
#[cfg(unix)]
#[test]
fn a_repository_among_the_files_is_not_used() {
    let (server, bare) = (Server::start(), Bare::new());
    let repo = declared(&server, IN_GIT);
    repo.run(&["plan"]).expect(1);
    git(repo.path(), &["init", "-q", "--bare", "."]);
    git(repo.path(), &["remote", "add", "origin", &bare.url()]);
    let ran = repo.path().join("ran");
    git(repo.path(), &["config", "remote.origin.uploadpack", &format!("touch {}; git-upload-pack", ran.display())]);
    let plan = repo.run(&["plan"]).expect(1);
    assert!(plan.err.contains("holds a file `HEAD`"), "{}", plan.err);
    assert!(!ran.exists(), "what stands in a file was run");
}

#[test]
fn this_clone_alone_can_keep_it() {
    let server = Server::start();
    let repo = declared(&server, "{ git: { ref: refs/scimform/ledger, remote: . } }");
    git(repo.path(), &["init", "-q"]);
    whole_loop(&repo, &server);
}

#[test]
fn a_remote_that_is_lost_on_the_way_stops_the_run_and_nothing_is_lost() {
    let (server, bare) = (Server::start(), Bare::new());
    let repo = declared(&server, IN_GIT);
    track(&repo, &bare);
    // The remote takes the lock, and no ledger.
    let hook = bare.path().join("hooks/update");
    std::fs::write(&hook, "#!/bin/sh\ncase $1 in *-locks/*) exit 0;; esac\necho full >&2\nexit 1\n").unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let ran = repo.apply().expect(1);
    assert!(ran.err.contains("can't save the ledger") && ran.err.contains("full"), "{}", ran.err);
    assert_eq!(bare.tip(&format!("{REF}-locks")), "", "the lock is not left behind");
    std::fs::remove_file(&hook).unwrap();
    let made = server.list("Users").len();
    let ran = repo.apply().expect(0);
    assert!(made == 0 || ran.err.contains("ended early"), "{made} {}", ran.err);
    assert_eq!(server.list("Users").len(), 3);
    assert_eq!(repo.run(&["ledger", "list"]).expect(0).out.lines().count(), 4);
}

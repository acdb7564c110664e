//! A bare git remote with the repository that `init` made, and a clone of whoever works in it.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::support::folder;
use crate::support::git::git;

/// The remote and a clone.
pub struct Place {
    pub folder: TempDir,
    pub remote: PathBuf,
    pub clone: PathBuf,
}

impl Place {
    /// With what `init` writes for this forge and the target at this address, pushed to `main`.
    pub fn new(forge: &str, url: &str) -> Self {
        let folder = folder();
        let (remote, clone) = (folder.path().join("acme/people.git"), folder.path().join("clone"));
        std::fs::create_dir_all(&remote).unwrap();
        git(&remote, &["init", "--quiet", "--bare", "--initial-branch=main"]);
        let address = format!("file://{}", remote.display());
        git(folder.path(), &["-c", "init.defaultBranch=main", "clone", "--quiet", &address, "clone"]);
        let made = Command::new(env!("CARGO_BIN_EXE_scimform"))
            .args(["-C"])
            .arg(&clone)
            .args(["init", "--yes", "--ci", forge, "--url", url, "--auth", "env:APP_TOKEN", "--owners", "@acme/it"])
            .args(["--default-branch", "main"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let place = Self { folder, remote, clone };
        place.commit("a repository to start from");
        place.git(&["push", "--quiet", "origin", "HEAD:main"]);
        place
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        git(&self.clone, arguments)
    }

    /// Commits everything; the commit.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A branch off `main` on which this is changed, pushed; its commit, and that of its merge into `main`.
    pub fn change(&self, branch: &str, number: u64, file: &str, before: &str, after: &str) -> (String, String) {
        self.git(&["checkout", "--quiet", "-B", branch, "origin/main"]);
        self.amend(branch, number, file, before, after)
    }

    /// One more commit on the branch that is checked out.
    pub fn amend(&self, branch: &str, number: u64, file: &str, before: &str, after: &str) -> (String, String) {
        let path = self.clone.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(before), "`{before}` is not in {file}");
        std::fs::write(path, text.replace(before, after)).unwrap();
        let head = self.commit(branch);
        self.git(&["push", "--quiet", "--force", "origin", branch]);
        // What the forge makes for the request: the branch merged into `main`.
        self.git(&["checkout", "--quiet", "--detach", "origin/main"]);
        self.git(&["merge", "--quiet", "--no-ff", "--no-edit", branch]);
        let merge = self.git(&["rev-parse", "HEAD"]);
        self.git(&["push", "--quiet", "--force", "origin", &format!("HEAD:refs/pull/{number}/merge")]);
        self.git(&["checkout", "--quiet", branch]);
        (head, merge)
    }

    /// Merges a branch into `main`; the merge's commit.
    pub fn merge(&self, branch: &str) -> String {
        self.git(&["fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
        self.git(&["checkout", "--quiet", "--detach", "origin/main"]);
        self.git(&["merge", "--quiet", "--no-ff", "--message", &format!("merge {branch}"), branch]);
        self.git(&["push", "--quiet", "origin", "HEAD:main"]);
        self.git(&["fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A machine's fresh clone at a commit.
    pub fn checkout(&self, name: &str, commit: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        git(&folder, &["init", "--quiet", "--initial-branch=main"]);
        git(&folder, &["remote", "add", "origin", &format!("file://{}", self.remote.display())]);
        git(&folder, &["fetch", "--quiet", "origin", commit]);
        git(&folder, &["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
        folder
    }
}

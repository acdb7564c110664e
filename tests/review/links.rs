//! Where the lines of a comment lead, as git and the environment of a CI say.

use tempfile::TempDir;

use crate::support::git::git;
use crate::support::{Repo, folder};

const FILES: &str = "version: 1
targets:
  app:
    profile: generic
    url: https://app.acme.example/scim/v2
    auth: { bearer: { env: APP_TOKEN } }
users:
  ada:
    userName: ada@acme.example
bindings:
  all:
    target: app
    assign: { users: [ada] }
";

/// A repository of scimform in a folder of a git repository, its hash, and the folder.
fn committed() -> (TempDir, Repo, String, String) {
    let whole = folder();
    let outer = whole.path().join("it");
    std::fs::create_dir(&outer).unwrap();
    let repo = Repo::within(&outer, &[("scimform.yaml", FILES)]);
    git(whole.path(), &["init", "-q"]);
    git(whole.path(), &["add", "-A"]);
    git(whole.path(), &["commit", "-qm", "x"]);
    let hash = git(whole.path(), &["rev-parse", "HEAD"]);
    let name = repo.path().file_name().unwrap().to_str().unwrap().to_owned();
    (whole, repo, hash, format!("it/{name}"))
}

fn page(repo: &Repo, more: &[&str]) -> String {
    let mut arguments = vec!["plan", "--sandbox", "--format", "markdown"];
    arguments.extend(more);
    repo.run(&arguments).expect(0).out
}

#[test]
fn a_line_leads_to_the_file_at_the_revision() {
    let (whole, repo, hash, folder) = committed();
    assert!(page(&repo, &[]).contains("| `scimform.yaml:8` |"), "{}", page(&repo, &[]));

    git(whole.path(), &["remote", "add", "origin", "https://ci:secret@github.com/acme/people.git"]);
    let told = page(&repo, &[]);
    let github = format!("[scimform.yaml:8](https://github.com/acme/people/blob/{hash}/{folder}/scimform.yaml#L8)");
    assert!(told.contains(&github) && !told.contains("secret"), "{told}");

    let told = page(&repo, &["--link-base", "https://code.acme.example/people/main"]);
    assert!(told.contains("(https://code.acme.example/people/main/scimform.yaml#L8)"), "{told}");
    let wrong = repo.run(&["plan", "--sandbox", "--format", "markdown", "--link-base", "javascript:x"]);
    assert!(wrong.code == 1 && wrong.err.contains("--link-base"), "{}", wrong.err);
}

#[test]
fn the_environment_of_a_ci_says_where_the_files_are() {
    let (_whole, repo, hash, folder) = committed();
    let repo = repo.env("CI_PROJECT_URL", "https://git.acme.example/it/people").env("CI_COMMIT_SHA", "0000");
    let told = page(&repo, &["--for", "gitlab"]);
    let gitlab = format!("(https://git.acme.example/it/people/-/blob/{hash}/{folder}/scimform.yaml#L8)");
    assert!(told.contains(&gitlab), "{told}");
    let repo = repo.env("GITHUB_SERVER_URL", "https://ghe.acme.example").env("GITHUB_REPOSITORY", "it/people");
    let github = format!("(https://ghe.acme.example/it/people/blob/{hash}/{folder}/scimform.yaml#L8)");
    assert!(page(&repo, &[]).contains(&github));
    assert!(!page(&repo, &["--redact", "names"]).contains("scimform.yaml"), "files are named after people");
}

//! Places for a ledger, and the loop that must work in each.

use std::path::{Path, PathBuf};

use scimform::directory::LedgerLocation;
use scimform::ledger::{Realm, Store, TargetLedger};
use tempfile::TempDir;

use crate::support::git::git;
use crate::support::{Repo, Server, folder};

pub const REF: &str = "refs/scimform/ledger";

/// A bare repository with one commit, to be cloned from.
pub struct Bare {
    pub folder: TempDir,
}

impl Bare {
    pub fn new() -> Self {
        let folder = folder();
        let seed = folder.path().join("seed");
        std::fs::create_dir(&seed).unwrap();
        git(&seed, &["init", "-q", "-b", "main"]);
        git(&seed, &["commit", "-q", "--allow-empty", "-m", "first"]);
        git(&seed, &["commit", "-q", "--allow-empty", "-m", "second"]);
        git(folder.path(), &["clone", "-q", "--bare", "seed", "remote.git"]);
        Self { folder }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("remote.git")
    }

    pub fn url(&self) -> String {
        format!("file://{}", self.path().display())
    }

    /// A clone of its own.
    pub fn clone(&self, name: &str, more: &[&str]) -> PathBuf {
        let url = self.url();
        git(self.folder.path(), &[&["clone", "-q"], more, &[&url, name]].concat());
        self.folder.path().join(name)
    }

    /// The remote's commit of a ref.
    pub fn tip(&self, reference: &str) -> String {
        git(&self.path(), &["for-each-ref", "--format=%(objectname)", reference])
    }
}

pub fn in_git(folder: &Path) -> Store {
    let place = LedgerLocation::GitRef { reference: REF.into(), remote: "origin".into() };
    Store::open(&place, folder, Realm::Targets).unwrap()
}

pub fn in_folder(folder: &Path) -> Store {
    Store::open(&LedgerLocation::Directory("led".into()), folder, Realm::Targets).unwrap()
}

/// What the target `app` has in a place, or a new ledger.
pub fn load_or_new(store: &Store) -> TargetLedger {
    store.load(["app"]).unwrap().remove("app").unwrap_or_else(|| store.new_ledger())
}

pub fn at_url(url: &str, folder: &Path) -> Store {
    Store::open(&LedgerLocation::Url(url.to_owned()), folder, Realm::Targets).unwrap()
}

/// A repository of three people, with its ledger declared so.
pub fn declared(server: &Server, ledger: &str) -> Repo {
    let repo = Repo::with_people(server.url(), &["ada", "grace", "linus"]);
    repo.edit("scimform.yaml", "version: 1\n", &format!("version: 1\nledger: {ledger}\n"));
    repo.env("PATH", &std::env::var("PATH").unwrap())
}

/// Plans, applies, lists, plans again, removes someone, forgets someone: all that needs a ledger.
pub fn whole_loop(repo: &Repo, server: &Server) {
    repo.run(&["validate"]).expect(0);
    repo.run(&["ledger", "list"]).expect(1);
    let first = repo.plan();
    assert_eq!(first["changes"].as_array().unwrap().len(), 4, "{first}");
    let codes: Vec<&str> = first["notices"].as_array().unwrap().iter().map(|n| n["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"no-ledger"), "{codes:?}");
    repo.apply().expect(0);
    let listed = repo.run(&["ledger", "list"]).expect(0).out;
    assert_eq!(listed.lines().count(), 4, "{listed}");
    let second = repo.plan();
    assert!(second["changes"].as_array().unwrap().is_empty(), "{second}");
    repo.run(&["probe", "app"]).expect(0);
    // Who is no longer declared is known by the ledger alone.
    repo.people(&["ada", "grace"]);
    repo.apply().expect(0);
    assert_eq!(server.list("Users").iter().filter(|user| user["active"] == false).count(), 1);
    repo.run(&["ledger", "forget", "app", "grace"]).expect(0);
    let listed = repo.run(&["ledger", "list"]).expect(0).out;
    assert!(listed.contains("ada") && !listed.contains("grace"), "{listed}");
    let unlock = repo.run(&["ledger", "unlock"]).expect(0);
    assert!(unlock.out.contains("No lock is held"), "{}", unlock.out);
}

//! Embedded servers in place of targets.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::Failure;
use crate::directory::{Mode, Target};
use crate::sandbox::{self, Options, Running, Sandbox};

/// The embedded servers of a run, by target; none where the targets themselves are meant.
#[derive(Default)]
pub struct Sandboxes(BTreeMap<String, Running>);

impl Sandboxes {
    /// Starts a server for each target, kept under `.scimform/sandbox` of the repository.
    pub(super) async fn start(root: &Path, targets: &[&Target]) -> Result<Self, Failure> {
        let mut running = BTreeMap::new();
        let folder = root.join(".scimform").join("sandbox");
        // The servers hold people's data in clear: it must not be committed by accident.
        let ignore = folder.join(".gitignore");
        no_link(&folder)?;
        no_link(&ignore)?;
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(ignore, "*\n"))
            .map_err(|error| Failure::new(format!("cannot make {}: {error}", folder.display())))?;
        for target in targets.iter().filter(|target| target.mode != Mode::Disabled) {
            let file = folder.join(file_name(target.name.as_str()));
            no_link(&file)?;
            let options = Options {
                store: sandbox::Store::File(file),
                profile: Some(target.profile.clone()),
                ..Options::default()
            };
            let server = Sandbox::start(options).await.map_err(|error| Failure::new(error.to_string()))?;
            running.insert(target.name.as_str().to_owned(), server);
        }
        Ok(Self(running))
    }

    /// The base URL of a target's server.
    pub(super) fn url(&self, target: &str) -> Option<&str> {
        self.0.get(target).map(|server| server.base_url.as_str())
    }

    /// Ends all servers, with all that they keep written.
    pub(super) async fn stop(self) {
        for server in self.0.into_values() {
            server.shutdown().await;
        }
    }
}

/// The file of a target's embedded server. A name may hold anything, and the file stays in its folder.
fn file_name(target: &str) -> String {
    let mut name = String::new();
    for letter in target.chars() {
        if letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | ' ') {
            name.push(letter);
        } else {
            let _ = write!(name, "%{:x}", u32::from(letter));
        }
    }
    name + ".jsonl"
}

/// Refuses a link where a file of the sandbox is to be: a committed one would have other files written over.
fn no_link(path: &Path) -> Result<(), Failure> {
    if !path.is_symlink() {
        return Ok(());
    }
    let message = format!("{} is a link, and the sandbox writes through none", path.display());
    Err(Failure::new(message).hint("Remove it: the sandbox creates what it needs."))
}

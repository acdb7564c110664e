//! Who holds a lock.

use std::fs;

use serde::{Deserialize, Serialize};

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Login name, or the CI job where one is known.
    pub owner: String,
    /// Process id.
    pub pid: u32,
    /// Machine name.
    pub host: String,
    /// Since when.
    pub since: jiff::Timestamp,
}

impl Holder {
    /// This process.
    pub fn current(now: jiff::Timestamp) -> Self {
        let first = |names: &[&str]| {
            names.iter().filter_map(|name| std::env::var(name).ok()).find(|text| !text.trim().is_empty())
        };
        let hostname = || fs::read_to_string("/etc/hostname").ok().map(|name| name.trim().to_owned());
        Self {
            owner: first(&["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "USERNAME", "LOGNAME"])
                .unwrap_or_else(|| "someone".into()),
            pid: std::process::id(),
            host: first(&["HOSTNAME", "COMPUTERNAME"]).or_else(hostname).unwrap_or_else(|| "this machine".into()),
            since: now,
        }
    }
}

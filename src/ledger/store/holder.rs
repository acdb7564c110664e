//! Who holds a lock.

use std::fs;

use crate::wording::count;
use serde::{Deserialize, Serialize};

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Names this one lock, 32 hex digits; blank in a note of an earlier version.
    #[serde(default)]
    pub id: String,
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
    /// This process, for a lock that it is about to take.
    pub fn current(now: jiff::Timestamp) -> Self {
        let first = |names: &[&str]| {
            names.iter().filter_map(|name| std::env::var(name).ok()).find(|text| !text.trim().is_empty())
        };
        let hostname = || fs::read_to_string("/etc/hostname").ok().map(|name| name.trim().to_owned());
        Self {
            id: uuid::Uuid::new_v4().simple().to_string(),
            owner: first(&["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "USERNAME", "LOGNAME"])
                .unwrap_or_else(|| "someone".into()),
            pid: std::process::id(),
            host: first(&["HOSTNAME", "COMPUTERNAME"]).or_else(hostname).unwrap_or_else(|| "this machine".into()),
            since: now,
        }
    }

    /// Owner, machine, process and age, as in "ada on runner-3 (process 12), since 2026-12-01T10:00:00Z (5 minutes)".
    pub fn describe(&self, now: jiff::Timestamp) -> String {
        let age = now.duration_since(self.since).as_secs().max(0);
        let age = match age {
            ..60 => count(age, "second"),
            60..7200 => count(age / 60, "minute"),
            _ => count(age / 3600, "hour"),
        };
        format!("{} on {} (process {}), since {} ({age})", self.owner, self.host, self.pid, self.since)
    }
}

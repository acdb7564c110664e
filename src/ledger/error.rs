//! What can go wrong with a ledger, each with the way out.

use std::path::PathBuf;

use super::Holder;

/// Why a ledger can't be read, written or locked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A file or directory can't be read or written.
    #[error("can't {what} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Written by a later version of scimform.
    #[error("the ledger `{}` has the format `{found}`, which is newer than this version of scimform; use the newer version", path.display())]
    Newer {
        /// Where it is.
        path: PathBuf,
        /// Its format.
        found: String,
    },
    /// Not a ledger, or damaged.
    #[error(
        "the ledger `{}` can't be read: {why}; restore it from a backup or version control, or move it away: \
         everything declared is then matched and adopted again, but who left cannot be seen until the next apply",
        path.display()
    )]
    Corrupt {
        /// Where it is.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Declared in a place that this version can't use.
    #[error(
        "this version keeps the ledger in a directory alone: write `ledger: {{ dir: .scimform }}` in scimform.yaml"
    )]
    Unsupported,
    /// Another run holds the lock.
    #[error("the ledger is locked by {}; wait for that run to end (`{}`)", describe(holder.as_ref(), *now), path.display())]
    Locked {
        /// Who holds it, where that can be read.
        holder: Option<Holder>,
        /// When we found it locked.
        now: jiff::Timestamp,
        /// The lock file.
        path: PathBuf,
    },
}

fn describe(holder: Option<&Holder>, now: jiff::Timestamp) -> String {
    let Some(holder) = holder else { return "another run".to_owned() };
    let age = now.duration_since(holder.since).as_secs().max(0);
    let age = match age {
        0..60 => format!("{age} seconds"),
        60..7200 => format!("{} minutes", age / 60),
        _ => format!("{} hours", age / 3600),
    };
    format!("{} on {} (process {}), since {} ({age})", holder.owner, holder.host, holder.pid, holder.since)
}

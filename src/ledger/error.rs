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
    #[error(
        "the ledger `{place}` has the format `{found}`, which is newer than this version of scimform; use the newer version"
    )]
    Newer {
        /// Where it is.
        place: String,
        /// Its format.
        found: String,
    },
    /// Not a ledger, or damaged.
    #[error(
        "the ledger `{place}` can't be read: {why}; restore it from a backup or version control, or move it away: \
         everything declared is then matched and adopted again, but who left cannot be seen until the next apply"
    )]
    Corrupt {
        /// Where it is.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// Someone else saved a ledger since this one was read.
    #[error(
        "the ledger `{place}` was changed by another run since it was read, and was not overwritten; what was done at \
         the targets stands in the journal: run again"
    )]
    Conflict {
        /// Where it is.
        place: String,
    },
    /// A place that is not on this machine can't be reached, or refused.
    #[error("can't {what} `{place}`: {why}")]
    Unreachable {
        /// What was tried.
        what: &'static str,
        /// Where the ledger is.
        place: String,
        /// What went wrong, with the way out where one is known.
        why: String,
    },
    /// A store that ignores conditions, so that two runs could overwrite each other.
    #[error(
        "the store of `{place}` ignores conditional writes, so two runs could overwrite each other's ledger; keep it in \
         a store that honours `If-None-Match` and `If-Match`, or in git"
    )]
    Unconditional {
        /// Where it is.
        place: String,
    },
    /// Another run holds the lock.
    #[error("the ledger of `{target}` is locked by {}; {}", describe(holder.as_deref(), *now), way_out(holder.as_deref(), *remote, place))]
    Locked {
        /// The target.
        target: String,
        /// Who holds it, where that can be read.
        holder: Option<Box<Holder>>,
        /// When we found it locked.
        now: jiff::Timestamp,
        /// Where the lock is.
        place: String,
        /// Whether the lock outlives its run.
        remote: bool,
    },
    /// Sealed, and no key in the environment.
    #[error(
        "the ledger `{place}` is sealed, and SCIMFORM_LEDGER_KEY is not set: it can be read, not saved; set the key, or \
         take the seal off with `scimform ledger seal --remove`"
    )]
    NoKey {
        /// Where it is.
        place: String,
    },
    /// A key in the environment, and no seal that it made.
    #[error(
        "the ledger `{place}` {why}: someone without the key may have changed it; compare it with an earlier one, then \
         accept it with `scimform ledger seal`"
    )]
    Seal {
        /// Where it is.
        place: String,
        /// What is wrong with the seal.
        why: &'static str,
    },
    /// A key that could be guessed.
    #[error("SCIMFORM_LEDGER_KEY is shorter than {least} characters; make one with `openssl rand -hex 32`")]
    WeakKey {
        /// The least number of characters.
        least: usize,
    },
}

fn describe(holder: Option<&Holder>, now: jiff::Timestamp) -> String {
    holder.map_or_else(|| "another run".to_owned(), |holder| holder.describe(now))
}

fn way_out(holder: Option<&Holder>, remote: bool, place: &str) -> String {
    match holder.filter(|holder| remote && !holder.id.is_empty()) {
        Some(holder) => format!(
            "wait for that run to end (`--lock-timeout 10m` does), or, if it is no longer there, free the lock with \
             `scimform ledger unlock {}` (`{place}`)",
            holder.id
        ),
        None => format!("wait for that run to end (`--lock-timeout 10m` does) (`{place}`)"),
    }
}

//! Reads a repository from disk: files, git revision.

mod history;
mod load;
mod revision;

pub use history::{HistoryError, Snapshot, common_commit, default_branch, snapshot};
pub use load::{find_root, load};
pub use revision::{folder, is_committed, remote, revision};

#[cfg(test)]
mod tests;
